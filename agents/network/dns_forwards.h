// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "network/dns_server.h"

#include <map>
#include <optional>
#include <poll.h>
#include <unordered_map>

namespace keelson::network {

/// Who asked: a datagram's sender, or a connection by number.
struct DnsClient {
    std::uint32_t ip = 0; ///< Network byte order, as the port.
    std::uint16_t port = 0;
    std::uint64_t stream = 0; ///< 0: a datagram.
};

/// A reply for a client.
struct DnsDelivery {
    DnsClient client;
    std::string bytes;
};

/// The questions under way to the host's resolvers, and the recent replies. Each question has a socket, so a port, and
/// an identifier of its own: replies cannot be guessed (RFC 5452).
///
/// One thread. Nothing blocks: the owner polls the sockets.
class DnsForwards {
public:
    DnsForwards(std::vector<DnsEndpointAddress> resolvers, const Clock& clock);
    ~DnsForwards();
    DnsForwards(const DnsForwards&) = delete;
    DnsForwards& operator=(const DnsForwards&) = delete;

    /// A reply at once (from the cache, or a failure), or nothing: it comes later, from `ready` or `expire`.
    std::optional<std::string> ask(const DnsClient& client, const std::string& question, std::string_view query);
    /// Sockets to wait for, each with POLLIN or POLLOUT.
    void wanted(std::vector<pollfd>& into) const;
    /// What a socket that has become ready has brought.
    std::optional<DnsDelivery> ready(int socket);
    /// Asks the next resolver where one was silent for too long; failures where none is left.
    std::vector<DnsDelivery> expire();

private:
    struct Forward {
        DnsClient client;
        std::string question;
        std::string query; ///< With an identifier of ours.
        std::uint16_t clientId = 0;
        std::size_t resolver = 0;
        SteadyTime deadline;
        std::string output; ///< Over a stream: what is still to be sent.
        std::string input;
    };
    struct Kept {
        std::string reply;
        SteadyTime until;
    };

    bool send(Forward& forward, int& socket);
    std::optional<std::string> receive(int socket, Forward& forward);
    std::optional<std::string> receiveStream(int socket, Forward& forward);
    void keep(const std::string& question, const std::string& reply);

    std::vector<DnsEndpointAddress> m_resolvers;
    const Clock& m_clock;
    std::map<int, Forward> m_forwards; ///< By socket.
    std::unordered_map<std::string, Kept> m_cache;
};

} // namespace keelson::network
