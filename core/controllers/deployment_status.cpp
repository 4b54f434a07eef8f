// SPDX-License-Identifier: Apache-2.0
#include "controllers/deployment_status.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace keelson::controllers {
namespace {

using Condition = api::DeploymentCondition;

const Condition* find(const api::DeploymentStatus& status, std::string_view type)
{
    const auto found = std::ranges::find(status.conditions, type, &Condition::type);
    return found == status.conditions.end() ? nullptr : &*found;
}

struct Said {
    std::string_view type;
    std::string_view status;
    std::string_view reason;
    std::string message;
};

/// Sets a condition. Same status and reason: nothing changes, unless `renew`, which moves lastUpdateTime.
void set(api::DeploymentStatus& status, const Said& said, WallTime now, bool renew = false)
{
    const auto seconds = std::chrono::floor<std::chrono::seconds>(now);
    Condition condition;
    condition.type = std::string(said.type);
    condition.status = std::string(said.status);
    condition.reason = std::string(said.reason);
    condition.message = said.message;
    condition.lastUpdateTime = seconds;
    condition.lastTransitionTime = seconds;
    if (const auto* present = find(status, said.type)) {
        if (present->status == said.status && present->reason == said.reason && !renew)
            return;
        if (present->status == said.status)
            condition.lastTransitionTime = present->lastTransitionTime;
        std::erase_if(status.conditions, [&](const auto& other) { return other.type == said.type; });
    }
    status.conditions.push_back(std::move(condition));
}

void drop(api::DeploymentStatus& status, std::string_view type)
{
    std::erase_if(status.conditions, [&](const auto& condition) { return condition.type == type; });
}

std::optional<Duration> deadlineOf(const api::Deployment& deployment)
{
    const auto seconds = deployment.spec.progressDeadlineSeconds;
    if (!seconds || *seconds == std::numeric_limits<std::int32_t>::max())
        return std::nullopt;
    return std::chrono::seconds{*seconds};
}

/// More updated or available pods, or fewer old ones, than the stored status knows.
bool hasMoved(const api::DeploymentStatus& before, const api::DeploymentStatus& now)
{
    return now.updatedReplicas > before.updatedReplicas ||
           now.replicas - now.updatedReplicas < before.replicas - before.updatedReplicas ||
           now.readyReplicas > before.readyReplicas || now.availableReplicas > before.availableReplicas;
}

/// How long until the deadline passes; zero or less when it has. Empty when none runs.
std::optional<Duration> untilDeadline(const api::DeploymentStatus& status, const ConditionInput& input)
{
    const auto deadline = deadlineOf(input.deployment);
    const auto* progressing = find(status, "Progressing");
    if (!deadline || progressing == nullptr || progressing->reason == "NewReplicaSetAvailable" ||
        progressing->reason == "ProgressDeadlineExceeded" || progressing->status != "True" ||
        !progressing->lastUpdateTime)
        return std::nullopt;
    return *progressing->lastUpdateTime + *deadline - input.now;
}

void setProgressing(api::DeploymentStatus& status, const ConditionInput& input)
{
    const auto& deployment = input.deployment;
    const auto* present = find(status, "Progressing");
    if (!deadlineOf(deployment))
        return drop(status, "Progressing");
    const bool pausedBefore = present != nullptr && present->reason == "DeploymentPaused";
    if (deployment.spec.paused) {
        if (!pausedBefore)
            set(status, {"Progressing", "Unknown", "DeploymentPaused", "The rollout is paused."}, input.now);
        return;
    }
    if (pausedBefore)
        return set(status, {"Progressing", "Unknown", "DeploymentResumed", "The rollout goes on."}, input.now);
    const std::string name = input.newSet != nullptr    ? input.newSet->metadata.name
                             : input.created != nullptr ? input.created->metadata.name
                                                        : deployment.metadata.name;
    if (input.created != nullptr)
        return set(status,
                   {"Progressing", "True", "NewReplicaSetCreated", fmt::format("Created ReplicaSet \"{}\".", name)},
                   input.now, true);
    const bool completed = isComplete(deployment, status);
    if (completed)
        return set(status,
                   {"Progressing", "True", "NewReplicaSetAvailable",
                    fmt::format("ReplicaSet \"{}\" has all its pods available.", name)},
                   input.now);
    const bool wasComplete = present != nullptr && present->reason == "NewReplicaSetAvailable";
    if (hasMoved(deployment.status, status) && !(wasComplete && status.replicas == status.updatedReplicas))
        return set(status,
                   {"Progressing", "True", "ReplicaSetUpdated", fmt::format("ReplicaSet \"{}\" is progressing.", name)},
                   input.now, true);
    if (present == nullptr && input.newSet != nullptr)
        return set(status, {"Progressing", "True", "FoundNewReplicaSet", fmt::format("Found ReplicaSet \"{}\".", name)},
                   input.now);
    if (const auto left = untilDeadline(status, input); left && *left <= Duration{0})
        set(status,
            {"Progressing", "False", "ProgressDeadlineExceeded",
             fmt::format("ReplicaSet \"{}\" made no progress within the deadline.", name)},
            input.now);
}

void copyReplicaFailure(api::DeploymentStatus& status, const ConditionInput& input)
{
    for (const auto& replicaSet : input.sets) {
        for (const auto& condition : replicaSet->status.conditions) {
            if (condition.type == "ReplicaFailure" && condition.status == "True")
                return set(status, {"ReplicaFailure", "True", condition.reason, condition.message}, input.now);
        }
    }
    drop(status, "ReplicaFailure");
}

} // namespace

api::DeploymentStatus statusOf(const api::Deployment& deployment, std::span<const api::ReplicaSetPtr> sets,
                               const api::ReplicaSetPtr& newSet)
{
    api::DeploymentStatus status;
    status.observedGeneration = deployment.metadata.generation;
    status.collisionCount = deployment.status.collisionCount;
    status.conditions = deployment.status.conditions;
    std::int32_t wanted = 0;
    for (const auto& replicaSet : sets) {
        wanted += replicaSet->spec.replicas.value_or(1);
        status.replicas += replicaSet->status.replicas;
        status.readyReplicas += replicaSet->status.readyReplicas;
        status.availableReplicas += replicaSet->status.availableReplicas;
    }
    status.updatedReplicas = newSet ? newSet->status.replicas : 0;
    status.unavailableReplicas = std::max(0, wanted - status.availableReplicas);
    return status;
}

bool isComplete(const api::Deployment& deployment, const api::DeploymentStatus& status)
{
    const auto wanted = deployment.spec.replicas.value_or(1);
    return status.updatedReplicas == wanted && status.replicas == wanted && status.availableReplicas == wanted &&
           status.observedGeneration >= deployment.metadata.generation;
}

std::optional<Duration> setConditions(api::DeploymentStatus& status, const ConditionInput& input)
{
    const auto least = input.deployment.spec.replicas.value_or(1) - input.unavailableMax;
    if (status.availableReplicas >= least)
        set(status, {"Available", "True", "MinimumReplicasAvailable", "Enough pods are available."}, input.now);
    else
        set(status, {"Available", "False", "MinimumReplicasUnavailable", "Too few pods are available."}, input.now);
    setProgressing(status, input);
    copyReplicaFailure(status, input);
    const auto left = untilDeadline(status, input);
    if (!left)
        return std::nullopt;
    return std::max<Duration>(*left, std::chrono::seconds{1});
}

} // namespace keelson::controllers
