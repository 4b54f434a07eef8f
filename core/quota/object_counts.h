// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "quota/pod_amounts.h"

#include "api/kind.h"

#include <optional>
#include <vector>

namespace keelson::quota {

/// What scopes ask about a pod.
struct PodTraits {
    bool terminating = false; ///< It has an activeDeadlineSeconds.
    bool bestEffort = false;  ///< Its quality of service: no container asks for cpu or memory.
    bool crossNamespaceAffinity = false;
    std::string priorityClass;
};

/// What an object counts for in quotas.
struct Counted {
    Amounts amounts; ///< By the names that `spec.hard` has: "pods", "requests.cpu", "count/jobs.batch".
    std::optional<PodTraits> pod;
};

/// "count/jobs.batch"
std::string countName(const api::Kind& kind);
/// Whether the object's own members count, besides its being there: pods, services and claims.
bool hasAmounts(const api::Kind& kind);
/// What every object of the kind counts for; all there is when it has no amounts of its own.
Counted countedByKind(const api::Kind& kind);
/// A pod that is finished counts as an object alone.
Counted countedOf(const api::Pod& pod);
Counted countedOf(const api::Service& service);
Counted countedOf(const api::PersistentVolumeClaim& claim);
/// Any object. `Invalid` when it cannot be read as its kind.
Result<Counted> countedOf(const api::Kind& kind, const api::Value& object);

/// Whether objects of the kind count for what `hard` names.
bool concerns(const Amounts& hard, const api::Kind& kind);
/// The part of `counted` that the quota limits; nothing when its scopes do not take the object.
Amounts shareOf(const api::ResourceQuotaSpec& quota, const Counted& counted);
/// What containers must ask for in a namespace with the quota but do not, in Kubernetes' words: "limits.cpu for: a,b;
/// memory for: a". Empty: nothing, or the scopes do not take the pod.
std::string unspecified(const api::ResourceQuotaSpec& quota, const api::Pod& pod);

} // namespace keelson::quota
