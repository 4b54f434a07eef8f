// SPDX-License-Identifier: Apache-2.0
#include "pods/pod_worker.h"

#include "api/pod_conditions.h"
#include "pods/pod_status.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>

namespace keelson::pods {
namespace {

using containers::ContainerState;

constexpr Milliseconds retryFirst{1'000};
constexpr Milliseconds retryMax{60'000};
constexpr std::size_t terminationMessageBytesMax = 4096;

Milliseconds longer(Milliseconds delay, Milliseconds first, Milliseconds most)
{
    return delay == Milliseconds{0} ? first : std::min(delay * 2, most);
}

} // namespace

PodWorker::PodWorker(PodEnvironment& environment, api::PodPtr pod)
    : m_environment(environment), m_pod(std::move(pod)), m_status(m_pod->status)
{
}

void PodWorker::setPod(api::PodPtr pod)
{
    m_pod = std::move(pod);
    std::erase_if(m_status.conditions, [](const auto& each) { return !api::isOfAgent(each.type); });
    for (const auto& condition : m_pod->status.conditions) {
        if (!api::isOfAgent(condition.type))
            m_status.conditions.push_back(condition);
    }
    m_status.qosClass = m_pod->status.qosClass;
    if (isTerminal(m_pod->status) && !isTerminal(m_status)) {
        m_status.phase = m_pod->status.phase; // ended by somebody else: evicted, collected
        m_status.reason = m_pod->status.reason;
        m_status.message = m_pod->status.message;
    }
    if (m_pod->metadata.deletionTimestamp)
        m_removed = true;
    step();
}

void PodWorker::remove()
{
    m_removed = true;
    step();
}

void PodWorker::objectsChanged()
{
    m_volumesStale = m_volumesReady && !m_pod->spec.volumes.empty();
    for (auto& [name, memo] : m_memos) {
        if (memo.waitingReason == "CreateContainerConfigError")
            memo.retryAt.reset();
    }
    m_volumesRetryAt.reset();
    step();
}

void PodWorker::observe(std::vector<containers::ContainerInfo> containers, std::uint64_t list)
{
    m_containers = std::move(containers);
    m_observed = true;
    std::erase_if(m_doneAt, [&](const auto& each) {
        if (each.second > list)
            return false;
        m_busy.erase(each.first);
        return true;
    });
    step();
}

PodFacts PodWorker::facts() const
{
    const auto& settings = *m_environment.settings;
    PodFacts facts{.podIp = m_status.podIP,
                   .hostIp = settings.hostIp,
                   .nodeName = settings.nodeName,
                   .nodeCpuMilli = settings.cpuMilli,
                   .nodeMemoryBytes = settings.memoryBytes};
    if (m_pod->spec.hostNetwork)
        facts.podIp = settings.hostIp;
    return facts;
}

PodView PodWorker::view() const
{
    return {.pod = *m_pod,
            .last = m_status,
            .containers = m_containers,
            .memos = m_memos,
            .busy = m_busy,
            .terminationMessages = m_terminationMessages,
            .now = m_environment.loop.clock().wall(),
            .hostIp = m_environment.settings->hostIp,
            .removed = m_removed,
            .endReason = m_endReason,
            .endMessage = m_endMessage,
            .volumesReady = m_volumesReady,
            .volumesRemoved = m_volumesRemoved,
            .volumesRetryAt = m_volumesRetryAt,
            .sandboxRetryAt = m_sandboxRetryAt};
}

void PodWorker::step()
{
    if (!m_observed || m_finished)
        return;
    updateEnd();
    updateProbes();
    readTerminationMessages();
    publish(statusOf(view()));
    auto plan = planPod(view());
    if (m_volumesStale && !m_removed && !m_busy.contains("volumes")) {
        m_volumesStale = false;
        plan.steps.push_back({.kind = PodStep::Kind::PrepareVolumes});
    }
    for (const auto& each : plan.steps)
        start(each);
    runProbes();
    arm(plan.wakeAt);
    if (!plan.finished)
        return;
    m_finished = true;
    m_environment.loop.cancel(m_timer);
    m_environment.gone(*m_pod); // may destroy this worker's place in a map; nothing follows
}

void PodWorker::updateEnd()
{
    if (!m_pod->spec.activeDeadlineSeconds || !m_status.startTime || isTerminal(m_status))
        return;
    const auto deadline = *m_status.startTime + std::chrono::seconds{*m_pod->spec.activeDeadlineSeconds};
    if (m_environment.loop.clock().wall() < deadline)
        return;
    m_endReason = "DeadlineExceeded";
    m_endMessage = "Pod was active on the node longer than the specified deadline";
}

void PodWorker::updateProbes()
{
    const auto current = view();
    const auto update = [&](const api::Container& container, ContainerRole role) {
        const auto seen = viewOf(current, container, role);
        auto& memo = m_memos[container.name];
        if (seen.latest == nullptr || seen.latest->state != ContainerState::Running) {
            m_probes.erase(container.name);
            return;
        }
        const auto found = m_probes.find(container.name);
        if (found == m_probes.end() || found->second.containerId() != seen.latest->id) {
            // A container that was there before this agent keeps what was last said of it.
            const bool known = seen.last != nullptr && seen.last->containerID == "docker://" + seen.latest->id;
            const auto& clock = m_environment.loop.clock();
            const auto age = clock.wall() - seen.latest->startedAt.value_or(clock.wall());
            m_probes.insert_or_assign(container.name,
                                      ContainerProbes(seen.latest->id, container, clock.steady() - age,
                                                      {.started = known && seen.last->started.value_or(false),
                                                       .ready = known && seen.last->ready}));
            memo.unhealthy = false;
        }
        const auto& probes = m_probes.at(container.name);
        memo.probedId = seen.latest->id;
        memo.started = probes.started();
        memo.ready = probes.ready();
        memo.unhealthy = probes.unhealthy();
    };
    for (const auto& container : m_pod->spec.initContainers)
        update(container, ContainerRole::Init);
    for (const auto& container : m_pod->spec.containers)
        update(container, ContainerRole::Main);
}

void PodWorker::runProbes()
{
    if (m_removed || !m_endReason.empty() || facts().podIp.empty())
        return;
    const auto now = m_environment.loop.clock().steady();
    for (auto& [name, probes] : m_probes) {
        for (const auto kind : probes.takeDue(now)) {
            const auto& probe = probes.probe(kind);
            const ProbeTarget target{.containerId = probes.containerId(),
                                     .ip = facts().podIp,
                                     .timeout = std::chrono::seconds{std::max(1, probe.timeoutSeconds)}};
            m_environment.executor.run([this, self = weak_from_this(), pod = m_pod, name, kind, probe, target,
                                        &prober = m_environment.prober, &loop = m_environment.loop] {
                const auto find = [&](const auto& list) {
                    return std::ranges::find(list, name, &api::Container::name);
                };
                const auto main = find(pod->spec.containers);
                const auto& container = main != pod->spec.containers.end() ? *main : *find(pod->spec.initContainers);
                auto result = ask(prober, target, container, probe);
                loop.post([this, self, name, kind, id = target.containerId, result = std::move(result)] {
                    if (const auto alive = self.lock())
                        probeDone(name, id, kind, result);
                });
            });
        }
    }
}

void PodWorker::probeDone(const std::string& container, const std::string& id, ProbeKind kind,
                          const ProbeResult& result)
{
    const auto found = m_probes.find(container);
    if (found == m_probes.end() || found->second.containerId() != id)
        return; // about a container that is gone
    auto& probes = found->second;
    probes.record(kind, result, m_environment.loop.clock().steady());
    if (!result.ok)
        m_environment.event(*m_pod, {.warning = true,
                                     .reason = "Unhealthy",
                                     .message = fmt::format("{} probe {}: {}", probeName(kind),
                                                            result.asked ? "failed" : "errored", result.message),
                                     .container = container});
    if (probes.unhealthy() && kind != ProbeKind::Readiness) {
        auto kindName = std::string(probeName(kind));
        kindName.front() = static_cast<char>(std::tolower(kindName.front()));
        m_memos[container].unhealthyMessage =
            fmt::format("Container {} failed {} probe, will be restarted", container, kindName);
    }
    step();
}

void PodWorker::readTerminationMessages()
{
    for (const auto& each : m_containers) {
        const auto file = each.annotations.find(std::string(messageAnnotation));
        if (each.state != ContainerState::Exited || file == each.annotations.end() ||
            m_terminationMessages.contains(each.id))
            continue;
        std::ifstream stream(file->second, std::ios::binary);
        std::string text(terminationMessageBytesMax, '\0');
        stream.read(text.data(), static_cast<std::streamsize>(text.size()));
        text.resize(static_cast<std::size_t>(std::max<std::streamsize>(0, stream.gcount())));
        m_terminationMessages[each.id] = std::move(text);
    }
    std::erase_if(m_terminationMessages, [&](const auto& entry) {
        return std::ranges::none_of(m_containers, [&](const auto& each) { return each.id == entry.first; });
    });
}

void PodWorker::start(const PodStep& step)
{
    m_busy.insert(step.key());
    StepContext context{.pod = m_pod,
                        .objects = m_environment.objects(*m_pod),
                        .facts = facts(),
                        .volumes = m_volumes,
                        .settings = m_environment.settings};
    m_environment.executor.run([this, self = weak_from_this(), step, context = std::move(context),
                                &actions = m_environment.actions, &loop = m_environment.loop] {
        const auto began = loop.clock().steady();
        auto outcome = actions.carryOut(step, context);
        outcome.length = loop.clock().steady() - began;
        loop.post([this, self, step, outcome = std::move(outcome)]() mutable {
            if (const auto alive = self.lock())
                stepDone(step, std::move(outcome));
        });
    });
}

void PodWorker::stepDone(const PodStep& step, StepOutcome outcome)
{
    using Kind = PodStep::Kind;
    for (const auto& event : outcome.events)
        m_environment.event(*m_pod, event);
    reportStep(step, outcome);
    const auto retryAt = [&] {
        m_retryDelay = longer(m_retryDelay, retryFirst, retryMax);
        return m_environment.loop.clock().wall() + m_retryDelay;
    };
    const bool good = !outcome.error;
    switch (step.kind) {
    case Kind::PrepareVolumes:
        if (good) {
            m_volumes = std::move(outcome.volumes);
            m_volumesReady = true;
            m_retryDelay = Milliseconds{0};
        } else {
            m_volumesRetryAt = retryAt();
            m_volumesStale = m_volumesReady;
        }
        break;
    case Kind::RemoveVolumes:
        m_volumesRemoved = good;
        break;
    case Kind::StartSandbox:
        if (good)
            m_retryDelay = Milliseconds{0};
        else
            m_sandboxRetryAt = retryAt();
        break;
    case Kind::EnsureImage:
    case Kind::StartContainer:
        containerFailed(step, outcome);
        break;
    case Kind::Stop:
    case Kind::Remove:
        break;
    }
    if (step.key() == "volumes" && good) {
        m_busy.erase(step.key()); // nothing to see in the runtime
        this->step();
        return;
    }
    if (!good && (step.kind == Kind::Stop || step.kind == Kind::Remove || step.key() == "volumes")) {
        // Not again at once: the engine may be away.
        m_environment.loop.after(retryFirst, [this, self = weak_from_this(), key = step.key()] {
            if (const auto alive = self.lock())
                m_doneAt[key] = m_environment.requestList();
        });
        return;
    }
    if (step.kind == Kind::EnsureImage) {
        m_busy.erase(step.key());
        this->step();
        return;
    }
    m_doneAt[step.key()] = m_environment.requestList();
}

/// What a trace tells of a step. Those that end containers lead nowhere and are not told.
void PodWorker::reportStep(const PodStep& step, const StepOutcome& outcome)
{
    using Kind = PodStep::Kind;
    StepReport report{.length = outcome.length, .failed = outcome.error.has_value()};
    switch (step.kind) {
    case Kind::PrepareVolumes:
        report.summary = "volumes are ready";
        break;
    case Kind::StartSandbox:
        report.summary = "network and sandbox are ready";
        break;
    case Kind::EnsureImage:
        report.step = StepReport::Step::Image;
        report.summary = outcome.events.empty() ? "the image is there" : outcome.events.back().message;
        break;
    case Kind::StartContainer:
        report.step = StepReport::Step::Container;
        report.summary = fmt::format("container {} is created and started", step.container);
        break;
    case Kind::Stop:
    case Kind::Remove:
    case Kind::RemoveVolumes:
        return;
    }
    if (outcome.error && step.kind != Kind::EnsureImage) // whose event has said it
        report.summary = outcome.error->message;
    m_environment.stepEnded(*m_pod, report);
}

/// From the start of the last container until the pod was ready.
void PodWorker::reportReady(const api::PodStatus& status)
{
    const auto isReady = [](const api::PodStatus& one) {
        return std::ranges::any_of(one.conditions, [](const auto& condition) {
            return condition.type == "Ready" && condition.status == "True";
        });
    };
    if (!isReady(status) || isReady(m_status))
        return;
    const auto now = m_environment.loop.clock().wall();
    auto started = now;
    std::size_t count = 0;
    for (const auto& each : m_containers) {
        if (each.sandbox || each.state != ContainerState::Running || !each.startedAt)
            continue;
        started = count++ == 0 ? *each.startedAt : std::max(started, *each.startedAt);
    }
    const bool probed = std::ranges::any_of(m_pod->spec.containers,
                                            [](const auto& each) { return each.readinessProbe || each.startupProbe; });
    m_environment.stepEnded(*m_pod, {.step = StepReport::Step::Probe,
                                     .length = std::max(Duration{0}, Duration(now - started)),
                                     .failed = false,
                                     .summary = probed ? "its probes succeed: the pod is ready"
                                                       : "it has no readiness probe: the pod is ready as it runs"});
}

void PodWorker::containerFailed(const PodStep& step, const StepOutcome& outcome)
{
    auto& memo = m_memos[step.container];
    if (!outcome.error) {
        memo.retryAt.reset();
        memo.waitingReason.clear();
        memo.waitingMessage.clear();
        if (step.kind == PodStep::Kind::EnsureImage)
            memo.imageReadyFor = step.attempt;
        else
            memo.retryDelay = Milliseconds{0};
        return;
    }
    const auto image = [&] {
        const auto container = findContainer(*m_pod, step.container);
        return container ? container->image : std::string();
    };
    const bool pull = step.kind == PodStep::Kind::EnsureImage;
    const bool again = pull && (memo.waitingReason == "ErrImagePull" || memo.waitingReason == "ImagePullBackOff");
    const bool config = outcome.waitingReason == "CreateContainerConfigError";
    memo.imageReadyFor = pull ? -1 : memo.imageReadyFor;
    memo.retryDelay = config ? backoffFirst : longer(memo.retryDelay, backoffFirst, backoffMax);
    memo.retryAt = m_environment.loop.clock().wall() + memo.retryDelay;
    memo.waitingReason = again && outcome.waitingReason == "ErrImagePull" ? "ImagePullBackOff" : outcome.waitingReason;
    memo.waitingMessage = outcome.error->message;
    if (memo.waitingReason == "ErrImagePull")
        memo.waitingMessage = outcome.events.back().message; // which names the image
    else if (memo.waitingReason == "ImagePullBackOff")
        memo.waitingMessage = fmt::format("Back-off pulling image \"{}\": {}", image(), outcome.error->message);
    if (memo.waitingReason == "ImagePullBackOff")
        m_environment.event(*m_pod, {.reason = "BackOff",
                                     .message = fmt::format("Back-off pulling image \"{}\"", image()),
                                     .container = step.container});
    if (outcome.waitingReason == "RunContainerError") {
        memo.waitingReason.clear(); // the dead container and its crash loop tell it
        memo.waitingMessage.clear();
        memo.retryAt.reset();
    }
}

void PodWorker::arm(std::optional<WallTime> wakeAt)
{
    const auto& clock = m_environment.loop.clock();
    std::optional<Duration> delay;
    const auto sooner = [&](Duration candidate) {
        candidate = std::max(candidate, Duration{0});
        delay = delay ? std::min(*delay, candidate) : candidate;
    };
    if (wakeAt)
        sooner(*wakeAt - clock.wall());
    if (!m_removed) {
        for (const auto& [name, probes] : m_probes) {
            if (const auto next = probes.nextAt())
                sooner(*next - clock.steady());
        }
        if (m_pod->spec.activeDeadlineSeconds && m_status.startTime && m_endReason.empty() && !isTerminal(m_status))
            sooner(*m_status.startTime + std::chrono::seconds{*m_pod->spec.activeDeadlineSeconds} - clock.wall());
    }
    m_environment.loop.cancel(m_timer);
    m_timer = 0;
    if (!delay)
        return;
    m_timer = m_environment.loop.after(*delay, [this, self = weak_from_this()] {
        if (const auto alive = self.lock())
            step();
    });
}

void PodWorker::publish(api::PodStatus status)
{
    for (const auto& each : status.containerStatuses) {
        const auto before = std::ranges::find(m_status.containerStatuses, each.name, &api::ContainerStatus::name);
        const bool was = before != m_status.containerStatuses.end() && before->state.waiting &&
                         before->state.waiting->reason == "CrashLoopBackOff";
        if (each.state.waiting && each.state.waiting->reason == "CrashLoopBackOff" && !was)
            m_environment.event(
                *m_pod, {.warning = true,
                         .reason = "BackOff",
                         .message = fmt::format("Back-off restarting failed container {} in pod {}_{}({})", each.name,
                                                m_pod->metadata.name, m_pod->metadata.namespace_, m_pod->metadata.uid),
                         .container = each.name});
    }
    if (m_reported && status == m_status)
        return;
    if (m_reported) // else the pod was ready before this agent
        reportReady(status);
    m_reported = true;
    m_status = std::move(status);
    m_environment.report(*m_pod, m_status);
}

} // namespace keelson::pods
