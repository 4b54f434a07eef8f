// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "network/network_engine.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace keelson::api {
struct EndpointSlice;
struct Service;
} // namespace keelson::api

namespace keelson::network {

/// Who carries the pods' packets.
enum class NetworkMode {
    Host, ///< A bridge per node, service addresses through the kernel's packet rules (needs root), cluster DNS.
    None, ///< Nothing at all, for simulated nodes: all calls succeed and do nothing.
};

/// Pods have become reachable through Services, and how long that took.
struct NetworkChange {
    std::vector<std::string> pods; ///< Their uids.
    Duration names{0};             ///< Of the DNS records,
    Duration rules{0};             ///< of the packet rules.
    Result<Done> applied = Done{}; ///< Whether the kernel took the rules.
};

struct NodeNetworkOptions {
    NetworkMode mode = NetworkMode::Host;
    std::string cluster =
        "keelson"; ///< Tells clusters on one machine apart; stands in the names of networks and tables.
    std::string node;
    std::string nodeAddress; ///< IPv4 address of this host, as other hosts reach it; may be empty.
    std::string podCidr;     ///< This node's range: "10.244.1.0/24".
    std::string clusterCidr; ///< All pods: "10.244.0.0/16".
    std::string serviceCidr; ///< "10.96.0.0/16".
    std::string clusterDomain = "cluster.local";
    std::string dnsAddress;                      ///< The service address under which pods reach DNS: "10.96.0.10".
    std::string resolvConf = "/etc/resolv.conf"; ///< Where the host's own resolvers stand.
    std::string nftProgram = "nft";
    std::string iptablesProgram = "iptables"; ///< The one that the container engine uses.
    /// Is told when names and packet rules lead to pods that they did not lead to before. On the network's own thread;
    /// may be empty.
    std::function<void(const NetworkChange&)> changed = {};
};

/// Another node, or this one: where its pods are.
struct Peer {
    std::string node;
    std::string address; ///< Its host's IPv4 address. Nodes with one address share a host, and its node ports.
    std::string podCidr;

    bool operator==(const Peer&) const = default;
};

/// The name of the container network of a node; what a pod's sandbox names. The same before and after a restart.
std::string networkName(const std::string& cluster, const std::string& node);

/// The network of one node: its bridge, the service addresses, DNS. The facade that the node agent uses.
///
/// Several agents may share one host and one container engine: each has a table of packet rules, a bridge and a DNS
/// server of its own (service_rules.h says how they keep out of each other's way).
///
/// Rules are a pure function of what the setters were given; they are brought into the kernel on a thread of this
/// object, a few milliseconds later, several changes at once as one transaction. A failure is logged, tried again, and
/// seen in `health`. Pods keep their network when the agent ends: `stop` leaves bridge and rules as they are, and the
/// next `start` takes them over without an interruption.
///
/// Threads: any thread may call any method; setters return at once.
class NodeNetwork {
public:
    /// Makes the bridge network, lets the pods of all nodes reach each other, starts DNS. Blocks for some 100 ms.
    /// `Invalid` for an option that is no address or range, `Forbidden` without the right to change the host's network,
    /// else what the engine said.
    static Result<std::unique_ptr<NodeNetwork>> start(NodeNetworkOptions options, NetworkEngine& engine,
                                                      const Clock& clock);
    virtual ~NodeNetwork() = default;

    /// All services of the cluster; replaces what was given before. No rules are touched before services, slices and
    /// peers have been set once each, so that a restart does not take healthy services away.
    virtual void setServices(std::vector<std::shared_ptr<const api::Service>> services) = 0;
    virtual void setEndpointSlices(std::vector<std::shared_ptr<const api::EndpointSlice>> slices) = 0;
    virtual void setPeers(std::vector<Peer> peers) = 0;

    /// The container network for the sandboxes of this node's pods. Empty with `NetworkMode::None`.
    virtual std::string containerNetwork() const = 0;
    /// The name server for the pods' resolv.conf.
    virtual std::string dnsAddress() const = 0;
    /// Success, or what went wrong at the last try to apply the rules.
    virtual Result<Done> health() const = 0;

    /// Ends threads and DNS; idempotent. Rules and bridge stay.
    virtual void stop() = 0;
    /// After `stop`: takes rules and bridge away, for a node that leaves for good. `Conflict` while pods are attached.
    virtual Result<Done> remove() = 0;
};

} // namespace keelson::network
