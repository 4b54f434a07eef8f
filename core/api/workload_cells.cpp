// SPDX-License-Identifier: Apache-2.0
#include "api/table.h"
#include "api/table_functions.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace keelson::api {
namespace {

bool isSo(const Value& object, std::string_view condition)
{
    return std::ranges::any_of(listAt(object, {"status", "conditions"}), [&](const Value& each) {
        return stringAt(each, {"type"}) == condition && stringAt(each, {"status"}) == "True";
    });
}

Value jobStatus(const Column&, const Value& job, WallTime)
{
    for (const auto* end : {"Complete", "Failed"})
        if (isSo(job, end))
            return end;
    if (find(job, {"metadata", "deletionTimestamp"}))
        return "Terminating";
    for (const auto* state : {"Suspended", "FailureTarget", "SuccessCriteriaMet"})
        if (isSo(job, state))
            return state;
    return "Running";
}

Value jobCompletions(const Column&, const Value& job, WallTime)
{
    const auto succeeded = integerAt(job, {"status", "succeeded"});
    if (find(job, {"spec", "completions"}))
        return Value(fmt::format("{}/{}", succeeded, integerAt(job, {"spec", "completions"})));
    const auto parallelism = integerAt(job, {"spec", "parallelism"});
    return Value(parallelism > 1 ? fmt::format("{}/1 of {}", succeeded, parallelism) : fmt::format("{}/1", succeeded));
}

Value jobDuration(const Column&, const Value& job, WallTime now)
{
    const auto start = parseTime(stringAt(job, {"status", "startTime"}));
    if (!start)
        return "";
    const auto end = parseTime(stringAt(job, {"status", "completionTime"}));
    return Value(shortDuration((end ? *end : now) - *start));
}

/// "statefulset.apps/web"
Value controllerOwner(const Column&, const Value& object, WallTime)
{
    for (const auto& owner : listAt(object, {"metadata", "ownerReferences"})) {
        if (!boolAt(owner, {"controller"}))
            continue;
        const auto group = GroupVersion::parse(stringAt(owner, {"apiVersion"})).group;
        auto kind = fmt::format("{}{}{}", stringAt(owner, {"kind"}), group.empty() ? "" : ".", group);
        std::ranges::transform(kind, kind.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
        return Value(fmt::format("{}/{}", kind, stringAt(owner, {"name"})));
    }
    return "<none>";
}

Value scaleTarget(const Column&, const Value& autoscaler, WallTime)
{
    return Value(fmt::format("{}/{}", stringAt(autoscaler, {"spec", "scaleTargetRef", "kind"}),
                             stringAt(autoscaler, {"spec", "scaleTargetRef", "name"})));
}

std::string quantityAt(const Value& value, std::string_view part, std::string_view member)
{
    const auto* found = find(value, {part, member});
    return !found || found->is_null() ? std::string()
           : found->is_string()       ? std::string(found->get_string())
                                      : writeJson(*found);
}

/// "cpu: 12%/80%", "250/500 (avg)": what a metric is and what it should be.
std::string metricText(const Value& metric, const Value& status)
{
    const auto type = stringAt(metric, {"type"});
    const auto member = type == "Pods"                ? "pods"
                        : type == "Object"            ? "object"
                        : type == "External"          ? "external"
                        : type == "ContainerResource" ? "containerResource"
                                                      : "resource";
    const auto* spec = find(metric, {member});
    const auto* current = find(status, {member});
    if (!spec)
        return "<unknown type>";
    const auto pair = [&](std::string_view value, std::string_view unit) {
        const auto now = current ? quantityAt(*current, "current", value) : std::string();
        return fmt::format("{}/{}{}", now.empty() ? "<unknown>" : now + std::string(unit),
                           quantityAt(*spec, "target", value), unit);
    };
    const bool average = !quantityAt(*spec, "target", "averageValue").empty();
    if (type == "Resource" || type == "ContainerResource")
        return fmt::format("{}: {}", stringAt(*spec, {"name"}),
                           average ? pair("averageValue", "") : pair("averageUtilization", "%"));
    if (type == "Pods")
        return pair("averageValue", "");
    return average ? pair("averageValue", "") + " (avg)" : pair("value", "");
}

Value scaleMetrics(const Column&, const Value& autoscaler, WallTime)
{
    constexpr std::size_t metricsShownMax = 2;
    const auto& metrics = listAt(autoscaler, {"spec", "metrics"});
    const auto& now = listAt(autoscaler, {"status", "currentMetrics"});
    static const Value none;
    std::string text;
    for (std::size_t at = 0; at < std::min(metrics.size(), metricsShownMax); ++at)
        text += (text.empty() ? "" : ", ") + metricText(metrics[at], at < now.size() ? now[at] : none);
    if (metrics.size() > metricsShownMax)
        text += fmt::format(" + {} more...", metrics.size() - metricsShownMax);
    return textOr(text, "<none>");
}

Value scaleShare(const Column&, const Value& autoscaler, WallTime)
{
    if (!find(autoscaler, {"spec", "targetCPUUtilizationPercentage"}))
        return "<none>";
    const auto* used = find(autoscaler, {"status", "currentCPUUtilizationPercentage"});
    return Value(fmt::format("cpu: {}/{}%", used ? writeJson(*used) + "%" : "<unknown>",
                             integerAt(autoscaler, {"spec", "targetCPUUtilizationPercentage"})));
}

constexpr std::array cells{
    NamedCell{"controllerOwner", controllerOwner}, NamedCell{"jobCompletions", jobCompletions},
    NamedCell{"jobDuration", jobDuration},         NamedCell{"jobStatus", jobStatus},
    NamedCell{"scaleMetrics", scaleMetrics},       NamedCell{"scaleShare", scaleShare},
    NamedCell{"scaleTarget", scaleTarget},
};

} // namespace

std::span<const NamedCell> workloadCells()
{
    return cells;
}

} // namespace keelson::api
