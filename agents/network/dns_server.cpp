// SPDX-License-Identifier: Apache-2.0
#include "network/dns_server.h"

#include "base/loop.h"
#include "network/dns_forwards.h"
#include "network/ipv4.h"

#include <fmt/format.h>

#include <arpa/inet.h>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <map>
#include <sstream>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

namespace keelson::network {
namespace {

constexpr int datagramsAtOnce = 64; ///< Then the other sockets have their turn.
constexpr int pollMs = 250;         ///< How late a silent resolver or client may be noticed.
constexpr std::size_t resolversMax = 3;

/// One TCP client. Its questions are answered in any order, as they come.
struct Stream {
    std::uint64_t number = 0;
    std::string input;
    std::string output;
    SteadyTime deadline;
};

class PollingServer : public DnsServer {
public:
    PollingServer(Options options, const Clock& clock)
        : m_clock(clock),
          m_wake(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
          m_records(std::make_shared<const DnsRecords>(DnsRecords::Options{}, std::vector<DnsService>{})),
          m_forwards(std::move(options.resolvers), clock)
    {
    }

    ~PollingServer() override
    {
        m_stopping = true;
        const std::uint64_t one = 1;
        (void)!::write(m_wake, &one, sizeof one);
        if (m_thread.joinable())
            m_thread.join();
        for (const auto& [socket, stream] : m_streams)
            ::close(socket);
        for (const int socket : {m_wake, m_datagrams, m_listener}) {
            if (socket >= 0)
                ::close(socket);
        }
    }

    Result<Done> listen(const DnsEndpointAddress& at);
    void setRecords(std::shared_ptr<const DnsRecords> records) override { m_records.store(std::move(records)); }
    std::uint16_t port() const override { return m_port; }

private:
    void run();
    void readDatagrams();
    void acceptStream();
    void serveStream(int socket, short events);
    bool readStream(int socket, Stream& stream);
    void takeQuery(const DnsClient& client, std::string_view query);
    void deliver(const DnsDelivery& delivery);
    void closeSilentStreams();

    const Clock& m_clock;
    std::atomic<bool> m_stopping = false;
    int m_wake;
    int m_datagrams = -1;
    int m_listener = -1;
    std::uint16_t m_port = 0;
    std::atomic<std::shared_ptr<const DnsRecords>> m_records;
    DnsForwards m_forwards;
    std::map<int, Stream> m_streams;
    std::uint64_t m_lastStream = 0;
    std::thread m_thread;
};

std::unexpected<Error> cannotListen(const DnsEndpointAddress& at)
{
    const int error = errno;
    return fail(error == EADDRINUSE ? Reason::Conflict
                : error == EACCES   ? Reason::Forbidden
                                    : Reason::InternalError,
                fmt::format("DNS cannot listen at {}:{}: {}", at.ip, at.port, std::strerror(error)));
}

Result<Done> PollingServer::listen(const DnsEndpointAddress& at)
{
    const auto ip = parseIpv4(at.ip);
    if (!ip)
        return fail(Reason::Invalid, fmt::format("\"{}\" is no IPv4 address to listen at", at.ip));
    m_datagrams = ::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    m_listener = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    const int one = 1;
    ::setsockopt(m_listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(at.port);
    address.sin_addr.s_addr = htonl(*ip);
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    socklen_t size = sizeof address;
    if (::bind(m_listener, generic, size) != 0 || ::listen(m_listener, 64) != 0)
        return cannotListen(at);
    ::getsockname(m_listener, generic, &size);
    m_port = ntohs(address.sin_port);
    if (::bind(m_datagrams, generic, size) != 0)
        return cannotListen(at);
    m_thread = std::thread([this] { run(); });
    return Done{};
}

void PollingServer::run()
{
    nameThread("dns");
    std::vector<pollfd> wanted;
    while (!m_stopping) {
        wanted = {{m_wake, POLLIN, 0}, {m_datagrams, POLLIN, 0}, {m_listener, POLLIN, 0}};
        for (const auto& [socket, stream] : m_streams)
            wanted.push_back({socket, static_cast<short>(stream.output.empty() ? POLLIN : POLLIN | POLLOUT), 0});
        const auto streamsEnd = wanted.size();
        m_forwards.wanted(wanted);
        const bool idle = wanted.size() == 3;
        if (::poll(wanted.data(), wanted.size(), idle ? -1 : pollMs) < 0 && errno != EINTR)
            return;
        if (wanted[1].revents != 0)
            readDatagrams();
        if (wanted[2].revents != 0)
            acceptStream();
        for (std::size_t i = 3; i < wanted.size(); ++i) {
            if (wanted[i].revents == 0)
                continue;
            if (i < streamsEnd)
                serveStream(wanted[i].fd, wanted[i].revents);
            else if (const auto delivery = m_forwards.ready(wanted[i].fd))
                deliver(*delivery);
        }
        for (const auto& failure : m_forwards.expire())
            deliver(failure);
        closeSilentStreams();
    }
}

void PollingServer::readDatagrams()
{
    std::array<char, dnsQueryBytesMax> buffer{};
    for (int i = 0; i < datagramsAtOnce; ++i) {
        sockaddr_in peer{};
        socklen_t size = sizeof peer;
        const auto got =
            ::recvfrom(m_datagrams, buffer.data(), buffer.size(), MSG_TRUNC, reinterpret_cast<sockaddr*>(&peer), &size);
        if (got < 0)
            return;
        if (static_cast<std::size_t>(got) <= buffer.size())
            takeQuery({peer.sin_addr.s_addr, peer.sin_port, 0},
                      std::string_view(buffer.data(), static_cast<std::size_t>(got)));
    }
}

void PollingServer::takeQuery(const DnsClient& client, std::string_view query)
{
    const auto outcome =
        answerDns(*m_records.load(), query, client.stream ? DnsTransport::Stream : DnsTransport::Datagram);
    if (const auto* reply = std::get_if<DnsReply>(&outcome)) {
        deliver({client, reply->bytes});
    } else if (const auto* forward = std::get_if<DnsForward>(&outcome)) {
        if (const auto known = m_forwards.ask(client, forward->question, query))
            deliver({client, *known});
    }
}

void PollingServer::deliver(const DnsDelivery& delivery)
{
    if (delivery.client.stream == 0) {
        sockaddr_in peer{};
        peer.sin_family = AF_INET;
        peer.sin_addr.s_addr = delivery.client.ip;
        peer.sin_port = delivery.client.port;
        ::sendto(m_datagrams, delivery.bytes.data(), delivery.bytes.size(), MSG_NOSIGNAL,
                 reinterpret_cast<const sockaddr*>(&peer), sizeof peer);
        return;
    }
    for (auto& [socket, stream] : m_streams) {
        if (stream.number != delivery.client.stream)
            continue;
        const auto size = delivery.bytes.size();
        stream.output += {static_cast<char>(size >> 8), static_cast<char>(size & 255)};
        stream.output += delivery.bytes;
    }
}

void PollingServer::acceptStream()
{
    const int socket = ::accept4(m_listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (socket < 0)
        return;
    if (m_streams.size() >= dnsStreamsMax) {
        ::close(socket);
        return;
    }
    m_streams[socket] = {++m_lastStream, {}, {}, m_clock.steady() + dnsStreamTimeout};
}

/// False when the connection is over.
bool PollingServer::readStream(int socket, Stream& stream)
{
    std::array<char, dnsQueryBytesMax> buffer{};
    const auto got = ::recv(socket, buffer.data(), buffer.size(), 0);
    if (got <= 0)
        return got < 0 && errno == EAGAIN;
    stream.input.append(buffer.data(), static_cast<std::size_t>(got));
    while (stream.input.size() >= 2) {
        const auto length = static_cast<std::size_t>(static_cast<unsigned char>(stream.input[0]) << 8 |
                                                     static_cast<unsigned char>(stream.input[1]));
        if (length > dnsQueryBytesMax || stream.output.size() > 65'537)
            return false;
        if (stream.input.size() < 2 + length)
            break;
        const auto query = stream.input.substr(2, length);
        stream.input.erase(0, 2 + length);
        stream.deadline = m_clock.steady() + dnsStreamTimeout;
        takeQuery({0, 0, stream.number}, query);
    }
    return true;
}

void PollingServer::serveStream(int socket, short events)
{
    auto& stream = m_streams[socket];
    bool open = (events & (POLLERR | POLLNVAL)) == 0;
    if (open && (events & (POLLIN | POLLHUP)) != 0)
        open = readStream(socket, stream);
    if (open && !stream.output.empty()) {
        const auto sent = ::send(socket, stream.output.data(), stream.output.size(), MSG_NOSIGNAL);
        if (sent > 0)
            stream.output.erase(0, static_cast<std::size_t>(sent));
        else
            open = errno == EAGAIN;
    }
    if (!open)
        stream.deadline = m_clock.steady();
}

void PollingServer::closeSilentStreams()
{
    std::erase_if(m_streams, [&](const auto& entry) {
        if (entry.second.deadline > m_clock.steady())
            return false;
        ::close(entry.first);
        return true;
    });
}

} // namespace

Result<std::unique_ptr<DnsServer>> DnsServer::start(Options options, const Clock& clock)
{
    const auto listen = options.listen;
    auto server = std::make_unique<PollingServer>(std::move(options), clock);
    TRY_OK(server->listen(listen));
    return server;
}

std::vector<DnsEndpointAddress> readResolvers(const std::string& resolvConf, const std::string& except)
{
    std::vector<DnsEndpointAddress> resolvers;
    std::ifstream file(resolvConf);
    for (std::string line; std::getline(file, line) && resolvers.size() < resolversMax;) {
        std::istringstream words(line);
        std::string key;
        std::string ip;
        if (words >> key >> ip && key == "nameserver" && ip != except && parseIpv4(ip))
            resolvers.push_back({ip, 53});
    }
    return resolvers;
}

} // namespace keelson::network
