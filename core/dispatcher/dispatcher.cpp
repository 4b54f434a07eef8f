// SPDX-License-Identifier: Apache-2.0
#include "dispatcher/dispatcher.h"

#include "base/log.h"
#include "dispatcher/dispatcher_core.h"
#include "dispatcher/node_registrar.h"
#include "dispatcher/step_span.h"

#include <fmt/format.h>

#include <algorithm>

namespace keelson::dispatcher {
namespace {

/// The node controller has taken the node's silence for a failure; nobody but its agent says otherwise.
bool wasSilent(const api::Node& node)
{
    return std::ranges::any_of(node.status.conditions, [](const api::NodeCondition& condition) {
        return condition.type == "Ready" && condition.status == "Unknown";
    });
}

} // namespace

Result<std::unique_ptr<Dispatcher>> Dispatcher::create(Options options, client::Client& client, Loop& loop,
                                                       Executor& executor)
{
    auto core = std::make_unique<DispatcherCore>(std::move(options), client, loop, executor);
    TRY_OK(core->start());
    return core;
}

DispatcherCore::DispatcherCore(Options options, client::Client& client, Loop& loop, Executor& executor)
    : m_options(std::move(options)),
      m_client(client),
      m_loop(loop),
      m_executor(executor),
      m_pods(client, loop),
      m_nodes(client, loop),
      m_configMaps(client, loop, api::kindOf<api::ConfigMap>(), {}, client::decodeMetadata),
      m_secrets(client, loop, api::kindOf<api::Secret>(), {}, client::decodeMetadata),
      m_services(client, loop),
      m_slices(client, loop),
      m_podStatuses(client, loop, executor, api::kindOf<api::Pod>()),
      m_nodeStatuses(client, loop, executor, api::kindOf<api::Node>()),
      m_events(client, loop, executor, "keelson-agent")
{
}

DispatcherCore::~DispatcherCore()
{
    stop();
}

Result<Done> DispatcherCore::start()
{
    connectInformers();
    Session::Callbacks callbacks;
    callbacks.received = [this](const std::shared_ptr<Session>& session, wire::FromAgent message) {
        received(session, std::move(message));
    };
    callbacks.closed = [this](const std::shared_ptr<Session>& session) { closed(session); };
    TRY_ASSIGN(m_server, AgentServer::start(m_options, std::move(callbacks)));
    m_pods.start();
    m_nodes.start();
    m_configMaps.start();
    m_secrets.start();
    m_services.start();
    m_slices.start();
    log::info("dispatcher", "listening for agents on {}", m_server->address());
    return Done{};
}

void DispatcherCore::stop()
{
    if (std::exchange(m_stopped, true))
        return;
    if (m_server)
        m_server->stop();
    m_events.stop();
    m_pods.stop();
    m_nodes.stop();
    m_configMaps.stop();
    m_secrets.stop();
    m_services.stop();
    m_slices.stop();
}

void DispatcherCore::postIfAlive(std::function<void()> task)
{
    m_loop.post([alive = std::weak_ptr(m_alive), task = std::move(task)] {
        if (!alive.expired())
            task();
    });
}

void DispatcherCore::received(const std::shared_ptr<Session>& session, wire::FromAgent message)
{
    if (message.has_tunnel_data()) {
        m_tunnels->received(session, std::move(*message.mutable_tunnel_data()));
        return;
    }
    postIfAlive([this, session, message = std::move(message)] {
        switch (message.message_case()) {
        case wire::FromAgent::kHello:
            hello(session, message.hello());
            break;
        case wire::FromAgent::kStatus:
            status(session, message.status());
            break;
        case wire::FromAgent::kHeartbeat:
            heartbeat(session);
            break;
        case wire::FromAgent::kEvent:
            event(session, message.event());
            break;
        case wire::FromAgent::kPodGone:
            podGone(session, message.pod_gone());
            break;
        case wire::FromAgent::kTokenRequest:
            token(session, message.token_request());
            break;
        case wire::FromAgent::kStepReport:
            step(session, message.step_report());
            break;
        case wire::FromAgent::kTunnelData:
        case wire::FromAgent::MESSAGE_NOT_SET:
            break;
        }
    });
}

void DispatcherCore::closed(const std::shared_ptr<Session>& session)
{
    m_tunnels->closed(session);
    {
        const std::scoped_lock lock(m_mutex);
        const auto found = m_sessions.find(session->node());
        if (found != m_sessions.end() && found->second == session)
            m_sessions.erase(found);
    }
    postIfAlive([this, session] {
        if (agentOf(session) == nullptr)
            return;
        log::info("dispatcher", "node {} has left", session->node());
        for (const auto& reference : m_agents[session->node()].references)
            m_users[reference].erase(session->node());
        m_agents.erase(session->node());
    });
}

DispatcherCore::Agent* DispatcherCore::agentOf(const std::shared_ptr<Session>& session)
{
    const auto found = m_agents.find(session->node());
    return found != m_agents.end() && found->second.session == session ? &found->second : nullptr;
}

void DispatcherCore::hello(const std::shared_ptr<Session>& session, const wire::Hello& hello)
{
    auto node = api::parseJson(hello.node_json());
    if (hello.node() != session->node() || !node || api::stringAt(*node, {"metadata", "name"}) != session->node()) {
        session->close({grpc::StatusCode::PERMISSION_DENIED,
                        fmt::format("the certificate is for node {}, not {}", session->node(), hello.node())});
        return;
    }
    auto& agent = m_agents[session->node()];
    if (agent.session && agent.session != session) {
        log::info("dispatcher", "a second session of node {} replaces the first", session->node());
        for (const auto& reference : agent.references)
            m_users[reference].erase(session->node());
        agent.session->close({grpc::StatusCode::ABORTED, "another session of this node has begun"});
    }
    agent = {.session = session, .servesNetwork = hello.serves_network()};
    {
        const std::scoped_lock lock(m_mutex);
        m_sessions[session->node()] = session;
    }
    log::info("dispatcher", "node {} is connected, agent {}", session->node(), hello.agent_version());
    m_executor.run([this, alive = std::weak_ptr(m_alive), session, &client = m_client, &loop = m_loop,
                    node = *std::move(node)]() mutable {
        auto registered = registerNode(client, std::move(node));
        if (registered)
            if (const auto leased =
                    renewLease(client, session->node(), std::string(api::stringAt(*registered, {"metadata", "uid"})),
                               loop.clock().wall());
                !leased)
                log::warning("dispatcher", "the lease of node {}: {}", session->node(), leased.error().message);
        loop.post([this, alive, session, registered = std::move(registered)] {
            if (!alive.expired())
                nodeRegistered(session, registered);
        });
    });
}

void DispatcherCore::nodeRegistered(const std::shared_ptr<Session>& session, const Result<api::Value>& node)
{
    auto* agent = agentOf(session);
    if (agent == nullptr)
        return;
    if (!node) {
        log::error("dispatcher", "node {} cannot be registered: {}", session->node(), node.error().message);
        session->close({grpc::StatusCode::UNAVAILABLE,
                        fmt::format("node {} cannot be registered: {}", session->node(), node.error().message)});
        return;
    }
    agent->registered = true;
    m_unwelcomed.insert(session->node());
    welcomeReady();
}

void DispatcherCore::status(const std::shared_ptr<Session>& session, const wire::ObjectStatus& status)
{
    if (agentOf(session) == nullptr)
        return;
    const auto acknowledge = [session, sequence = status.sequence()](const Result<Done>& result) {
        wire::ToAgent message;
        message.mutable_acknowledged()->set_sequence(sequence);
        if (!result)
            message.mutable_acknowledged()->set_error(
                fmt::format("{}: {}", reasonName(result.error().reason), result.error().message));
        session->send(std::move(message));
    };
    auto document = api::parseJson(status.status_json());
    if (!document) {
        acknowledge(fail(document.error()));
        return;
    }
    api::Object object;
    object["apiVersion"] = "v1";
    object["kind"] = status.kind();
    const api::ObjectKey key{.nameSpace = status.name_space(), .name = status.name()};
    if (status.kind() == "Node" && status.name() == session->node()) {
        object["metadata"] = api::Object{{"name", status.name()}};
        object["status"] = *std::move(document);
        m_nodeStatuses.write(key, std::move(object), acknowledge);
        return;
    }
    const auto pod = m_pods.find(key);
    if (status.kind() != "Pod" || !pod || pod->metadata.uid != status.uid() || pod->spec.nodeName != session->node()) {
        acknowledge(
            fail(Reason::NotFound, fmt::format("{} {} is not of node {}", status.kind(), key.text(), session->node())));
        return;
    }
    object["metadata"] =
        api::Object{{"namespace", status.name_space()}, {"name", status.name()}, {"uid", status.uid()}};
    object["status"] = *std::move(document);
    m_podStatuses.write(key, std::move(object), acknowledge);
}

void DispatcherCore::heartbeat(const std::shared_ptr<Session>& session)
{
    auto* agent = agentOf(session);
    if (agent == nullptr || !agent->registered || agent->leaseUnderWay)
        return;
    agent->leaseUnderWay = true;
    const auto node = m_nodes.find({.nameSpace = {}, .name = session->node()});
    const auto uid = node ? node->metadata.uid : std::string();
    if (node && wasSilent(*node)) {
        wire::ToAgent message;
        message.mutable_report_again();
        session->send(std::move(message));
    }
    m_executor.run([this, alive = std::weak_ptr(m_alive), session, uid, &client = m_client, &loop = m_loop] {
        const auto renewed = renewLease(client, session->node(), uid, loop.clock().wall());
        if (!renewed)
            log::warning("dispatcher", "the lease of node {}: {}", session->node(), renewed.error().message);
        loop.post([this, alive, session] {
            if (alive.expired())
                return;
            if (auto* found = agentOf(session))
                found->leaseUnderWay = false;
        });
    });
}

void DispatcherCore::event(const std::shared_ptr<Session>& session, const wire::ClusterEvent& event)
{
    if (agentOf(session) == nullptr)
        return;
    const auto document = api::parseJson(event.event_json());
    const auto read = document ? api::fromJson<api::Event>(*document) : Result<api::Event>(fail(document.error()));
    if (!read)
        return;
    const auto& about = read->involvedObject;
    const auto pod = m_pods.find({.nameSpace = about.namespace_, .name = about.name});
    const bool own = about.kind == "Node" ? about.name == session->node()
                                          : about.kind == "Pod" && pod && pod->spec.nodeName == session->node();
    if (!own)
        return; // nothing but its own business
    m_events.record({.apiVersion = about.apiVersion,
                     .kind = about.kind,
                     .nameSpace = about.namespace_,
                     .name = about.name,
                     .uid = about.uid,
                     .resourceVersion = {}},
                    read->type == "Warning" ? client::EventType::Warning : client::EventType::Normal, read->reason,
                    read->message);
}

/// What an agent says of its own pods, or of itself.
void DispatcherCore::step(const std::shared_ptr<Session>& session, const wire::StepReport& report)
{
    if (m_options.trace == nullptr || agentOf(session) == nullptr)
        return;
    const auto pod = m_pods.find({.nameSpace = report.name_space(), .name = report.pod()});
    const bool own = pod && pod->metadata.uid == report.uid() && pod->spec.nodeName == session->node();
    if (!report.pod().empty() && !own)
        return;
    const auto node = m_nodes.find({.nameSpace = {}, .name = session->node()});
    if (auto span = spanOf(report, own ? pod : nullptr, node, m_loop.clock().wall()))
        m_options.trace->record(*std::move(span));
}

void DispatcherCore::podGone(const std::shared_ptr<Session>& session, const wire::PodGone& gone)
{
    if (agentOf(session) == nullptr)
        return;
    const api::ObjectKey key{.nameSpace = gone.name_space(), .name = gone.name()};
    const auto pod = m_pods.find(key);
    if (!pod || pod->metadata.uid != gone.uid() || pod->spec.nodeName != session->node())
        return;
    m_executor.run([&client = m_client, key, uid = gone.uid()] {
        const auto removed = client.remove(api::kindOf<api::Pod>(), key, {.gracePeriodSeconds = 0, .uid = uid});
        if (!removed && removed.error().reason != Reason::NotFound && removed.error().reason != Reason::Conflict)
            log::warning("dispatcher", "pod {} cannot be removed: {}", key.text(), removed.error().message);
    });
}

void DispatcherCore::token(const std::shared_ptr<Session>& session, const wire::TokenRequest& request)
{
    if (agentOf(session) == nullptr)
        return;
    const auto answer = [session, request](const Result<api::Value>& answered) {
        wire::ToAgent message;
        auto& reply = *message.mutable_token_reply();
        *reply.mutable_request() = request;
        const auto expires =
            parseTime(answered ? api::stringAt(*answered, {"status", "expirationTimestamp"}) : std::string_view());
        if (answered && expires) {
            reply.set_token(std::string(api::stringAt(*answered, {"status", "token"})));
            reply.set_expires(std::chrono::duration_cast<std::chrono::seconds>(expires->time_since_epoch()).count());
        } else {
            reply.set_error(answered ? "the token does not say when it ends" : answered.error().message);
        }
        session->send(std::move(message));
    };
    const auto pod = m_pods.find({.nameSpace = request.name_space(), .name = request.pod()});
    if (!pod || pod->metadata.uid != request.uid() || pod->spec.nodeName != session->node())
        return answer(fail(Reason::NotFound, fmt::format("pod {}/{} is not of node {}", request.name_space(),
                                                         request.pod(), session->node())));
    if (!m_options.issueToken)
        return answer(fail(Reason::NotFound, "this server issues no tokens for service accounts"));
    const api::Object bound{{"apiVersion", "v1"}, {"kind", "Pod"}, {"name", request.pod()}, {"uid", request.uid()}};
    api::Object spec{{"boundObjectRef", bound}, {"expirationSeconds", request.expiration_seconds()}};
    if (!request.audience().empty())
        spec["audiences"] = api::Array{request.audience()};
    m_executor.run([issue = m_options.issueToken, answer, spec = std::move(spec),
                    account = api::ObjectKey{request.name_space(), pod->spec.serviceAccountName}] {
        answer(issue(account, api::Object{{"spec", spec}}));
    });
}

Result<std::unique_ptr<client::PodStream>> DispatcherCore::openTunnel(const client::PodTarget& target,
                                                                      wire::OpenTunnel open,
                                                                      std::shared_ptr<client::PodStreamSink> sink)
{
    std::shared_ptr<Session> session;
    {
        const std::scoped_lock lock(m_mutex);
        const auto found = m_sessions.find(target.node);
        if (found == m_sessions.end())
            return fail(Reason::ServiceUnavailable, fmt::format("node {} is not connected", target.node));
        session = found->second;
    }
    open.set_name_space(target.nameSpace);
    open.set_pod(target.pod);
    open.set_uid(target.uid);
    open.set_container(target.container);
    return m_tunnels->open(session, std::move(open), std::move(sink));
}

Result<std::unique_ptr<client::PodStream>> DispatcherCore::logs(const client::PodTarget& target,
                                                                const client::LogOptions& options,
                                                                std::shared_ptr<client::PodStreamSink> sink)
{
    wire::OpenTunnel open;
    auto& logs = *open.mutable_logs();
    logs.set_follow(options.follow);
    logs.set_previous(options.previous);
    logs.set_timestamps(options.timestamps);
    if (options.tailLines)
        logs.set_tail_lines(*options.tailLines);
    if (options.sinceSeconds)
        logs.set_since_seconds(*options.sinceSeconds);
    if (options.sinceTime)
        logs.set_since_time(formatMicroTime(*options.sinceTime));
    if (options.limitBytes)
        logs.set_limit_bytes(*options.limitBytes);
    return openTunnel(target, std::move(open), std::move(sink));
}

Result<std::unique_ptr<client::PodStream>> DispatcherCore::exec(const client::PodTarget& target,
                                                                const client::ExecOptions& options,
                                                                std::shared_ptr<client::PodStreamSink> sink)
{
    wire::OpenTunnel open;
    auto& exec = options.command.empty() ? *open.mutable_attach() : *open.mutable_exec();
    for (const auto& word : options.command)
        exec.add_command(word);
    exec.set_input(options.input);
    exec.set_output(options.output);
    exec.set_error(options.error);
    exec.set_terminal(options.terminal);
    return openTunnel(target, std::move(open), std::move(sink));
}

Result<std::unique_ptr<client::PodStream>> DispatcherCore::portForward(const client::PodTarget& target,
                                                                       std::uint16_t port,
                                                                       std::shared_ptr<client::PodStreamSink> sink)
{
    wire::OpenTunnel open;
    open.mutable_port_forward()->set_port(port);
    open.mutable_port_forward()->set_at_address(target.atAddress);
    return openTunnel(target, std::move(open), std::move(sink));
}

} // namespace keelson::dispatcher
