// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/loop.h"
#include "base/random.h"
#include "client/client.h"
#include "controlloop/leader_gate.h"
#include "trace/recorder.h"

#include <cstddef>
#include <memory>
#include <string>

namespace keelson::scheduler {

struct Options {
    std::string name = "default-scheduler"; ///< Takes pods whose spec.schedulerName is this.
    /// Nodes that are looked at for each pod, of 100; 0: by cluster size as Kubernetes does (all up to 100 nodes, 5 %
    /// at least).
    int percentOfNodes = 0;
    std::size_t bindBatchMax = 512;   ///< Pods in one `bindEach`.
    std::size_t bindsInFlightMax = 4; ///< Batches under way at once.
    Duration backoffInitial = std::chrono::seconds{1};
    Duration backoffMax = std::chrono::seconds{10};
    /// A pod that found no node is tried again after this even when nothing happened.
    Duration unschedulableMax = std::chrono::minutes{5};
    controlloop::LeaderGate* gate = nullptr; ///< Null: always leads. Outlives the scheduler.
    trace::Recorder* trace = nullptr;        ///< Is told why a pod goes where; null: nobody. Outlives the scheduler.
};

/// What the scheduler has done so far.
struct Counters {
    std::uint64_t bound = 0;
    std::uint64_t unschedulable = 0; ///< Attempts that found no node.
    std::uint64_t bindErrors = 0;
    std::size_t waiting = 0; ///< Pods that have no node now.
};

/// Gives pods nodes: watches pods and nodes, decides in memory with assumed pods, binds in batches.
///
/// Threads: construct, start, stop and destroy on any one thread; `synced` and `counters` on any. All state lives on
/// the loop, which should be the scheduler's own; binding runs on the executor.
/// Life: `stop`, then end the loop and the executor, then destroy. The client acts for "system:kube-scheduler".
class Scheduler {
public:
    Scheduler(client::Client& client, Loop& loop, Executor& executor, Random& random, Options options = {});
    ~Scheduler();
    Scheduler(const Scheduler&) = delete;
    Scheduler& operator=(const Scheduler&) = delete;

    void start();
    /// Ends the watches; begins nothing new. Idempotent.
    void stop();

    bool synced() const;
    Counters counters() const;

private:
    class Impl;
    std::unique_ptr<Impl> m_impl;
};

} // namespace keelson::scheduler
