// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/loop.h"
#include "pods/container_probes.h"
#include "pods/pod_actions.h"
#include "pods/pod_plan.h"

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

namespace keelson::pods {

/// What all workers of a node share. Must outlive them and everything they run on the executor.
struct PodEnvironment {
    Loop& loop;
    Executor& executor;
    PodActions& actions;
    Prober& prober;
    std::shared_ptr<const NodeSettings> settings;
    std::function<PodObjects(const api::Pod&)> objects;
    /// The whole status whenever it has changed.
    std::function<void(const api::Pod&, const api::PodStatus&)> report;
    std::function<void(const api::Pod&, const PodEvent&)> event;
    std::function<void(const api::Pod&, const StepReport&)> stepEnded;
    /// Nothing of the removed pod is left.
    std::function<void(const api::Pod&)> gone;
    /// Asks for a list of the runtime's containers that begins after now; gives its number (see `PodWorker::observe`).
    std::function<std::uint64_t()> requestList;
};

/// Keeps one pod as it should be: looks at what the runtime shows, plans (planPod), carries out. All its state can be
/// made anew from the runtime's labels and the last status, so an agent's restart touches nothing.
///
/// Threads: the environment's loop.
class PodWorker : public std::enable_shared_from_this<PodWorker> {
public:
    PodWorker(PodEnvironment& environment, api::PodPtr pod);

    /// The pod has changed: its spec (an image), its metadata or its deletion.
    void setPod(api::PodPtr pod);
    /// Not this node's pod any more: ends it and clears it away.
    void remove();
    /// A ConfigMap, Secret or Service that it may name has changed.
    void objectsChanged();
    /// What the runtime shows of this pod, in the list of that number. Lists come in the order of their numbers.
    void observe(std::vector<containers::ContainerInfo> containers, std::uint64_t list);

    const api::PodPtr& pod() const { return m_pod; }
    const api::PodStatus& status() const { return m_status; }
    const std::vector<containers::ContainerInfo>& containers() const { return m_containers; }

private:
    void step();
    PodView view() const;
    void updateEnd();
    void updateProbes();
    void runProbes();
    void probeDone(const std::string& container, const std::string& id, ProbeKind kind, const ProbeResult& result);
    void readTerminationMessages();
    void start(const PodStep& step);
    void stepDone(const PodStep& step, StepOutcome outcome);
    void reportStep(const PodStep& step, const StepOutcome& outcome);
    void reportReady(const api::PodStatus& status);
    void containerFailed(const PodStep& step, const StepOutcome& outcome);
    void arm(std::optional<WallTime> wakeAt);
    void publish(api::PodStatus status);
    PodFacts facts() const;

    PodEnvironment& m_environment;
    api::PodPtr m_pod;
    api::PodStatus m_status;
    bool m_reported = false;
    bool m_observed = false; ///< Nothing is decided before the runtime was seen once.
    bool m_removed = false;
    bool m_finished = false;
    bool m_volumesReady = false;
    bool m_volumesRemoved = false;
    bool m_volumesStale = false;
    std::optional<WallTime> m_volumesRetryAt;
    std::optional<WallTime> m_sandboxRetryAt;
    Milliseconds m_retryDelay{0}; ///< Of volumes and sandbox.
    VolumePaths m_volumes;
    std::string m_endReason;
    std::string m_endMessage;
    std::vector<containers::ContainerInfo> m_containers;
    std::map<std::string, ContainerMemo> m_memos;
    std::map<std::string, ContainerProbes> m_probes; ///< By container name.
    std::map<std::string, std::string> m_terminationMessages;
    std::set<std::string> m_busy;
    std::map<std::string, std::uint64_t> m_doneAt; ///< Busy keys that a list of that number frees.
    Loop::TimerId m_timer = 0;
};

} // namespace keelson::pods
