// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.h"
#include "network/ipv4.h"
#include "network/node_network.h"

#include <atomic>
#include <string>
#include <thread>

namespace keelson::network {

/// `Conflict` when another interface than the node's bridge has an address of the node's pods: packets would go there.
/// Names it.
Result<Done> checkRangeIsOurs(const Ipv4Range& podRange, const std::string& bridge);

/// Prepares the host for the bridge of a node: forwarding; frames between two pods of the bridge shown to the packet
/// rules; loopback addresses translatable to pods; a way to the service addresses where the host has no default route;
/// the container engine's firewall opened between the cluster's pods and for translated traffic to this node's pods.
/// Says whether frames of the bridge are shown to the rules. `Forbidden` without the rights.
Result<bool> prepareHost(const NodeNetworkOptions& options, const std::string& bridge);

/// Takes back what is not gone with the bridge.
void restoreHost(const NodeNetworkOptions& options);

/// Lets the ports of a bridge send a frame back where it came from, also those plugged in later: a pod that reaches
/// itself through a service. A thread of its own listens to the kernel's news of interfaces.
class HairpinKeeper {
public:
    explicit HairpinKeeper(std::string bridge);
    ~HairpinKeeper();
    HairpinKeeper(const HairpinKeeper&) = delete;
    HairpinKeeper& operator=(const HairpinKeeper&) = delete;

private:
    void run();
    void setAll() const;

    std::string m_bridge;
    int m_news = -1;
    int m_wake = -1;
    std::atomic<bool> m_stopping = false;
    std::thread m_thread;
};

} // namespace keelson::network
