// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/core_v1.h"

#include <cstdint>
#include <map>
#include <string>

namespace keelson::placement {

/// Amounts as scheduling counts them. Value type.
struct Resources {
    std::int64_t milliCpu = 0;
    std::int64_t memoryBytes = 0;
    std::int64_t ephemeralStorageBytes = 0;
    std::map<std::string, std::int64_t, std::less<>> extended; ///< "nvidia.com/gpu", "hugepages-2Mi": units.

    void add(const Resources& other);
    void subtract(const Resources& other);
    /// Each amount the larger of both.
    void raiseTo(const Resources& other);
    bool operator==(const Resources&) const = default;
};

/// From a ResourceList ("cpu": "500m"). "pods" is left out.
Resources resourcesFrom(const std::map<std::string, api::Quantity, std::less<>>& list);

/// What a pod takes of a node.
struct PodRequests {
    Resources request;                  ///< What filters count.
    std::int64_t scoredMilliCpu = 0;    ///< As `request`, but containers that ask nothing count with
    std::int64_t scoredMemoryBytes = 0; ///< 100m and 200 MiB, so that they spread too.
};

/// The larger of: all containers and sidecars together; the largest moment of initialization (an init container with
/// the sidecars started before it). Plus overhead. Source: Kubernetes, "Init containers: resource sharing", "Sidecar
/// containers".
PodRequests requestsOf(const api::Pod& pod);

} // namespace keelson::placement
