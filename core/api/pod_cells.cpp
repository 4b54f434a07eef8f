// SPDX-License-Identifier: Apache-2.0
#include "api/table.h"
#include "api/table_functions.h"

#include <fmt/format.h>

#include <algorithm>

namespace keelson::api {
namespace {

bool hasCondition(const Value& pod, std::string_view type, std::string_view status)
{
    return std::ranges::any_of(listAt(pod, {"status", "conditions"}), [&](const Value& condition) {
        return stringAt(condition, {"type"}) == type && stringAt(condition, {"status"}) == status;
    });
}

bool isRestartable(const Value& initContainer)
{
    return stringAt(initContainer, {"restartPolicy"}) == "Always";
}

bool isRestartableInit(const Value& pod, std::string_view name)
{
    return std::ranges::any_of(listAt(pod, {"spec", "initContainers"}), [&](const Value& container) {
        return stringAt(container, {"name"}) == name && isRestartable(container);
    });
}

/// What the row of a pod says.
struct Summary {
    std::string status;
    std::int64_t restarts = 0;
    std::string lastRestart; ///< RFC 3339, whole seconds: sorts as text. Empty: none.
    std::size_t ready = 0;
    std::size_t total = 0;

    void countRestarts(const Value& container)
    {
        restarts += integerAt(container, {"restartCount"});
        lastRestart =
            std::max(lastRestart, std::string{stringAt(container, {"lastState", "terminated", "finishedAt"})});
    }
};

std::string terminationText(const Value& terminated)
{
    if (const auto reason = stringAt(terminated, {"reason"}); !reason.empty())
        return std::string{reason};
    if (const auto signal = integerAt(terminated, {"signal"}); signal != 0)
        return fmt::format("Signal:{}", signal);
    return fmt::format("ExitCode:{}", integerAt(terminated, {"exitCode"}));
}

/// Goes through the init containers up to the first that is not through. True when there is such a one.
bool summarizeInit(const Value& pod, Summary& all, Summary& restartable)
{
    const auto& statuses = listAt(pod, {"status", "initContainerStatuses"});
    for (std::size_t i = 0; i < statuses.size(); ++i) {
        const auto& container = statuses[i];
        const bool restarts = isRestartableInit(pod, stringAt(container, {"name"}));
        all.countRestarts(container);
        if (restarts)
            restartable.countRestarts(container);
        const auto* terminated = find(container, {"state", "terminated"});
        if (terminated && integerAt(*terminated, {"exitCode"}) == 0)
            continue;
        if (restarts && boolAt(container, {"started"})) {
            all.ready += boolAt(container, {"ready"}) ? 1 : 0;
            continue;
        }
        const auto waiting = stringAt(container, {"state", "waiting", "reason"});
        if (terminated)
            all.status = "Init:" + terminationText(*terminated);
        else if (!waiting.empty() && waiting != "PodInitializing")
            all.status = fmt::format("Init:{}", waiting);
        else
            all.status = fmt::format("Init:{}/{}", i, listAt(pod, {"spec", "initContainers"}).size());
        return true;
    }
    return false;
}

void summarizeContainers(const Value& pod, Summary& summary)
{
    bool hasRunning = false;
    const auto& statuses = listAt(pod, {"status", "containerStatuses"});
    for (std::size_t i = statuses.size(); i-- > 0;) {
        const auto& container = statuses[i];
        summary.countRestarts(container);
        const auto waiting = stringAt(container, {"state", "waiting", "reason"});
        const auto* terminated = find(container, {"state", "terminated"});
        if (!waiting.empty()) {
            summary.status = waiting;
        } else if (terminated) {
            summary.status = terminationText(*terminated);
        } else if (boolAt(container, {"ready"}) && find(container, {"state", "running"})) {
            hasRunning = true;
            ++summary.ready;
        }
    }
    if (summary.status == "Completed" && hasRunning)
        summary.status = hasCondition(pod, "Ready", "True") ? "Running" : "NotReady";
}

Summary summarize(const Value& pod)
{
    const auto phase = stringAt(pod, {"status", "phase"});
    const auto reason = stringAt(pod, {"status", "reason"});
    Summary summary;
    summary.status = reason.empty() ? phase : reason;
    for (const auto& condition : listAt(pod, {"status", "conditions"})) {
        if (stringAt(condition, {"type"}) == "PodScheduled" && stringAt(condition, {"reason"}) == "SchedulingGated")
            summary.status = "SchedulingGated";
    }
    summary.total = listAt(pod, {"spec", "containers"}).size();
    summary.total +=
        static_cast<std::size_t>(std::ranges::count_if(listAt(pod, {"spec", "initContainers"}), isRestartable));

    Summary restartable;
    const bool initializing = summarizeInit(pod, summary, restartable);
    if (!initializing || hasCondition(pod, "Initialized", "True")) {
        summary.restarts = restartable.restarts;
        summary.lastRestart = restartable.lastRestart;
        summarizeContainers(pod, summary);
    }
    if (find(pod, {"metadata", "deletionTimestamp"})) {
        if (reason == "NodeLost")
            summary.status = "Unknown";
        else if (phase != "Succeeded" && phase != "Failed")
            summary.status = "Terminating";
    }
    return summary;
}

} // namespace

std::string podStatusText(const Value& pod)
{
    return summarize(pod).status;
}

Value podReadyCell(const Column&, const Value& pod, WallTime)
{
    const auto summary = summarize(pod);
    return Value(fmt::format("{}/{}", summary.ready, summary.total));
}

Value podStatusCell(const Column&, const Value& pod, WallTime)
{
    return Value(podStatusText(pod));
}

Value podRestartsCell(const Column&, const Value& pod, WallTime now)
{
    const auto summary = summarize(pod);
    if (summary.restarts == 0 || summary.lastRestart.empty())
        return Value(fmt::to_string(summary.restarts));
    return Value(fmt::format("{} ({} ago)", summary.restarts, ageText(summary.lastRestart, now)));
}

Value podReadinessGatesCell(const Column&, const Value& pod, WallTime)
{
    const auto& gates = listAt(pod, {"spec", "readinessGates"});
    if (gates.empty())
        return "<none>";
    const auto open = std::ranges::count_if(
        gates, [&](const Value& gate) { return hasCondition(pod, stringAt(gate, {"conditionType"}), "True"); });
    return Value(fmt::format("{}/{}", open, gates.size()));
}

} // namespace keelson::api
