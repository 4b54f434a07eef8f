// SPDX-License-Identifier: Apache-2.0
#include "node/port_stream.h"

#include "base/loop.h"

#include <fmt/format.h>

#include <arpa/inet.h>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <initializer_list>
#include <netinet/in.h>
#include <sched.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

namespace keelson::node {
namespace {

constexpr int connectSeconds = 10;

/// What the reading thread shares with the stream.
struct Link {
    explicit Link(containers::OpenFile open) : file(std::move(open)), socket(file.get()) {}

    containers::OpenFile file;
    const int socket;
    containers::StreamHandler handler;
    std::atomic<bool> cancelled{false};

    void run()
    {
        std::array<char, 32768> bytes{};
        for (;;) {
            const auto count = ::recv(socket, bytes.data(), bytes.size(), 0);
            if (count < 0 && errno == EINTR)
                continue;
            if (count <= 0 || cancelled)
                break;
            handler.data(containers::StreamHandler::Channel::Output, {bytes.data(), static_cast<std::size_t>(count)});
        }
        if (!cancelled)
            handler.ended(0);
    }
};

class PortStream : public containers::Stream {
public:
    explicit PortStream(std::shared_ptr<Link> link)
        : m_link(std::move(link)), m_reader([link = m_link] {
              nameThread("port-forward");
              link->run();
          })
    {
    }
    ~PortStream() override
    {
        m_link->cancelled = true;
        ::shutdown(m_link->socket, SHUT_RDWR);
        if (m_reader.get_id() == std::this_thread::get_id())
            m_reader.detach();
        else
            m_reader.join();
    }

    void write(std::string_view bytes) override
    {
        while (!bytes.empty()) {
            const auto count = ::send(m_link->socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (count < 0 && errno == EINTR)
                continue;
            if (count < 0)
                return; // the reading side reports it
            bytes.remove_prefix(static_cast<std::size_t>(count));
        }
    }
    void closeInput() override { ::shutdown(m_link->socket, SHUT_WR); }
    void resize(int, int) override {}

private:
    std::shared_ptr<Link> m_link;
    std::thread m_reader;
};

/// A connection, made within a few seconds.
Result<containers::OpenFile> connectSocket(const std::string& address, std::uint16_t port)
{
    const auto refused = [&](const char* why) {
        return fail(Reason::ServiceUnavailable, fmt::format("port {} of the pod ({}): {}", port, address, why));
    };
    sockaddr_in four{};
    four.sin_family = AF_INET;
    four.sin_port = htons(port);
    sockaddr_in6 six{};
    six.sin6_family = AF_INET6;
    six.sin6_port = htons(port);
    const bool isFour = ::inet_pton(AF_INET, address.c_str(), &four.sin_addr) == 1;
    if (!isFour && ::inet_pton(AF_INET6, address.c_str(), &six.sin6_addr) != 1)
        return refused("the pod has no address");
    const auto* const name =
        isFour ? reinterpret_cast<const sockaddr*>(&four) : reinterpret_cast<const sockaddr*>(&six);
    containers::OpenFile socket(::socket(isFour ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0));
    timeval limit{};
    limit.tv_sec = connectSeconds;
    ::setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit); // connect obeys it too
    if (::connect(socket.get(), name, isFour ? sizeof four : sizeof six) != 0)
        return refused(std::strerror(errno));
    limit.tv_sec = 0;
    ::setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    return socket;
}

/// The first address that answers, in the network that the calling thread is in.
Result<containers::OpenFile> connectFirst(std::initializer_list<std::string> addresses, std::uint16_t port)
{
    Result<containers::OpenFile> first = connectSocket(*addresses.begin(), port);
    for (auto each = addresses.begin() + 1; !first && each != addresses.end(); ++each) {
        if (auto next = connectSocket(*each, port))
            return next;
    }
    return first;
}

std::unique_ptr<containers::Stream> streamOf(containers::OpenFile socket, containers::StreamHandler handler)
{
    auto link = std::make_shared<Link>(std::move(socket));
    link->handler = std::move(handler);
    return std::make_unique<PortStream>(std::move(link));
}

} // namespace

Result<std::unique_ptr<containers::Stream>> connectToPort(const std::string& address, std::uint16_t port,
                                                          containers::StreamHandler handler)
{
    TRY_ASSIGN(auto socket, connectSocket(address, port));
    return streamOf(std::move(socket), std::move(handler));
}

Result<std::unique_ptr<containers::Stream>> connectInside(const containers::OpenFile& network,
                                                          const std::string& address, std::uint16_t port,
                                                          containers::StreamHandler handler)
{
    Result<containers::OpenFile> socket = fail(Reason::ServiceUnavailable, "");
    // A thread of its own, which ends with the connect: no other work may ever run in the pod's network. The socket
    // stays in it, whoever uses it.
    std::thread([&] {
        nameThread("port-forward");
        if (::setns(network.get(), CLONE_NEWNET) == 0)
            socket = connectFirst({"127.0.0.1", "::1", address}, port);
        else
            socket = fail(Reason::ServiceUnavailable,
                          fmt::format("the pod's network cannot be entered: {}", std::strerror(errno)));
    }).join();
    if (!socket)
        return std::unexpected(socket.error());
    return streamOf(*std::move(socket), std::move(handler));
}

} // namespace keelson::node
