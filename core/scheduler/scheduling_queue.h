// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/core_v1.h"
#include "base/clock.h"

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <utility>

namespace keelson::scheduler {

/// Pods that wait for a node. Each is in one of these states:
/// active (to be tried, the highest priority and then the oldest first), back-off (tried in vain, waiting for its
/// time), unschedulable (waiting until something changes in the cluster, or for long), or taken (being tried or bound).
///
/// Threads: none of its own; one owner.
class SchedulingQueue {
public:
    struct Limits {
        Duration backoffInitial = std::chrono::seconds{1};
        Duration backoffMax = std::chrono::seconds{10};
        Duration unschedulableMax = std::chrono::minutes{5};
    };

    explicit SchedulingQueue(Limits limits) : m_limits(limits) {}

    /// A new pod becomes active. One that is known takes the new form; unschedulable and changed, it is tried again.
    void put(const api::PodPtr& pod, SteadyTime now);
    void remove(std::string_view uid);

    /// The next active pod, which is taken now; or null.
    api::PodPtr take();
    /// A taken pod found no node: waits for a change.
    void putUnschedulable(std::string_view uid, SteadyTime now);
    /// A taken pod could not be bound, or the like: is tried again after its back-off.
    void putBack(std::string_view uid, SteadyTime now);
    /// Something changed: unschedulable pods are tried again, not before their back-off.
    void wakeAll(SteadyTime now);
    /// Makes active what is due. Returns when to call again.
    std::optional<SteadyTime> flush(SteadyTime now);

    bool hasActive() const { return !m_active.empty(); }
    bool contains(std::string_view uid) const { return m_entries.contains(std::string(uid)); }
    std::size_t size() const { return m_entries.size(); }

private:
    enum class State { Active, Backoff, Unschedulable, Taken };
    using ActiveKey = std::tuple<std::int64_t, std::uint64_t, std::string>; ///< Negated priority, arrival, uid.
    using DueKey = std::pair<SteadyTime, std::string>;
    struct Entry {
        api::PodPtr pod;
        State state = State::Active;
        int attempts = 0;
        SteadyTime backoffEnd; ///< Of the last attempt.
        std::uint64_t arrival = 0;
        SteadyTime due; ///< Of the states Backoff and Unschedulable.
    };
    using Entries = std::unordered_map<std::string, Entry>;

    void leave(const std::string& uid, Entry& entry);
    void enter(const std::string& uid, Entry& entry, State state, SteadyTime due = {});
    void countAttempt(Entry& entry, SteadyTime now) const;
    ActiveKey activeKey(const std::string& uid, const Entry& entry) const;

    const Limits m_limits;
    Entries m_entries;
    std::set<ActiveKey> m_active;
    std::set<DueKey> m_backoff;
    std::set<DueKey> m_unschedulable;
    std::uint64_t m_arrivals = 0;
};

} // namespace keelson::scheduler
