// SPDX-License-Identifier: Apache-2.0
#include "api/name_forms.h"
#include "api/quantity.h"
#include "api/resource_names.h"
#include "api/rules.h"
#include "api/selector.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace keelson::api {
namespace {

void autoscalerSpec(const Value& spec, const FieldPath& path, Refusals& refusals)
{
    const auto least = integerAt(spec, {"minReplicas"});
    const auto most = integerAt(spec, {"maxReplicas"});
    if (least < 1)
        refusals.invalid(path.child("minReplicas"), least, "must be greater than or equal to 1");
    if (most < 1)
        refusals.invalid(path.child("maxReplicas"), most, "must be greater than 0");
    if (most < least)
        refusals.invalid(path.child("maxReplicas"), most, "must be greater than or equal to `minReplicas`");
}

/// Kind and name of a workload can be parts of a path.
void scaleReference(const Value& reference, const FieldPath& path, Refusals& refusals)
{
    for (const auto* member : {"kind", "name"})
        if (const auto text = stringAt(reference, {member}); !text.empty())
            refuse(wrongPathSegment(text), path.child(member), Value(text), refusals);
}

void metricName(const Value& metric, const FieldPath& path, Refusals& refusals)
{
    if (const auto name = stringAt(metric, {"name"}); !name.empty())
        refuse(wrongPathSegment(name), path.child("name"), Value(name), refusals);
}

std::optional<Quantity> amountAt(const Value& target, std::string_view member)
{
    const auto* value = find(target, {member});
    if (!value || value->is_null())
        return std::nullopt;
    const auto parsed = Quantity::parse(value->is_string() ? std::string(textOf(*value)) : numberText(*value));
    return parsed ? std::optional(*parsed) : std::nullopt;
}

void metricTarget(const Value& target, const FieldPath& path, Refusals& refusals)
{
    const auto type = stringAt(target, {"type"});
    if (type != "Utilization" && type != "Value" && type != "AverageValue")
        refusals.invalid(path.child("type"), Value(type), "must be either Utilization, Value, or AverageValue");
    for (const auto* member : {"value", "averageValue"})
        if (const auto amount = amountAt(target, member); amount && (amount->isZero() || amount->isNegative()))
            refusals.invalid(path.child(member), target.at(member), "must be positive");
    if (has(target, "averageUtilization") && integerAt(target, {"averageUtilization"}) < 1)
        refusals.invalid(path.child("averageUtilization"), target.at("averageUtilization"), "must be greater than 0");
}

/// What a source of each type must have as its target.
void checkSource(const Value& source, std::string_view type, const FieldPath& path, Refusals& refusals)
{
    const auto* target = find(source, {"target"});
    const auto at = path.child("target");
    const bool value = target && has(*target, "value");
    const bool average = target && has(*target, "averageValue");
    const bool utilization = target && has(*target, "averageUtilization");
    if (type == "Resource" || type == "ContainerResource") {
        if (!average && !utilization)
            refusals.required(at.child("averageUtilization"),
                              "must set either a target raw value or a target utilization");
        if (average && utilization)
            refusals.forbidden(at.child("averageValue"),
                               "may not set both a target raw value and a target utilization");
    } else if (type == "Pods") {
        if (!average)
            refusals.required(at.child("averageValue"), "must specify a positive target averageValue");
    } else if (type == "Object") {
        if (!value && !average)
            refusals.required(at.child("averageValue"), "must set either a target value or averageValue");
    } else {
        if (!value && !average)
            refusals.required(at.child("averageValue"),
                              "must set either a target value for metric or a per-pod target");
        if (value && average)
            refusals.forbidden(at.child("value"), "may not set both a target value for metric and a per-pod target");
    }
    if (type == "ContainerResource") {
        if (const auto name = stringAt(source, {"name"}); !name.empty())
            checkContainerResourceName(name, path.child("name"), refusals);
        if (const auto name = stringAt(source, {"container"}); !name.empty())
            refuse(wrongDnsLabel(name), path.child("container"), Value(name), refusals);
    }
}

void metricSpec(const Value& metric, const FieldPath& path, Refusals& refusals)
{
    constexpr std::array<std::pair<std::string_view, std::string_view>, 5> sources{
        {{"Object", "object"},
         {"External", "external"},
         {"Pods", "pods"},
         {"Resource", "resource"},
         {"ContainerResource", "containerResource"}}};
    const auto type = stringAt(metric, {"type"});
    const auto given = std::ranges::count_if(sources, [&](const auto& each) { return has(metric, each.second); });
    bool isFirst = true;
    for (const auto& [name, member] : sources) {
        if (name == type && !has(metric, member))
            refusals.required(path.child(member), "must populate information for the given metric source");
        if (!has(metric, member))
            continue;
        if (std::exchange(isFirst, false))
            checkSource(metric.at(member), name, path.child(member), refusals);
        if (name != type && given > 1)
            refusals.forbidden(path.child(member), "must populate the given metric source only");
    }
}

void scalingRules(const Value& rules, const FieldPath& path, Refusals& refusals)
{
    constexpr std::int64_t windowSecondsMax = 3600;
    constexpr std::int64_t periodSecondsMax = 1800;
    const auto window = integerAt(rules, {"stabilizationWindowSeconds"});
    if (window < 0)
        refusals.invalid(path.child("stabilizationWindowSeconds"), window, "must be greater than or equal to zero");
    if (window > windowSecondsMax)
        refusals.invalid(path.child("stabilizationWindowSeconds"), window,
                         fmt::format("must be less than or equal to {}", windowSecondsMax));
    const auto& policies = itemsAt(rules, {"policies"});
    const auto list = path.child("policies");
    if (policies.empty())
        refusals.required(list, "must specify at least one Policy");
    for (std::size_t index = 0; index < policies.size(); ++index) {
        const auto at = list.index(index);
        const auto value = integerAt(policies[index], {"value"});
        const auto period = integerAt(policies[index], {"periodSeconds"});
        if (value <= 0)
            refusals.invalid(at.child("value"), value, "must be greater than zero");
        if (period <= 0)
            refusals.invalid(at.child("periodSeconds"), period, "must be greater than zero");
        if (period > periodSecondsMax)
            refusals.invalid(at.child("periodSeconds"), period,
                             fmt::format("must be less than or equal to {}", periodSecondsMax));
    }
}

void disruptionBudget(const Value& spec, const FieldPath& path, Refusals& refusals)
{
    if (has(spec, "minAvailable") && has(spec, "maxUnavailable"))
        refusals.invalid(path, spec, "minAvailable and maxUnavailable cannot be both set");
    for (const auto* member : {"minAvailable", "maxUnavailable"})
        if (has(spec, member)) {
            checkAmount(spec.at(member), path.child(member), refusals);
            checkAtMostAll(spec.at(member), path.child(member), refusals);
        }
}

constexpr std::array table{
    Rule{"autoscalerSpec", autoscalerSpec}, Rule{"disruptionBudget", disruptionBudget},
    Rule{"metricName", metricName},         Rule{"metricSpec", metricSpec},
    Rule{"metricTarget", metricTarget},     Rule{"scaleReference", scaleReference},
    Rule{"scalingRules", scalingRules},
};

} // namespace

std::span<const Rule> autoscalingRules()
{
    return table;
}

} // namespace keelson::api
