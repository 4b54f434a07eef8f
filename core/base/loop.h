// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/timer_table.h"

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

namespace keelson {

/// A queue of tasks run one after the other by one thread, with timers. Who owns mutable state owns it on one loop.
///
/// Threads: any thread may call `post`, `after` and `cancel`; tasks run on the loop's own thread, never inside
/// `post`. A task must not block for long: blocking work goes to an `Executor`.
class Loop {
public:
    using TimerId = TimerTable::Id; ///< Never 0.

    virtual ~Loop() = default;
    virtual const Clock& clock() const = 0;
    virtual void post(Task task) = 0;
    /// Runs `task` once, at least `delay` from now.
    virtual TimerId after(Duration delay, Task task) = 0;
    /// Forgets the timer. Unknown and already fired ids are ignored. Called on the loop, the task does not run any
    /// more.
    virtual void cancel(TimerId timer) = 0;
};

/// What stands in a loop's queue: a task, or a timer that is due.
struct QueuedTask {
    Task task;
    Loop::TimerId timer = 0;

    /// What is to run; empty when the timer was cancelled.
    Task take(TimerTable& timers) { return timer == 0 ? std::move(task) : timers.take(timer); }
};

/// A loop with a thread of its own. The destructor runs no further task and joins the thread.
class ThreadLoop : public Loop {
public:
    ThreadLoop(std::string name, const Clock& clock);
    ~ThreadLoop() override;
    ThreadLoop(const ThreadLoop&) = delete;
    ThreadLoop& operator=(const ThreadLoop&) = delete;

    const Clock& clock() const override { return m_clock; }
    void post(Task task) override;
    TimerId after(Duration delay, Task task) override;
    void cancel(TimerId timer) override;
    /// Ends the thread after the task it is in; idempotent. Not from a task of this loop.
    void stop();

private:
    void run();

    const Clock& m_clock;
    std::mutex m_mutex;
    std::condition_variable m_wake;
    std::deque<QueuedTask> m_tasks;
    TimerTable m_timers;
    bool m_stopping = false;
    std::thread m_thread;
};

/// A loop in simulated time: nothing runs until it is told to, then in one deterministic order, and time jumps to the
/// next timer. One thread only.
class SimulatedLoop : public Loop {
public:
    explicit SimulatedLoop(SimulatedClock& clock);

    const Clock& clock() const override { return m_clock; }
    void post(Task task) override;
    TimerId after(Duration delay, Task task) override;
    void cancel(TimerId timer) override;

    /// Runs what is due now, and all that this posts. False when there was nothing.
    bool runDue();
    /// Runs for `time` of simulated time.
    void runFor(Duration time);
    /// Runs until `done` holds or `limit` of simulated time has passed; says whether it holds.
    bool runUntil(const std::function<bool()>& done, Duration limit);

private:
    SimulatedClock& m_clock;
    std::deque<QueuedTask> m_tasks;
    TimerTable m_timers;
};

/// Runs blocking work away from the loops: a bounded number of threads, started when needed.
class Executor {
public:
    virtual ~Executor() = default;
    /// Queues `work`. Any thread.
    virtual void run(Task work) = 0;
};

/// Up to `threadsMax` threads; one that is idle for a few seconds ends. The destructor runs what is queued, then joins.
class ThreadExecutor : public Executor {
public:
    ThreadExecutor(std::string name, std::size_t threadsMax);
    ~ThreadExecutor() override;
    void run(Task work) override;
    /// Ends early: runs what is queued, then joins. Later work is dropped. Not from the executor's own threads.
    void stop();

private:
    struct State;
    std::shared_ptr<State> m_state;
};

/// Runs the work at once on the caller's thread; for tests and simulation.
class InlineExecutor : public Executor {
public:
    void run(Task work) override { work(); }
};

/// Names the calling thread for debuggers and `top -H`; at most 15 characters are kept.
void nameThread(const std::string& name);

} // namespace keelson
