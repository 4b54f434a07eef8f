// SPDX-License-Identifier: Apache-2.0
#include "controllers/pod_state.h"

#include <algorithm>

namespace keelson::controllers {

const api::PodCondition* findCondition(const api::Pod& pod, std::string_view type)
{
    const auto found = std::ranges::find(pod.status.conditions, type, &api::PodCondition::type);
    return found == pod.status.conditions.end() ? nullptr : &*found;
}

bool isReady(const api::Pod& pod)
{
    const auto* ready = findCondition(pod, "Ready");
    return ready != nullptr && ready->status == "True";
}

bool isAvailable(const api::Pod& pod, std::int32_t minReadySeconds, WallTime now, std::optional<Duration>* waitFor)
{
    const auto* ready = findCondition(pod, "Ready");
    if (ready == nullptr || ready->status != "True")
        return false;
    if (minReadySeconds <= 0)
        return true;
    if (!ready->lastTransitionTime)
        return false;
    const auto wait = *ready->lastTransitionTime + std::chrono::seconds{minReadySeconds} - now;
    if (wait <= Duration{0})
        return true;
    if (waitFor != nullptr)
        *waitFor = *waitFor ? std::min<Duration>(**waitFor, wait) : wait;
    return false;
}

bool isFinished(const api::Pod& pod)
{
    return pod.status.phase == "Succeeded" || pod.status.phase == "Failed";
}

bool isActive(const api::Pod& pod)
{
    return !isFinished(pod) && !pod.metadata.deletionTimestamp;
}

} // namespace keelson::controllers
