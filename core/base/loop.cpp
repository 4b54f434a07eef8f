// SPDX-License-Identifier: Apache-2.0
#include "base/loop.h"

#include <algorithm>

#if defined(__linux__)
#include <pthread.h>
#endif

namespace keelson {

void nameThread([[maybe_unused]] const std::string& name)
{
#if defined(__linux__)
    constexpr std::size_t lengthMax = 15;
    pthread_setname_np(pthread_self(), name.substr(0, lengthMax).c_str());
#endif
}

ThreadLoop::ThreadLoop(std::string name, const Clock& clock)
    : m_clock(clock), m_thread([this, name = std::move(name)] {
          nameThread(name);
          run();
      })
{
}

ThreadLoop::~ThreadLoop()
{
    stop();
}

void ThreadLoop::post(Task task)
{
    {
        const std::scoped_lock lock(m_mutex);
        m_tasks.push_back({.task = std::move(task)});
    }
    m_wake.notify_one();
}

Loop::TimerId ThreadLoop::after(Duration delay, Task task)
{
    TimerId id = 0;
    {
        const std::scoped_lock lock(m_mutex);
        id = m_timers.add(m_clock.steady() + delay, std::move(task));
    }
    m_wake.notify_one();
    return id;
}

void ThreadLoop::cancel(TimerId timer)
{
    Task dropped; // destroyed outside the lock: it may own what calls us back
    const std::scoped_lock lock(m_mutex);
    dropped = m_timers.cancel(timer);
}

void ThreadLoop::stop()
{
    {
        const std::scoped_lock lock(m_mutex);
        m_stopping = true;
    }
    m_wake.notify_one();
    if (m_thread.joinable())
        m_thread.join();
}

void ThreadLoop::run()
{
    std::unique_lock lock(m_mutex);
    while (!m_stopping) {
        while (const auto due = m_timers.takeDue(m_clock.steady()))
            m_tasks.push_back({.timer = *due});
        if (!m_tasks.empty()) {
            Task task = m_tasks.front().take(m_timers);
            m_tasks.pop_front();
            lock.unlock();
            if (task)
                task();
            task = nullptr; // what it owns ends outside the lock
            lock.lock();
        } else if (const auto next = m_timers.next()) {
            m_wake.wait_for(lock, *next - m_clock.steady());
        } else {
            m_wake.wait(lock);
        }
    }
}

SimulatedLoop::SimulatedLoop(SimulatedClock& clock) : m_clock(clock) {}

void SimulatedLoop::post(Task task)
{
    m_tasks.push_back({.task = std::move(task)});
}

Loop::TimerId SimulatedLoop::after(Duration delay, Task task)
{
    return m_timers.add(m_clock.steady() + delay, std::move(task));
}

void SimulatedLoop::cancel(TimerId timer)
{
    m_timers.cancel(timer);
}

bool SimulatedLoop::runDue()
{
    bool ran = false;
    for (;;) {
        while (const auto due = m_timers.takeDue(m_clock.steady()))
            m_tasks.push_back({.timer = *due});
        if (m_tasks.empty())
            return ran;
        Task task = m_tasks.front().take(m_timers);
        m_tasks.pop_front();
        if (task)
            task();
        ran = true;
    }
}

void SimulatedLoop::runFor(Duration time)
{
    runUntil([] { return false; }, time);
}

bool SimulatedLoop::runUntil(const std::function<bool()>& done, Duration limit)
{
    const auto end = m_clock.steady() + limit;
    for (;;) {
        runDue();
        if (done())
            return true;
        const auto next = m_timers.next();
        if (!next || *next > end) {
            m_clock.advance(end - m_clock.steady());
            return false;
        }
        m_clock.advance(std::max(Duration{0}, *next - m_clock.steady()));
    }
}

struct ThreadExecutor::State {
    /// A thread that waits for work.
    struct Idle {
        std::condition_variable wake;
        bool called = false;
    };

    std::string name;
    std::size_t threadsMax = 1;
    std::mutex mutex;
    std::condition_variable ended;
    std::deque<Task> work;
    /// The last one is called first: its caches are warm, and those that are not needed get old enough to end.
    std::vector<std::shared_ptr<Idle>> idle;
    std::size_t threads = 0;
    /// A thread has been called and has not begun yet. It calls the next one when more waits than it takes: while work
    /// comes quicker than threads wake up, those that are busy do it.
    bool calling = false;
    bool stopping = false;

    void serve(const std::shared_ptr<State>& self)
    {
        nameThread(name);
        const auto place = std::make_shared<Idle>();
        std::unique_lock lock(mutex);
        calling = false;
        for (;;) {
            if (work.empty() && !awaitWork(place, lock))
                break;
            if (work.empty())
                continue; // a thread that was busy was quicker
            Task task = std::move(work.front());
            work.pop_front();
            const auto next = call(self);
            lock.unlock();
            if (next)
                next->wake.notify_one();
            task();
            task = nullptr;
            lock.lock();
        }
        --threads;
        ended.notify_all();
    }

    /// With `mutex`. One more thread for what waits: whom to notify, outside, since it would wake only to wait for the
    /// mutex.
    std::shared_ptr<Idle> call(const std::shared_ptr<State>& self)
    {
        if (work.empty() || calling)
            return nullptr;
        std::shared_ptr<Idle> called;
        if (!idle.empty()) {
            called = std::move(idle.back());
            idle.pop_back();
            called->called = true;
        } else if (threads < threadsMax) {
            ++threads;
            std::thread([self] { self->serve(self); }).detach();
        } else {
            return nullptr;
        }
        calling = true;
        return called;
    }

    /// False: nobody has called for long enough, or the executor stops.
    bool awaitWork(const std::shared_ptr<Idle>& place, std::unique_lock<std::mutex>& lock)
    {
        constexpr std::chrono::seconds idleMax{5};
        if (stopping)
            return false;
        place->called = false;
        idle.push_back(place);
        place->wake.wait_for(lock, idleMax, [&] { return place->called || stopping; });
        if (place->called)
            calling = false;
        else
            std::erase(idle, place);
        return place->called;
    }
};

ThreadExecutor::ThreadExecutor(std::string name, std::size_t threadsMax) : m_state(std::make_shared<State>())
{
    m_state->name = std::move(name);
    m_state->threadsMax = threadsMax;
}

ThreadExecutor::~ThreadExecutor()
{
    stop();
}

void ThreadExecutor::stop()
{
    std::unique_lock lock(m_state->mutex);
    m_state->stopping = true;
    for (const auto& each : m_state->idle)
        each->wake.notify_one();
    m_state->ended.wait(lock, [this] { return m_state->threads == 0; });
}

void ThreadExecutor::run(Task work)
{
    std::shared_ptr<State::Idle> called;
    {
        const std::scoped_lock lock(m_state->mutex);
        if (m_state->stopping && m_state->threads == 0)
            return; // `work` ends with the call, outside the lock
        m_state->work.push_back(std::move(work));
        called = m_state->call(m_state);
    }
    if (called)
        called->wake.notify_one();
}

} // namespace keelson
