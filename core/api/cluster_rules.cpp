// SPDX-License-Identifier: Apache-2.0
#include "api/name_forms.h"
#include "api/rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <string>

namespace keelson::api {
namespace {

/// The ranges of a node's pods. The older member, which has room for one alone, goes first.
Array podRanges(const Value& spec)
{
    const auto& ranges = itemsAt(spec, {"podCIDRs"});
    const Value one(stringAt(spec, {"podCIDR"}));
    const bool differs = ranges.empty() || ranges.front() != one;
    return !textOf(one).empty() && differs ? Array{one} : ranges;
}

/// One range of each family at most.
void checkRanges(const Value& spec, const FieldPath& path, Refusals& refusals)
{
    const auto ranges = podRanges(spec);
    const auto list = path.child("podCIDRs");
    bool good = true;
    for (std::size_t index = 0; index < ranges.size(); ++index) {
        const auto wrong = wrongCidr(textOf(ranges[index]));
        refuse(wrong, list.index(index), ranges[index], refusals);
        good = good && wrong.empty();
    }
    const auto sixes = std::ranges::count_if(ranges, [](const Value& range) { return textOf(range).contains(':'); });
    if (good && (sixes > 1 || std::ssize(ranges) - sixes > 1))
        refusals.invalid(list, Value(ranges), "may specify no more than one CIDR for each IP family");
}

void node(const Value& spec, const FieldPath& path, Refusals& refusals)
{
    std::set<std::pair<std::string_view, std::string_view>> seen;
    const auto& taints = itemsAt(spec, {"taints"});
    const auto list = path.child("taints");
    for (std::size_t index = 0; index < taints.size(); ++index) {
        const auto at = list.index(index);
        const auto key = stringAt(taints[index], {"key"});
        if (!key.empty())
            refuse(wrongQualifiedName(key), at.child("key"), Value(key), refusals);
        const auto value = stringAt(taints[index], {"value"});
        refuse(wrongLabelValue(value), at.child("value"), Value(value), refusals);
        if (!seen.insert({key, stringAt(taints[index], {"effect"})}).second)
            refusals.duplicate(at, taints[index]);
    }
    checkRanges(spec, path, refusals);
}

/// What says where a node is and who it is, once said, stays.
void nodeUpdate(const Value& spec, const Value& old, const FieldPath& path, Refusals& refusals)
{
    constexpr std::string_view words = "node updates may not change {} except from \"\" to valid";
    if (const auto before = podRanges(old); !before.empty() && podRanges(spec) != before)
        refusals.forbidden(path.child("podCIDRs"), fmt::format(words, "podCIDR"));
    const auto id = stringAt(old, {"providerID"});
    if (!id.empty() && stringAt(spec, {"providerID"}) != id)
        refusals.forbidden(path.child("providerID"), fmt::format(words, "providerID"));
}

void namespaceFinalizers(const Value& spec, const FieldPath& path, Refusals& refusals)
{
    const auto& finalizers = itemsAt(spec, {"finalizers"});
    const auto list = path.child("finalizers");
    for (std::size_t index = 0; index < finalizers.size(); ++index)
        refuse(wrongQualifiedName(textOf(finalizers[index])), list.index(index), finalizers[index], refusals);
    checkFinalizersAreOwned(spec, path, refusals);
}

/// The texts that an Event in its new form must have.
constexpr std::array<std::string_view, 3> eventTexts{"reportingInstance", "action", "reason"};
constexpr std::size_t eventTextCharactersMax = 128;
constexpr std::size_t eventMessageCharactersMax = 1024;

void newEvent(const Value& event, const FieldPath& path, Refusals& refusals)
{
    const auto controller = stringAt(event, {"reportingComponent"});
    const auto at = path.child("reportingController");
    if (controller.empty())
        refusals.required(at);
    refuse(wrongQualifiedName(controller), at, Value(controller), refusals);
    const auto checkLength = [&](std::string_view name, std::string_view text, std::size_t max) {
        if (text.size() > max)
            refusals.invalid(path.child(name), Value(""), "can have at most " + std::to_string(max) + " characters");
    };
    for (const auto name : eventTexts) {
        const auto text = stringAt(event, {name});
        if (text.empty())
            refusals.required(path.child(name));
        checkLength(name, text, eventTextCharactersMax);
    }
    checkLength("message", stringAt(event, {"message"}), eventMessageCharactersMax);
}

/// Events with an eventTime are in the new form.
void event(const Value& event, const FieldPath& path, Refusals& refusals)
{
    const auto involved = stringAt(event, {"involvedObject", "namespace"});
    const auto own = stringAt(event, {"metadata", "namespace"});
    const auto at = path.child("involvedObject");
    const bool isNew = !stringAt(event, {"eventTime"}).empty();
    // What happens to an object without a namespace is told in "default".
    const bool fits = involved.empty() ? own.empty() || own == "default" || (isNew && own == "kube-system")
                                       : isNew || involved == own;
    if (!fits)
        refusals.invalid(at.child("namespace"), Value(involved), "does not match event.namespace");
    if (isNew)
        newEvent(event, path, refusals);
}

void lease(const Value& spec, const FieldPath& path, Refusals& refusals)
{
    const auto* duration = find(spec, {"leaseDurationSeconds"});
    if (duration && duration->is_int64() && duration->get_int64() <= 0)
        refusals.invalid(path.child("leaseDurationSeconds"), *duration, "must be greater than 0");
}

constexpr std::array table{
    Rule{"event", event},
    Rule{"lease", lease},
    Rule{"namespaceFinalizers", namespaceFinalizers},
    Rule{"node", node, nodeUpdate},
};

} // namespace

std::span<const Rule> clusterRules()
{
    return table;
}

} // namespace keelson::api
