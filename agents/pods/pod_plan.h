// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pods/pod_view.h"

#include <chrono>
#include <string>
#include <vector>

namespace keelson::pods {

/// Something to do for a pod.
struct PodStep {
    enum class Kind { PrepareVolumes, StartSandbox, EnsureImage, StartContainer, Stop, Remove, RemoveVolumes };

    Kind kind = Kind::PrepareVolumes;
    std::string container; ///< Its name in the pod; empty for sandboxes.
    std::string id;        ///< In the runtime: what to stop or remove; the sandbox to start a container in.
    std::string target;    ///< In the runtime: the container whose processes an ephemeral one is to see, if that runs.
    int attempt = 0;
    Milliseconds nextBackoff{0};
    std::chrono::seconds grace{0};
    std::string reason; ///< Why it is stopped, or a sandbox made anew.

    /// While a step of that key is under way, it is not planned again. Starts of containers share one key: they come
    /// one after the other.
    std::string key() const;
};

struct PodPlan {
    std::vector<PodStep> steps;     ///< Independent of each other; none of them is under way.
    std::optional<WallTime> wakeAt; ///< Look again then, even if nothing changes.
    bool finished = false;          ///< A removed pod of which nothing is left.
};

/// The difference between what a pod should be and what the runtime shows, and the way to close it. Pure.
PodPlan planPod(const PodView& view);

} // namespace keelson::pods
