// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pods/pod_worker.h"

#include <functional>
#include <map>
#include <memory>
#include <string>

namespace keelson::pods {

struct PodManagerCallbacks {
    std::function<PodObjects(const api::Pod&)> objects;
    std::function<void(const api::Pod&, const api::PodStatus&)> report;
    std::function<void(const api::Pod&, const PodEvent&)> event;
    std::function<void(const api::Pod&, const StepReport&)> stepEnded = [](const auto&, const auto&) {};
    std::function<void(const api::Pod&)> gone;
    /// The runtime has gone away or come back (`runtimeHealth`).
    std::function<void()> healthChanged = [] {};
};

/// All pods of a node: a worker each, fed from lists of the runtime; what belongs to no pod is cleared away.
///
/// Threads: the loop's. Destroy it only when the executor has finished what it was given.
class PodManager {
public:
    PodManager(Loop& loop, Executor& executor, containers::ContainerRuntime& runtime, PodVolumes& volumes,
               Prober& prober, std::shared_ptr<const NodeSettings> settings, PodManagerCallbacks callbacks);
    ~PodManager();
    PodManager(const PodManager&) = delete;
    PodManager& operator=(const PodManager&) = delete;

    /// Follows the runtime from now on.
    void start();
    void setPod(api::PodPtr pod);
    /// The pod of that name is not this node's any more.
    void removePod(const std::string& nameSpace, const std::string& name);
    /// A ConfigMap, Secret or Service of the namespace has changed.
    void objectsChanged(const std::string& nameSpace);
    /// All pods of the node are known: what else the runtime and the disk hold is stale.
    void allKnown();
    void setSettings(std::shared_ptr<const NodeSettings> settings);

    /// The worker of a pod, or null.
    const PodWorker* find(const std::string& nameSpace, const std::string& name, const std::string& uid) const;
    std::size_t podCount() const { return m_workers.size(); }
    /// What came of the last look at the runtime.
    const Result<Done>& runtimeHealth() const { return m_health; }
    /// Reports every pod's status once more.
    void reportAll() const;

private:
    std::uint64_t requestList();
    void beginList();
    void listDone(Result<std::vector<containers::ContainerInfo>> list, std::uint64_t number);
    void adoptStray(const containers::ContainerInfo& info);
    void clearStrayVolumes();
    void forget(const std::string& uid);
    void relistLater();

    Loop& m_loop;
    Executor& m_executor;
    containers::ContainerRuntime& m_runtime;
    PodVolumes& m_volumes;
    PodActions m_actions;
    PodManagerCallbacks m_callbacks;
    PodEnvironment m_environment;
    std::map<std::string, std::shared_ptr<PodWorker>> m_workers;          ///< By uid.
    std::map<std::string, std::vector<containers::ContainerInfo>> m_seen; ///< By uid, in the newest list.
    Result<Done> m_health = Done{};
    std::shared_ptr<int> m_alive = std::make_shared<int>();
    std::uint64_t m_listsBegun = 0;
    std::uint64_t m_newestList = 0;
    bool m_listing = false;
    bool m_listWanted = false;
    bool m_allKnown = false;
    Loop::TimerId m_relistTimer = 0;
};

} // namespace keelson::pods
