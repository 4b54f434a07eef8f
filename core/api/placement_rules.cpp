// SPDX-License-Identifier: Apache-2.0
#include "api/name_forms.h"
#include "api/rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <utility>

namespace keelson::api {
namespace {

void toleration(const Value& node, const FieldPath& path, Refusals& refusals)
{
    const auto key = stringAt(node, {"key"});
    const auto op = stringAt(node, {"operator"});
    const auto value = stringAt(node, {"value"});
    if (!key.empty())
        refuse(wrongQualifiedName(key), path.child("key"), Value(key), refusals);
    else if (op != "Exists")
        refusals.invalid(path.child("operator"), Value(op),
                         "operator must be Exists when `key` is empty, which means \"match all values and all keys\"");
    if (op == "Exists" && !value.empty())
        refusals.invalid(path.child("operator"), Value(value), "value must be empty when `operator` is 'Exists'");
    if (op == "Equal" || op.empty())
        refuse(wrongLabelValue(value), path.child("operator"), Value(value), refusals);
    if (has(node, "tolerationSeconds") && stringAt(node, {"effect"}) != "NoExecute")
        refusals.invalid(path.child("effect"), Value(stringAt(node, {"effect"})),
                         "effect must be 'NoExecute' when `tolerationSeconds` is set");
}

/// Whether there is such an operator, and values fit it.
void checkOperator(const Value& node, bool compares, const FieldPath& path, Refusals& refusals)
{
    const auto op = stringAt(node, {"operator"});
    const auto& values = itemsAt(node, {"values"});
    const auto at = path.child("values");
    if (op == "In" || op == "NotIn") {
        if (values.empty())
            refusals.required(at, "must be specified when `operator` is 'In' or 'NotIn'");
    } else if (op == "Exists" || op == "DoesNotExist") {
        if (!values.empty())
            refusals.forbidden(at, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
    } else if (compares && (op == "Gt" || op == "Lt")) {
        if (values.size() != 1)
            refusals.required(at, "must be specified single value when `operator` is 'Lt' or 'Gt'");
    } else {
        refusals.invalid(path.child("operator"), Value(op), "not a valid selector operator");
    }
}

/// A requirement of labels. Those of nodes compare numbers too.
template <bool compares>
void checkRequirement(const Value& node, const FieldPath& path, Refusals& refusals)
{
    checkOperator(node, compares, path, refusals);
    const auto key = stringAt(node, {"key"});
    refuse(wrongQualifiedName(key), path.child("key"), Value(key), refusals);
    const auto& values = itemsAt(node, {"values"});
    const auto list = path.child("values");
    for (std::size_t index = 0; index < values.size(); ++index)
        refuse(wrongLabelValue(textOf(values[index])), list.index(index), values[index], refusals);
}

/// Of a node's fields only the name can be asked for, and one at a time.
void checkFieldRequirement(const Value& node, const FieldPath& path, Refusals& refusals)
{
    const auto op = stringAt(node, {"operator"});
    const auto key = stringAt(node, {"key"});
    const auto& values = itemsAt(node, {"values"});
    if (op != "In" && op != "NotIn")
        refusals.invalid(path.child("operator"), Value(op), "not a valid selector operator");
    else if (values.size() != 1)
        refusals.required(path.child("values"),
                          "must be only one value when `operator` is 'In' or 'NotIn' for node field selector");
    if (key != "metadata.name")
        return refusals.invalid(path.child("key"), Value(key), "not a valid field selector key");
    const auto list = path.child("values");
    for (std::size_t index = 0; index < values.size(); ++index)
        refuse(wrongDnsSubdomain(textOf(values[index])), list.index(index), values[index], refusals);
}

void checkEach(const Value& node, std::string_view member, const FieldPath& path, Refusals& refusals,
               void (*check)(const Value&, const FieldPath&, Refusals&))
{
    const auto& requirements = itemsAt(node, {member});
    const auto list = path.child(member);
    for (std::size_t index = 0; index < requirements.size(); ++index)
        check(requirements[index], list.index(index), refusals);
}

void nodeSelectorTerm(const Value& node, const FieldPath& path, Refusals& refusals)
{
    checkEach(node, "matchExpressions", path, refusals, checkRequirement<true>);
    checkEach(node, "matchFields", path, refusals, checkFieldRequirement);
}

void labelSelector(const Value& node, const FieldPath& path, Refusals& refusals)
{
    checkLabels(find(node, {"matchLabels"}), path.child("matchLabels"), refusals);
    checkEach(node, "matchExpressions", path, refusals, checkRequirement<false>);
}

/// Keys of labels whose values a selector takes from the pod: none of them is in the selector, nor twice.
void checkLabelKeys(const Value& node, std::string_view member, const FieldPath& path, Refusals& refusals)
{
    const auto& keys = itemsAt(node, {member});
    const auto list = path.child(member);
    if (!keys.empty() && !has(node, "labelSelector"))
        return refusals.forbidden(list, "must not be specified when labelSelector is not set");
    for (std::size_t index = 0; index < keys.size(); ++index)
        refuse(wrongQualifiedName(textOf(keys[index])), list.index(index), keys[index], refusals);
}

void podAffinityTerm(const Value& node, const FieldPath& path, Refusals& refusals)
{
    if (const auto key = stringAt(node, {"topologyKey"}); !key.empty())
        refuse(wrongQualifiedName(key), path.child("topologyKey"), Value(key), refusals);
    for (const auto& name : itemsAt(node, {"namespaces"}))
        refuse(wrongDnsLabel(textOf(name)), path.child("namespace"), name, refusals);
    checkLabelKeys(node, "matchLabelKeys", path, refusals);
    checkLabelKeys(node, "mismatchLabelKeys", path, refusals);
    const auto& keys = itemsAt(node, {"matchLabelKeys"});
    const auto list = path.child("matchLabelKeys");
    for (std::size_t index = 0; index < keys.size(); ++index)
        if (const auto& others = itemsAt(node, {"mismatchLabelKeys"});
            std::ranges::find(others, keys[index]) != others.end())
            refusals.invalid(list.index(index), keys[index], "exists in both matchLabelKeys and mismatchLabelKeys");
}

/// What the selector says itself is not taken from the pod.
void checkKeysAreNew(const Value& node, const FieldPath& path, Refusals& refusals)
{
    const auto& keys = itemsAt(node, {"matchLabelKeys"});
    const auto& expressions = itemsAt(node, {"labelSelector", "matchExpressions"});
    const auto list = path.child("matchLabelKeys");
    for (std::size_t index = 0; index < keys.size(); ++index) {
        const auto key = textOf(keys[index]);
        const bool isNamed = std::ranges::any_of(
            expressions, [key](const Value& expression) { return stringAt(expression, {"key"}) == key; });
        if (isNamed || find(node, {"labelSelector", "matchLabels", key}))
            refusals.invalid(list.index(index), keys[index], "exists in both matchLabelKeys and labelSelector");
    }
}

void spreadConstraint(const Value& node, const FieldPath& path, Refusals& refusals)
{
    if (const auto key = stringAt(node, {"topologyKey"}); !key.empty())
        refuse(wrongQualifiedName(key), path.child("topologyKey"), Value(key), refusals);
    if (const auto* domains = find(node, {"minDomains"}); domains && domains->is_int64()) {
        if (domains->get_int64() <= 0)
            refusals.invalid(path.child("minDomains"), *domains, "must be greater than 0");
        if (const auto action = stringAt(node, {"whenUnsatisfiable"}); action == "ScheduleAnyway")
            refusals.invalid(
                path.child("minDomains"), *domains,
                "can only use minDomains if whenUnsatisfiable=DoNotSchedule, not whenUnsatisfiable=ScheduleAnyway");
    }
    checkLabelKeys(node, "matchLabelKeys", path, refusals);
    checkKeysAreNew(node, path, refusals);
}

void checkSpread(const Value& spec, const FieldPath& path, Refusals& refusals)
{
    std::set<std::pair<std::string_view, std::string_view>> seen;
    const auto& constraints = itemsAt(spec, {"topologySpreadConstraints"});
    const auto list = path.child("topologySpreadConstraints");
    for (std::size_t index = 0; index < constraints.size(); ++index) {
        const auto key = stringAt(constraints[index], {"topologyKey"});
        const auto action = stringAt(constraints[index], {"whenUnsatisfiable"});
        const auto at = list.index(index);
        if (!seen.emplace(key, action).second)
            refusals.duplicate(at.child("{topologyKey, whenUnsatisfiable}"),
                               Value(fmt::format("{{{}, {}}}", key, action)));
    }
}

void checkGates(const Value& spec, const FieldPath& path, Refusals& refusals)
{
    std::set<std::string_view> seen;
    const auto& gates = itemsAt(spec, {"schedulingGates"});
    const auto list = path.child("schedulingGates");
    for (std::size_t index = 0; index < gates.size(); ++index) {
        const auto name = stringAt(gates[index], {"name"});
        const auto at = list.index(index);
        if (!name.empty())
            refuse(wrongQualifiedName(name), at, Value(name), refusals);
        if (!seen.insert(name).second)
            refusals.duplicate(at, Value(name));
    }
}

void podPlacement(const Value& spec, const FieldPath& path, Refusals& refusals)
{
    checkLabels(find(spec, {"nodeSelector"}), path.child("nodeSelector"), refusals);
    checkSpread(spec, path, refusals);
    checkGates(spec, path, refusals);
}

constexpr std::array table{
    Rule{"labelSelector", labelSelector},       Rule{"nodeSelectorTerm", nodeSelectorTerm},
    Rule{"podAffinityTerm", podAffinityTerm},   Rule{"podPlacement", podPlacement},
    Rule{"spreadConstraint", spreadConstraint}, Rule{"toleration", toleration},
};

} // namespace

std::span<const Rule> placementRules()
{
    return table;
}

} // namespace keelson::api
