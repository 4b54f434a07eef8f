// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/kind.h"
#include "base/loop.h"

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>

namespace keelson::controlloop {

using api::ObjectKey;

/// Keys that need work. A key is in it once, however often it is added; a key that is worked on waits until that is
/// done.
///
/// Threads: all on the loop. Life: destroyed on the loop, or after it has ended.
class WorkQueue {
public:
    struct Backoff {
        Duration initial = Milliseconds{5};
        Duration max = std::chrono::seconds{30};
    };

    /// `ready` runs (inside `add`, or from a timer) whenever a key can be taken.
    WorkQueue(Loop& loop, Backoff backoff, std::function<void()> ready);
    ~WorkQueue();
    WorkQueue(const WorkQueue&) = delete;
    WorkQueue& operator=(const WorkQueue&) = delete;

    void add(const ObjectKey& key);
    /// Adds the key after `delay`. Of several delays of one key the earliest holds.
    void addAfter(const ObjectKey& key, Duration delay);
    /// Adds the key after a delay that doubles with each call until `forget`.
    void addAfterFailure(const ObjectKey& key);
    /// The key does not fail any more.
    void forget(const ObjectKey& key);

    /// The key that has waited longest; it counts as worked on until `done`.
    std::optional<ObjectKey> take();
    /// The work is finished. Queues the key again when it was added meanwhile.
    void done(const ObjectKey& key);

    std::size_t size() const { return m_order.size(); }
    bool idle() const { return m_order.empty() && m_working.empty() && m_delayed.empty(); }

private:
    struct Delayed {
        SteadyTime due;
        Loop::TimerId timer = 0;
    };

    Loop& m_loop;
    const Backoff m_backoff;
    const std::function<void()> m_ready;
    std::deque<ObjectKey> m_order;
    std::set<ObjectKey> m_queued; ///< In m_order, or to be queued when the work is done.
    std::set<ObjectKey> m_working;
    std::map<ObjectKey, Delayed> m_delayed;
    std::map<ObjectKey, int> m_failures;
    std::shared_ptr<char> m_alive;
};

} // namespace keelson::controlloop
