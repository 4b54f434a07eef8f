// SPDX-License-Identifier: Apache-2.0
#include "customresources/definition_status.h"

#include "api/rules.h"
#include "customresources/custom_kind.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

namespace keelson::customresources {
namespace {

using api::Array;
using api::itemsAt;
using api::Object;
using api::stringAt;
using api::Value;

using Names = std::set<std::string, std::less<>>;

/// What definitions of the group have taken: names of resources, and names of kinds.
struct Taken {
    Names resources;
    Names kinds;
};

Taken takenBy(const std::vector<Value>& others, std::string_view group)
{
    Taken taken;
    for (const auto& other : others) {
        if (stringAt(other, {"spec", "group"}) != group)
            continue;
        for (const auto* member : {"plural", "singular"})
            taken.resources.emplace(stringAt(other, {"status", "acceptedNames", member}));
        for (const auto& name : itemsAt(other, {"status", "acceptedNames", "shortNames"}))
            taken.resources.emplace(api::textOf(name));
        for (const auto* member : {"kind", "listKind"})
            taken.kinds.emplace(stringAt(other, {"status", "acceptedNames", member}));
    }
    taken.resources.erase("");
    taken.kinds.erase("");
    return taken;
}

std::string inUse(std::string_view name)
{
    return fmt::format("\"{}\" is already in use", name);
}

/// Takes what is free of the wanted names; the last conflict in Kubernetes' order, as reason and message.
std::pair<std::string, std::string> takeNames(const Value& wanted, Object& accepted, const Taken& taken)
{
    std::pair<std::string, std::string> conflict;
    const auto takeOne = [&](std::string_view member, const Names& names, std::string_view reason) {
        const auto name = stringAt(wanted, {member});
        const auto* given = accepted.if_contains(member);
        const bool own = given && *given == Value(name);
        if (!own && names.contains(name))
            conflict = {std::string(reason), inUse(name)};
        else if (!name.empty())
            accepted[member] = name;
    };
    takeOne("plural", taken.resources, "PluralConflict");
    takeOne("singular", taken.resources, "SingularConflict");
    std::vector<std::string> used;
    for (const auto& name : itemsAt(wanted, {"shortNames"}))
        if (taken.resources.contains(api::textOf(name)))
            used.push_back(inUse(api::textOf(name)));
    if (!used.empty())
        conflict = {"ShortNamesConflict", used.size() == 1 ? used.front() : fmt::format("[{}]", fmt::join(used, ", "))};
    else if (const auto* names = api::find(wanted, {"shortNames"}))
        accepted["shortNames"] = *names;
    else
        accepted.stable_erase("shortNames");
    takeOne("kind", taken.kinds, "KindConflict");
    takeOne("listKind", taken.kinds, "ListKindConflict");
    if (const auto* categories = api::find(wanted, {"categories"}))
        accepted["categories"] = *categories;
    else
        accepted.stable_erase("categories");
    return conflict;
}

} // namespace

void setCondition(Value& definition, const Condition& condition, WallTime now)
{
    auto& conditions = api::objectAt(definition, {"status"})["conditions"];
    if (!conditions.is_array())
        conditions = Array{};
    auto& list = conditions.get_array();
    const auto* status = condition.status ? "True" : "False";
    Object made{{"type", condition.type}, {"status", status}};
    auto* const old =
        std::ranges::find_if(list, [&](const Value& one) { return stringAt(one, {"type"}) == condition.type; });
    const bool same = old != list.end() && stringAt(*old, {"status"}) == status;
    made["lastTransitionTime"] = same ? std::string(stringAt(*old, {"lastTransitionTime"})) : formatTime(now);
    made["reason"] = condition.reason;
    made["message"] = condition.message;
    if (old != list.end())
        *old = std::move(made);
    else
        list.emplace_back(std::move(made));
}

void beginRemoval(Value& definition, WallTime now)
{
    if (api::find(definition, {"metadata", "deletionTimestamp"}))
        return;
    auto& finalizers = api::objectAt(definition, {"metadata"})["finalizers"];
    if (!finalizers.is_array())
        finalizers = Array{};
    if (std::ranges::find(finalizers.get_array(), Value(cleanupFinalizer)) == finalizers.get_array().end())
        finalizers.get_array().emplace_back(cleanupFinalizer);
    setCondition(
        definition,
        {"Terminating", true, "InstanceDeletionPending",
         "CustomResourceDefinition marked for deletion; CustomResource deletion will occur as soon as possible"},
        now);
}

Value withAcceptedNames(Value definition, const std::vector<Value>& others, WallTime now)
{
    const auto taken = takenBy(others, stringAt(definition, {"spec", "group"}));
    const auto wanted = definition.at("spec").at("names");
    const auto [reason, message] = takeNames(wanted, api::objectAt(definition, {"status", "acceptedNames"}), taken);
    const bool accepted = reason.empty();
    setCondition(definition,
                 {"NamesAccepted", accepted, accepted ? "NoConflicts" : std::string_view(reason),
                  accepted ? "no conflicts found" : std::string_view(message)},
                 now);
    if (holds(definition, "Established"))
        return definition; // For good: objects may be stored under it.
    if (accepted)
        setCondition(definition, {"Established", true, "InitialNamesAccepted", "the initial names have been accepted"},
                     now);
    else
        setCondition(definition, {"Established", false, "NotAccepted", "not all names are accepted"}, now);
    return definition;
}

} // namespace keelson::customresources
