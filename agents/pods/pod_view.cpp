// SPDX-License-Identifier: Apache-2.0
#include "pods/pod_view.h"

#include "api/codec.h"
#include "pods/pod_specs.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace keelson::pods {
namespace {

using containers::ContainerInfo;
using containers::ContainerState;

constexpr int killedExitCode = 137;

enum class Restart { Always, OnFailure, Never };

Restart policyOf(const api::Pod& pod, const ContainerView& container)
{
    if (container.sidecar)
        return Restart::Always;
    const auto& policy = pod.spec.restartPolicy;
    if (policy == "Never" || container.role == ContainerRole::Ephemeral)
        return Restart::Never;
    return container.role == ContainerRole::Init || policy == "OnFailure" ? Restart::OnFailure : Restart::Always;
}

Milliseconds backoffOf(const ContainerInfo& info)
{
    std::int64_t value = 0;
    if (const auto found = info.annotations.find(std::string(backoffAnnotation)); found != info.annotations.end())
        std::from_chars(found->second.data(), found->second.data() + found->second.size(), value);
    return std::clamp(Milliseconds{value}, Milliseconds{0}, backoffMax);
}

const api::ContainerStatus* lastOf(const api::PodStatus& status, const std::string& name, ContainerRole role)
{
    const auto& list = role == ContainerRole::Init        ? status.initContainerStatuses
                       : role == ContainerRole::Ephemeral ? status.ephemeralContainerStatuses
                                                          : status.containerStatuses;
    const auto found = std::ranges::find(list, name, &api::ContainerStatus::name);
    return found == list.end() ? nullptr : &*found;
}

bool mayRestart(Restart policy, int exitCode)
{
    return policy == Restart::Always || (policy == Restart::OnFailure && exitCode != 0);
}

Verdict judgeAbsent(const PodView& view, const ContainerView& container)
{
    const auto policy = policyOf(view.pod, container);
    const auto* last = container.last;
    const bool ran = last != nullptr && !last->containerID.empty();
    if (ran) {
        const int exitCode = last->state.terminated ? last->state.terminated->exitCode : killedExitCode;
        if (!mayRestart(policy, exitCode) && !(container.role == ContainerRole::Init && exitCode == 0))
            return {.fate = exitCode == 0 ? Fate::Succeeded : Fate::Failed};
    }
    return {.fate = Fate::Start, .attempt = ran ? last->restartCount + 1 : last != nullptr ? last->restartCount : 0};
}

Verdict judgeExited(const PodView& view, const ContainerView& container, const std::string& sandboxId)
{
    const auto& info = *container.latest;
    const auto policy = policyOf(view.pod, container);
    const bool redo = container.role == ContainerRole::Init && !container.sidecar && info.exitCode == 0 &&
                      info.sandboxId != sandboxId;
    if (!redo && !mayRestart(policy, info.exitCode))
        return {.fate = info.exitCode == 0 ? Fate::Succeeded : Fate::Failed};
    const auto finished = info.finishedAt.value_or(view.now);
    const auto ran = info.startedAt ? finished - *info.startedAt : Duration{0};
    Verdict verdict{.fate = Fate::Start, .attempt = info.attempt + 1};
    verdict.backoff = ran >= backoffForgottenAfter ? Milliseconds{0} : backoffOf(info);
    verdict.nextBackoff = followingBackoff(backoffOf(info), ran);
    if (!redo && finished + verdict.backoff > view.now) {
        verdict.fate = Fate::Waits;
        verdict.until = finished + verdict.backoff;
        verdict.crashLoop = true;
    }
    return verdict;
}

} // namespace

Milliseconds followingBackoff(Milliseconds before, Duration ran)
{
    if (ran >= backoffForgottenAfter)
        return backoffFirst;
    return before <= Milliseconds{0} ? backoffFirst : std::min(before * 2, backoffMax);
}

const ContainerInfo* currentSandbox(const PodView& view)
{
    const ContainerInfo* current = nullptr;
    for (const auto& each : view.containers) {
        if (each.sandbox && each.state == ContainerState::Running && (!current || each.attempt > current->attempt))
            current = &each;
    }
    return current;
}

ContainerView viewOf(const PodView& view, const api::Container& container, ContainerRole role)
{
    static const ContainerMemo nothing;
    ContainerView found{.spec = &container, .role = role};
    found.sidecar = role == ContainerRole::Init && container.restartPolicy == "Always";
    for (const auto& each : view.containers) {
        if (each.sandbox || each.name != container.name)
            continue;
        if (!found.latest || each.attempt > found.latest->attempt) {
            found.previous = found.latest;
            found.latest = &each;
        } else if (!found.previous || each.attempt > found.previous->attempt) {
            found.previous = &each;
        }
    }
    found.last = lastOf(view.last, container.name, role);
    const auto memo = view.memos.find(container.name);
    found.memo = memo == view.memos.end() ? &nothing : &memo->second;
    return found;
}

std::vector<api::Container> ephemeralContainers(const api::Pod& pod)
{
    std::vector<api::Container> containers;
    for (const auto& each : pod.spec.ephemeralContainers) // which have the members of others, and one more
        if (auto read = api::fromJson<api::Container>(toJson(each)))
            containers.push_back(*std::move(read));
    return containers;
}

std::optional<api::Container> findContainer(const api::Pod& pod, std::string_view name)
{
    for (const auto* list : {&pod.spec.initContainers, &pod.spec.containers})
        if (const auto found = std::ranges::find(*list, name, &api::Container::name); found != list->end())
            return *found;
    for (auto& each : ephemeralContainers(pod))
        if (each.name == name)
            return std::move(each);
    return std::nullopt;
}

std::string targetOf(const api::Pod& pod, std::string_view name)
{
    const auto found = std::ranges::find(pod.spec.ephemeralContainers, name, &api::EphemeralContainer::name);
    return found == pod.spec.ephemeralContainers.end() ? std::string() : found->targetContainerName;
}

Verdict judge(const PodView& view, const ContainerView& container, const std::string& sandboxId)
{
    Verdict verdict;
    if (container.latest == nullptr) {
        verdict = judgeAbsent(view, container);
    } else if (container.latest->state == ContainerState::Created) {
        return {.fate = view.busy.contains("start") ? Fate::Waits : Fate::Clear};
    } else if (container.latest->state == ContainerState::Running) {
        const auto& info = *container.latest;
        const auto image = info.annotations.find(std::string(imageAnnotation));
        if (container.memo->unhealthy && container.memo->probedId == info.id)
            return {.fate = Fate::Replace, .reason = container.memo->unhealthyMessage};
        if (image != info.annotations.end() && image->second != container.spec->image)
            return {.fate = Fate::Replace,
                    .reason = fmt::format("Container {} definition changed, will be restarted", container.spec->name)};
        return {.fate = Fate::Runs, .attempt = info.attempt};
    } else {
        verdict = judgeExited(view, container, sandboxId);
    }
    if (verdict.fate == Fate::Start && container.memo->retryAt && *container.memo->retryAt > view.now) {
        verdict.fate = Fate::Waits;
        verdict.until = container.memo->retryAt;
    }
    return verdict;
}

bool isInitialized(const PodView& view, const std::string& sandboxId)
{
    for (const auto& container : view.pod.spec.containers) {
        const auto main = viewOf(view, container, ContainerRole::Main);
        if (main.latest != nullptr && main.latest->sandboxId == sandboxId)
            return true; // they start only behind the init containers, which may have been cleared away since
    }
    for (const auto& container : view.pod.spec.initContainers) {
        const auto init = viewOf(view, container, ContainerRole::Init);
        const bool here = init.latest != nullptr && init.latest->sandboxId == sandboxId;
        if (init.sidecar) {
            if (!here || init.latest->state != ContainerState::Running || !init.memo->started)
                return false;
        } else if (!here || init.latest->state != ContainerState::Exited || init.latest->exitCode != 0) {
            return false;
        }
    }
    return true;
}

bool isTerminal(const api::PodStatus& status)
{
    return status.phase == "Succeeded" || status.phase == "Failed";
}

} // namespace keelson::pods
