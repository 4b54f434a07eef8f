// SPDX-License-Identifier: Apache-2.0
#include "controlloop/work_queue.h"

#include <algorithm>

namespace keelson::controlloop {

WorkQueue::WorkQueue(Loop& loop, Backoff backoff, std::function<void()> ready)
    : m_loop(loop), m_backoff(backoff), m_ready(std::move(ready)), m_alive(std::make_shared<char>())
{
}

WorkQueue::~WorkQueue() = default;

void WorkQueue::add(const ObjectKey& key)
{
    if (!m_queued.insert(key).second)
        return;
    if (m_working.contains(key))
        return; // done() queues it
    m_order.push_back(key);
    m_ready();
}

void WorkQueue::addAfter(const ObjectKey& key, Duration delay)
{
    if (delay <= Duration{0})
        return add(key);
    const auto due = m_loop.clock().steady() + delay;
    auto& delayed = m_delayed[key];
    if (delayed.timer != 0) {
        if (delayed.due <= due)
            return;
        m_loop.cancel(delayed.timer);
    }
    delayed.due = due;
    delayed.timer = m_loop.after(delay, [this, key, alive = std::weak_ptr(m_alive)] {
        if (!alive.lock())
            return;
        m_delayed.erase(key);
        add(key);
    });
}

void WorkQueue::addAfterFailure(const ObjectKey& key)
{
    constexpr int doublingsMax = 30;
    const int failures = std::min(m_failures[key]++, doublingsMax);
    addAfter(key, std::min(m_backoff.max, m_backoff.initial * (std::int64_t{1} << failures)));
}

void WorkQueue::forget(const ObjectKey& key)
{
    m_failures.erase(key);
}

std::optional<ObjectKey> WorkQueue::take()
{
    if (m_order.empty())
        return std::nullopt;
    auto key = std::move(m_order.front());
    m_order.pop_front();
    m_queued.erase(key);
    m_working.insert(key);
    return key;
}

void WorkQueue::done(const ObjectKey& key)
{
    m_working.erase(key);
    if (!m_queued.contains(key))
        return;
    m_order.push_back(key);
    m_ready();
}

} // namespace keelson::controlloop
