// SPDX-License-Identifier: Apache-2.0
// The node's session with the control plane: dialing, and what the server says.
#include "base/log.h"
#include "node/node_agent.h"
#include "pods/pod_status.h"

#include <fmt/format.h>

#include <algorithm>

namespace keelson::node {
namespace {

constexpr Milliseconds dialDelayMax{10'000};
constexpr Milliseconds refusedDelayMax{300'000};
constexpr std::chrono::seconds settledAfter{5};
constexpr std::chrono::seconds undisputedAfter{60}; // more than the longest wait of another agent of the same name

/// The same request would get the same answer: the token, the node's name or the authority is wrong.
bool isRefusal(const Error& error)
{
    return error.reason == Reason::Unauthorized || error.reason == Reason::Invalid || error.reason == Reason::NotFound;
}

} // namespace

void NodeAgent::dial()
{
    if (m_stopped)
        return;
    const auto server = m_options.servers[m_nextServer++ % m_options.servers.size()];
    m_parts.executor.run(
        [this, alive = std::weak_ptr(m_alive), &loop = m_parts.loop, options = m_options, server, known = m_identity] {
            const auto authority = options.token ? options.token->authority : std::string();
            Result<Identity> identity = fail(Reason::NotFound, "the node has not joined yet");
            if (known)
                identity = *known;
            else if (!options.simulated)
                identity = loadIdentity(options.dataDirectory, options.node, authority, loop.clock().wall());
            if (!identity && options.token) {
                identity = join(server, *options.token, options.node);
                if (identity && !options.simulated) {
                    if (const auto saved = saveIdentity(options.dataDirectory, *identity); !saved)
                        identity = fail(saved.error());
                }
            }
            loop.post([this, alive, identity = std::move(identity), server] {
                if (!alive.expired())
                    dialed(identity, server);
            });
        });
}

void NodeAgent::dialed(const Result<Identity>& identity, const std::string& server)
{
    if (m_stopped)
        return;
    if (!identity) {
        notJoined(identity.error());
        return;
    }
    m_refusals = 0;
    m_identity = *identity;
    const auto number = ++m_sessionNumber;
    const auto onLoop = [this, alive = std::weak_ptr(m_alive), &loop = m_parts.loop, number](auto handle) {
        loop.post([this, alive, number, handle = std::move(handle)]() mutable {
            if (!alive.expired() && number == m_sessionNumber && !m_stopped)
                handle();
        });
    };
    SessionClient::Callbacks callbacks;
    callbacks.received = [this, onLoop](wire::ToAgent message) {
        onLoop([this, message = std::move(message)]() mutable { received(std::move(message)); });
    };
    callbacks.ended = [this, onLoop](const Error& error) { onLoop([this, error] { sessionEnded(error); }); };
    m_session = SessionClient::connect(server, *m_identity, std::move(callbacks));
    m_tunnels = std::make_unique<AgentTunnels>(m_parts.executor, m_parts.runtime,
                                               [weak = std::weak_ptr(m_session)](wire::FromAgent message) {
                                                   if (const auto session = weak.lock())
                                                       session->send(std::move(message));
                                               });
    sendHello();
}

void NodeAgent::notJoined(Error error)
{
    m_refusals = isRefusal(error) ? m_refusals + 1 : 0;
    if (m_refusals < m_options.servers.size() || !m_parts.refused) {
        sessionEnded(error);
        return;
    }
    if (error.reason == Reason::Unauthorized && m_options.token)
        error.message += fmt::format(
            ". The token is from {}: put agent.token of the control plane's data folder there (of a local cluster: "
            "keelsonctl token create NAME) and start the agent again",
            m_options.tokenFile);
    m_stopped = true;
    m_parts.refused(error);
}

void NodeAgent::sessionEnded(const Error& error)
{
    ++m_sessionNumber;
    m_active = false;
    m_tunnels.reset();
    m_session.reset();
    const auto delayMax = isRefusal(error) ? refusedDelayMax : dialDelayMax;
    const bool isReplaced = error.reason == Reason::Conflict;
    if (m_redial.ended(m_parts.loop.clock().steady(), isReplaced ? undisputedAfter : settledAfter))
        m_lastDialProblem.clear();
    const auto problem = isReplaced
                             ? "another agent uses this node's name and has taken its session over; stop one of them, "
                               "or give it a --node of its own"
                             : error.message;
    if (problem != m_lastDialProblem)
        log::warning("agent", "node {}: {}; asked again less and less often, in the end every {} s", m_options.node,
                     problem, delayMax / std::chrono::seconds{1});
    m_lastDialProblem = problem;
    if (error.reason == Reason::Unauthorized)
        m_identity.reset(); // read again, or joined anew with another token
    const auto delay = m_redial.next(delayMax);
    const Milliseconds jitter{
        static_cast<std::int64_t>(m_parts.random.below(static_cast<std::uint64_t>(delay.count())))};
    m_parts.loop.after(delay + jitter / 2, [this, alive = std::weak_ptr(m_alive)] {
        if (!alive.expired())
            dial();
    });
}

void NodeAgent::send(wire::FromAgent message)
{
    if (m_session)
        m_session->send(std::move(message));
}

void NodeAgent::sendHello()
{
    auto node = makeNode(*m_facts);
    m_conditions = conditionsOf({}, m_conditions, m_parts.loop.clock().wall());
    node.status.conditions = m_conditions;
    wire::FromAgent message;
    auto& hello = *message.mutable_hello();
    hello.set_node(m_options.node);
    hello.set_node_json(api::writeJson(api::toJson(node)));
    hello.set_agent_version(std::string(agentVersion));
    hello.set_serves_network(m_options.network == network::NetworkMode::Host && !m_options.simulated);
    send(std::move(message));
}

void NodeAgent::received(wire::ToAgent message)
{
    switch (message.message_case()) {
    case wire::ToAgent::kWelcome:
        welcome(message.welcome());
        break;
    case wire::ToAgent::kChange:
        applyChange(message.change());
        break;
    case wire::ToAgent::kSynced:
        synced();
        break;
    case wire::ToAgent::kOpenTunnel:
        openTunnel(message.open_tunnel());
        break;
    case wire::ToAgent::kTunnelData:
        if (m_tunnels)
            m_tunnels->received(message.tunnel_data());
        break;
    case wire::ToAgent::kAcknowledged:
        acknowledged(message.acknowledged());
        break;
    case wire::ToAgent::kReportAgain:
        reportAgain();
        break;
    case wire::ToAgent::kTokenReply:
        m_tokens.received(message.token_reply());
        break;
    case wire::ToAgent::MESSAGE_NOT_SET:
        break;
    }
}

void NodeAgent::welcome(const wire::Welcome& welcome)
{
    m_redial.connected(m_parts.loop.clock().steady());
    if (m_welcome && m_welcome->pod_cidr() != welcome.pod_cidr() && m_network)
        log::error("agent", "the node's pod range is now {}, was {}: restart the agent to take it over",
                   welcome.pod_cidr(), m_welcome->pod_cidr());
    m_welcome = welcome;
    m_active = true;
    log::info("agent", "node {} is connected; its pods have {}", m_options.node, welcome.pod_cidr());
    m_objects.begin();
    m_pods->setSettings(makeSettings());
    m_lastNodeStatus.clear();
    m_tokens.connected();
    startNetwork();
    reportAgain(); // while there was no session the server may have taken the pods for unknown
    beat();
}

void NodeAgent::applyChange(const wire::ObjectChange& change)
{
    const auto applied = m_objects.apply(change);
    if (applied.kind != AssignedObjects::Kind::Other)
        carryOut(applied);
    saveSoon();
}

void NodeAgent::carryOut(const AssignedObjects::Change& change)
{
    switch (change.kind) {
    case AssignedObjects::Kind::Pod:
        if (change.gone) {
            std::erase_if(m_gone, [&](const auto& each) { return each.second == change.key; });
            m_tokens.forget(change.key);
            if (m_podsStarted)
                m_pods->removePod(change.key.nameSpace, change.key.name);
        } else if (const auto pod = m_objects.pod(change.key); pod && !m_gone.contains(pod->metadata.uid)) {
            if (!m_options.simulated)
                m_tokens.want(*pod);
            if (m_podsStarted)
                givePod(pod);
        }
        break;
    case AssignedObjects::Kind::ConfigMap:
    case AssignedObjects::Kind::Secret:
        if (m_podsStarted)
            m_pods->objectsChanged(change.key.nameSpace);
        break;
    case AssignedObjects::Kind::Service:
    case AssignedObjects::Kind::EndpointSlice:
    case AssignedObjects::Kind::Node:
        if (m_allKnown)
            feedNetwork(change.kind);
        break;
    case AssignedObjects::Kind::Other:
        break;
    }
}

/// A new pod waits for its tokens while the control plane can answer: without them it could not start. Not so before
/// all is known: whose containers run already must not be taken for nobody's.
void NodeAgent::givePod(const api::PodPtr& pod)
{
    const auto& meta = pod->metadata;
    if (m_active && m_allKnown && !m_options.simulated && !m_tokens.settled(*pod) &&
        m_pods->find(meta.namespace_, meta.name, meta.uid) == nullptr)
        return;
    m_pods->setPod(pod);
}

void NodeAgent::tokenChanged(const api::ObjectKey& key)
{
    const auto pod = m_objects.pod(key);
    if (!pod || !m_podsStarted)
        return;
    if (m_pods->find(key.nameSpace, key.name, pod->metadata.uid) == nullptr)
        givePod(pod);
    else
        m_pods->objectsChanged(key.nameSpace);
}

void NodeAgent::synced()
{
    for (const auto& stale : m_objects.finish())
        carryOut(stale);
    std::erase_if(m_gone, [&](const auto& each) {
        const auto pod = m_objects.pod(each.second);
        return !pod || pod->metadata.uid != each.first;
    });
    m_allKnown = true;
    feedNetwork(AssignedObjects::Kind::Service);
    feedNetwork(AssignedObjects::Kind::EndpointSlice);
    feedNetwork(AssignedObjects::Kind::Node);
    if (m_podsStarted)
        m_pods->allKnown();
    saveSoon();
}

void NodeAgent::reportAgain()
{
    for (auto& [uid, report] : m_reports) {
        report.acknowledged = false;
        wire::FromAgent message;
        *message.mutable_status() = report.status;
        send(std::move(message));
    }
}

void NodeAgent::acknowledged(const wire::Acknowledged& acknowledged)
{
    const auto found = std::ranges::find_if(
        m_reports, [&](const auto& each) { return each.second.sequence == acknowledged.sequence(); });
    if (found == m_reports.end())
        return; // about one that a newer has replaced
    if (acknowledged.error().empty() || acknowledged.error().starts_with("NotFound"))
        found->second.acknowledged = true;
    else
        log::warning("agent", "the status of {} {} is not stored: {}", found->second.status.kind(),
                     found->second.status.name(), acknowledged.error()); // sent again with the next heartbeat
}

Result<AgentTunnels::Target> NodeAgent::tunnelTarget(const wire::OpenTunnel& request) const
{
    const auto* worker = m_pods->find(request.name_space(), request.pod(), request.uid());
    if (worker == nullptr)
        return fail(Reason::NotFound, fmt::format("pods \"{}\" not found on node {}", request.pod(), m_options.node));
    AgentTunnels::Target target;
    const bool loopback = worker->pod()->spec.hostNetwork && !request.port_forward().at_address();
    target.address = loopback ? "127.0.0.1" : worker->status().podIP;
    if (request.has_port_forward()) {
        const auto sandbox = std::ranges::find_if(worker->containers(), [](const auto& each) {
            return each.sandbox && each.state == containers::ContainerState::Running;
        });
        if (sandbox != worker->containers().end())
            target.containerId = sandbox->id;
        return target;
    }
    const containers::ContainerInfo* latest = nullptr;
    const containers::ContainerInfo* previous = nullptr;
    for (const auto& each : worker->containers()) {
        if (each.sandbox || each.name != request.container())
            continue;
        if (latest == nullptr || each.attempt > latest->attempt)
            previous = std::exchange(latest, &each);
        else if (previous == nullptr || each.attempt > previous->attempt)
            previous = &each;
    }
    if (request.has_logs()) {
        const auto* wanted = request.logs().previous() ? previous : latest;
        if (wanted == nullptr && request.logs().previous())
            return fail(Reason::BadRequest, fmt::format("previous terminated container \"{}\" in pod \"{}\" not found",
                                                        request.container(), request.pod()));
        if (wanted == nullptr) {
            std::string reason = "ContainerCreating";
            for (const auto& status : worker->status().containerStatuses) {
                if (status.name == request.container() && status.state.waiting)
                    reason = status.state.waiting->reason;
            }
            return fail(Reason::BadRequest, fmt::format("container \"{}\" in pod \"{}\" is waiting to start: {}",
                                                        request.container(), request.pod(), reason));
        }
        target.containerId = wanted->id;
        return target;
    }
    if (latest == nullptr || latest->state != containers::ContainerState::Running)
        return fail(Reason::BadRequest,
                    fmt::format("container \"{}\" in pod \"{}\" is not running", request.container(), request.pod()));
    target.containerId = latest->id;
    return target;
}

void NodeAgent::openTunnel(const wire::OpenTunnel& request)
{
    if (m_tunnels)
        m_tunnels->open(request, tunnelTarget(request));
}

} // namespace keelson::node
