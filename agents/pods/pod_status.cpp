// SPDX-License-Identifier: Apache-2.0
#include "pods/pod_status.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

namespace keelson::pods {
namespace {

using containers::ContainerInfo;
using containers::ContainerState;

std::string reference(const ContainerInfo& info)
{
    return "docker://" + info.id;
}

api::ContainerStateTerminated terminated(const PodView& view, const ContainerInfo& info)
{
    api::ContainerStateTerminated state;
    state.exitCode = info.exitCode;
    state.reason = info.oomKilled        ? "OOMKilled"
                   : !info.error.empty() ? "StartError"
                   : info.exitCode == 0  ? "Completed"
                                         : "Error";
    const auto message = view.terminationMessages.find(info.id);
    state.message =
        message != view.terminationMessages.end() && !message->second.empty() ? message->second : info.error;
    state.startedAt = info.startedAt ? info.startedAt : info.createdAt;
    state.finishedAt = info.finishedAt;
    state.containerID = reference(info);
    return state;
}

/// Everything that statuses of containers are made from.
struct Scene {
    const PodView& view;
    std::string sandboxId;
    bool initialized = false;
};

/// It was made and could not be started: its command is not there, a device is missing.
bool startFailed(const ContainerView& container)
{
    return container.latest != nullptr && container.latest->state == ContainerState::Exited &&
           !container.latest->error.empty() && !container.latest->startedAt;
}

/// While a container is made anew it stays what it was: the new one is nothing yet, and its start may take long.
ContainerView asSeenByUsers(ContainerView container)
{
    if (container.latest != nullptr && container.latest->state == ContainerState::Created &&
        container.previous != nullptr)
        container.latest = std::exchange(container.previous, nullptr);
    return container;
}

void describeWaiting(const Scene& scene, const ContainerView& container, const Verdict& verdict,
                     api::ContainerStatus& status)
{
    api::ContainerStateWaiting waiting;
    const auto& memo = *container.memo;
    if (!memo.waitingReason.empty()) {
        waiting = {.reason = memo.waitingReason, .message = memo.waitingMessage};
    } else if (verdict.crashLoop) {
        const auto& meta = scene.view.pod.metadata;
        waiting.reason = "CrashLoopBackOff";
        waiting.message =
            fmt::format("back-off {}s restarting failed container={} pod={}_{}({})", verdict.backoff.count() / 1000,
                        container.spec->name, meta.name, meta.namespace_, meta.uid);
    } else if (startFailed(container)) {
        waiting = {.reason = "RunContainerError", .message = container.latest->error};
    } else {
        const bool initializing =
            container.role == ContainerRole::Main && !scene.initialized && !scene.view.pod.spec.initContainers.empty();
        waiting.reason = initializing ? "PodInitializing" : "ContainerCreating";
    }
    status.state.waiting = std::move(waiting);
}

/// With nothing there and nothing to come, what was last known stays; what ran ended unseen.
void describeLost(const ContainerView& container, api::ContainerStatus& status)
{
    if (container.last == nullptr) {
        status.state.waiting = api::ContainerStateWaiting{.reason = "ContainerCreating"};
        return;
    }
    status = *container.last;
    status.ready = false;
    status.started = false;
    if (!status.state.running)
        return;
    status.state = {};
    status.state.terminated =
        api::ContainerStateTerminated{.exitCode = 137,
                                      .reason = "ContainerStatusUnknown",
                                      .message = "The container could not be located when the pod was terminated",
                                      .containerID = status.containerID};
}

void describeLast(const Scene& scene, const ContainerView& container, api::ContainerStatus& status)
{
    const auto* info = status.state.running ? container.previous : container.latest;
    if (status.state.terminated)
        info = container.previous;
    if (info != nullptr && info->state == ContainerState::Exited)
        status.lastState.terminated = terminated(scene.view, *info);
    else if (container.last != nullptr && container.last->state.terminated && !status.state.terminated)
        status.lastState.terminated = container.last->state.terminated;
    else if (container.last != nullptr)
        status.lastState = container.last->lastState;
}

api::ContainerStatus describe(const Scene& scene, const api::Container& spec, ContainerRole role)
{
    const auto container = asSeenByUsers(viewOf(scene.view, spec, role));
    const bool init = role == ContainerRole::Init;
    const auto verdict = judge(scene.view, container, scene.sandboxId);
    const bool ends = scene.view.removed || !scene.view.endReason.empty() || isTerminal(scene.view.last);
    api::ContainerStatus status;
    status.name = spec.name;
    status.image = spec.image;
    status.restartCount = container.latest != nullptr ? container.latest->attempt
                          : container.last != nullptr ? container.last->restartCount
                                                      : 0;
    if (container.latest != nullptr) {
        status.containerID = reference(*container.latest);
        status.imageID = "docker://" + container.latest->imageId;
    } else if (container.last != nullptr) {
        status.containerID = container.last->containerID;
        status.imageID = container.last->imageID;
    }
    status.started = false;
    const bool final = verdict.fate == Fate::Succeeded || verdict.fate == Fate::Failed;
    if (container.latest == nullptr && (ends || final)) {
        describeLost(container, status);
        return status;
    }
    if (container.latest == nullptr || container.latest->state == ContainerState::Created) {
        describeWaiting(scene, container, verdict, status);
    } else if (container.latest->state == ContainerState::Running) {
        const bool probed = container.memo->probedId == container.latest->id;
        status.state.running = api::ContainerStateRunning{.startedAt = container.latest->startedAt};
        status.started = probed && container.memo->started;
        status.ready = probed && container.memo->ready && !(init && !container.sidecar);
    } else if (!ends && !final &&
               (verdict.crashLoop || !container.memo->waitingReason.empty() || startFailed(container))) {
        describeWaiting(scene, container, verdict, status);
    } else {
        status.state.terminated = terminated(scene.view, *container.latest);
        status.ready = init && container.latest->exitCode == 0;
    }
    describeLast(scene, container, status);
    return status;
}

void describeAll(const Scene& scene, api::PodStatus& status)
{
    const auto& pod = scene.view.pod;
    for (const auto& container : pod.spec.initContainers)
        status.initContainerStatuses.push_back(describe(scene, container, ContainerRole::Init));
    for (const auto& container : pod.spec.containers)
        status.containerStatuses.push_back(describe(scene, container, ContainerRole::Main));
    for (const auto& container : ephemeralContainers(pod)) {
        auto& described =
            status.ephemeralContainerStatuses.emplace_back(describe(scene, container, ContainerRole::Ephemeral));
        described.started.reset(); // nobody waits for it
    }
}

/// It failed before anything of it was made: there are no containers to tell of, waiting for nothing.
bool wasRejected(const PodView& view)
{
    return isTerminal(view.last) && view.last.containerStatuses.empty() && view.containers.empty();
}

std::string phaseOf(const Scene& scene, const api::PodStatus& status)
{
    const auto& view = scene.view;
    if (isTerminal(view.last))
        return view.last.phase;
    if (!view.endReason.empty())
        return "Failed";
    const auto& policy = view.pod.spec.restartPolicy;
    if (!scene.initialized) {
        for (const auto& init : status.initContainerStatuses) {
            if (policy == "Never" && init.state.terminated && init.state.terminated->exitCode != 0)
                return "Failed";
        }
        const bool ran = std::ranges::any_of(status.containerStatuses, [](const auto& each) {
            return each.state.terminated || each.lastState.terminated || each.state.running;
        });
        if (!ran)
            return "Pending";
    }
    int waiting = 0;
    int running = 0;
    int failed = 0;
    for (const auto& each : status.containerStatuses) {
        running += each.state.running ? 1 : 0;
        failed += each.state.terminated && each.state.terminated->exitCode != 0 ? 1 : 0;
        waiting += each.state.waiting && !each.lastState.terminated ? 1 : 0;
        failed += each.state.waiting && each.lastState.terminated ? 1 : 0;
    }
    if (waiting > 0)
        return "Pending";
    if (running > 0)
        return "Running";
    if (policy == "Always" || policy.empty())
        return view.removed ? (failed > 0 ? "Failed" : "Succeeded") : "Running";
    if (failed == 0)
        return "Succeeded";
    return policy == "Never" || view.removed ? "Failed" : "Running";
}

void setCondition(api::PodStatus& status, WallTime now, api::PodCondition condition)
{
    const auto found = std::ranges::find(status.conditions, condition.type, &api::PodCondition::type);
    condition.lastTransitionTime = now;
    if (found == status.conditions.end()) {
        status.conditions.push_back(std::move(condition));
        return;
    }
    if (found->status == condition.status)
        condition.lastTransitionTime = found->lastTransitionTime;
    *found = std::move(condition);
}

api::PodCondition condition(std::string type, const std::string& problemReason, std::string problem)
{
    const bool holds = problem.empty();
    return {.type = std::move(type),
            .status = holds ? "True" : "False",
            .reason = holds ? "" : problemReason,
            .message = std::move(problem)};
}

std::vector<std::string> unready(const std::vector<api::ContainerStatus>& statuses)
{
    std::vector<std::string> names;
    for (const auto& each : statuses) {
        if (!each.ready)
            names.push_back(each.name);
    }
    return names;
}

/// The first readiness gate that does not hold, or nothing.
std::string closedGate(const api::Pod& pod, const api::PodStatus& status)
{
    for (const auto& gate : pod.spec.readinessGates) {
        const auto found = std::ranges::find(status.conditions, gate.conditionType, &api::PodCondition::type);
        if (found == status.conditions.end())
            return fmt::format("corresponding condition of pod readiness gate \"{}\" does not exist.",
                               gate.conditionType);
        if (found->status != "True")
            return fmt::format("the status of pod readiness gate \"{}\" is not \"True\", but {}", gate.conditionType,
                               found->status);
    }
    return {};
}

void setConditions(const Scene& scene, api::PodStatus& status, const ContainerInfo* sandbox)
{
    const auto now = scene.view.now;
    if (std::ranges::find(status.conditions, "PodScheduled", &api::PodCondition::type) == status.conditions.end())
        setCondition(status, status.startTime.value_or(now),
                     {.type = "PodScheduled", .status = "True"}); // by its maker
    const bool reachable = sandbox != nullptr && (!sandbox->ip.empty() || scene.view.pod.spec.hostNetwork);
    setCondition(status, now, {.type = "PodReadyToStartContainers", .status = reachable ? "True" : "False"});

    const bool succeeded = status.phase == "Succeeded";
    const auto pending = unready(status.initContainerStatuses);
    const bool initialized = scene.initialized || succeeded || scene.view.pod.spec.initContainers.empty();
    setCondition(
        status, now,
        condition("Initialized", "ContainersNotInitialized",
                  initialized ? "" : fmt::format("containers with incomplete status: [{}]", fmt::join(pending, " "))));

    const auto names = unready(status.containerStatuses);
    std::string problem;
    std::string reason = "ContainersNotReady";
    if (isTerminal(status)) {
        problem = "the pod has ended";
        reason = succeeded ? "PodCompleted" : "PodFailed";
    } else if (!names.empty()) {
        problem = fmt::format("containers with unready status: [{}]", fmt::join(names, " "));
    }
    setCondition(status, now, condition("ContainersReady", reason, problem));
    if (problem.empty()) {
        reason = "ReadinessGatesNotReady";
        problem = closedGate(scene.view.pod, status);
    }
    auto ready = condition("Ready", reason, problem);
    if (isTerminal(status))
        ready.message.clear();
    setCondition(status, now, std::move(ready));
}

} // namespace

api::PodStatus statusOf(const PodView& view)
{
    const auto* sandbox = currentSandbox(view);
    Scene scene{.view = view, .sandboxId = sandbox != nullptr ? sandbox->id : std::string()};
    scene.initialized = sandbox != nullptr && isInitialized(view, sandbox->id);
    api::PodStatus status = view.last;
    status.initContainerStatuses.clear();
    status.containerStatuses.clear();
    status.ephemeralContainerStatuses.clear();
    if (!wasRejected(view))
        describeAll(scene, status);
    status.phase = phaseOf(scene, status);
    if (!view.endReason.empty() && !isTerminal(view.last)) {
        status.reason = view.endReason;
        status.message = view.endMessage;
    }
    if (!status.startTime)
        status.startTime = view.now;
    status.hostIP = view.hostIp;
    status.hostIPs.clear();
    if (!view.hostIp.empty())
        status.hostIPs.push_back({.ip = view.hostIp});
    const auto ip = view.pod.spec.hostNetwork ? view.hostIp : sandbox != nullptr ? sandbox->ip : std::string();
    const bool keepsIp = view.removed || isTerminal(status);
    if (!ip.empty() || !keepsIp) {
        status.podIP = ip;
        status.podIPs.clear();
        if (!ip.empty())
            status.podIPs.push_back({.ip = ip});
    }
    setConditions(scene, status, sandbox);
    return status;
}

} // namespace keelson::pods
