// SPDX-License-Identifier: Apache-2.0
#include "node/session_client.h"

#include "base/log.h"
#include "protocol/grpc_library.h"

#include <fmt/format.h>
#include <grpc/support/log.h>
#include <grpcpp/grpcpp.h>

#include <deque>
#include <mutex>
#include <utility>

namespace keelson::node {
namespace {

constexpr int joinSeconds = 10;
constexpr int messageBytesMax = 16 * 1024 * 1024;
constexpr int keepaliveMs = 20'000;
constexpr int keepaliveTimeoutMs = 10'000;
/// A name that every server certificate of the cluster's authority carries: agents dial addresses, also forwarded ones.
constexpr auto serverName = "kubernetes";

/// The library's own lines are for its makers; what matters comes back as a status.
void quietLibrary()
{
    gpr_set_log_function([](gpr_log_func_args* line) { log::debug("grpc", "{}", line->message); });
}

std::shared_ptr<grpc::Channel> channelTo(const std::string& server, const Identity& identity)
{
    protocol::prepareGrpc();
    quietLibrary();
    grpc::SslCredentialsOptions tls;
    tls.pem_root_certs = identity.authority;
    tls.pem_private_key = identity.key;
    tls.pem_cert_chain = identity.certificate;
    grpc::ChannelArguments arguments;
    arguments.SetSslTargetNameOverride(serverName);
    arguments.SetMaxReceiveMessageSize(messageBytesMax);
    arguments.SetMaxSendMessageSize(messageBytesMax);
    arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, keepaliveMs);
    arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, keepaliveTimeoutMs);
    arguments.SetInt(GRPC_ARG_HTTP2_BDP_PROBE, 0);
    arguments.SetInt(GRPC_ARG_HTTP2_STREAM_LOOKAHEAD_BYTES, protocol::lookaheadBytes);
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    return grpc::CreateCustomChannel(server, grpc::SslCredentials(tls), arguments);
}

Error errorOf(const grpc::Status& status, const std::string& server)
{
    if (status.error_message().find("certificate verify failed") != std::string::npos)
        return makeError(
            Reason::Unauthorized,
            fmt::format("the control plane at {} has a certificate of another authority than this node's token "
                        "or identity: they are of another cluster. Take the agent.token of that control plane",
                        server));
    switch (status.error_code()) {
    case grpc::StatusCode::UNAUTHENTICATED:
    case grpc::StatusCode::PERMISSION_DENIED:
        return makeError(Reason::Unauthorized,
                         fmt::format("the control plane at {} refuses this node: {}", server, status.error_message()));
    case grpc::StatusCode::INVALID_ARGUMENT:
        return makeError(Reason::Invalid, status.error_message());
    case grpc::StatusCode::ABORTED:
        return makeError(Reason::Conflict, status.error_message());
    default:
        return makeError(Reason::ServiceUnavailable,
                         fmt::format("the control plane at {} does not answer: {}", server,
                                     status.ok() ? "it has ended the session" : status.error_message()));
    }
}

} // namespace

Result<Identity> join(const std::string& server, const JoinToken& token, const std::string& node)
{
    TRY_ASSIGN(auto made, makeCertificateRequest(node));
    const auto stub = wire::Agents::NewStub(channelTo(server, {.authority = token.authority}));
    wire::JoinRequest request;
    request.set_token(token.secret);
    request.set_node(node);
    request.set_certificate_request(made.request);
    wire::JoinReply reply;
    grpc::ClientContext context;
    context.set_deadline(gpr_time_add(gpr_now(GPR_CLOCK_REALTIME), gpr_time_from_seconds(joinSeconds, GPR_TIMESPAN)));
    if (const auto status = stub->Join(&context, request, &reply); !status.ok())
        return fail(errorOf(status, server));
    return Identity{.authority = token.authority, .certificate = reply.certificate(), .key = std::move(made.key)};
}

/// Keeps itself alive until gRPC has said OnDone.
class SessionClient::Reactor : public grpc::ClientBidiReactor<wire::FromAgent, wire::ToAgent> {
public:
    Reactor(std::string server, const Identity& identity, Callbacks callbacks)
        : m_server(std::move(server)),
          m_callbacks(std::move(callbacks)),
          m_stub(wire::Agents::NewStub(channelTo(m_server, identity)))
    {
    }

    void start(std::shared_ptr<Reactor> self)
    {
        m_self = std::move(self);
        m_stub->async()->Session(&m_context, this);
        StartRead(&m_incoming);
        AddHold(); // writes come from outside of gRPC's callbacks
        StartCall();
    }

    void send(wire::FromAgent message)
    {
        const std::scoped_lock lock(m_mutex);
        if (m_ended)
            return;
        m_outgoing.push_back(std::move(message));
        if (m_writing)
            return;
        m_writing = true;
        StartWrite(&m_outgoing.front());
    }

    /// No callback begins after this.
    void cancel()
    {
        {
            const std::scoped_lock lock(m_callbackMutex);
            m_callbacks = {};
        }
        m_context.TryCancel();
    }

    void OnReadDone(bool ok) override
    {
        if (ok) {
            {
                const std::scoped_lock lock(m_callbackMutex);
                if (m_callbacks.received)
                    m_callbacks.received(std::exchange(m_incoming, {}));
            }
            StartRead(&m_incoming);
            return;
        }
        const std::scoped_lock lock(m_mutex);
        m_ended = true;
        if (!m_writing)
            releaseHold();
    }

    void OnWriteDone(bool ok) override
    {
        const std::scoped_lock lock(m_mutex);
        m_outgoing.pop_front();
        if (!ok)
            m_outgoing.clear();
        m_writing = !m_outgoing.empty() && !m_ended;
        if (m_writing)
            StartWrite(&m_outgoing.front());
        else if (m_ended)
            releaseHold();
    }

    void OnDone(const grpc::Status& status) override
    {
        const auto self = std::move(m_self);
        const std::scoped_lock lock(m_callbackMutex);
        if (m_callbacks.ended)
            m_callbacks.ended(errorOf(status, m_server));
    }

private:
    void releaseHold()
    {
        if (!std::exchange(m_released, true))
            RemoveHold();
    }

    const std::string m_server;
    std::mutex m_callbackMutex; ///< Held while a callback runs.
    Callbacks m_callbacks;
    std::unique_ptr<wire::Agents::Stub> m_stub;
    grpc::ClientContext m_context;
    wire::ToAgent m_incoming;
    std::shared_ptr<Reactor> m_self;

    std::mutex m_mutex;
    std::deque<wire::FromAgent> m_outgoing;
    bool m_writing = false;
    bool m_ended = false;
    bool m_released = false;
};

std::unique_ptr<SessionClient> SessionClient::connect(const std::string& server, const Identity& identity,
                                                      Callbacks callbacks)
{
    auto reactor = std::make_shared<Reactor>(server, identity, std::move(callbacks));
    reactor->start(reactor);
    return std::unique_ptr<SessionClient>(new SessionClient(std::move(reactor)));
}

SessionClient::~SessionClient()
{
    m_reactor->cancel();
}

void SessionClient::send(wire::FromAgent message)
{
    m_reactor->send(std::move(message));
}

} // namespace keelson::node
