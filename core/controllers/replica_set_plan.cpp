// SPDX-License-Identifier: Apache-2.0
#include "controllers/replica_set_plan.h"

#include "controllers/ownership.h"
#include "controllers/pod_state.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <tuple>

namespace keelson::controllers {
namespace {

int phaseRank(const api::Pod& pod)
{
    if (pod.status.phase == "Pending" || pod.status.phase.empty())
        return 0;
    return pod.status.phase == "Unknown" ? 1 : 2;
}

int deletionCost(const api::Pod& pod)
{
    const auto cost = pod.metadata.annotations.find("controller.kubernetes.io/pod-deletion-cost");
    int value = 0;
    if (cost != pod.metadata.annotations.end())
        std::from_chars(cost->second.data(), cost->second.data() + cost->second.size(), value);
    return value;
}

int restarts(const api::Pod& pod)
{
    int count = 0;
    for (const auto& status : pod.status.containerStatuses)
        count = std::max(count, static_cast<int>(status.restartCount));
    return count;
}

/// When the pod became ready; the latest possible time for one that is not, so that it does not matter.
WallTime readySince(const api::Pod& pod)
{
    const auto* ready = findCondition(pod, "Ready");
    return ready != nullptr && ready->status == "True" ? ready->lastTransitionTime.value_or(WallTime{}) : WallTime{};
}

WallTime created(const api::Pod& pod)
{
    return pod.metadata.creationTimestamp.value_or(WallTime{});
}

} // namespace

std::vector<api::PodPtr> rankForRemoval(std::vector<api::PodPtr> pods)
{
    std::map<std::string, int, std::less<>> siblings;
    for (const auto& pod : pods)
        ++siblings[pod->spec.nodeName];
    // Small is removed first; young is removed before old, hence the negated times.
    const auto usefulness = [&](const api::PodPtr& pod) {
        return std::tuple(!pod->spec.nodeName.empty(), phaseRank(*pod), isReady(*pod), deletionCost(*pod),
                          -siblings[pod->spec.nodeName], -readySince(*pod).time_since_epoch().count(), -restarts(*pod),
                          -created(*pod).time_since_epoch().count(), std::string_view(pod->metadata.name));
    };
    std::ranges::sort(pods, {}, usefulness);
    return pods;
}

ReplicaSetPlan planReplicaSet(const api::ReplicaSet& set, std::span<const api::PodPtr> owned, WallTime now)
{
    ReplicaSetPlan plan;
    std::vector<api::PodPtr> active;
    std::ranges::copy_if(owned, std::back_inserter(active), [](const auto& pod) { return isActive(*pod); });

    plan.status.conditions = set.status.conditions;
    plan.status.observedGeneration = set.metadata.generation;
    plan.status.replicas = static_cast<std::int32_t>(active.size());
    const auto templateLabels = api::LabelSelector::fromLabels(set.spec.template_.metadata.labels);
    for (const auto& pod : active) {
        plan.status.fullyLabeledReplicas += templateLabels.matches(pod->metadata.labels) ? 1 : 0;
        plan.status.readyReplicas += isReady(*pod) ? 1 : 0;
        plan.status.availableReplicas += isAvailable(*pod, set.spec.minReadySeconds, now, &plan.lookAgain) ? 1 : 0;
    }
    if (set.metadata.deletionTimestamp)
        return plan;

    const auto difference = set.spec.replicas.value_or(1) - static_cast<int>(active.size());
    if (difference > 0) {
        plan.create = std::min(difference, replicaSetBurstMax);
    } else if (difference < 0) {
        plan.remove = rankForRemoval(std::move(active));
        plan.remove.resize(static_cast<std::size_t>(std::min(-difference, replicaSetBurstMax)));
    }
    return plan;
}

api::Pod podFor(const api::ReplicaSet& set)
{
    api::Pod pod;
    pod.metadata.generateName = set.metadata.name + "-";
    pod.metadata.namespace_ = set.metadata.namespace_;
    pod.metadata.labels = set.spec.template_.metadata.labels;
    pod.metadata.annotations = set.spec.template_.metadata.annotations;
    pod.metadata.finalizers = set.spec.template_.metadata.finalizers;
    pod.metadata.ownerReferences = {controllerReferenceTo(set)};
    pod.spec = set.spec.template_.spec;
    return pod;
}

} // namespace keelson::controllers
