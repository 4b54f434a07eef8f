// SPDX-License-Identifier: Apache-2.0
#include "network/dns_forwards.h"

#include "network/ipv4.h"

#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

namespace keelson::network {
namespace {

std::uint16_t idOf(std::string_view message)
{
    return static_cast<std::uint16_t>(static_cast<unsigned char>(message[0]) << 8 |
                                      static_cast<unsigned char>(message[1]));
}

void setId(std::string& message, std::uint16_t id)
{
    message[0] = static_cast<char>(id >> 8);
    message[1] = static_cast<char>(id & 255);
}

std::uint16_t unguessable()
{
    std::uint16_t number = 0;
    (void)!::getrandom(&number, sizeof number, 0);
    return number;
}

} // namespace

DnsForwards::DnsForwards(std::vector<DnsEndpointAddress> resolvers, const Clock& clock)
    : m_resolvers(std::move(resolvers)), m_clock(clock)
{
}

DnsForwards::~DnsForwards()
{
    for (const auto& [socket, forward] : m_forwards)
        ::close(socket);
}

std::optional<std::string> DnsForwards::ask(const DnsClient& client, const std::string& question,
                                            std::string_view query)
{
    const auto key = question + (client.stream ? " stream" : "");
    if (const auto kept = m_cache.find(key); kept != m_cache.end()) {
        if (kept->second.until > m_clock.steady()) {
            auto reply = kept->second.reply;
            setId(reply, idOf(query));
            return reply;
        }
        m_cache.erase(kept);
    }
    Forward forward{client, key, std::string(query), idOf(query), 0, {}, {}, {}};
    int socket = -1;
    if (m_forwards.size() >= dnsForwardsMax || !send(forward, socket))
        return dnsFailure(query);
    m_forwards.emplace(socket, std::move(forward));
    return std::nullopt;
}

/// Sends the query to its resolver or, when that cannot be reached, to the next. False when none is left.
bool DnsForwards::send(Forward& forward, int& socket)
{
    for (; forward.resolver < m_resolvers.size(); ++forward.resolver) {
        const auto& resolver = m_resolvers[forward.resolver];
        const auto type = forward.client.stream ? SOCK_STREAM : SOCK_DGRAM;
        socket = ::socket(AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(resolver.port);
        address.sin_addr.s_addr = htonl(parseIpv4(resolver.ip).value_or(0));
        setId(forward.query, unguessable());
        forward.deadline = m_clock.steady() + dnsTryTimeout;
        forward.input.clear();
        const int connected = ::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address);
        if (forward.client.stream && (connected == 0 || errno == EINPROGRESS)) {
            const auto size = forward.query.size();
            forward.output = {static_cast<char>(size >> 8), static_cast<char>(size & 255)};
            forward.output += forward.query;
            return true;
        }
        if (!forward.client.stream && connected == 0 &&
            ::send(socket, forward.query.data(), forward.query.size(), MSG_NOSIGNAL) > 0)
            return true;
        ::close(socket);
    }
    return false;
}

void DnsForwards::wanted(std::vector<pollfd>& into) const
{
    for (const auto& [socket, forward] : m_forwards)
        into.push_back({socket, static_cast<short>(forward.output.empty() ? POLLIN : POLLOUT), 0});
}

/// The whole reply when it is there; empty when the resolver hung up.
std::optional<std::string> DnsForwards::receiveStream(int socket, Forward& forward)
{
    if (!forward.output.empty()) {
        const auto sent = ::send(socket, forward.output.data(), forward.output.size(), MSG_NOSIGNAL);
        if (sent <= 0)
            return errno == EAGAIN ? std::nullopt : std::optional(std::string());
        forward.output.erase(0, static_cast<std::size_t>(sent));
        return std::nullopt;
    }
    std::array<char, 4096> buffer{};
    const auto got = ::recv(socket, buffer.data(), buffer.size(), 0);
    if (got <= 0)
        return got < 0 && errno == EAGAIN ? std::nullopt : std::optional(std::string());
    forward.input.append(buffer.data(), static_cast<std::size_t>(got));
    if (forward.input.size() < 2 || forward.input.size() < 2U + idOf(forward.input))
        return std::nullopt;
    return forward.input.substr(2, idOf(forward.input));
}

std::optional<std::string> DnsForwards::receive(int socket, Forward& forward)
{
    if (forward.client.stream)
        return receiveStream(socket, forward);
    std::array<char, dnsQueryBytesMax> buffer{};
    const auto got = ::recv(socket, buffer.data(), buffer.size(), 0);
    if (got < 0)
        return errno == EAGAIN ? std::nullopt : std::optional(std::string());
    return std::string(buffer.data(), static_cast<std::size_t>(got));
}

std::optional<DnsDelivery> DnsForwards::ready(int socket)
{
    const auto found = m_forwards.find(socket);
    if (found == m_forwards.end())
        return std::nullopt;
    auto& forward = found->second;
    auto reply = receive(socket, forward);
    if (!reply)
        return std::nullopt;
    if (reply->size() < 12 || idOf(*reply) != idOf(forward.query)) {
        if (reply->empty())
            forward.deadline = m_clock.steady(); // Nobody listens there: `expire` goes on with the next.
        return std::nullopt;
    }
    keep(forward.question, *reply);
    setId(*reply, forward.clientId);
    DnsDelivery delivery{forward.client, std::move(*reply)};
    ::close(socket);
    m_forwards.erase(found);
    return delivery;
}

std::vector<DnsDelivery> DnsForwards::expire()
{
    std::vector<DnsDelivery> failures;
    std::vector<Forward> again;
    for (auto at = m_forwards.begin(); at != m_forwards.end();) {
        if (at->second.deadline > m_clock.steady()) {
            ++at;
            continue;
        }
        ::close(at->first);
        again.push_back(std::move(at->second));
        at = m_forwards.erase(at);
    }
    for (auto& forward : again) {
        ++forward.resolver;
        int socket = -1;
        if (send(forward, socket)) {
            m_forwards.emplace(socket, std::move(forward));
            continue;
        }
        setId(forward.query, forward.clientId);
        failures.push_back({forward.client, dnsFailure(forward.query)});
    }
    return failures;
}

void DnsForwards::keep(const std::string& question, const std::string& reply)
{
    const int seconds = dnsKeepSeconds(reply);
    if (seconds <= 0)
        return;
    const auto now = m_clock.steady();
    if (m_cache.size() >= dnsCacheEntriesMax)
        std::erase_if(m_cache, [&](const auto& entry) { return entry.second.until <= now; });
    if (m_cache.size() < dnsCacheEntriesMax)
        m_cache[question] = {reply, now + std::chrono::seconds(seconds)};
}

} // namespace keelson::network
