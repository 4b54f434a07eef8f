// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"
#include "localcluster/cluster_state.h"

#include <QStringList>

/// What a local cluster asks of its own API, as its administrator. Calls block for seconds at most; errors as in
/// http_call.h, and those of the API with their reasons.
namespace keelson::localcluster {

/// The API answers its readiness probe with 200.
Result<Done> apiReady(const ClusterState& state);
/// Names of the nodes whose condition Ready is True.
Result<QStringList> readyNodes(const ClusterState& state);

enum class Scheduling { Allowed, Barred };
/// Success when there is no such node.
Result<Done> setScheduling(const ClusterState& state, const QString& node, Scheduling scheduling);
/// Asks the node's pods to leave, by eviction: disruption budgets hold. Gives those that are still there, as
/// "namespace/name"; pods of DaemonSets and ended ones do not count.
Result<QStringList> evictPods(const ClusterState& state, const QString& node);
/// Deletes the node's object and, without grace, the pods that are bound to it: nobody is left to end them.
Result<Done> deleteNode(const ClusterState& state, const QString& node);

} // namespace keelson::localcluster
