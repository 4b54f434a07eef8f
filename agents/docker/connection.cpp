// SPDX-License-Identifier: Apache-2.0
#include "docker/connection.h"

#include <fmt/format.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace keelson::docker {
namespace {

constexpr std::string_view unixScheme = "unix://";
constexpr std::string_view tcpScheme = "tcp://";

std::unexpected<Error> unreachable(const EngineAddress& address, std::string_view why)
{
    return fail(Reason::ServiceUnavailable,
                fmt::format("no container engine answers at {}: {}; start Docker there, or name another address with "
                            "--docker-host",
                            address.text, why));
}

Result<int> openUnix(const EngineAddress& address)
{
    sockaddr_un name{};
    name.sun_family = AF_UNIX;
    if (address.socketPath.size() >= sizeof name.sun_path)
        return unreachable(address, "the path of a socket has at most 107 characters");
    std::memcpy(name.sun_path, address.socketPath.c_str(), address.socketPath.size() + 1);
    const int descriptor = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0)
        return unreachable(address, std::strerror(errno));
    if (::connect(descriptor, reinterpret_cast<const sockaddr*>(&name), sizeof name) == 0)
        return descriptor;
    const int cause = errno;
    ::close(descriptor);
    return unreachable(address, std::strerror(cause));
}

Result<int> openTcp(const EngineAddress& address)
{
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (const int code = ::getaddrinfo(address.host.c_str(), std::to_string(address.port).c_str(), &hints, &found);
        code != 0)
        return unreachable(address, ::gai_strerror(code));
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, ::freeaddrinfo);
    int cause = ECONNREFUSED;
    for (const addrinfo* each = found; each != nullptr; each = each->ai_next) {
        const int descriptor = ::socket(each->ai_family, each->ai_socktype | SOCK_CLOEXEC, each->ai_protocol);
        if (descriptor < 0)
            continue;
        const int on = 1;
        ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        if (::connect(descriptor, each->ai_addr, each->ai_addrlen) == 0)
            return descriptor;
        cause = errno;
        ::close(descriptor);
    }
    return unreachable(address, std::strerror(cause));
}

} // namespace

Result<EngineAddress> EngineAddress::parse(std::string_view text)
{
    EngineAddress address;
    address.text = text;
    if (text.starts_with(unixScheme) && text.size() > unixScheme.size()) {
        address.socketPath = text.substr(unixScheme.size());
        return address;
    }
    if (text.starts_with(tcpScheme)) {
        const auto rest = text.substr(tcpScheme.size());
        const auto colon = rest.rfind(':');
        if (colon != std::string_view::npos && colon > 0) {
            address.host = rest.substr(0, colon);
            const auto port = rest.substr(colon + 1);
            const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), address.port);
            if (error == std::errc{} && end == port.data() + port.size() && address.port != 0)
                return address;
        }
    }
    return fail(Reason::BadRequest,
                fmt::format("\"{}\" is no address of a container engine: use unix:///PATH or tcp://HOST:PORT", text));
}

Result<std::unique_ptr<Connection>> Connection::open(const EngineAddress& address)
{
    TRY_ASSIGN(const int descriptor, address.socketPath.empty() ? openTcp(address) : openUnix(address));
    return std::unique_ptr<Connection>(new Connection(descriptor, address.text));
}

Connection::~Connection()
{
    ::close(m_descriptor);
}

Result<std::size_t> Connection::read(char* into, std::size_t size)
{
    for (;;) {
        const auto count = ::recv(m_descriptor, into, size, 0);
        if (count >= 0)
            return static_cast<std::size_t>(count);
        if (errno == EINTR)
            continue;
        if (errno == EAGAIN || errno == EWOULDBLOCK)
            return fail(Reason::Timeout, fmt::format("the container engine at {} does not answer in time", m_address));
        return fail(Reason::ServiceUnavailable, fmt::format("the connection to the container engine at {} broke: {}",
                                                            m_address, std::strerror(errno)));
    }
}

Result<Done> Connection::write(std::string_view bytes)
{
    while (!bytes.empty()) {
        const auto count = ::send(m_descriptor, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return fail(
                Reason::ServiceUnavailable,
                fmt::format("the connection to the container engine at {} broke: {}", m_address, std::strerror(errno)));
        bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return Done{};
}

void Connection::setReadTimeout(Milliseconds timeout)
{
    timeval limit{};
    limit.tv_sec = timeout.count() / 1000;
    limit.tv_usec = timeout.count() % 1000 * 1000;
    ::setsockopt(m_descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
}

void Connection::finishWriting()
{
    ::shutdown(m_descriptor, SHUT_WR);
}

void Connection::abort()
{
    ::shutdown(m_descriptor, SHUT_RDWR);
}

} // namespace keelson::docker
