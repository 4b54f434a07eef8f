// SPDX-License-Identifier: Apache-2.0
#include "node/node_agent.h"

#include "base/log.h"
#include "base/private_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace keelson::node {
namespace {

constexpr std::chrono::seconds saveDelay{1};
constexpr std::chrono::seconds networkRetry{5};
constexpr Milliseconds machineDelayFirst{2'000};
constexpr Milliseconds machineDelayMax{30'000};
constexpr std::chrono::minutes nodeReportMax{5};
constexpr std::chrono::minutes imagesPeriod{5}; ///< For what others do to the engine's images.
constexpr int heartbeatSecondsDefault = 10;

} // namespace

template <typename Work, typename Then>
void NodeAgent::away(Work work, Then then)
{
    m_parts.executor.run([this, alive = std::weak_ptr(m_alive), &loop = m_parts.loop, work = std::move(work),
                          then = std::move(then)]() mutable {
        auto result = work();
        loop.post([this, alive, then = std::move(then), result = std::move(result)]() mutable {
            if (!alive.expired())
                (this->*then)(std::move(result));
        });
    });
}

NodeAgent::NodeAgent(NodeAgentOptions options, NodeAgentParts parts)
    : m_options(std::move(options)),
      m_parts(std::move(parts)),
      m_tokens(m_parts.loop, m_parts.random,
               {.send = [this](wire::FromAgent message) { send(std::move(message)); },
                .changed = [this](const api::ObjectKey& key) { tokenChanged(key); }})
{
    m_pods = std::make_unique<pods::PodManager>(
        m_parts.loop, m_parts.executor, m_parts.runtime, m_parts.volumes, m_parts.prober, makeSettings(),
        pods::PodManagerCallbacks{
            .objects =
                [this](const api::Pod& pod) {
                    auto objects = m_objects.objectsFor(pod);
                    objects.tokens = m_tokens.of(pod);
                    return objects;
                },
            .report = [this](const api::Pod& pod, const api::PodStatus& status) { reportPod(pod, status); },
            .event = [this](const api::Pod& pod, const pods::PodEvent& event) { recordEvent(pod, event); },
            .stepEnded = [this](const api::Pod& pod, const pods::StepReport& report) { reportStep(pod, report); },
            .gone = [this](const api::Pod& pod) { podGone(pod); },
            .healthChanged = [this] { checkNode(); }});
}

NodeAgent::~NodeAgent()
{
    stop();
}

void NodeAgent::start()
{
    m_parts.loop.post([this, alive = std::weak_ptr(m_alive)] {
        if (alive.expired())
            return;
        loadFromDisk();
        readMachine();
    });
}

void NodeAgent::stop()
{
    m_stopped = true;
    m_active = false;
    m_tunnels.reset();
    m_session.reset();
    if (m_network)
        m_network->stop();
}

void NodeAgent::loadFromDisk()
{
    if (m_options.simulated)
        return;
    m_resolver = parseResolver(readFile("/etc/resolv.conf").value_or(""));
    const auto text = readFile(m_options.dataDirectory / "assigned");
    if (!text)
        return;
    m_welcome = m_objects.load(*text);
    log::info("agent", "{} pods are known from before", m_objects.pods().size());
}

void NodeAgent::saveSoon()
{
    if (m_options.simulated || std::exchange(m_saving, true))
        return;
    m_parts.loop.after(saveDelay, [this, alive = std::weak_ptr(m_alive)] {
        if (alive.expired())
            return;
        m_saving = false;
        m_parts.executor.run([path = m_options.dataDirectory / "assigned", text = m_objects.save(m_welcome)] {
            if (const auto written = writePrivateFile(path, text); !written)
                log::error("agent", "{}", written.error().message);
        });
    });
}

/// What the machine and the engine are; asked until the engine answers, for without it there is no node.
void NodeAgent::readMachine()
{
    m_parts.executor.run(
        [this, alive = std::weak_ptr(m_alive), &loop = m_parts.loop, &runtime = m_parts.runtime, options = m_options] {
            auto facts =
                options.simulated ? NodeFacts{.name = options.node} : readFacts(options.node, options.dataDirectory);
            facts.labels = options.labels;
            facts.taints = options.taints;
            facts.hostIp = options.hostIp.empty() ? hostAddress(options.servers.front()) : options.hostIp;
            const auto info = runtime.info();
            if (info)
                facts.runtime = *info;
            if (const auto images = runtime.images())
                facts.images = imagesOf(*images);
            loop.post([this, alive, facts = std::move(facts), problem = info ? std::string() : info.error().message] {
                if (alive.expired() || m_stopped)
                    return;
                if (!problem.empty()) {
                    engineAway(problem);
                    return;
                }
                if (!std::exchange(m_lastMachineProblem, {}).empty())
                    log::info("agent", "the container engine answers");
                m_facts = facts;
                m_imagesReadAt = m_parts.loop.clock().wall();
                m_pods->setSettings(makeSettings());
                if (m_welcome)
                    startNetwork();
                dial();
            });
        });
}

/// Says so once, and again when the reason is another.
void NodeAgent::engineAway(const std::string& problem)
{
    if (problem != std::exchange(m_lastMachineProblem, problem))
        log::error("agent", "{}. Until then the node stays away; the engine is asked again, in the end every {} s",
                   problem, machineDelayMax / std::chrono::seconds{1});
    m_machineDelay =
        m_machineDelay == Milliseconds{0} ? machineDelayFirst : std::min(m_machineDelay * 2, machineDelayMax);
    m_parts.loop.after(m_machineDelay, [this, alive = std::weak_ptr(m_alive)] {
        if (!alive.expired())
            readMachine();
    });
}

std::shared_ptr<const pods::NodeSettings> NodeAgent::makeSettings() const
{
    auto settings = std::make_shared<pods::NodeSettings>();
    settings->nodeName = m_options.node;
    settings->hostIp = m_facts ? m_facts->hostIp : m_options.hostIp;
    settings->hostNameServers = m_resolver.nameServers;
    settings->hostSearches = m_resolver.searches;
    if (m_facts) {
        settings->cpuMilli = static_cast<std::int64_t>(m_facts->runtime.cpus) * 1000;
        settings->memoryBytes = m_facts->runtime.memoryBytes;
    }
    if (!m_options.simulated)
        settings->podsDirectory = m_options.dataDirectory / "pods";
    if (m_welcome)
        settings->clusterDomain = m_welcome->cluster_domain();
    if (m_network) {
        settings->containerNetwork = m_network->containerNetwork();
        settings->dnsAddress = m_network->dnsAddress();
    }
    return settings;
}

void NodeAgent::startNetwork()
{
    if (m_network || m_networkStarting)
        return;
    if (m_parts.addressesKnown)
        m_parts.addressesKnown(m_welcome->pod_cidr());
    if (m_parts.networkEngine == nullptr) {
        startPods();
        return;
    }
    m_networkStarting = true;
    network::NodeNetworkOptions options{.mode = m_options.network,
                                        .cluster = m_options.cluster,
                                        .node = m_options.node,
                                        .nodeAddress = m_facts->hostIp,
                                        .podCidr = m_welcome->pod_cidr(),
                                        .clusterCidr = m_welcome->cluster_cidr(),
                                        .serviceCidr = m_welcome->service_cidr(),
                                        .clusterDomain = m_welcome->cluster_domain(),
                                        .dnsAddress = m_welcome->dns_address()};
    options.changed = [this, alive = std::weak_ptr(m_alive), &loop = m_parts.loop](const auto& change) {
        loop.post([this, alive, change] {
            if (!alive.expired())
                networkChanged(change);
        });
    };
    away([options = std::move(options), &engine = *m_parts.networkEngine,
          &clock = m_parts.loop.clock()] { return network::NodeNetwork::start(options, engine, clock); },
         &NodeAgent::networkStarted);
}

void NodeAgent::networkStarted(Result<std::unique_ptr<network::NodeNetwork>> network)
{
    m_networkStarting = false;
    if (!network) {
        log::error("agent", "the node's network cannot be set up: {}", network.error().message);
        m_networkProblem = network.error().message;
        checkNode();
        m_parts.loop.after(networkRetry, [this, alive = std::weak_ptr(m_alive)] {
            if (!alive.expired() && !m_stopped)
                startNetwork();
        });
        return;
    }
    if (!std::exchange(m_networkProblem, {}).empty())
        checkNode();
    m_network = *std::move(network);
    m_pods->setSettings(makeSettings());
    if (m_allKnown) {
        feedNetwork(AssignedObjects::Kind::Service);
        feedNetwork(AssignedObjects::Kind::EndpointSlice);
        feedNetwork(AssignedObjects::Kind::Node);
    }
    startPods();
}

void NodeAgent::startPods()
{
    if (std::exchange(m_podsStarted, true))
        return;
    m_pods->start();
    for (auto& pod : m_objects.pods()) // whose containers may run already
        m_pods->setPod(std::move(pod));
    if (m_allKnown)
        m_pods->allKnown();
}

void NodeAgent::feedNetwork(AssignedObjects::Kind kind)
{
    if (!m_network)
        return;
    switch (kind) {
    case AssignedObjects::Kind::Service:
        m_network->setServices(m_objects.services());
        break;
    case AssignedObjects::Kind::EndpointSlice:
        m_network->setEndpointSlices(m_objects.slices());
        break;
    case AssignedObjects::Kind::Node:
        m_network->setPeers(m_objects.peers());
        break;
    default:
        break;
    }
}

/// Every few seconds while there is a session: the lease, the node's state, and what the server has not confirmed.
void NodeAgent::beat()
{
    if (!m_active || m_stopped)
        return;
    wire::FromAgent message;
    message.mutable_heartbeat();
    send(std::move(message));
    for (const auto& [uid, key] : std::map(m_gone))
        sendGone(uid);
    for (const auto& [uid, report] : m_reports) {
        if (report.acknowledged)
            continue;
        wire::FromAgent again;
        *again.mutable_status() = report.status;
        send(std::move(again));
    }
    checkImages();
    checkNode();
    const auto seconds =
        m_welcome && m_welcome->heartbeat_seconds() > 0 ? m_welcome->heartbeat_seconds() : heartbeatSecondsDefault;
    m_parts.loop.after(std::chrono::seconds{seconds},
                       [this, alive = std::weak_ptr(m_alive), session = m_sessionNumber] {
                           if (!alive.expired() && session == m_sessionNumber)
                               beat();
                       });
}

/// Listing the images costs the engine some work: only after a pull, and else seldom.
void NodeAgent::checkImages()
{
    const auto now = m_parts.loop.clock().wall();
    if (m_imagesReading || (!m_imagesChanged && now - m_imagesReadAt < imagesPeriod))
        return;
    m_imagesReading = true;
    m_imagesChanged = false;
    m_imagesReadAt = now;
    away([&runtime = m_parts.runtime] { return runtime.images(); }, &NodeAgent::imagesRead);
}

void NodeAgent::imagesRead(const Result<std::vector<containers::ImageInfo>>& images)
{
    m_imagesReading = false;
    if (!images || !m_facts)
        return; // the engine's health is watched elsewhere
    auto told = imagesOf(*images);
    if (told == m_facts->images)
        return;
    m_facts->images = std::move(told);
    checkNode();
}

void NodeAgent::checkNode()
{
    if (!m_facts)
        return;
    if (m_options.simulated)
        reportNode({});
    else
        away([directory = m_options.dataDirectory] { return readState(directory); }, &NodeAgent::reportNode);
}

void NodeAgent::reportNode(const MachineState& state)
{
    auto known = state;
    if (const auto& health = m_pods->runtimeHealth(); !health) {
        known.problemReason = "ContainerRuntimeNotReady";
        known.problem = health.error().message;
    } else if (!m_networkProblem.empty()) {
        known.problemReason = "NetworkPluginNotReady";
        known.problem = m_networkProblem;
    }
    const auto now = m_parts.loop.clock().wall();
    m_conditions = conditionsOf(known, m_conditions, now);
    auto node = makeNode(*m_facts);
    node.status.conditions = m_conditions;
    const auto statusJson = api::writeJson(api::toJson(node.status));
    for (auto& condition : node.status.conditions)
        condition.lastHeartbeatTime.reset();
    auto plain = api::writeJson(api::toJson(node.status));
    if (plain == m_lastNodeStatus && now - m_lastNodeReport < nodeReportMax)
        return;
    m_lastNodeStatus = std::move(plain);
    m_lastNodeReport = now;
    api::ObjectMeta meta;
    meta.name = m_options.node;
    report("Node", meta, statusJson);
}

void NodeAgent::report(const std::string& kind, const api::ObjectMeta& meta, std::string statusJson)
{
    auto& report = m_reports[meta.uid];
    report.sequence = ++m_lastSequence;
    report.acknowledged = false;
    report.status.set_sequence(report.sequence);
    report.status.set_kind(kind);
    report.status.set_name_space(meta.namespace_);
    report.status.set_name(meta.name);
    report.status.set_uid(meta.uid);
    report.status.set_status_json(std::move(statusJson));
    if (!m_active)
        return;
    wire::FromAgent message;
    *message.mutable_status() = report.status;
    send(std::move(message));
}

void NodeAgent::reportPod(const api::Pod& pod, const api::PodStatus& status)
{
    report("Pod", pod.metadata, api::writeJson(api::toJson(status)));
}

void NodeAgent::reportStep(const api::Pod& pod, const pods::StepReport& report)
{
    m_imagesChanged = m_imagesChanged || report.step == pods::StepReport::Step::Image;
    if (!m_active)
        return;
    wire::FromAgent message;
    auto& sent = *message.mutable_step_report();
    switch (report.step) {
    case pods::StepReport::Step::Sandbox:
        sent.set_step(wire::StepReport::SANDBOX);
        break;
    case pods::StepReport::Step::Image:
        sent.set_step(wire::StepReport::IMAGE);
        break;
    case pods::StepReport::Step::Container:
        sent.set_step(wire::StepReport::CONTAINER);
        break;
    case pods::StepReport::Step::Probe:
        sent.set_step(wire::StepReport::PROBE);
        break;
    }
    sent.set_name_space(pod.metadata.namespace_);
    sent.set_pod(pod.metadata.name);
    sent.set_uid(pod.metadata.uid);
    sent.set_nanoseconds(report.length.count());
    sent.set_failed(report.failed);
    sent.set_summary(report.summary);
    send(std::move(message));
}

void NodeAgent::networkChanged(const network::NetworkChange& change)
{
    if (!m_active)
        return;
    const auto tell = [&](wire::StepReport::Step step, Duration length, std::string summary) -> wire::FromAgent {
        wire::FromAgent message;
        auto& sent = *message.mutable_step_report();
        sent.set_step(step);
        for (const auto& uid : change.pods)
            sent.add_pods(uid);
        sent.set_nanoseconds(length.count());
        sent.set_summary(std::move(summary));
        return message;
    };
    send(tell(wire::StepReport::DNS, change.names, fmt::format("names lead to {} more pods", change.pods.size())));
    auto rules = tell(wire::StepReport::PROXY, change.rules,
                      fmt::format("packet rules lead to {} more pods", change.pods.size()));
    if (!change.applied) {
        rules.mutable_step_report()->set_failed(true);
        rules.mutable_step_report()->set_summary(change.applied.error().message);
    }
    send(std::move(rules));
}

void NodeAgent::recordEvent(const api::Pod& pod, const pods::PodEvent& event)
{
    log::debug("agent", "{}/{}: {} {}", pod.metadata.namespace_, pod.metadata.name, event.reason, event.message);
    if (!m_active)
        return;
    api::Event made;
    made.metadata.namespace_ = pod.metadata.namespace_;
    made.involvedObject = {.kind = "Pod",
                           .namespace_ = pod.metadata.namespace_,
                           .name = pod.metadata.name,
                           .uid = pod.metadata.uid,
                           .apiVersion = "v1"};
    if (!event.container.empty())
        made.involvedObject.fieldPath = fmt::format("spec.containers{{{}}}", event.container);
    made.type = event.warning ? "Warning" : "Normal";
    made.reason = event.reason;
    made.message = event.message;
    made.source = {.component = "keelson-agent", .host = m_options.node};
    wire::FromAgent message;
    message.mutable_event()->set_event_json(api::writeJson(api::toJson(made)));
    send(std::move(message));
}

void NodeAgent::podGone(const api::Pod& pod)
{
    m_reports.erase(pod.metadata.uid);
    const auto stored = m_objects.pod({.nameSpace = pod.metadata.namespace_, .name = pod.metadata.name});
    if (!stored || stored->metadata.uid != pod.metadata.uid)
        return; // the server knows already
    m_gone[pod.metadata.uid] = {.nameSpace = pod.metadata.namespace_, .name = pod.metadata.name};
    sendGone(pod.metadata.uid);
}

void NodeAgent::sendGone(const std::string& uid)
{
    if (!m_active)
        return;
    wire::FromAgent message;
    auto& gone = *message.mutable_pod_gone();
    gone.set_name_space(m_gone[uid].nameSpace);
    gone.set_name(m_gone[uid].name);
    gone.set_uid(uid);
    send(std::move(message));
}

} // namespace keelson::node
