// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/apps_v1.h"
#include "base/clock.h"

#include <optional>
#include <span>

namespace keelson::controllers {

/// What the sets say of the Deployment, with its present conditions. `newSet` may be null.
api::DeploymentStatus statusOf(const api::Deployment& deployment, std::span<const api::ReplicaSetPtr> sets,
                               const api::ReplicaSetPtr& newSet);

/// All pods wanted are there, of the present template and available, and none else.
bool isComplete(const api::Deployment& deployment, const api::DeploymentStatus& status);

struct ConditionInput {
    const api::Deployment& deployment;
    std::span<const api::ReplicaSetPtr> sets;
    const api::ReplicaSet* newSet = nullptr;  ///< Null: not there yet.
    const api::ReplicaSet* created = nullptr; ///< Is about to be made.
    std::int32_t unavailableMax = 0;
    WallTime now;
};
/// Sets Available, Progressing and ReplicaFailure in `status`. Returns when the progress deadline passes, if one runs.
std::optional<Duration> setConditions(api::DeploymentStatus& status, const ConditionInput& input);

} // namespace keelson::controllers
