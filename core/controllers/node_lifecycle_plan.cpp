// SPDX-License-Identifier: Apache-2.0
#include "controllers/node_lifecycle_plan.h"

#include "api/toleration.h"

#include <algorithm>
#include <array>

namespace keelson::controllers {
namespace {

constexpr std::string_view notReady = "node.kubernetes.io/not-ready";
constexpr std::string_view unreachable = "node.kubernetes.io/unreachable";
constexpr std::string_view unschedulable = "node.kubernetes.io/unschedulable";

struct ConditionTaint {
    std::string_view condition;
    std::string_view status;
    std::string_view taint;
};
constexpr std::array<ConditionTaint, 6> conditionTaints{{
    {"Ready", "False", notReady},
    {"Ready", "Unknown", unreachable},
    {"MemoryPressure", "True", "node.kubernetes.io/memory-pressure"},
    {"DiskPressure", "True", "node.kubernetes.io/disk-pressure"},
    {"PIDPressure", "True", "node.kubernetes.io/pid-pressure"},
    {"NetworkUnavailable", "True", "node.kubernetes.io/network-unavailable"},
}};

bool isManaged(const api::Taint& taint)
{
    if (taint.key == unschedulable && taint.effect == "NoSchedule")
        return true;
    return (taint.effect == "NoSchedule" || taint.effect == "NoExecute") &&
           std::ranges::any_of(conditionTaints, [&](const auto& row) {
               return row.taint == taint.key && (taint.effect == "NoSchedule" || row.condition == "Ready");
           });
}

std::vector<api::NodeCondition> conditionsOf(const api::Node& node, bool silent, WallTime now)
{
    auto conditions = node.status.conditions;
    if (!silent)
        return conditions;
    const auto seconds = std::chrono::floor<std::chrono::seconds>(now);
    for (const std::string_view type : {"Ready", "MemoryPressure", "DiskPressure", "PIDPressure"}) {
        const auto present = std::ranges::find(conditions, type, &api::NodeCondition::type);
        if (present == conditions.end()) {
            if (type != "Ready")
                continue;
            api::NodeCondition never;
            never.type = type;
            never.status = "Unknown";
            never.reason = "NodeStatusNeverUpdated";
            never.message = "The node's agent never reported.";
            never.lastTransitionTime = seconds;
            conditions.push_back(std::move(never));
        } else if (present->status != "Unknown") {
            present->status = "Unknown";
            present->reason = "NodeStatusUnknown";
            present->message = "The node's agent stopped reporting.";
            present->lastTransitionTime = seconds;
        }
    }
    return conditions;
}

} // namespace

NodePlan planNode(const api::Node& node, NodeHealth health, WallTime now)
{
    NodePlan plan;
    plan.conditions = conditionsOf(node, health.silent, now);
    std::ranges::copy_if(node.spec.taints, std::back_inserter(plan.taints),
                         [](const auto& taint) { return !isManaged(taint); });
    const auto want = [&](std::string_view key, std::string_view effect) {
        const auto present = std::ranges::find_if(
            node.spec.taints, [&](const auto& taint) { return taint.key == key && taint.effect == effect; });
        if (present != node.spec.taints.end()) {
            plan.taints.push_back(*present);
            return;
        }
        if (effect == "NoExecute" && health.evictionsHalted)
            return;
        api::Taint taint;
        taint.key = key;
        taint.effect = effect;
        taint.timeAdded = std::chrono::floor<std::chrono::seconds>(now);
        plan.taints.push_back(std::move(taint));
    };
    for (const auto& condition : plan.conditions) {
        for (const auto& row : conditionTaints) {
            if (condition.type != row.condition || condition.status != row.status)
                continue;
            want(row.taint, "NoSchedule");
            if (row.condition == "Ready")
                want(row.taint, "NoExecute");
        }
    }
    if (node.spec.unschedulable)
        want(unschedulable, "NoSchedule");
    if (std::ranges::is_permutation(plan.taints, node.spec.taints))
        plan.taints = node.spec.taints; // another order is no change
    return plan;
}

std::optional<WallTime> evictionTime(const api::Pod& pod, std::span<const api::Taint> taints, WallTime now,
                                     std::optional<Duration> tolerationMax)
{
    std::optional<WallTime> earliest;
    for (const auto& taint : taints) {
        if (taint.effect != "NoExecute")
            continue;
        bool isTolerated = false;
        std::optional<Duration> stay; // for ever
        for (const auto& toleration : pod.spec.tolerations) {
            if (!api::tolerates(toleration, taint))
                continue;
            isTolerated = true;
            if (!toleration.tolerationSeconds)
                continue; // Of several that match the shortest counts, as in Kubernetes.
            const Duration limit = std::chrono::seconds{std::max<std::int64_t>(0, *toleration.tolerationSeconds)};
            stay = stay ? std::min(*stay, limit) : limit;
        }
        if (!isTolerated)
            stay = Duration{0};
        if (!stay)
            continue;
        if (tolerationMax)
            stay = std::min(*stay, *tolerationMax);
        const auto leaves = taint.timeAdded.value_or(now) + *stay;
        earliest = earliest ? std::min(*earliest, leaves) : leaves;
    }
    return earliest;
}

bool haltsEvictions(std::size_t silent, std::size_t nodes)
{
    constexpr double disruptedShare = 0.55;
    constexpr std::size_t fewNodes = 2;
    if (nodes == 0 || silent == nodes)
        return true;
    return silent > fewNodes && static_cast<double>(silent) >= disruptedShare * static_cast<double>(nodes);
}

} // namespace keelson::controllers
