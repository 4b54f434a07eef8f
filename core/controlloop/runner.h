// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "controlloop/leader_gate.h"
#include "controlloop/reconciler.h"
#include "controlloop/work_queue.h"
#include "trace/recorder.h"

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace keelson::controlloop {

/// Calls a reconciler at least once after every `add` of a key, never twice at once for one key, and not before the
/// informers show what the key's last pass wrote, so that no pass repeats the one before.
///
/// Nothing runs before all informers have synced, nor while the gate is closed; keys wait meanwhile.
/// Threads: `add` and `addAfter` on the loop; `start` and `stop` on any thread.
/// Life: destroyed after loop and executor have ended, or on the loop when no pass is under way.
class Runner {
public:
    struct Options {
        std::string name;           ///< In log lines: "replicaset".
        std::size_t workersMax = 4; ///< Keys worked on at once.
        WorkQueue::Backoff backoff;
        /// A pass goes ahead when the informers have not shown the last one's writes for so long.
        Duration expectationMax = std::chrono::seconds{10};
        LeaderGate* gate = nullptr;       ///< Null: always open.
        trace::Recorder* trace = nullptr; ///< Is told of passes that say what they do. Null: nobody.
    };

    Runner(Loop& loop, Executor& executor, Reconciler& reconciler, std::vector<client::InformerBase*> informers,
           Options options);
    ~Runner();
    Runner(const Runner&) = delete;
    Runner& operator=(const Runner&) = delete;

    void add(const ObjectKey& key);
    void addAfter(const ObjectKey& key, Duration delay);
    void start();
    void stop();

    /// Nothing queued, delayed or under way. On the loop.
    bool idle() const { return m_queue.idle() && m_waiting.empty(); }

private:
    struct Waiting {
        std::vector<Pass::Expectation> expectations;
        SteadyTime deadline;
        bool wanted = false; ///< The key was added while its last writes were not yet shown.
    };

    void pump();
    void recheck();
    void run(const ObjectKey& key);
    Result<Done> pass(const ObjectKey& key, Pass& pass);
    void finished(const ObjectKey& key, const Result<Done>& result, const Pass& pass);
    bool mayRun() const;

    Loop& m_loop;
    Executor& m_executor;
    Reconciler& m_reconciler;
    const std::vector<client::InformerBase*> m_informers;
    const Options m_options;
    WorkQueue m_queue;
    std::map<ObjectKey, Waiting> m_waiting; ///< Keys whose last writes are not yet shown.
    std::size_t m_workers = 0;
    bool m_synced = false;
    std::atomic<bool> m_started = false;
    std::shared_ptr<char> m_alive;
};

} // namespace keelson::controlloop
