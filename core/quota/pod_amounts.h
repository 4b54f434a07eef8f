// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/core_v1.h"

#include <map>
#include <string>

namespace keelson::quota {

/// Amounts by resource: {"cpu": 500m}.
using Amounts = std::map<std::string, api::Quantity, std::less<>>;

void add(Amounts& to, const Amounts& more);
/// Each amount the larger of both.
void raiseTo(Amounts& to, const Amounts& other);
/// "cpu=500m,memory=1Gi"
std::string text(const Amounts& amounts);

struct PodAmounts {
    Amounts requests;
    Amounts limits;
};

/// What the containers ask for: the larger of all containers and sidecars together and of the largest moment of
/// initialization (an init container with the sidecars started before it). Without overhead.
/// Source: Kubernetes, "Init containers: resource sharing", "Sidecar containers".
PodAmounts containerAmounts(const api::PodSpec& spec);
/// The same with the pod's overhead: on the requests, and on the limits that there are.
PodAmounts podAmounts(const api::PodSpec& spec);

} // namespace keelson::quota
