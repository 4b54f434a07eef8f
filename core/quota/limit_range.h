// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "quota/pod_amounts.h"

#include "api/value.h"

#include <string>
#include <vector>

namespace keelson::quota {

/// Gives the containers of a new pod the requests and limits that they do not name and the range has values for, and
/// notes it in the annotation kubernetes.io/limit-ranger. `pod` is the document of `typed`.
/// Source: Kubernetes, admission plugin LimitRanger.
void applyLimitDefaults(const api::LimitRangeSpec& range, const api::Pod& typed, api::Value& pod);

/// What the range does not allow, in Kubernetes' words: "maximum cpu usage per Container is 1, but limit is 2".
std::vector<std::string> limitViolations(const api::LimitRangeSpec& range, const api::PodSpec& pod);
std::vector<std::string> limitViolations(const api::LimitRangeSpec& range, const api::PersistentVolumeClaimSpec& claim);

} // namespace keelson::quota
