// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/core_v1.h"
#include "containers/container_runtime.h"

#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace keelson::pods {

inline constexpr Milliseconds backoffFirst{10'000};
inline constexpr Milliseconds backoffMax{300'000};
/// Who ran that long starts anew with the back-off.
inline constexpr std::chrono::minutes backoffForgottenAfter{10};

/// What is remembered of a container of a pod between two looks at the runtime.
struct ContainerMemo {
    int imageReadyFor = -1; ///< The attempt for which the image was made sure of.
    std::string
        waitingReason; ///< Why the last try to start it failed: "ErrImagePull", "CreateContainerConfigError", ...
    std::string waitingMessage;
    std::optional<WallTime> retryAt;
    Milliseconds retryDelay{0};
    std::string probedId; ///< The container that the following is about.
    bool started = false; ///< Its startup probe has passed, or there is none.
    bool ready = false;
    bool unhealthy = false; ///< A liveness or startup probe has failed for good: it must be replaced.
    std::string unhealthyMessage;
};

/// All that decisions about a pod are made from.
struct PodView {
    const api::Pod& pod;
    const api::PodStatus& last;                                    ///< As last reported.
    std::span<const containers::ContainerInfo> containers;         ///< Of this pod, sandboxes included.
    const std::map<std::string, ContainerMemo>& memos;             ///< By container name.
    const std::set<std::string>& busy;                             ///< Keys of steps under way (PodStep::key).
    const std::map<std::string, std::string>& terminationMessages; ///< By container id.
    WallTime now;
    std::string hostIp;
    bool removed = false;  ///< To be ended and cleared away: deleted, or not this node's any more.
    std::string endReason; ///< Why it is to be ended for good though not deleted: "DeadlineExceeded".
    std::string endMessage;
    bool volumesReady = false;
    bool volumesRemoved = false;
    std::optional<WallTime> volumesRetryAt;
    std::optional<WallTime> sandboxRetryAt;
};

enum class ContainerRole { Main, Init, Ephemeral };

/// One container of the pod as the runtime shows it.
struct ContainerView {
    const api::Container* spec = nullptr;
    ContainerRole role = ContainerRole::Main;
    bool sidecar = false;                              ///< An init container that keeps running (restartPolicy Always).
    const containers::ContainerInfo* latest = nullptr; ///< The highest attempt; null: none is there.
    const containers::ContainerInfo* previous = nullptr; ///< The attempt before.
    const api::ContainerStatus* last = nullptr;          ///< As last reported; null: not yet.
    const ContainerMemo* memo = nullptr;                 ///< Never null.
};

/// What is to become of a container.
enum class Fate {
    Runs,      ///< Leave it alone.
    Replace,   ///< Stop it; then it starts anew.
    Start,     ///< Now.
    Waits,     ///< Start it later (`until`).
    Clear,     ///< Made but never started by anyone we know: remove it.
    Succeeded, ///< For good.
    Failed,    ///< For good.
};

struct Verdict {
    Fate fate = Fate::Runs;
    int attempt = 0;             ///< Of the start.
    Milliseconds nextBackoff{0}; ///< Before the start after that one.
    std::optional<WallTime> until;
    bool crashLoop = false;  ///< It waits because it has crashed.
    Milliseconds backoff{0}; ///< The whole wait of a crash loop.
    std::string reason;      ///< Why it is replaced.
};

/// The newest running sandbox, or null.
const containers::ContainerInfo* currentSandbox(const PodView& view);
ContainerView viewOf(const PodView& view, const api::Container& container, ContainerRole role);
/// The pod's ephemeral containers, as containers like others.
std::vector<api::Container> ephemeralContainers(const api::Pod& pod);
/// The container of that name, whatever its role; nothing: the pod has none.
std::optional<api::Container> findContainer(const api::Pod& pod, std::string_view name);
/// The name of the container whose processes the ephemeral container `name` is to see; empty: of none.
std::string targetOf(const api::Pod& pod, std::string_view name);
/// Pure. `sandboxId`: of the current sandbox; empty: there is none, and only finished containers keep their fate.
Verdict judge(const PodView& view, const ContainerView& container, const std::string& sandboxId);
/// All init containers are through (sidecars: have started), as seen in that sandbox.
bool isInitialized(const PodView& view, const std::string& sandboxId);
bool isTerminal(const api::PodStatus& status);
/// The back-off that follows one: 0, 10 s, 20 s, ... 5 min.
Milliseconds followingBackoff(Milliseconds before, Duration ran);

} // namespace keelson::pods
