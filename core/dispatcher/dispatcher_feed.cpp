// SPDX-License-Identifier: Apache-2.0
// What agents are sent: how changes in the cluster reach the nodes that they concern.
#include "base/log.h"
#include "client/typed.h"
#include "dispatcher/dispatcher_core.h"

#include <algorithm>
#include <tuple>

namespace keelson::dispatcher {

namespace {

constexpr Duration judgeDelayFirst = std::chrono::seconds{1};
constexpr Duration judgeDelayMax = std::chrono::minutes{1};
constexpr Duration judgeDelayForgottenAfter = std::chrono::minutes{2};

} // namespace

wire::ToAgent changeOf(const api::Kind& kind, const api::ObjectKey& key, const client::Encoded& encoded)
{
    wire::ToAgent message;
    auto& change = *message.mutable_change();
    change.set_group_version(kind.groupVersion.text());
    change.set_kind(kind.kind);
    change.set_name_space(key.nameSpace);
    change.set_name(key.name);
    if (encoded)
        change.set_json(*encoded);
    return message;
}

namespace {

client::Encoded encodedOf(const client::CachedPtr& cached)
{
    return cached ? cached->encoded : nullptr;
}

const std::string& nodeNameOf(const client::CachedPtr& cached)
{
    static const std::string none;
    return cached ? client::Informer<api::Pod>::typed(cached)->spec.nodeName : none;
}

client::Encoded peerOf(const client::CachedPtr& cached)
{
    if (!cached)
        return nullptr;
    return std::make_shared<const std::string>(api::writeJson(peerView(*client::Informer<api::Node>::typed(cached))));
}

} // namespace

void DispatcherCore::connectInformers()
{
    m_byNode = m_pods.addIndex([](const api::Pod& pod) { return std::vector<std::string>{pod.spec.nodeName}; });
    using Base = client::InformerBase;
    m_pods.Base::onChange([this](const auto& before, const auto& now) { podChanged(before, now); });
    m_nodes.Base::onChange([this](const auto& before, const auto& now) { nodeChanged(before, now); });
    m_configMaps.onChange(
        [this](const auto& before, const auto& now) { referencedChanged(PodReference::Kind::ConfigMap, before, now); });
    m_secrets.onChange(
        [this](const auto& before, const auto& now) { referencedChanged(PodReference::Kind::Secret, before, now); });
    m_services.Base::onChange(
        [this](const auto& before, const auto& now) { networkChanged(m_services.kind(), before, now); });
    m_slices.Base::onChange(
        [this](const auto& before, const auto& now) { networkChanged(m_slices.kind(), before, now); });
    for (Base* each : {static_cast<Base*>(&m_pods), static_cast<Base*>(&m_nodes), &m_configMaps, &m_secrets,
                       static_cast<Base*>(&m_services), static_cast<Base*>(&m_slices)})
        each->onProgress([this] { welcomeReady(); });
}

bool DispatcherCore::synced() const
{
    return m_pods.synced() && m_nodes.synced() && m_configMaps.synced() && m_secrets.synced() && m_services.synced() &&
           m_slices.synced();
}

/// A node is welcome once its object is stored and has its range of pod addresses.
void DispatcherCore::welcomeReady()
{
    if (!synced())
        return;
    std::erase_if(m_unwelcomed, [this](const std::string& node) {
        const auto found = m_agents.find(node);
        if (found == m_agents.end() || !found->second.registered)
            return true; // left, or replaced by a session that is not as far
        welcome(node, found->second);
        return found->second.active;
    });
}

void DispatcherCore::welcome(const std::string& node, Agent& agent)
{
    const auto object = m_nodes.find({.nameSpace = {}, .name = node});
    if (!object || object->spec.podCIDR.empty())
        return;
    agent.active = true;
    wire::ToAgent message;
    auto& welcome = *message.mutable_welcome();
    welcome.set_pod_cidr(object->spec.podCIDR);
    welcome.set_cluster_cidr(m_options.podCidr);
    welcome.set_service_cidr(m_options.serviceCidr);
    welcome.set_cluster_domain(m_options.clusterDomain);
    welcome.set_dns_address(m_options.dnsAddress);
    welcome.set_heartbeat_seconds(m_options.heartbeatSeconds);
    agent.session->send(std::move(message));

    if (agent.servesNetwork) {
        for (const auto& each : m_nodes.InformerBase::all())
            agent.session->send(changeOf(m_nodes.kind(), each->key, peerOf(each)));
        for (const auto& each : m_services.InformerBase::all())
            agent.session->send(changeOf(m_services.kind(), each->key, each->encoded));
        for (const auto& each : m_slices.InformerBase::all())
            agent.session->send(changeOf(m_slices.kind(), each->key, each->encoded));
    }
    refreshReferences(node, agent);
    auto pods = m_pods.InformerBase::select(m_byNode, node);
    std::ranges::sort(pods, {}, [](const auto& each) { return std::tie(each->meta->creationTimestamp, each->uid); });
    for (const auto& each : pods) // who was there first goes first
        assign(node, agent, each);
    wire::ToAgent synced;
    synced.mutable_synced();
    agent.session->send(std::move(synced));
}

void DispatcherCore::podChanged(const client::CachedPtr& before, const client::CachedPtr& now)
{
    using Pods = client::Informer<api::Pod>;
    if (before && now && isAgentsOwn(*Pods::typed(before), *Pods::typed(now)))
        return;
    const auto& left = nodeNameOf(before);
    const auto& node = nodeNameOf(now);
    const auto& key = now ? now->key : before->key;
    const auto tell = [&](const std::string& name, const client::CachedPtr& what) {
        const auto found = m_agents.find(name);
        if (name.empty() || found == m_agents.end() || !found->second.active)
            return;
        auto& agent = found->second;
        refreshReferences(name, agent);
        if (what) {
            assign(name, agent, what);
            return;
        }
        agent.taken.erase(before->uid);
        agent.doubtful.erase(before->uid);
        agent.session->send(changeOf(m_pods.kind(), key, nullptr));
    };
    if (left != node)
        tell(left, nullptr);
    tell(node, now);
}

/// Sends a pod to its node; a new one only when the node takes it.
void DispatcherCore::assign(const std::string& node, Agent& agent, const client::CachedPtr& cached)
{
    const auto pod = client::Informer<api::Pod>::typed(cached);
    if (isNew(*pod) && agent.doubtful.contains(cached->uid))
        return;
    agent.doubtful.erase(cached->uid);
    if (isNew(*pod) && !agent.taken.contains(cached->uid)) {
        const auto object = m_nodes.find({.nameSpace = {}, .name = node});
        if (object && rejectionOf(pod, object, podsAhead(node, agent, cached->uid)))
            return judgeLater(agent, cached);
    }
    agent.taken.insert(cached->uid);
    agent.session->send(changeOf(m_pods.kind(), cached->key, cached->encoded));
}

/// The pods that the node has besides that one.
std::vector<api::PodPtr> DispatcherCore::podsAhead(const std::string& node, const Agent& agent,
                                                   const std::string& uid) const
{
    auto pods = m_pods.select(m_byNode, node);
    std::erase_if(pods, [&](const api::PodPtr& each) {
        const auto& own = each->metadata.uid;
        return own == uid || hasEnded(*each) || (!each->status.startTime && !agent.taken.contains(own));
    });
    return pods;
}

/// A ReplicaSet replaces a pod that was rejected at once, by one that is rejected: each rejection lets the next wait
/// longer.
void DispatcherCore::judgeLater(Agent& agent, const client::CachedPtr& cached)
{
    agent.doubtful.insert(cached->uid);
    const auto now = m_loop.clock().steady();
    if (now - agent.judgeFrom > judgeDelayForgottenAfter)
        agent.judgeDelay = Duration{0};
    if (now >= agent.judgeFrom)
        return judgeAnew(agent.session, cached);
    m_loop.after(agent.judgeFrom - now, [this, alive = std::weak_ptr(m_alive), session = agent.session, cached] {
        if (!alive.expired())
            judgeAnew(session, cached);
    });
}

/// Pods and nodes come by watches of their own: the scheduler may know of a label or a capacity that has not come here.
void DispatcherCore::judgeAnew(const std::shared_ptr<Session>& session, const client::CachedPtr& cached)
{
    m_executor.run([this, alive = std::weak_ptr(m_alive), session, cached, &client = m_client, &loop = m_loop] {
        auto node = client::get<api::Node>(client, {.nameSpace = {}, .name = session->node()});
        loop.post([this, alive, session, cached, node = std::move(node)] {
            if (!alive.expired())
                judged(session, cached, node);
        });
    });
}

void DispatcherCore::judged(const std::shared_ptr<Session>& session, const client::CachedPtr& seen,
                            const Result<api::Node>& node)
{
    auto* agent = agentOf(session);
    if (agent == nullptr)
        return;
    const auto cached = m_pods.InformerBase::find(seen->key);
    const auto pod = client::Informer<api::Pod>::typed(cached);
    const bool same = pod && cached->uid == seen->uid && pod->spec.nodeName == session->node();
    if (same && node && isNew(*pod)) {
        const auto ahead = podsAhead(session->node(), *agent, cached->uid);
        if (const auto rejection = rejectionOf(pod, std::make_shared<const api::Node>(*node), ahead)) {
            agent->judgeDelay = std::clamp(agent->judgeDelay * 2, judgeDelayFirst, judgeDelayMax);
            agent->judgeFrom = m_loop.clock().steady() + agent->judgeDelay;
            return reject(session, *pod, *rejection);
        }
    }
    agent->doubtful.erase(seen->uid);
    if (!same)
        return;
    agent->taken.insert(cached->uid);
    assign(session->node(), *agent, cached);
}

void DispatcherCore::reject(const std::shared_ptr<Session>& session, const api::Pod& pod, const Rejection& rejection)
{
    log::info("dispatcher", "node {} does not take pod {}/{}: {}", session->node(), pod.metadata.namespace_,
              pod.metadata.name, rejection.message);
    m_events.record(pod, client::EventType::Warning, rejection.reason, rejection.message);
    const api::ObjectKey key{.nameSpace = pod.metadata.namespace_, .name = pod.metadata.name};
    api::Object object{{"apiVersion", "v1"}, {"kind", "Pod"}};
    object["metadata"] = api::Object{{"namespace", key.nameSpace}, {"name", key.name}, {"uid", pod.metadata.uid}};
    object["status"] = api::toJson(rejectedStatus(pod.status, rejection, m_loop.clock().wall()));
    m_podStatuses.write(key, std::move(object), [this, session, key, uid = pod.metadata.uid](const auto& written) {
        if (written)
            return; // it is sent as one that has failed once the informer shows it
        log::warning("dispatcher", "pod {} cannot be rejected: {}", key.text(), written.error().message);
        if (auto* agent = agentOf(session))
            agent->doubtful.erase(uid);
    });
}

void DispatcherCore::nodeChanged(const client::CachedPtr& before, const client::CachedPtr& now)
{
    const auto peer = peerOf(now);
    const auto last = peerOf(before);
    if (peer && last && *peer == *last)
        return; // its status alone: nothing that others need to know
    const auto& key = now ? now->key : before->key;
    for (auto& [name, agent] : m_agents) {
        if (agent.active && agent.servesNetwork)
            agent.session->send(changeOf(m_nodes.kind(), key, peer));
    }
}

void DispatcherCore::referencedChanged(PodReference::Kind kind, const client::CachedPtr& before,
                                       const client::CachedPtr& now)
{
    const auto& key = now ? now->key : before->key;
    const auto users = m_users.find({.kind = kind, .nameSpace = key.nameSpace, .name = key.name});
    if (users == m_users.end())
        return;
    for (const auto& node : users->second) {
        const auto found = m_agents.find(node);
        if (found != m_agents.end() && found->second.active)
            sendReferenced(found->second, users->first);
    }
}

void DispatcherCore::networkChanged(const api::Kind& kind, const client::CachedPtr& before,
                                    const client::CachedPtr& now)
{
    const auto& key = now ? now->key : before->key;
    for (auto& [name, agent] : m_agents) {
        if (agent.active && agent.servesNetwork)
            agent.session->send(changeOf(kind, key, encodedOf(now)));
    }
}

/// Sends what the node's pods have come to name, and takes back what none of them names any more.
void DispatcherCore::refreshReferences(const std::string& node, Agent& agent)
{
    std::set<PodReference> wanted;
    for (const auto& pod : m_pods.select(m_byNode, node))
        wanted.merge(sentObjects(*pod));
    const auto before = std::exchange(agent.references, wanted);
    for (const auto& each : before) {
        if (wanted.contains(each))
            continue;
        m_users[each].erase(node);
        if (m_users[each].empty())
            m_users.erase(each);
        const auto& kind = each.kind == PodReference::Kind::Secret ? m_secrets.kind() : m_configMaps.kind();
        agent.session->send(changeOf(kind, {.nameSpace = each.nameSpace, .name = each.name}, nullptr));
    }
    for (const auto& each : wanted) {
        if (before.contains(each))
            continue;
        m_users[each].insert(node);
        sendReferenced(agent, each);
    }
}

void DispatcherCore::sendReferenced(Agent& agent, const PodReference& reference)
{
    const auto& informer = reference.kind == PodReference::Kind::Secret ? m_secrets : m_configMaps;
    const api::ObjectKey key{.nameSpace = reference.nameSpace, .name = reference.name};
    agent.session->send(changeOf(informer.kind(), key, encodedOf(informer.find(key))));
}

} // namespace keelson::dispatcher
