// SPDX-License-Identifier: Apache-2.0
#include "node/port_stream.h"

#include "base/loop.h"

#include <fmt/format.h>

#include <arpa/inet.h>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <netinet/in.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

namespace keelson::node {
namespace {

constexpr int connectSeconds = 10;

/// What the reading thread shares with the stream.
struct Link {
    explicit Link(int open) : socket(open) {}
    ~Link() { ::close(socket); }
    Link(const Link&) = delete;
    Link& operator=(const Link&) = delete;

    int socket;
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

} // namespace

Result<std::unique_ptr<containers::Stream>> connectToPort(const std::string& address, std::uint16_t port,
                                                          containers::StreamHandler handler)
{
    const auto refused = [&](const char* why) {
        return fail(Reason::ServiceUnavailable, fmt::format("port {} of the pod ({}): {}", port, address, why));
    };
    sockaddr_in name{};
    name.sin_family = AF_INET;
    name.sin_port = htons(port);
    if (::inet_pton(AF_INET, address.c_str(), &name.sin_addr) != 1)
        return refused("the pod has no address");
    auto link = std::make_shared<Link>(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    timeval limit{};
    limit.tv_sec = connectSeconds;
    ::setsockopt(link->socket, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit); // connect obeys it too
    if (::connect(link->socket, reinterpret_cast<const sockaddr*>(&name), sizeof name) != 0)
        return refused(std::strerror(errno));
    limit.tv_sec = 0;
    ::setsockopt(link->socket, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    link->handler = std::move(handler);
    return std::make_unique<PortStream>(std::move(link));
}

} // namespace keelson::node
