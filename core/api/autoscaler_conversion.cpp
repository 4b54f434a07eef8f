// SPDX-License-Identifier: Apache-2.0
#include "api/conversion.h"

#include <array>
#include <utility>

namespace keelson::api {
namespace {

/// Where autoscaling/v1 keeps what it has no members for, as JSON text.
constexpr std::string_view metricsAnnotation = "autoscaling.alpha.kubernetes.io/metrics";
constexpr std::string_view currentMetricsAnnotation = "autoscaling.alpha.kubernetes.io/current-metrics";
constexpr std::string_view conditionsAnnotation = "autoscaling.alpha.kubernetes.io/conditions";
constexpr std::string_view behaviorAnnotation = "autoscaling.alpha.kubernetes.io/behavior";

/// A member of a metric in v1 and where it stands in v2, for metrics of that type and for what is asked or measured.
struct MetricMember {
    std::string_view type; ///< "pods", as the member of the metric is called.
    bool isCurrent;
    std::string_view name;
    std::array<std::string_view, 2> stored; ///< The second is empty where it is no member of a member.
};

constexpr auto metricMembers = std::to_array<MetricMember>({
    {"resource", false, "name", {"name"}},
    {"resource", false, "targetAverageUtilization", {"target", "averageUtilization"}},
    {"resource", false, "targetAverageValue", {"target", "averageValue"}},
    {"resource", true, "name", {"name"}},
    {"resource", true, "currentAverageUtilization", {"current", "averageUtilization"}},
    {"resource", true, "currentAverageValue", {"current", "averageValue"}},
    {"containerResource", false, "name", {"name"}},
    {"containerResource", false, "targetAverageUtilization", {"target", "averageUtilization"}},
    {"containerResource", false, "targetAverageValue", {"target", "averageValue"}},
    {"containerResource", false, "container", {"container"}},
    {"containerResource", true, "name", {"name"}},
    {"containerResource", true, "currentAverageUtilization", {"current", "averageUtilization"}},
    {"containerResource", true, "currentAverageValue", {"current", "averageValue"}},
    {"containerResource", true, "container", {"container"}},
    {"pods", false, "metricName", {"metric", "name"}},
    {"pods", false, "targetAverageValue", {"target", "averageValue"}},
    {"pods", false, "selector", {"metric", "selector"}},
    {"pods", true, "metricName", {"metric", "name"}},
    {"pods", true, "currentAverageValue", {"current", "averageValue"}},
    {"pods", true, "selector", {"metric", "selector"}},
    {"object", false, "target", {"describedObject"}},
    {"object", false, "metricName", {"metric", "name"}},
    {"object", false, "targetValue", {"target", "value"}},
    {"object", false, "selector", {"metric", "selector"}},
    {"object", false, "averageValue", {"target", "averageValue"}},
    {"object", true, "target", {"describedObject"}},
    {"object", true, "metricName", {"metric", "name"}},
    {"object", true, "currentValue", {"current", "value"}},
    {"object", true, "selector", {"metric", "selector"}},
    {"object", true, "averageValue", {"current", "averageValue"}},
    {"external", false, "metricName", {"metric", "name"}},
    {"external", false, "metricSelector", {"metric", "selector"}},
    {"external", false, "targetValue", {"target", "value"}},
    {"external", false, "targetAverageValue", {"target", "averageValue"}},
    {"external", true, "metricName", {"metric", "name"}},
    {"external", true, "metricSelector", {"metric", "selector"}},
    {"external", true, "currentValue", {"current", "value"}},
    {"external", true, "currentAverageValue", {"current", "averageValue"}},
});

constexpr std::array<std::string_view, 5> metricTypes{"resource", "containerResource", "pods", "object", "external"};

const Value* memberOf(const Value& value, const std::array<std::string_view, 2>& path)
{
    return path[1].empty() ? find(value, {path[0]}) : find(value, {path[0], path[1]});
}

/// The type of the target follows from which of its members there is.
void settleTargetType(Object& source)
{
    auto* const target = source.if_contains("target");
    if (!target || !target->is_object())
        return;
    auto& members = target->get_object();
    members["type"] = members.contains("averageUtilization") ? "Utilization"
                      : members.contains("averageValue")     ? "AverageValue"
                                                             : "Value";
}

/// A metric in the other form: from v1 to v2, or back.
Value convertMetric(const Value& metric, bool isCurrent, bool toStored)
{
    Object made{{"type", std::string(stringAt(metric, {"type"}))}};
    for (const auto type : metricTypes) {
        const auto* const source = find(metric, {type});
        if (!source || !source->is_object())
            continue;
        Value converted = Object{};
        for (const auto& member : metricMembers) {
            if (member.type != type || member.isCurrent != isCurrent)
                continue;
            const auto* const value = toStored ? find(*source, {member.name}) : memberOf(*source, member.stored);
            if (!value)
                continue;
            auto& to = toStored && !member.stored[1].empty() ? objectAt(converted, {member.stored[0]})
                                                             : converted.get_object();
            to[!toStored ? member.name : member.stored[1].empty() ? member.stored[0] : member.stored[1]] = *value;
        }
        if (toStored && !isCurrent)
            settleTargetType(converted.get_object());
        made[type] = std::move(converted);
    }
    return made;
}

/// Go's names of the members of a behavior, which is how v1 writes it.
constexpr auto behaviorNames = std::to_array<std::pair<std::string_view, std::string_view>>({
    {"ScaleUp", "scaleUp"},
    {"ScaleDown", "scaleDown"},
    {"StabilizationWindowSeconds", "stabilizationWindowSeconds"},
    {"SelectPolicy", "selectPolicy"},
    {"Policies", "policies"},
    {"Type", "type"},
    {"Value", "value"},
    {"PeriodSeconds", "periodSeconds"},
});

Value convertBehavior(const Value& value, bool toStored)
{
    if (const auto* const list = value.if_array()) {
        Array made;
        for (const auto& item : *list)
            made.push_back(convertBehavior(item, toStored));
        return made;
    }
    const auto* const object = value.if_object();
    if (!object)
        return value;
    Object made;
    for (const auto& member : *object) {
        std::string_view name = member.key();
        for (const auto& [written, stored] : behaviorNames) {
            if (name == (toStored ? written : stored))
                name = toStored ? stored : written;
        }
        made[name] = convertBehavior(member.value(), toStored);
    }
    return made;
}

bool isCpuShare(const Value& metric, std::string_view part)
{
    return stringAt(metric, {"type"}) == "Resource" && stringAt(metric, {"resource", "name"}) == "cpu" &&
           find(metric, {"resource", part, "averageUtilization"});
}

Value takeMember(Object& object, std::string_view name)
{
    auto* const found = object.find(name);
    if (found == object.end())
        return nullptr;
    Value taken = std::move(found->value());
    object.stable_erase(found);
    return taken;
}

/// Takes an annotation away and reads it; null when there is none, or none that can be read.
Value takeAnnotation(Value& object, std::string_view name)
{
    auto* const annotations = find(object, {"metadata", "annotations"});
    if (!annotations || !annotations->is_object())
        return nullptr;
    const auto text = takeMember(annotations->get_object(), name);
    const auto* const json = text.if_string();
    auto read = json ? parseJson(std::string_view(*json)) : Result<Value>(Value());
    return read ? *std::move(read) : Value();
}

void annotate(Value& object, std::string_view name, const Value& value)
{
    objectAt(object, {"metadata", "annotations"})[name] = writeJson(value);
}

/// Takes the metrics of a list in v2 apart: the share of the CPU, which is returned, and the others in the form of v1.
Value takeCpuShare(const Value& metrics, bool isCurrent, Array& others)
{
    const std::string_view part = isCurrent ? "current" : "target";
    Value share;
    for (const auto& metric : metrics.is_array() ? metrics.get_array() : Array()) {
        if (!isCpuShare(metric, part))
            others.push_back(convertMetric(metric, isCurrent, false));
        else if (share.is_null())
            share = *find(metric, {"resource", part, "averageUtilization"});
    }
    return share;
}

/// The list of v2 that a share of the CPU and the list in an annotation of v1 make.
Array storedMetrics(const Value& share, const Value& others, bool isCurrent)
{
    Array metrics;
    if (!share.is_null()) {
        Object part{{"averageUtilization", share}};
        if (!isCurrent)
            part["type"] = "Utilization";
        metrics.push_back(
            Object{{"type", "Resource"},
                   {"resource", Object{{"name", "cpu"}, {isCurrent ? "current" : "target", std::move(part)}}}});
    }
    for (const auto& metric : others.is_array() ? others.get_array() : Array())
        metrics.push_back(convertMetric(metric, isCurrent, true));
    return metrics;
}

} // namespace

Value autoscalerToStored(Value object)
{
    const auto otherMetrics = takeAnnotation(object, metricsAnnotation);
    const auto otherCurrent = takeAnnotation(object, currentMetricsAnnotation);
    const auto conditions = takeAnnotation(object, conditionsAnnotation);
    const auto behavior = takeAnnotation(object, behaviorAnnotation);
    if (auto* const spec = find(object, {"spec"}); spec && spec->is_object()) {
        const auto share = takeMember(spec->get_object(), "targetCPUUtilizationPercentage");
        if (auto metrics = storedMetrics(share, otherMetrics, false); !metrics.empty())
            spec->get_object()["metrics"] = std::move(metrics);
        if (behavior.is_object())
            spec->get_object()["behavior"] = convertBehavior(behavior, true);
    }
    if (auto* const status = find(object, {"status"}); status && status->is_object()) {
        const auto used = takeMember(status->get_object(), "currentCPUUtilizationPercentage");
        if (auto metrics = storedMetrics(used, otherCurrent, true); !metrics.empty())
            status->get_object()["currentMetrics"] = std::move(metrics);
        if (conditions.is_array())
            status->get_object()["conditions"] = conditions;
    }
    return object;
}

Value autoscalerFromStored(Value object)
{
    Array others;
    if (auto* const spec = find(object, {"spec"}); spec && spec->is_object()) {
        const auto metrics = takeMember(spec->get_object(), "metrics");
        const auto behavior = takeMember(spec->get_object(), "behavior");
        if (const auto share = takeCpuShare(metrics, false, others); !share.is_null())
            find(object, {"spec"})->get_object()["targetCPUUtilizationPercentage"] = share;
        if (!others.empty())
            annotate(object, metricsAnnotation, others);
        if (!behavior.is_null())
            annotate(object, behaviorAnnotation, convertBehavior(behavior, false));
    }
    others.clear();
    if (auto* const status = find(object, {"status"}); status && status->is_object()) {
        const auto metrics = takeMember(status->get_object(), "currentMetrics");
        const auto conditions = takeMember(status->get_object(), "conditions");
        for (const auto* const count : {"currentReplicas", "desiredReplicas"})
            status->get_object().emplace(count, 0); // Clients of v1 expect both.
        if (const auto used = takeCpuShare(metrics, true, others); !used.is_null())
            find(object, {"status"})->get_object()["currentCPUUtilizationPercentage"] = used;
        if (!others.empty())
            annotate(object, currentMetricsAnnotation, others);
        if (conditions.is_array() && !conditions.get_array().empty())
            annotate(object, conditionsAnnotation, conditions);
    }
    return object;
}

} // namespace keelson::api
