// SPDX-License-Identifier: Apache-2.0
#include "dispatcher/agent_server.h"

#include "base/host_port.h"
#include "base/log.h"
#include "protocol/grpc_library.h"

#include <fmt/format.h>
#include <grpc/support/log.h>
#include <grpcpp/grpcpp.h>
#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>

namespace keelson::dispatcher {
namespace {

constexpr std::string_view nodePrefix = "system:node:";
constexpr int messageBytesMax = 16 * 1024 * 1024;
constexpr int keepaliveMs = 20'000;
constexpr std::size_t nodeNameLengthMax = 253;

grpc::Status refusal(const Error& error)
{
    const auto code = error.reason == Reason::Unauthorized ? grpc::StatusCode::UNAUTHENTICATED
                      : error.reason == Reason::Invalid || error.reason == Reason::BadRequest
                          ? grpc::StatusCode::INVALID_ARGUMENT
                          : grpc::StatusCode::INTERNAL;
    return {code, error.message};
}

/// A DNS subdomain (RFC 1123), as node names are.
bool isNodeName(std::string_view name)
{
    const auto good = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
    if (name.empty() || name.size() > nodeNameLengthMax || !good(name.front()) || !good(name.back()))
        return false;
    return std::ranges::all_of(name, [&](char c) { return good(c) || c == '-' || c == '.'; });
}

/// The node that the caller's certificate names; empty without one.
std::string nodeOf(const grpc::CallbackServerContext& context)
{
    const auto auth = context.auth_context();
    if (!auth || !auth->IsPeerAuthenticated())
        return {};
    for (const auto& name : auth->FindPropertyValues(GRPC_X509_CN_PROPERTY_NAME)) {
        const std::string_view text(name.data(), name.size());
        if (text.starts_with(nodePrefix))
            return std::string(text.substr(nodePrefix.size()));
    }
    return {};
}

/// The library's own lines are for its makers; what matters comes back as a status.
void quietLibrary()
{
    gpr_set_log_function([](gpr_log_func_args* line) { log::debug("grpc", "{}", line->message); });
}

/// Why a TCP address cannot be listened on, in the words of the operating system; empty when it can.
std::string whyNotFree(const std::string& address)
{
    const auto parts = HostPort::parse(address);
    if (!parts)
        return "HOST:PORT is wanted";
    addrinfo hints{};
    hints.ai_flags = AI_PASSIVE;
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (const int code = ::getaddrinfo(parts->host.c_str(), std::to_string(parts->port).c_str(), &hints, &found);
        code != 0)
        return ::gai_strerror(code);
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, &::freeaddrinfo);
    const int socket = ::socket(found->ai_family, found->ai_socktype, found->ai_protocol);
    constexpr int on = 1;
    ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    const bool bound = ::bind(socket, found->ai_addr, found->ai_addrlen) == 0;
    std::string cause = bound ? "" : std::strerror(errno);
    ::close(socket);
    return cause;
}

/// Ends a stream at once.
class Refusal : public grpc::ServerBidiReactor<wire::FromAgent, wire::ToAgent> {
public:
    explicit Refusal(const grpc::Status& status) { Finish(status); }
    void OnDone() override { delete this; }
};

} // namespace

class AgentServer::Service : public wire::Agents::CallbackService {
public:
    Service(const Options& options, Session::Callbacks callbacks)
        : m_checkToken(options.checkToken),
          m_sign(options.sign),
          m_authority(options.authority),
          m_callbacks(std::move(callbacks))
    {
    }

    grpc::ServerUnaryReactor* Join(grpc::CallbackServerContext* context, const wire::JoinRequest* request,
                                   wire::JoinReply* reply) override
    {
        auto* reactor = context->DefaultReactor();
        if (!m_checkToken(request->token())) {
            log::warning("dispatcher", "{} asked to join as node {} with a wrong token", context->peer(),
                         request->node());
            reactor->Finish({grpc::StatusCode::UNAUTHENTICATED, "the join token is wrong or no longer valid"});
            return reactor;
        }
        if (!isNodeName(request->node())) {
            reactor->Finish({grpc::StatusCode::INVALID_ARGUMENT,
                             fmt::format("\"{}\" is no node name: lower case letters, digits, '-' and '.' make one",
                                         request->node())});
            return reactor;
        }
        const auto certificate = m_sign(request->certificate_request(), request->node());
        if (!certificate) {
            reactor->Finish(refusal(certificate.error()));
            return reactor;
        }
        log::info("dispatcher", "node {} has joined from {}", request->node(), context->peer());
        reply->set_certificate(*certificate);
        reply->set_authority(m_authority);
        reactor->Finish(grpc::Status::OK);
        return reactor;
    }

    grpc::ServerBidiReactor<wire::FromAgent, wire::ToAgent>* Session(grpc::CallbackServerContext* context) override
    {
        auto node = nodeOf(*context);
        if (node.empty())
            return new Refusal(
                {grpc::StatusCode::UNAUTHENTICATED, "a session needs a node's client certificate: join first"});
        return dispatcher::Session::start(std::move(node), m_callbacks).get();
    }

private:
    std::function<bool(std::string_view)> m_checkToken;
    std::function<Result<std::string>(std::string_view, const std::string&)> m_sign;
    std::string m_authority;
    dispatcher::Session::Callbacks m_callbacks;
};

AgentServer::AgentServer() = default;

AgentServer::~AgentServer()
{
    stop();
}

Result<std::unique_ptr<AgentServer>> AgentServer::start(const Options& options, Session::Callbacks callbacks)
{
    protocol::prepareGrpc();
    std::unique_ptr<AgentServer> server(new AgentServer);
    server->m_service = std::make_unique<Service>(options, std::move(callbacks));
    grpc::SslServerCredentialsOptions tls(GRPC_SSL_REQUEST_CLIENT_CERTIFICATE_AND_VERIFY);
    tls.pem_root_certs = options.authority;
    tls.pem_key_cert_pairs.push_back({.private_key = options.key, .cert_chain = options.certificate});
    int port = 0;
    grpc::ServerBuilder builder;
    builder.AddListeningPort(options.listen, grpc::SslServerCredentials(tls), &port);
    builder.RegisterService(server->m_service.get());
    builder.SetMaxReceiveMessageSize(messageBytesMax);
    builder.SetMaxSendMessageSize(messageBytesMax);
    builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, keepaliveMs);
    builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
    builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, keepaliveMs / 4);
    builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
    builder.AddChannelArgument(GRPC_ARG_HTTP2_BDP_PROBE, 0);
    builder.AddChannelArgument(GRPC_ARG_HTTP2_STREAM_LOOKAHEAD_BYTES, protocol::lookaheadBytes);
    const auto cannot = [&](std::string_view cause) {
        return fail(Reason::InternalError, fmt::format("cannot listen for agents on {}: {}", options.listen, cause));
    };
    quietLibrary();
    if (const auto cause = whyNotFree(options.listen); !cause.empty())
        return cannot(cause);
    server->m_server = builder.BuildAndStart();
    if (!server->m_server || port == 0)
        return cannot("the address is taken, or the certificate cannot be used");
    server->m_address = fmt::format("{}:{}", options.listen.substr(0, options.listen.rfind(':')), port);
    return server;
}

void AgentServer::stop()
{
    if (!m_server)
        return;
    m_server->Shutdown(gpr_time_0(GPR_CLOCK_REALTIME)); // long past: no grace
    m_server->Wait();
    m_server.reset();
}

} // namespace keelson::dispatcher
