// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "network/rule_table.h"

#include <cstdint>
#include <string>
#include <vector>

namespace keelson::network {

enum class Protocol { Tcp, Udp, Sctp };

/// "tcp", "udp", "sctp": as nftables writes them.
std::string_view protocolName(Protocol protocol);

/// One address and port that a service leads to.
struct Backend {
    std::string ip;
    std::uint16_t port = 0;
    std::string node; ///< Where it runs; empty when unknown.

    auto operator<=>(const Backend&) const = default;
};

/// Which backends a policy of a service allows.
enum class TrafficPolicy { Cluster, Local };

/// One port of one service and where it leads, free of the API's types.
struct ServicePort {
    std::string nameSpace;
    std::string service;
    std::string port; ///< The port's name, or its number when it has none; unique within service and protocol.
    Protocol protocol = Protocol::Tcp;
    std::uint16_t number = 0;
    std::string clusterIp;                ///< Empty: none.
    std::vector<std::string> externalIps; ///< External addresses and those of load balancers.
    std::uint16_t nodePort = 0;           ///< 0: none.
    TrafficPolicy internalPolicy = TrafficPolicy::Cluster;
    TrafficPolicy externalPolicy = TrafficPolicy::Cluster;
    std::int32_t affinitySeconds = 0; ///< 0: no affinity of clients.
    std::vector<Backend> backends;    ///< The ready ones, in any order.

    bool operator==(const ServicePort&) const = default;
};

/// What the rules need to know of the node that they are for.
struct NodeFacts {
    std::string cluster;
    std::string node;
    std::string bridge;
    std::string podCidr;
    std::string clusterCidr;
    std::string serviceCidr;
    std::string dnsAddress;             ///< Service address of DNS; empty: none.
    std::string dnsServer;              ///< Where this node's DNS server listens, port 53.
    std::vector<std::string> hostNodes; ///< Nodes that share this host, this one among them.
    bool bridgeFiltered = true; ///< Whether the kernel shows frames between two pods of the bridge to these rules.

    bool operator==(const NodeFacts&) const = default;
};

/// "keelson-dev-worker-0". Other programs find a cluster's tables by the front part.
std::string tableName(const std::string& cluster, const std::string& node);
/// The name of a node's bridge: "kl" and 12 hexadecimal digits. All bridges of Keelson's nodes start with "kl".
std::string bridgeName(const std::string& cluster, const std::string& node);

/// The packet rules of one node. Pure: the same arguments give the same table, whatever their order.
///
/// Several nodes, even of several clusters, may live in one network namespace; each has a table of its own. A table
/// speaks for the pods of its node, told by the bridge that their packets come from, and leaves those from other
/// nodes' bridges alone. Packets of the host and from outside concern all tables; they say the same about them
/// (a policy `Local` means "on this host" there), the first one decides, and refusals match only what none has
/// translated. So the tables may lag behind each other, and their order does not matter.
///
/// Every backend is as likely as the other (`numgen random`). A service without backends is refused at once; one whose
/// policy leaves no local backend drops, as Kubernetes says. Traffic from outside the pod network, and of a pod that
/// reaches itself, is masqueraded; not that of a policy `Local` from outside, which shows its source.
/// Ports whose names or addresses are not well-formed are left out.
/// Source: Kubernetes, "Virtual IPs and Service Proxies".
RuleTable serviceRules(const NodeFacts& facts, const std::vector<ServicePort>& ports);

} // namespace keelson::network
