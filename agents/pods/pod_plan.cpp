// SPDX-License-Identifier: Apache-2.0
#include "pods/pod_plan.h"

#include <algorithm>

namespace keelson::pods {
namespace {

using containers::ContainerInfo;
using containers::ContainerState;
using Kind = PodStep::Kind;

constexpr std::int64_t graceSecondsDefault = 30;
/// A container without its sandbox has no network: it gets a moment, not its whole grace.
constexpr std::chrono::seconds graceWithoutSandboxMax{2};

class Planner {
public:
    explicit Planner(const PodView& view) : m_view(view), m_sandbox(currentSandbox(view)) {}

    PodPlan plan()
    {
        if (m_view.removed)
            clearAway();
        else if (isTerminal(m_view.last) || !m_view.endReason.empty())
            end();
        else
            keep();
        return std::move(m_plan);
    }

private:
    void add(PodStep step)
    {
        const auto key = step.key();
        const bool planned = std::ranges::any_of(m_plan.steps, [&](const auto& each) { return each.key() == key; });
        if (!planned && !m_view.busy.contains(key))
            m_plan.steps.push_back(std::move(step));
    }

    void wake(const std::optional<WallTime>& at)
    {
        if (at && (!m_plan.wakeAt || *at < *m_plan.wakeAt))
            m_plan.wakeAt = at;
    }

    std::chrono::seconds grace() const
    {
        const auto& meta = m_view.pod.metadata;
        const auto own = m_view.pod.spec.terminationGracePeriodSeconds.value_or(graceSecondsDefault);
        return std::chrono::seconds{meta.deletionTimestamp ? meta.deletionGracePeriodSeconds.value_or(own) : own};
    }

    bool isInit(const std::string& name) const
    {
        return std::ranges::find(m_view.pod.spec.initContainers, name, &api::Container::name) !=
               m_view.pod.spec.initContainers.end();
    }

    /// Stops what runs, sidecars last. True when nothing runs any more.
    bool stopAll()
    {
        bool mainRuns = false;
        bool anyRuns = false;
        for (const auto& each : m_view.containers) {
            const bool runs = !each.sandbox && each.state == ContainerState::Running;
            anyRuns = anyRuns || runs;
            mainRuns = mainRuns || (runs && !isInit(each.name));
        }
        for (const auto& each : m_view.containers) {
            if (each.sandbox || each.state != ContainerState::Running || (mainRuns && isInit(each.name)))
                continue;
            add({.kind = Kind::Stop, .container = each.name, .id = each.id, .grace = grace()});
        }
        return !anyRuns;
    }

    bool startsUnderWay() const { return m_view.busy.contains("start") || m_view.busy.contains("sandbox"); }

    /// Ends the pod for good; its dead containers stay for their logs.
    void end()
    {
        if (!stopAll() || startsUnderWay())
            return;
        for (const auto& each : m_view.containers) {
            if (each.sandbox)
                add({.kind = Kind::Remove, .id = each.id});
        }
    }

    void clearAway()
    {
        if (!stopAll() || startsUnderWay())
            return;
        for (const auto& each : m_view.containers)
            add({.kind = Kind::Remove, .container = each.name, .id = each.id});
        if (!m_view.containers.empty())
            return;
        if (!m_view.volumesRemoved)
            add({.kind = Kind::RemoveVolumes});
        else
            m_plan.finished = true;
    }

    void keep()
    {
        clearOldContainers();
        if (!m_view.volumesReady) {
            if (m_view.volumesRetryAt && *m_view.volumesRetryAt > m_view.now)
                wake(m_view.volumesRetryAt);
            else
                add({.kind = Kind::PrepareVolumes});
        }
        if (!leaveOldSandboxes())
            return;
        if (m_sandbox == nullptr)
            startSandbox();
        else if (m_view.volumesReady)
            runContainers();
    }

    /// Containers of a sandbox that is gone end before the next one is made. True when none of them runs.
    bool leaveOldSandboxes()
    {
        bool left = true;
        for (const auto& each : m_view.containers) {
            const bool old = m_sandbox == nullptr || each.sandboxId != m_sandbox->id;
            if (each.sandbox || each.state != ContainerState::Running || !old)
                continue;
            left = false;
            add({.kind = Kind::Stop,
                 .container = each.name,
                 .id = each.id,
                 .grace = std::min(grace(), graceWithoutSandboxMax)});
        }
        for (const auto& each : m_view.containers) {
            if (left && each.sandbox && &each != m_sandbox && !startsUnderWay())
                add({.kind = Kind::Remove, .id = each.id});
        }
        return left;
    }

    bool somethingIsToRun() const
    {
        return std::ranges::any_of(m_view.pod.spec.containers, [&](const auto& container) {
            const auto fate = judge(m_view, viewOf(m_view, container, ContainerRole::Main), {}).fate;
            return fate != Fate::Succeeded && fate != Fate::Failed;
        });
    }

    void startSandbox()
    {
        if (!somethingIsToRun())
            return;
        if (m_view.sandboxRetryAt && *m_view.sandboxRetryAt > m_view.now) {
            wake(m_view.sandboxRetryAt);
            return;
        }
        int attempt = 0;
        for (const auto& each : m_view.containers) {
            if (each.sandbox)
                attempt = std::max(attempt, each.attempt + 1);
        }
        const auto hasRun = [](const auto& status) { return !status.containerID.empty(); };
        const bool anew = std::ranges::any_of(m_view.last.containerStatuses, hasRun) ||
                          std::ranges::any_of(m_view.last.initContainerStatuses, hasRun);
        add({.kind = Kind::StartSandbox,
             .attempt = attempt,
             .reason = anew ? "Pod sandbox changed, it will be killed and re-created." : ""});
    }

    void runContainers()
    {
        for (const auto& container : ephemeralContainers(m_view.pod)) // they may look into what holds the others up
            carryOut(viewOf(m_view, container, ContainerRole::Ephemeral));
        for (const auto& container : m_view.pod.spec.initContainers) {
            const auto init = viewOf(m_view, container, ContainerRole::Init);
            if (init.sidecar) {
                carryOut(init);
                const bool started =
                    init.latest != nullptr && init.latest->state == ContainerState::Running && init.memo->started;
                if (!started && !isInitialized(m_view, m_sandbox->id))
                    return;
                continue;
            }
            if (isInitialized(m_view, m_sandbox->id))
                continue;
            if (carryOut(init) != Fate::Succeeded)
                return;
        }
        for (const auto& container : m_view.pod.spec.containers)
            carryOut(viewOf(m_view, container, ContainerRole::Main));
    }

    Fate carryOut(const ContainerView& container)
    {
        const auto verdict = judge(m_view, container, m_sandbox->id);
        switch (verdict.fate) {
        case Fate::Replace:
            add({.kind = Kind::Stop,
                 .container = container.spec->name,
                 .id = container.latest->id,
                 .grace = grace(),
                 .reason = verdict.reason});
            break;
        case Fate::Clear:
            add({.kind = Kind::Remove, .container = container.spec->name, .id = container.latest->id});
            break;
        case Fate::Waits:
            wake(verdict.until);
            break;
        case Fate::Start:
            start(container, verdict);
            break;
        case Fate::Runs:
        case Fate::Succeeded:
        case Fate::Failed:
            break;
        }
        return verdict.fate;
    }

    /// The id of the running container whose processes an ephemeral one is to see.
    std::string runningTarget(const ContainerView& container) const
    {
        const auto wanted = targetOf(m_view.pod, container.spec->name);
        std::string id;
        for (const auto& each : m_view.containers)
            if (!wanted.empty() && each.name == wanted && each.state == ContainerState::Running)
                id = each.id;
        return id;
    }

    void start(const ContainerView& container, const Verdict& verdict)
    {
        PodStep step{.container = container.spec->name,
                     .id = m_sandbox->id,
                     .target = runningTarget(container),
                     .attempt = verdict.attempt,
                     .nextBackoff = verdict.nextBackoff};
        step.kind = container.memo->imageReadyFor == verdict.attempt ? Kind::StartContainer : Kind::EnsureImage;
        add(std::move(step));
    }

    /// Of each container the last dead one stays, for its log and its state.
    void clearOldContainers()
    {
        for (const auto& each : m_view.containers) {
            if (each.sandbox || each.state == ContainerState::Running)
                continue;
            int newer = 0;
            for (const auto& other : m_view.containers)
                newer += !other.sandbox && other.name == each.name && other.attempt > each.attempt ? 1 : 0;
            if (newer >= 2)
                add({.kind = Kind::Remove, .container = each.name, .id = each.id});
        }
    }

    const PodView& m_view;
    const ContainerInfo* m_sandbox;
    PodPlan m_plan;
};

} // namespace

std::string PodStep::key() const
{
    switch (kind) {
    case Kind::PrepareVolumes:
    case Kind::RemoveVolumes:
        return "volumes";
    case Kind::StartSandbox:
        return "sandbox";
    case Kind::EnsureImage:
        return "image:" + container;
    case Kind::StartContainer:
        return "start";
    case Kind::Stop:
        return "stop:" + id;
    case Kind::Remove:
        return "remove:" + id;
    }
    return {};
}

PodPlan planPod(const PodView& view)
{
    return Planner(view).plan();
}

} // namespace keelson::pods
