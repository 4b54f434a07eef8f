// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apiserver/body_budget.h"
#include "apiserver/https_server.h"
#include "apiserver/limits.h"
#include "apiserver/stream_rounds.h"
#include "apiserver/tls_socket.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <utility>

/// What connections share. Holds Asio: included only by https_server.cpp, https_connection.h and
/// web_socket_tunnel.h.
namespace keelson::apiserver {

namespace asio = boost::asio;

/// A connection as its lane sees it. All calls on the lane's thread.
class LaneMember {
public:
    virtual ~LaneMember() = default;
    /// Comes about once a second: ends what has waited too long.
    virtual void sweep(SteadyTime now) = 0;
    /// The server stops. Not `hard`: a reply under way may finish.
    virtual void stop(bool hard) = 0;
};

/// What all lanes share.
struct ServerCore {
    HttpsServer::Options options;
    asio::ssl::context tls{asio::ssl::context::tls_server};
    std::atomic<std::size_t> connections = 0;
    BodyBudget bodies{bodyBytesTogetherMax, bodyBytesOfOneMax};
    std::atomic<bool> stopping = false;
};

/// A connection's part of the memory for bodies.
class BodyClaim {
public:
    explicit BodyClaim(ServerCore& core) : m_core(core) {}
    ~BodyClaim() { release(); }
    BodyClaim(const BodyClaim&) = delete;
    BodyClaim& operator=(const BodyClaim&) = delete;

    /// In place of what it holds; false when there is no room for so many.
    bool take(std::string sender, std::size_t bytes)
    {
        release();
        if (!m_core.bodies.take(sender, bytes))
            return false;
        m_sender = std::move(sender);
        m_bytes = bytes;
        return true;
    }
    void release() { m_core.bodies.giveBack(m_sender, std::exchange(m_bytes, 0)); }

private:
    ServerCore& m_core;
    std::string m_sender;
    std::size_t m_bytes = 0;
};

/// A thread's worth of connections.
struct Lane {
    explicit Lane(std::shared_ptr<ServerCore> server) : core(std::move(server)) {}

    template <typename Work>
    void post(Work&& work)
    {
        if (!ended)
            asio::post(context, std::forward<Work>(work));
    }
    bool here() { return context.get_executor().running_in_this_thread(); }
    void add(const std::shared_ptr<LaneMember>& member) { members.emplace(member.get(), member); }
    void remove(LaneMember& member) { members.erase(&member); }

    std::shared_ptr<ServerCore> core;
    /// Not told that it has one thread: what that thread posts itself would then wait aside until its handler has
    /// returned, behind what others post later.
    asio::io_context context;
    std::map<LaneMember*, std::weak_ptr<LaneMember>> members;
    std::string date; ///< The value of the header Date, made anew by each sweep.
    std::atomic<bool> ended = false;
    StreamRounds streams{context};
};

/// Begins with the TLS handshake; keeps itself alive as long as it is open.
void startConnection(std::shared_ptr<Lane> lane, asio::ip::tcp::socket socket);

} // namespace keelson::apiserver
