// SPDX-License-Identifier: Apache-2.0
#include "dispatcher/pod_admission.h"

#include "api/toleration.h"
#include "placement/plugin.h"

#include <fmt/format.h>

namespace keelson::dispatcher {
namespace {

using placement::NodeInfo;
using placement::PodInfo;
using placement::Resources;

std::optional<Rejection> outOf(std::string_view resource, std::int64_t requested, std::int64_t used,
                               std::int64_t capacity)
{
    if (requested <= 0 || requested <= capacity - used)
        return std::nullopt;
    return Rejection{.reason = fmt::format("OutOf{}", resource),
                     .message =
                         fmt::format("Node didn't have enough resource: {}, requested: {}, used: {}, capacity: {}",
                                     resource, requested, used, capacity)};
}

std::int64_t amountOf(const Resources& resources, std::string_view name)
{
    const auto found = resources.extended.find(name);
    return found == resources.extended.end() ? 0 : found->second;
}

std::optional<Rejection> lackingResource(const PodInfo& pod, const NodeInfo& node)
{
    const auto& asked = pod.requests.request;
    const auto& has = node.allocatable();
    const auto& taken = node.requested();
    auto lacking = outOf("pods", 1, static_cast<std::int64_t>(node.podCount()), node.podsMax());
    if (!lacking)
        lacking = outOf("cpu", asked.milliCpu, taken.milliCpu, has.milliCpu);
    if (!lacking)
        lacking = outOf("memory", asked.memoryBytes, taken.memoryBytes, has.memoryBytes);
    if (!lacking)
        lacking = outOf("ephemeral-storage", asked.ephemeralStorageBytes, taken.ephemeralStorageBytes,
                        has.ephemeralStorageBytes);
    for (const auto& [name, amount] : asked.extended) {
        if (!lacking && has.extended.contains(name)) // else it may be the cluster's, not the node's
            lacking = outOf(name, amount, amountOf(taken, name), amountOf(has, name));
    }
    return lacking;
}

std::optional<Rejection> refusedBy(const placement::Plugin& rule, const PodInfo& pod, const NodeInfo& node)
{
    const auto check = rule.prepare(pod);
    if (!check)
        return std::nullopt;
    const auto verdict = check->filter(node);
    if (verdict.accepted())
        return std::nullopt;
    return Rejection{.reason = std::string(rule.name()),
                     .message = fmt::format("Predicate {} failed: {}", rule.name(), verdict.reasons().front())};
}

std::optional<Rejection> driven(const PodInfo& pod, const NodeInfo& node)
{
    for (const auto& hard : node.hardTaints()) {
        if (hard.taint.effect == "NoExecute" && api::findToleration(pod.pod->spec.tolerations, hard.taint) == nullptr)
            return Rejection{.reason = "TaintToleration",
                             .message = fmt::format("Predicate TaintToleration failed: {}", hard.refusal)};
    }
    return std::nullopt;
}

} // namespace

std::optional<Rejection> rejectionOf(const api::PodPtr& pod, const api::NodePtr& node,
                                     std::span<const api::PodPtr> ahead)
{
    NodeInfo info(node->metadata.name);
    info.setNode(node);
    for (const auto& each : ahead)
        info.addPod(std::make_shared<const PodInfo>(each));
    const PodInfo wanted(pod);
    auto rejection = node->status.allocatable.empty() ? std::nullopt : lackingResource(wanted, info);
    if (!rejection)
        rejection = refusedBy(*placement::makeNodeAffinity(), wanted, info);
    if (!rejection)
        rejection = refusedBy(*placement::makeNodePorts(), wanted, info);
    return rejection ? rejection : driven(wanted, info);
}

api::PodStatus rejectedStatus(const api::PodStatus& before, const Rejection& rejection, WallTime now)
{
    auto status = before;
    status.phase = "Failed";
    status.reason = rejection.reason;
    status.message = "Pod was rejected: " + rejection.message;
    status.startTime = now;
    return status;
}

} // namespace keelson::dispatcher
