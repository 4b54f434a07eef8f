// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "client/informer.h"
#include "client/typed.h"
#include "controllers/controllers.h"
#include "scheduler/scheduler.h"
#include "support/fake_client.h"

#include "api/apps_v1.h"
#include "api/coordination_v1.h"
#include "api/core_v1.h"

#include <functional>
#include <memory>
#include <set>
#include <string>

namespace keelson::test {

/// Controllers, scheduler and make-believe node agents around a FakeClient, all on one simulated loop.
class SimulatedCluster {
public:
    struct Options {
        controllers::Options controllers;
        std::uint64_t seed = 1;
        Duration podStart = std::chrono::seconds{1}; ///< From bound to ready.
        Duration podStop = std::chrono::seconds{1};  ///< From a deletionTimestamp to gone.
        Duration leaseRenewal = std::chrono::seconds{10};
    };

    SimulatedCluster() : SimulatedCluster(Options{}) {}
    explicit SimulatedCluster(Options options);
    ~SimulatedCluster();

    /// A node with 4 CPUs, 8 GiB and room for 110 pods, and an agent that renews its lease.
    void addNode(const std::string& name);
    /// The node's agent says and does nothing any more.
    void killNode(const std::string& name) { m_dead.insert(name); }
    /// New pods of this image never get ready.
    void breakImage(const std::string& image) { m_brokenImage = image; }
    /// Creates the objects of YAML documents split by "---".
    void create(std::string_view yaml);
    /// deployment NAME in default with labels app=NAME, one container of `image`, cpu request of 100m.
    void createDeployment(const std::string& name, int replicas, const std::string& strategy = "{type: RollingUpdate}",
                          const std::string& image = "app:1");
    void patchDeployment(const std::string& name, std::string_view json);

    bool runUntil(const std::function<bool()>& done, Duration limit) { return loop.runUntil(done, limit); }
    void runFor(Duration time) { loop.runFor(time); }

    std::vector<api::Pod> pods();
    int readyPods(std::string_view image = {});
    api::Deployment deployment(const std::string& name);
    std::vector<api::ReplicaSet> replicaSets();
    template <typename T>
    std::vector<T> all()
    {
        std::vector<T> objects;
        for (const auto& encoded : client.list(api::kindOf<T>(), {})->objects)
            objects.push_back(*api::fromJson<T>(*api::parseJson(*encoded)));
        return objects;
    }

    SimulatedClock clock;
    SimulatedLoop loop{clock};
    SeededRandom random;
    FakeClient client;
    /// Runs after each change of a pod: for invariants.
    std::function<void()> onPodChange;

private:
    void podChanged(const api::PodPtr& now);
    void startPod(const ObjectKey& key, const std::string& uid);
    void stopPod(const ObjectKey& key, const std::string& uid);
    void renewLease(const std::string& node);

    const Options m_options;
    InlineExecutor m_executor;
    client::Informer<api::Pod> m_pods;
    std::unique_ptr<controllers::Controllers> m_controllers;
    scheduler::Scheduler m_scheduler;
    std::set<std::string> m_dead;
    std::set<std::string> m_handled; ///< Pod uids that were started, or "-uid" being stopped.
    std::string m_brokenImage;
};

} // namespace keelson::test
