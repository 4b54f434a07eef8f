// SPDX-License-Identifier: Apache-2.0
#include "api/fixed_flows.h"
#include "api/name_forms.h"
#include "api/rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace keelson::api {
namespace {

constexpr std::string_view everything = "*";

bool contains(const Array& items, std::string_view text)
{
    return std::ranges::find(items, Value(text)) != items.end();
}

/// Whether the list says "*", which is to stand alone.
bool checkEverything(const Array& items, std::string_view what, const FieldPath& path, Refusals& refusals)
{
    if (items.size() > 1 && contains(items, everything))
        refusals.invalid(path, Value(items), fmt::format("if '*' is present, must not specify other {}", what));
    return contains(items, everything);
}

void checkVerbs(const Value& rule, const FieldPath& path, Refusals& refusals)
{
    static const std::vector<std::string> known{"create", "delete", "deletecollection", "get",  "list",
                                                "patch",  "proxy",  "update",           "watch"};
    const auto& verbs = itemsAt(rule, {"verbs"});
    const auto isKnown = [](const Value& verb) { return std::ranges::find(known, textOf(verb)) != known.end(); };
    if (!checkEverything(verbs, "verbs", path.child("verbs"), refusals) && !std::ranges::all_of(verbs, isKnown))
        refusals.notSupported(path.child("verbs"), Value(verbs), known);
}

void flowResourceRule(const Value& rule, const FieldPath& path, Refusals& refusals)
{
    checkVerbs(rule, path, refusals);
    checkEverything(itemsAt(rule, {"apiGroups"}), "api groups", path.child("apiGroups"), refusals);
    checkEverything(itemsAt(rule, {"resources"}), "resources", path.child("resources"), refusals);
    const auto& spaces = itemsAt(rule, {"namespaces"});
    const auto list = path.child("namespaces");
    if (spaces.empty() && !boolAt(rule, {"clusterScope"}))
        refusals.required(list, "resource rules that are not cluster scoped must supply at least one namespace");
    if (checkEverything(spaces, "namespaces", list, refusals))
        return;
    for (std::size_t index = 0; index < spaces.size(); ++index)
        if (const auto wrong = wrongDnsLabel(textOf(spaces[index])); !wrong.empty())
            refusals.invalid(list.index(index), spaces[index],
                             "each member of this list must be '*' or a DNS-1123 label; " + wrong);
}

/// "/healthz", "/apis/*"
std::string_view wrongUrlPath(std::string_view path)
{
    if (path.empty())
        return "must not be empty";
    if (!path.starts_with('/'))
        return "must start with slash";
    if (path.contains(' '))
        return "must not contain white-space";
    if (path.contains("//"))
        return "must not contain double slash";
    const auto stars = std::ranges::count(path, '*');
    return stars > 1 || (stars == 1 && !path.ends_with("/*")) ? "wildcard can only do suffix matching" : "";
}

void flowPathRule(const Value& rule, const FieldPath& path, Refusals& refusals)
{
    checkVerbs(rule, path, refusals);
    const auto& urls = itemsAt(rule, {"nonResourceURLs"});
    const auto list = path.child("nonResourceURLs");
    if (checkEverything(urls, "non-resource URLs", list, refusals))
        return;
    for (std::size_t index = 0; index < urls.size(); ++index)
        refuse(std::string(wrongUrlPath(textOf(urls[index]))), list.index(index), urls[index], refusals);
}

void flowRule(const Value& rule, const FieldPath& path, Refusals& refusals)
{
    if (itemsAt(rule, {"resourceRules"}).empty() && itemsAt(rule, {"nonResourceRules"}).empty())
        refusals.required(path, "at least one of resourceRules and nonResourceRules has to be non-empty");
}

/// The member that the kind names is there, and no other.
void flowSubject(const Value& subject, const FieldPath& path, Refusals& refusals)
{
    constexpr std::array<std::pair<std::string_view, std::string_view>, 3> members{
        {{"ServiceAccount", "serviceAccount"}, {"User", "user"}, {"Group", "group"}}};
    const auto kind = stringAt(subject, {"kind"});
    if (std::ranges::none_of(members, [&](const auto& each) { return each.first == kind; }))
        return; // The kind is refused itself.
    for (const auto& [name, member] : members) {
        if (name == kind && !has(subject, member))
            refusals.required(path.child(member),
                              fmt::format("{} is required when subject kind is '{}'", member, name));
        if (name != kind && has(subject, member))
            refusals.forbidden(path.child(member),
                               fmt::format("{} is forbidden when subject kind is not '{}'", member, name));
    }
    const auto account = path.child("serviceAccount");
    const auto name = stringAt(subject, {"serviceAccount", "name"});
    if (kind == "ServiceAccount" && !name.empty() && name != everything)
        refuse(wrongDnsSubdomain(name), account.child("name"), Value(name), refusals);
    const auto space = stringAt(subject, {"serviceAccount", "namespace"});
    if (kind == "ServiceAccount" && !space.empty())
        refuse(wrongDnsLabel(space), account.child("namespace"), Value(space), refusals);
}

/// An object of a fixed spec has it but for what may vary, if anything.
void checkFixed(const Value& node, std::string_view kind, const FieldPath& path, Refusals& refusals)
{
    const auto name = stringAt(node, {"metadata", "name"});
    const auto* const fixed = fixedFlowSpec(kind, name);
    const auto* const spec = find(node, {"spec"});
    if (!fixed || !spec || !spec->is_object() || *spec == *fixed)
        return;
    const auto* const varies = find(*fixed, {"exempt"});
    if (varies) {
        auto part = *spec;
        part.get_object()["exempt"] = *varies;
        if (part == *fixed)
            return;
    }
    refusals.invalid(path, *spec,
                     fmt::format("spec of '{}' {}must equal the fixed value", name,
                                 varies ? "except the 'spec.exempt' field " : ""));
}

void flowSchema(const Value& node, const FieldPath& path, Refusals& refusals)
{
    constexpr std::int64_t precedenceMax = 10'000;
    const auto spec = path.child("spec");
    const auto rank = integerAt(node, {"spec", "matchingPrecedence"});
    if (rank <= 0)
        refusals.invalid(spec.child("matchingPrecedence"), rank, "must be a positive value");
    if (rank > precedenceMax)
        refusals.invalid(spec.child("matchingPrecedence"), rank,
                         fmt::format("must not be greater than {}", precedenceMax));
    if (rank == 1 && stringAt(node, {"metadata", "name"}) != "exempt")
        refusals.invalid(spec.child("matchingPrecedence"), rank,
                         "only the schema named 'exempt' may have matchingPrecedence 1");
    const auto level = spec.child("priorityLevelConfiguration");
    if (const auto name = stringAt(node, {"spec", "priorityLevelConfiguration", "name"}); !name.empty())
        refuse(wrongDnsSubdomain(name), level.child("name"), Value(name), refusals);
    checkFixed(node, "FlowSchema", spec, refusals);
}

/// Each flow gets a hand of queues by a hash, which has to have enough bits for all hands.
void checkQueues(const Value& queuing, const FieldPath& path, Refusals& refusals)
{
    constexpr std::int64_t queuesMax = 10'000'000;
    constexpr int hashBits = 60;
    const auto length = integerAt(queuing, {"queueLengthLimit"});
    if (length <= 0)
        refusals.invalid(path.child("queueLengthLimit"), length, "must be positive");
    const auto queues = integerAt(queuing, {"queues"});
    if (queues <= 0)
        refusals.invalid(path.child("queues"), queues, "must be positive");
    else if (queues > queuesMax)
        refusals.invalid(path.child("queues"), queues, fmt::format("must not be greater than {}", queuesMax));
    const auto hand = integerAt(queuing, {"handSize"});
    if (hand <= 0)
        refusals.invalid(path.child("handSize"), hand, "must be positive");
    else if (hand > queues)
        refusals.invalid(path.child("handSize"), hand, fmt::format("should not be greater than queues ({})", queues));
    else if (std::ceil(std::log2(static_cast<double>(queues)) * static_cast<double>(hand)) > hashBits)
        refusals.invalid(path.child("handSize"), hand,
                         fmt::format("required entropy bits of deckSize {} and handSize {} should not be greater than "
                                     "{}",
                                     queues, hand, hashBits));
}

void checkResponse(const Value& response, const FieldPath& path, Refusals& refusals)
{
    const auto type = stringAt(response, {"type"});
    const auto at = path.child("queuing");
    const auto* queuing = find(response, {"queuing"});
    if (type == "Reject" && queuing)
        refusals.forbidden(at, "must be nil if limited.limitResponse.type is not Limited");
    else if (type == "Queue" && !queuing)
        refusals.required(at, "must not be empty if limited.limitResponse.type is Limited");
    else if (type == "Queue")
        checkQueues(*queuing, at, refusals);
}

/// Shares of a level, and what it lends of them.
void checkShares(const Value& part, const FieldPath& path, Refusals& refusals)
{
    const auto shares = integerAt(part, {"nominalConcurrencyShares"});
    if (shares < 0)
        refusals.invalid(path.child("nominalConcurrencyShares"), shares, "must be a non-negative integer");
    const auto lent = integerAt(part, {"lendablePercent"});
    if (lent < 0 || lent > 100)
        refusals.invalid(path.child("lendablePercent"), lent, "must be between 0 and 100, inclusive");
    if (const auto limit = integerAt(part, {"borrowingLimitPercent"}); limit < 0)
        refusals.invalid(path.child("borrowingLimitPercent"), limit, "if specified, must be a non-negative integer");
}

void checkLevel(const Value& node, const FieldPath& spec, Refusals& refusals)
{
    const auto type = stringAt(node, {"spec", "type"});
    const auto* limited = find(node, {"spec", "limited"});
    const auto* exempt = find(node, {"spec", "exempt"});
    if (!type.empty() && (stringAt(node, {"metadata", "name"}) == "exempt") != (type == "Exempt"))
        refusals.invalid(spec.child("type"), Value(type), "type must be 'Exempt' if and only if name is 'exempt'");
    if (type == "Exempt" && limited)
        refusals.forbidden(spec.child("limited"), "must be nil if the type is not Limited");
    else if (type == "Exempt" && exempt)
        checkShares(*exempt, spec.child("exempt"), refusals);
    if (type != "Limited")
        return;
    if (exempt)
        refusals.forbidden(spec.child("exempt"), "must be nil if the type is Limited");
    if (!limited)
        return refusals.required(spec.child("limited"), "must not be empty when type is Limited");
    const auto at = spec.child("limited");
    checkShares(*limited, at, refusals);
    if (const auto* response = find(*limited, {"limitResponse"}))
        checkResponse(*response, at.child("limitResponse"), refusals);
}

void priorityLevel(const Value& node, const FieldPath& path, Refusals& refusals)
{
    const auto spec = path.child("spec");
    checkLevel(node, spec, refusals);
    checkFixed(node, "PriorityLevelConfiguration", spec, refusals);
}

constexpr std::array table{
    Rule{"flowPathRule", flowPathRule}, Rule{"flowResourceRule", flowResourceRule},
    Rule{"flowRule", flowRule},         Rule{"flowSchema", flowSchema},
    Rule{"flowSubject", flowSubject},   Rule{"priorityLevel", priorityLevel},
};

} // namespace

std::span<const Rule> flowRules()
{
    return table;
}

} // namespace keelson::api
