// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.h"

#include <map>
#include <string>

namespace keelson::network {

/// A bridge network of the container engine: one per node, so that the pods of a node share a range of addresses.
struct ContainerNetwork {
    std::string name;    ///< "keelson-dev-worker-0"
    std::string bridge;  ///< Name of the bridge interface, at most 15 characters: "kl1f0a93c2be".
    std::string subnet;  ///< The node's range: "10.244.1.0/24".
    std::string gateway; ///< The bridge's own address in it: "10.244.1.1".
    std::map<std::string, std::string> labels;

    bool operator==(const ContainerNetwork&) const = default;
};

/// What the node network asks of a container engine. Implemented beside the engine's client.
///
/// Threads: any thread, one call at a time; calls block.
/// Errors: `ServiceUnavailable` when the engine does not answer, else `InternalError` with the engine's words.
class NetworkEngine {
public:
    virtual ~NetworkEngine() = default;

    /// Makes the network. Success when one of that name with this bridge, subnet and gateway is there already.
    /// `Conflict` when the name is taken by a network with other properties, or the subnet overlaps with one.
    virtual Result<Done> ensureNetwork(const ContainerNetwork& network) = 0;
    /// Success when it is gone. `Conflict` while containers are attached.
    virtual Result<Done> removeNetwork(const std::string& name) = 0;
};

} // namespace keelson::network
