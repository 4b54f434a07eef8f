// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pods/pod_objects.h"
#include "pods/pod_specs.h"

namespace keelson::pods {

/// Makes the volumes of pods on the host. Threads: any, one call at a time for a pod; calls block.
class PodVolumes {
public:
    virtual ~PodVolumes() = default;
    /// Makes what is missing and brings what has changed up to date. `NotFound` names the object that is missing, in
    /// Kubernetes' words; `Invalid` a volume that this agent cannot make.
    virtual Result<VolumePaths> prepare(const api::Pod& pod, const PodObjects& objects, const PodFacts& facts) = 0;
    /// Takes everything of the pod away; success when there is nothing.
    virtual Result<Done> remove(const std::string& podUid) = 0;
    /// The uids of all pods that have something on disk.
    virtual std::vector<std::string> known() = 0;
};

} // namespace keelson::pods
