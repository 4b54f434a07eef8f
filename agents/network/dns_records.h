// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace keelson::network {

struct DnsPort {
    std::string name;     ///< Empty: the port has no SRV record.
    std::string protocol; ///< "tcp", "udp", "sctp"
    std::uint16_t number = 0;

    auto operator<=>(const DnsPort&) const = default;
};

struct DnsEndpoint {
    std::string ip;
    std::string hostName; ///< Empty: the address with dashes stands in.
    std::vector<DnsPort> ports;
};

/// What DNS tells about one service.
struct DnsService {
    std::string nameSpace;
    std::string name;
    std::string clusterIp;    ///< Empty: headless, or an external name.
    std::string externalName; ///< Not empty: an alias for this name, and nothing else.
    std::vector<DnsPort> ports;
    std::vector<DnsEndpoint> endpoints; ///< The ready ones; used when headless.
};

struct DnsTarget {
    std::string host;
    std::uint16_t port = 0;

    auto operator<=>(const DnsTarget&) const = default;
};

/// All records at one name.
struct DnsNode {
    std::vector<std::uint32_t> addresses; ///< Host byte order.
    std::vector<DnsTarget> services;      ///< SRV
    std::vector<std::string> pointers;    ///< PTR
    std::string alias;                    ///< CNAME
};

/// What the cluster's zones hold: an immutable snapshot, read by the DNS server without a lock.
/// Names are lower case, without the final dot.
/// Source: "Kubernetes DNS-Based Service Discovery", schema version 1.1.0.
class DnsRecords {
public:
    struct Options {
        std::string domain = "cluster.local";
        std::string clusterCidr; ///< Reverse names and pod names in it are ours.
        std::string serviceCidr;
        std::string dnsAddress; ///< The name server's own, for its NS record; may be empty.
    };

    /// Who is asked for a name.
    enum class Owner {
        Cluster, ///< These records: what is not here does not exist.
        Others,  ///< The host's resolvers.
    };

    DnsRecords(Options options, const std::vector<DnsService>& services);

    Owner ownerOf(std::string_view name) const;
    /// The records at the name, nothing when it does not exist. A name that only has names below it exists, empty.
    /// Pod names ("10-244-1-2.default.pod.cluster.local") are made up as they are asked for.
    const DnsNode* find(std::string_view name, DnsNode& madeUp) const;
    const std::string& domain() const { return m_options.domain; }
    /// The name of the zone that `name` belongs to; only for names that are ours.
    std::string zoneOf(std::string_view name) const;

private:
    DnsNode& at(const std::string& name);
    void add(const DnsService& service);
    void addHeadless(const DnsService& service, const std::string& name);
    bool isOurReverse(std::string_view name) const;

    Options m_options;
    std::unordered_map<std::string, DnsNode> m_nodes;
};

/// "10.244.1.2" to "2.1.244.10.in-addr.arpa".
std::string reverseName(std::uint32_t address);

} // namespace keelson::network
