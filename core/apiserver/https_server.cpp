// SPDX-License-Identifier: Apache-2.0
#include "apiserver/https_server.h"

#include "apiserver/connection_lane.h"
#include "apiserver/limits.h"
#include "base/host_port.h"
#include "base/log.h"
#include "base/loop.h"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/steady_timer.hpp>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace keelson::apiserver {
namespace {

using asio::ip::tcp;
using Code = boost::system::error_code;

constexpr auto sweepPeriod = std::chrono::seconds{1};

Result<tcp::endpoint> parseAddress(const std::string& text)
{
    const auto parts = HostPort::parse(text);
    auto host = parts ? parts->host : std::string();
    if (host.empty() || host == "*")
        host = "0.0.0.0";
    if (host == "localhost")
        host = "127.0.0.1";
    Code failure;
    const auto address = asio::ip::make_address(host, failure);
    if (failure || !parts)
        return fail(Reason::Invalid,
                    fmt::format("\"{}\" is no address to listen on: HOST:PORT is wanted, HOST as a number", text));
    return tcp::endpoint(address, parts->port);
}

std::string addressText(const tcp::endpoint& endpoint)
{
    const auto address = endpoint.address().to_string();
    return endpoint.address().is_v6() ? fmt::format("[{}]:{}", address, endpoint.port())
                                      : fmt::format("{}:{}", address, endpoint.port());
}

/// Only HTTP/1.1 is spoken; who offers others and not this one is refused.
int chooseProtocol(SSL* /*ssl*/, const unsigned char** chosen, unsigned char* length, const unsigned char* offered,
                   unsigned int offeredLength, void* /*context*/)
{
    static constexpr std::array<unsigned char, 9> http{8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
    unsigned char* selected = nullptr;
    if (SSL_select_next_proto(&selected, length, http.data(), http.size(), offered, offeredLength) !=
        OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    *chosen = selected;
    return SSL_TLSEXT_ERR_OK;
}

/// The handshake takes any client certificate; CertificateAuthenticator judges it, so that the refusal has words.
int acceptAny(int /*good*/, X509_STORE_CTX* /*context*/)
{
    return 1;
}

Result<Done> prepareTls(ServerCore& core)
{
    auto* const tls = core.tls.native_handle();
    SSL_CTX_set_min_proto_version(tls, TLS1_2_VERSION);
    SSL_CTX_set_options(tls, SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_mode(tls, SSL_MODE_RELEASE_BUFFERS);
    // As Kubernetes prefers them: 128 bits are a sixth faster than 256.
    SSL_CTX_set_ciphersuites(tls, "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256");
    SSL_CTX_set_alpn_select_cb(tls, chooseProtocol, nullptr);
    if (core.options.clients)
        SSL_CTX_set_verify(tls, SSL_VERIFY_PEER, acceptAny);
    constexpr std::string_view context = "keelson";
    SSL_CTX_set_session_id_context(tls, reinterpret_cast<const unsigned char*>(context.data()), context.size());
    Code failure;
    const auto& pair = core.options.certificate;
    core.tls.use_certificate_chain(asio::buffer(pair.certificate), failure);
    if (!failure)
        core.tls.use_private_key(asio::buffer(pair.key), asio::ssl::context::pem, failure);
    if (failure)
        return fail(Reason::Invalid, fmt::format("the server's certificate cannot be used: {}", failure.message()));
    return Done{};
}

/// What waits in a lane's context (a timer, an accept) refers to the lane without owning it: the context, which is the
/// lane's, would keep it alive for good.
class Server : public HttpsServer {
public:
    explicit Server(std::shared_ptr<ServerCore> core) : m_core(std::move(core)) {}
    ~Server() override { stop(); }

    Result<Done> start()
    {
        for (int i = 0; i < std::max(m_core->options.threads, 1); ++i)
            m_lanes.push_back(std::make_shared<Lane>(m_core));
        for (const auto& text : m_core->options.listen)
            TRY_OK(listen(text));
        for (const auto& acceptor : m_acceptors)
            accept(acceptor);
        for (const auto& lane : m_lanes) {
            auto timer = std::make_shared<asio::steady_timer>(lane->context);
            sweep(*lane, timer);
            m_threads.emplace_back([lane] {
                nameThread("api-io");
                lane->context.run();
            });
        }
        return Done{};
    }

    const std::vector<std::string>& addresses() const override { return m_addresses; }
    std::size_t connections() const override { return m_core->connections; }

    void stop() override
    {
        if (m_core->stopping.exchange(true))
            return;
        if (m_threads.empty())
            return;
        m_lanes.front()->post([acceptors = m_acceptors] {
            for (const auto& acceptor : acceptors) {
                Code ignored;
                acceptor->close(ignored);
            }
        });
        stopMembers(false);
        {
            std::unique_lock lock(m_mutex);
            m_gone.wait_for(lock, stopGrace, [&] { return m_core->connections == 0; });
        }
        stopMembers(true);
        for (const auto& lane : m_lanes)
            lane->post([lane] { lane->context.stop(); });
        for (auto& thread : m_threads)
            thread.join();
        for (const auto& lane : m_lanes) {
            lane->ended = true;
            lane->context.restart();
            lane->context.poll();
            lane->streams.end();
        }
    }

private:
    Result<Done> listen(const std::string& text)
    {
        TRY_ASSIGN(const auto endpoint, parseAddress(text));
        auto acceptor = std::make_shared<tcp::acceptor>(m_lanes.front()->context);
        Code failure;
        acceptor->open(endpoint.protocol(), failure);
        if (!failure)
            acceptor->set_option(tcp::acceptor::reuse_address(true), failure);
        if (!failure && endpoint.address().is_v6())
            acceptor->set_option(asio::ip::v6_only(true), failure);
        if (!failure)
            acceptor->bind(endpoint, failure);
        if (!failure)
            acceptor->listen(tcp::acceptor::max_listen_connections, failure);
        if (failure)
            return fail(Reason::InternalError, fmt::format("cannot listen on {}: {}", text, failure.message()));
        m_addresses.push_back(addressText(acceptor->local_endpoint(failure)));
        m_acceptors.push_back(std::move(acceptor));
        return Done{};
    }

    void accept(const std::shared_ptr<tcp::acceptor>& acceptor)
    {
        const auto next = m_nextLane++ % m_lanes.size();
        acceptor->async_accept(m_lanes[next]->context, [this, acceptor, next](const Code& failure, tcp::socket socket) {
            if (m_core->stopping || failure == asio::error::operation_aborted)
                return;
            if (failure) {
                log::warning("apiserver", "cannot accept a connection: {}", failure.message());
                return acceptLater(acceptor);
            }
            if (m_core->connections < connectionsMax) {
                const auto& lane = m_lanes[next];
                auto shared = std::make_shared<tcp::socket>(std::move(socket));
                lane->post([lane, shared] { startConnection(lane, std::move(*shared)); });
            }
            accept(acceptor);
        });
    }

    /// Out of file descriptors, most likely: trying at once again would only burn the processor.
    void acceptLater(const std::shared_ptr<tcp::acceptor>& acceptor)
    {
        auto timer = std::make_shared<asio::steady_timer>(m_lanes.front()->context, std::chrono::milliseconds{100});
        timer->async_wait([this, acceptor, timer](const Code& failure) {
            if (!failure && !m_core->stopping)
                accept(acceptor);
        });
    }

    void sweep(Lane& lane, const std::shared_ptr<asio::steady_timer>& timer)
    {
        const auto* const clock = m_core->options.clock;
        const auto seconds = std::chrono::floor<std::chrono::seconds>(clock->wall());
        lane.date =
            fmt::format("{:%a, %d %b %Y %H:%M:%S} GMT", fmt::gmtime(std::chrono::system_clock::to_time_t(seconds)));
        const auto now = clock->steady();
        forEachMember(lane, [&](LaneMember& member) { member.sweep(now); });
        timer->expires_after(sweepPeriod);
        timer->async_wait([this, &lane, timer](const Code& failure) {
            if (!failure && !m_core->stopping)
                sweep(lane, timer);
        });
    }

    void stopMembers(bool hard)
    {
        for (const auto& lane : m_lanes) {
            lane->post([this, &lane = *lane, hard] {
                forEachMember(lane, [&](LaneMember& member) { member.stop(hard); });
                waitForNone(lane);
            });
        }
    }

    /// Wakes `stop` when the last connection has gone.
    void waitForNone(Lane& lane)
    {
        if (m_core->connections == 0) {
            const std::scoped_lock lock(m_mutex);
            m_gone.notify_all();
            return;
        }
        auto timer = std::make_shared<asio::steady_timer>(lane.context, std::chrono::milliseconds{5});
        timer->async_wait([this, &lane, timer](const Code& failure) {
            if (!failure)
                waitForNone(lane);
        });
    }

    template <typename Visit>
    static void forEachMember(Lane& lane, Visit visit)
    {
        std::vector<std::shared_ptr<LaneMember>> members; // Members leave the lane while they are visited.
        for (const auto& [key, weak] : lane.members) {
            if (auto member = weak.lock())
                members.push_back(std::move(member));
        }
        for (const auto& member : members)
            visit(*member);
    }

    std::shared_ptr<ServerCore> m_core;
    std::vector<std::shared_ptr<Lane>> m_lanes;
    std::vector<std::shared_ptr<tcp::acceptor>> m_acceptors;
    std::vector<std::string> m_addresses;
    std::vector<std::thread> m_threads;
    std::size_t m_nextLane = 0;
    std::mutex m_mutex;
    std::condition_variable m_gone;
};

} // namespace

Result<std::unique_ptr<HttpsServer>> HttpsServer::create(Options options)
{
    auto core = std::make_shared<ServerCore>();
    core->options = std::move(options);
    TRY_OK(prepareTls(*core));
    auto server = std::make_unique<Server>(std::move(core));
    TRY_OK(server->start());
    return server;
}

} // namespace keelson::apiserver
