// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <list>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

namespace keelson::apiserver {

/// The server's end of a connection, blocking; gives up after ten seconds without progress.
class SocketPeer {
public:
    explicit SocketPeer(int socket) : m_socket(socket)
    {
        constexpr timeval patience{.tv_sec = 10, .tv_usec = 0};
        ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
        ::setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
    }

    /// What comes next; empty at the end.
    std::string read()
    {
        if (!m_early.empty())
            return std::exchange(m_early, {});
        std::array<char, std::size_t{64} * 1024> part{};
        const auto got = ::recv(m_socket, part.data(), part.size(), 0);
        return {part.data(), static_cast<std::size_t>(std::max<ssize_t>(got, 0))};
    }
    /// Up to and with the mark, or all there is.
    std::string readTo(std::string_view mark)
    {
        std::string text;
        while (!text.contains(mark)) {
            const auto more = read();
            if (more.empty())
                return text;
            text += more;
        }
        const auto end = text.find(mark) + mark.size();
        m_early = text.substr(end);
        return text.substr(0, end);
    }
    /// Comes again with the next read.
    void unread(std::string bytes) { m_early = std::move(bytes); }
    std::string readHead() { return readTo("\r\n\r\n"); }
    /// False when the other end is gone.
    bool send(std::string_view bytes)
    {
        while (!bytes.empty()) {
            const auto sent = ::send(m_socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent <= 0)
                return false;
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
        return true;
    }
    /// Whether the other end goes, within ten seconds; nothing is read for that.
    bool seesTheEnd() const
    {
        constexpr int patienceMs = 10'000;
        pollfd asked{.fd = m_socket, .events = POLLRDHUP, .revents = 0};
        return ::poll(&asked, 1, patienceMs) == 1;
    }

private:
    const int m_socket;
    std::string m_early;
};

/// A server on loopback that speaks as the test wants; each connection on a thread of its own.
class SocketServer {
public:
    explicit SocketServer(std::function<void(SocketPeer&)> talk)
        : m_talk(std::move(talk)), m_listener(::socket(AF_INET, SOCK_STREAM, 0))
    {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof(address);
        ::bind(m_listener, reinterpret_cast<const sockaddr*>(&address), size);
        ::listen(m_listener, SOMAXCONN);
        ::getsockname(m_listener, reinterpret_cast<sockaddr*>(&address), &size);
        m_port = ntohs(address.sin_port);
        m_thread = std::thread([this] { serve(); });
    }
    ~SocketServer()
    {
        ::shutdown(m_listener, SHUT_RDWR);
        m_thread.join();
        for (auto& connection : m_connections)
            connection.join();
        ::close(m_listener);
    }
    SocketServer(const SocketServer&) = delete;
    SocketServer& operator=(const SocketServer&) = delete;

    std::uint16_t port() const { return m_port; }

private:
    void serve()
    {
        for (int socket = 0; (socket = ::accept(m_listener, nullptr, nullptr)) >= 0;) {
            m_connections.emplace_back([this, socket] {
                SocketPeer peer(socket);
                m_talk(peer);
                ::close(socket);
            });
        }
    }

    const std::function<void(SocketPeer&)> m_talk;
    const int m_listener;
    std::uint16_t m_port = 0;
    std::list<std::thread> m_connections; ///< Of the thread that accepts, until it has ended.
    std::thread m_thread;
};

} // namespace keelson::apiserver
