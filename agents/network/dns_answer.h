// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "network/dns_records.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

namespace keelson::network {

inline constexpr std::uint32_t dnsTtlSeconds = 5;        ///< Of answers, and of "does not exist".
inline constexpr std::size_t dnsQueryBytesMax = 4096;    ///< Longer ones are not read.
inline constexpr std::size_t dnsDatagramBytesMax = 1232; ///< Longer answers are cut, for datagrams; never fragmented.

enum class DnsTransport { Datagram, Stream };

/// Send this back.
struct DnsReply {
    std::string bytes;
};

/// Not ours: ask the host's resolvers. `question` tells equal questions apart from others (for a cache).
struct DnsForward {
    std::string question;
};

/// Not worth an answer: no query at all, or an answer that somebody sends us.
struct DnsIgnore {};

using DnsOutcome = std::variant<DnsReply, DnsForward, DnsIgnore>;

/// What to do about a message from a client. Pure; costs some ten microseconds whatever the bytes are.
/// Malformed questions get FORMERR, other operations than QUERY NOTIMP, types that a name has not an empty answer with
/// the zone's SOA, names that do not exist NXDOMAIN with it (RFC 1035, 2308, 6891).
DnsOutcome answerDns(const DnsRecords& records, std::string_view message, DnsTransport transport);

/// SERVFAIL to the query, which must have been answered with `DnsForward`.
std::string dnsFailure(std::string_view query);
/// The seconds for which a resolver's reply may be kept: its least TTL, at most 30; 0: not at all.
int dnsKeepSeconds(std::string_view reply);

} // namespace keelson::network
