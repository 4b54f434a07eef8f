// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace keelson::api {

/// Whether the agent of a pod's node keeps this condition of `status.conditions`; the others are a scheduler's and
/// those of readiness gates, which it passes on as they are.
constexpr bool isOfAgent(std::string_view podCondition)
{
    return podCondition == "PodReadyToStartContainers" || podCondition == "Initialized" ||
           podCondition == "ContainersReady" || podCondition == "Ready";
}

} // namespace keelson::api
