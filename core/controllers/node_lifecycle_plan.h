// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/core_v1.h"
#include "base/clock.h"

#include <optional>
#include <span>
#include <vector>

namespace keelson::controllers {

/// What is known of a node, apart from its object.
struct NodeHealth {
    bool silent = false;          ///< Its lease was not renewed in time.
    bool evictionsHalted = false; ///< So many nodes are silent that the fault is likelier here than there.
};

/// How a node's object has to change.
struct NodePlan {
    std::vector<api::NodeCondition> conditions; ///< All that it shall have.
    std::vector<api::Taint> taints;             ///< All that it shall have.
};

/// Pure. A silent node's conditions become Unknown. Taints follow conditions and spec.unschedulable: NoSchedule always,
/// NoExecute for not-ready and unreachable. Taints of others stay. Source: Kubernetes, "Taint based evictions", "Taint
/// nodes by condition".
NodePlan planNode(const api::Node& node, NodeHealth health, WallTime now);

/// When the pod has to leave a node with these taints; empty: never. Of several tolerations of a taint the shortest
/// tolerationSeconds counts; `tolerationMax` bounds each. A taint without timeAdded counts from `now`.
std::optional<WallTime> evictionTime(const api::Pod& pod, std::span<const api::Taint> taints, WallTime now,
                                     std::optional<Duration> tolerationMax);

/// Whether to stop evictions: all nodes are silent, or most of more than two.
bool haltsEvictions(std::size_t silent, std::size_t nodes);

} // namespace keelson::controllers
