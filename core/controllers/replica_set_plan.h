// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/apps_v1.h"
#include "api/core_v1.h"
#include "base/clock.h"

#include <optional>
#include <span>
#include <vector>

namespace keelson::controllers {

/// Pods created or removed in one pass at most.
inline constexpr int replicaSetBurstMax = 500;

/// The difference between a ReplicaSet and its pods, and the way to close it.
struct ReplicaSetPlan {
    int create = 0;                    ///< Pods to create from the template.
    std::vector<api::PodPtr> remove;   ///< Pods to delete, the least useful first.
    api::ReplicaSetStatus status;      ///< What the pods say now, before the plan is carried out.
    std::optional<Duration> lookAgain; ///< When a ready pod becomes available by the passing of time.
};

/// Pure: the same arguments always give the same plan. `create` and `remove` are never both set. A set that is being
/// deleted changes nothing but its status.
ReplicaSetPlan planReplicaSet(const api::ReplicaSet& set, std::span<const api::PodPtr> owned, WallTime now);

/// The order in which pods go, the least useful first: not on a node, pending, not ready, cheap by the annotation
/// controller.kubernetes.io/pod-deletion-cost, with many siblings on its node, ready for a short time, often restarted,
/// young.
std::vector<api::PodPtr> rankForRemoval(std::vector<api::PodPtr> pods);

/// The pod that the set would create; `prefix` is its generateName.
api::Pod podFor(const api::ReplicaSet& set);

} // namespace keelson::controllers
