// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/apps_v1.h"
#include "base/clock.h"
#include "base/result.h"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace keelson::controllers {

inline constexpr std::string_view revisionAnnotation = "deployment.kubernetes.io/revision";
inline constexpr std::string_view revisionHistoryAnnotation = "deployment.kubernetes.io/revision-history";
inline constexpr std::string_view desiredReplicasAnnotation = "deployment.kubernetes.io/desired-replicas";
inline constexpr std::string_view maxReplicasAnnotation = "deployment.kubernetes.io/max-replicas";
inline constexpr std::string_view templateHashLabel = "pod-template-hash";

/// A ReplicaSet that has to change: its size, its annotations (all that it shall have), or both.
struct ReplicaSetChange {
    api::ReplicaSetPtr set;
    std::int32_t replicas = 0;
    std::map<std::string, std::string, std::less<>> annotations;
};

/// What one pass does for a Deployment.
struct DeploymentPlan {
    std::optional<api::ReplicaSet> create; ///< The set of the present template, when there is none.
    std::vector<ReplicaSetChange> change;
    std::vector<api::ReplicaSetPtr> remove; ///< Old sets beyond the history limit.
    std::string revision;                   ///< What the Deployment's revision annotation shall be; empty: as it is.
    api::DeploymentStatus status;
    std::optional<Duration> lookAgain; ///< When the progress deadline may have passed.
};

/// The Deployment's situation.
struct DeploymentState {
    const api::Deployment& deployment;
    std::span<const api::ReplicaSetPtr> sets; ///< Those that it controls.
    bool oldPodsRunning = false;              ///< Pods of old sets have not ended yet; for the strategy Recreate.
    WallTime now;
};

/// Pure: the same arguments always give the same plan. Steps are so small that, when each is carried out in full and
/// its effect is seen before the next plan, available pods stay at or over `replicas - maxUnavailable` and wanted pods
/// at or under `replicas + maxSurge`. Source: Kubernetes API, `DeploymentSpec`; `kubectl rollout` reads the
/// annotations.
Result<DeploymentPlan> planDeployment(const DeploymentState& state);

/// maxSurge rounded up and maxUnavailable rounded down; never both 0 while pods are wanted. `Invalid` for a malformed
/// percentage.
struct RollingLimits {
    std::int32_t surge = 0;
    std::int32_t unavailable = 0;
};
Result<RollingLimits> rollingLimits(const api::Deployment& deployment);

/// The set whose template is the Deployment's (but for the hash label), the oldest of several; or null.
api::ReplicaSetPtr findNewReplicaSet(const api::Deployment& deployment, std::span<const api::ReplicaSetPtr> sets);

/// A short word for a template; another one for each collision count. Stable across restarts.
std::string templateHash(const api::PodTemplateSpec& podTemplate, std::optional<std::int32_t> collisionCount);

} // namespace keelson::controllers
