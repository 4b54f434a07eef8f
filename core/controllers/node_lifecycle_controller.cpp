// SPDX-License-Identifier: Apache-2.0
#include "controllers/node_lifecycle_controller.h"

#include "api/coordination_v1.h"
#include "client/event_recorder.h"
#include "client/typed.h"
#include "controllers/node_lifecycle_plan.h"
#include "controllers/pod_state.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <set>

namespace keelson::controllers {
namespace {

using client::EventType;

constexpr std::string_view leaseNamespace = "kube-node-lease";

class NodeLifecycleController : public KeyedController {
public:
    explicit NodeLifecycleController(const Context& context)
        : KeyedController(context, "node-lifecycle",
                          {&context.informers.informer<api::Node>(), &context.informers.informer<api::Pod>(),
                           &context.informers.informer<api::Lease>()}),
          m_client(context.clientOf("node-controller")),
          m_grace(context.options.nodeGrace),
          m_period(context.options.nodeMonitorPeriod),
          m_tolerationMax(context.options.tolerationMax),
          m_nodes(context.informers.informer<api::Node>()),
          m_pods(context.informers.informer<api::Pod>()),
          m_leases(context.informers.informer<api::Lease>()),
          m_events(m_client, context.loop, context.executor, "node-controller")
    {
        m_byNode = m_pods.addIndex([](const api::Pod& pod) { return std::vector{pod.spec.nodeName}; });
        m_nodes.onChange([this](const auto& before, const auto& now) { m_runner.add(keyOf(now ? *now : *before)); });
        m_pods.onChange([this](const auto& before, const auto& now) {
            if (now && !now->spec.nodeName.empty() && (!before || before->spec.nodeName.empty()))
                podCame(*now);
        });
    }

    void stop() override
    {
        KeyedController::stop();
        m_events.stop();
    }

    Result<Done> reconcile(const ObjectKey& key, Pass& pass) override
    {
        const auto node = m_nodes.find(key);
        if (!node) {
            const std::scoped_lock lock(m_mutex);
            m_seen.erase(key.name);
            return Done{};
        }
        pass.lookAgainAfter(m_period);
        const auto now = clock().wall();
        const auto health = healthOf(*node);
        const auto plan = planNode(*node, health, now);
        TRY_OK(writeConditions(*node, plan, pass));
        TRY_OK(writeTaints(*node, plan, pass));
        if (health.silent)
            TRY_OK(markPodsNotReady(*node, pass));
        if (!health.evictionsHalted)
            TRY_OK(evict(*node, plan, now, pass));
        return Done{};
    }

private:
    static constexpr Duration countPause = std::chrono::seconds{1};

    struct Seen {
        std::optional<WallTime> renewTime;
        SteadyTime at;
    };

    /// A pod that comes to a node with NoExecute taints may have to leave again.
    void podCame(const api::Pod& pod)
    {
        const auto node = m_nodes.find({"", pod.spec.nodeName});
        if (node &&
            std::ranges::any_of(node->spec.taints, [](const auto& taint) { return taint.effect == "NoExecute"; }))
            m_runner.add(keyOf(*node));
    }

    /// Whether the node's lease has not moved for the grace time, by our own clock: the node's may be wrong.
    bool isSilent(const std::string& name)
    {
        const auto lease = m_leases.find({std::string(leaseNamespace), name});
        const auto renewTime = lease ? lease->spec.renewTime : std::nullopt;
        const auto now = clock().steady();
        const auto [place, added] = m_seen.try_emplace(name, Seen{.renewTime = renewTime, .at = now});
        if (!added && place->second.renewTime != renewTime)
            place->second = {.renewTime = renewTime, .at = now};
        return now - place->second.at > m_grace;
    }

    /// How many are silent is counted once a second, and when a node has fallen silent since: others may have with it.
    NodeHealth healthOf(const api::Node& node)
    {
        const std::scoped_lock lock(m_mutex);
        const auto now = clock().steady();
        const bool silent = isSilent(node.metadata.name);
        if (now - m_countedAt >= countPause || (silent && !m_silent.contains(node.metadata.name))) {
            m_silent.clear();
            m_count = 0;
            for (const auto& other : m_nodes.all()) {
                ++m_count;
                if (isSilent(other->metadata.name))
                    m_silent.insert(other->metadata.name);
            }
            m_countedAt = now;
        }
        return {.silent = silent, .evictionsHalted = haltsEvictions(m_silent.size(), m_count)};
    }

    Result<Done> writeConditions(const api::Node& node, const NodePlan& plan, Pass& pass)
    {
        if (plan.conditions == node.status.conditions)
            return Done{};
        api::Array conditions;
        for (const auto& condition : plan.conditions)
            conditions.push_back(toJson(condition));
        const Value patch = api::Object{{"metadata", api::Object{{"resourceVersion", node.metadata.resourceVersion}}},
                                        {"status", api::Object{{"conditions", std::move(conditions)}}}};
        TRY_ASSIGN(const auto written, client::mergePatch<api::Node>(m_client, keyOf(node), patch, "status"));
        pass.wrote(m_nodes, written);
        m_events.record(node, EventType::Normal, "NodeNotReady",
                        "Node " + node.metadata.name + " is silent: status is Unknown");
        return Done{};
    }

    Result<Done> writeTaints(const api::Node& node, const NodePlan& plan, Pass& pass)
    {
        if (plan.taints == node.spec.taints)
            return Done{};
        api::Array taints;
        for (const auto& taint : plan.taints)
            taints.push_back(toJson(taint));
        api::Object metadata;
        if (plan.conditions == node.status.conditions) // else our own write has changed the version
            metadata["resourceVersion"] = node.metadata.resourceVersion;
        const Value patch =
            api::Object{{"metadata", std::move(metadata)}, {"spec", api::Object{{"taints", std::move(taints)}}}};
        TRY_ASSIGN(const auto written, client::mergePatch<api::Node>(m_client, keyOf(node), patch));
        pass.wrote(m_nodes, written);
        return Done{};
    }

    /// Services stop sending to pods whose node is silent.
    Result<Done> markPodsNotReady(const api::Node& node, Pass& pass)
    {
        for (const auto& pod : m_pods.select(m_byNode, node.metadata.name)) {
            if (!isReady(*pod))
                continue;
            auto next = *pod;
            const auto ready = std::ranges::find(next.status.conditions, "Ready", &api::PodCondition::type);
            ready->status = "False";
            ready->reason = "NodeLost";
            ready->message = "The pod's node stopped reporting.";
            ready->lastTransitionTime = std::chrono::floor<std::chrono::seconds>(clock().wall());
            const auto written = m_client.update(m_pods.kind(), toJson(next), "status");
            if (written)
                pass.wrote(m_pods, *written);
            else if (written.error().reason != Reason::NotFound)
                return fail(written.error());
        }
        return Done{};
    }

    Result<Done> evict(const api::Node& node, const NodePlan& plan, WallTime now, Pass& pass)
    {
        for (const auto& pod : m_pods.select(m_byNode, node.metadata.name)) {
            if (pod->metadata.deletionTimestamp)
                continue;
            const auto leaves = evictionTime(*pod, plan.taints, now, m_tolerationMax);
            if (!leaves)
                continue;
            if (*leaves > now) {
                pass.lookAgainAfter(*leaves - now);
                continue;
            }
            const auto removed = client::remove(m_client, *pod);
            if (!removed && removed.error().reason != Reason::NotFound)
                return fail(removed.error());
            pass.removed(m_pods, keyOf(*pod), pod->metadata.uid);
            m_events.record(*pod, EventType::Normal, "TaintManagerEviction",
                            "Deleted: its node has a taint that it does not tolerate");
        }
        return Done{};
    }

    client::Client& m_client;
    const Duration m_grace;
    const Duration m_period;
    const std::optional<Duration> m_tolerationMax;
    client::Informer<api::Node>& m_nodes;
    client::Informer<api::Pod>& m_pods;
    client::Informer<api::Lease>& m_leases;
    client::EventRecorder m_events;
    client::InformerBase::IndexId m_byNode = 0;
    std::mutex m_mutex; ///< Of the next: workers look at several nodes at once.
    std::map<std::string, Seen> m_seen;
    std::set<std::string> m_silent; ///< When they were counted last.
    std::size_t m_count = 0;
    SteadyTime m_countedAt = SteadyTime{} - countPause;
};

class PodGarbageController : public KeyedController {
public:
    explicit PodGarbageController(const Context& context)
        : KeyedController(context, "pod-garbage",
                          {&context.informers.informer<api::Node>(), &context.informers.informer<api::Pod>()}),
          m_client(context.clientOf("pod-garbage-collector")),
          m_nodes(context.informers.informer<api::Node>()),
          m_pods(context.informers.informer<api::Pod>())
    {
        m_byNode = m_pods.addIndex([](const api::Pod& pod) { return std::vector{pod.spec.nodeName}; });
        m_nodes.onChange([this](const auto& before, const auto& now) {
            if (!now)
                m_runner.addAfter(keyOf(*before), quarantine);
        });
        m_pods.onChange([this](const auto&, const auto& now) {
            if (!now)
                return;
            if (now->spec.nodeName.empty()) {
                if (now->metadata.deletionTimestamp)
                    m_runner.add({"", ""});
            } else if (!m_nodes.find({"", now->spec.nodeName})) {
                m_runner.addAfter({"", now->spec.nodeName}, quarantine);
            }
        });
    }

    Result<Done> reconcile(const ObjectKey& key, Pass& pass) override
    {
        if (!key.name.empty()) {
            if (m_nodes.find(key))
                return Done{};
            if (const auto live = m_client.get(m_nodes.kind(), key); live || live.error().reason != Reason::NotFound)
                return live ? Done{} : Result<Done>(fail(live.error()));
        }
        for (const auto& pod : m_pods.select(m_byNode, key.name)) {
            if (key.name.empty() && !pod->metadata.deletionTimestamp)
                continue;
            const auto removed = client::remove(m_client, *pod, {.gracePeriodSeconds = 0});
            if (!removed && removed.error().reason != Reason::NotFound && removed.error().reason != Reason::Conflict)
                return fail(removed.error());
            pass.removed(m_pods, keyOf(*pod), pod->metadata.uid);
        }
        return Done{};
    }

private:
    static constexpr Duration quarantine = std::chrono::seconds{40}; ///< A node may come back under its name.

    client::Client& m_client;
    client::Informer<api::Node>& m_nodes;
    client::Informer<api::Pod>& m_pods;
    client::InformerBase::IndexId m_byNode = 0;
};

} // namespace

std::unique_ptr<Controller> makeNodeLifecycleController(const Context& context)
{
    return std::make_unique<NodeLifecycleController>(context);
}

std::unique_ptr<Controller> makePodGarbageController(const Context& context)
{
    return std::make_unique<PodGarbageController>(context);
}

} // namespace keelson::controllers
