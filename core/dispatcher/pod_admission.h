// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/core_v1.h"

#include <optional>
#include <span>
#include <string>

namespace keelson::dispatcher {

/// Why a node does not take a pod: what its status says then.
struct Rejection {
    std::string reason; ///< "OutOfcpu", "NodePorts"
    std::string message;
};

/// Whether the node takes a pod that names it, beside those that it has already: who wrote the name need not have asked
/// the scheduler. Nothing: it does. Pure.
///
/// Source: Kubernetes, the admission of the kubelet: resources, node affinity, host ports, taints with NoExecute; the
/// first that does not hold counts.
std::optional<Rejection> rejectionOf(const api::PodPtr& pod, const api::NodePtr& node,
                                     std::span<const api::PodPtr> ahead);

/// The status of a pod that was rejected: it has failed, and no container of it is told of.
api::PodStatus rejectedStatus(const api::PodStatus& before, const Rejection& rejection, WallTime now);

} // namespace keelson::dispatcher
