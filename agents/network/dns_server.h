// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "network/dns_answer.h"

#include <memory>
#include <string>
#include <vector>

namespace keelson::network {

/// Where something listens: an IPv4 address and a port.
struct DnsEndpointAddress {
    std::string ip;
    std::uint16_t port = 53;
};

/// Limits of one server.
inline constexpr std::size_t dnsForwardsMax = 512; ///< Questions under way to the host's resolvers; more get SERVFAIL.
inline constexpr std::size_t dnsStreamsMax = 64;   ///< TCP connections; more are closed at once.
inline constexpr std::size_t dnsCacheEntriesMax = 4096;
inline constexpr Milliseconds dnsTryTimeout{1'500}; ///< Then the next resolver is asked; SERVFAIL after the last.
inline constexpr Milliseconds dnsStreamTimeout{10'000};

/// Answers DNS questions over UDP and TCP on one address: the cluster's names from a snapshot, all others by asking the
/// host's resolvers.
///
/// Threads: a thread of its own does all the work; any thread may call any method. A new snapshot holds for the
/// questions that are read after the call.
class DnsServer {
public:
    struct Options {
        DnsEndpointAddress listen;                 ///< Port 0: a free one.
        std::vector<DnsEndpointAddress> resolvers; ///< Asked in this order; none: SERVFAIL for foreign names.
    };

    /// `Conflict` when the address is taken, `InternalError` when this host has no such address.
    static Result<std::unique_ptr<DnsServer>> start(Options options, const Clock& clock);
    virtual ~DnsServer() = default;

    virtual void setRecords(std::shared_ptr<const DnsRecords> records) = 0;
    virtual std::uint16_t port() const = 0;
};

/// The IPv4 name servers of a resolv.conf, the first three, without `except`.
std::vector<DnsEndpointAddress> readResolvers(const std::string& resolvConf, const std::string& except);

} // namespace keelson::network
