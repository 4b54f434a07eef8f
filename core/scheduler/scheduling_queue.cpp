// SPDX-License-Identifier: Apache-2.0
#include "scheduler/scheduling_queue.h"

#include <algorithm>

namespace keelson::scheduler {

SchedulingQueue::ActiveKey SchedulingQueue::activeKey(const std::string& uid, const Entry& entry) const
{
    return {-std::int64_t{entry.pod->spec.priority.value_or(0)}, entry.arrival, uid};
}

void SchedulingQueue::leave(const std::string& uid, Entry& entry)
{
    switch (entry.state) {
    case State::Active:
        m_active.erase(activeKey(uid, entry));
        break;
    case State::Backoff:
        m_backoff.erase({entry.due, uid});
        break;
    case State::Unschedulable:
        m_unschedulable.erase({entry.due, uid});
        break;
    case State::Taken:
        break;
    }
}

void SchedulingQueue::enter(const std::string& uid, Entry& entry, State state, SteadyTime due)
{
    entry.state = state;
    entry.due = due;
    switch (state) {
    case State::Active:
        m_active.insert(activeKey(uid, entry));
        break;
    case State::Backoff:
        m_backoff.insert({due, uid});
        break;
    case State::Unschedulable:
        m_unschedulable.insert({due, uid});
        break;
    case State::Taken:
        break;
    }
}

void SchedulingQueue::put(const api::PodPtr& pod, SteadyTime now)
{
    const auto [place, added] = m_entries.try_emplace(pod->metadata.uid);
    auto& entry = place->second;
    if (added) {
        entry.pod = pod;
        entry.arrival = ++m_arrivals;
        enter(place->first, entry, State::Active);
        return;
    }
    const bool changed = !(entry.pod->spec == pod->spec) || entry.pod->metadata.labels != pod->metadata.labels;
    const auto state = entry.state;
    leave(place->first, entry);
    entry.pod = pod;
    if (state == State::Unschedulable && changed)
        enter(place->first, entry, now < entry.backoffEnd ? State::Backoff : State::Active, entry.backoffEnd);
    else
        enter(place->first, entry, state, entry.due);
}

void SchedulingQueue::remove(std::string_view uid)
{
    const auto found = m_entries.find(std::string(uid));
    if (found == m_entries.end())
        return;
    leave(found->first, found->second);
    m_entries.erase(found);
}

api::PodPtr SchedulingQueue::take()
{
    if (m_active.empty())
        return nullptr;
    const auto uid = std::get<2>(*m_active.begin());
    auto& entry = m_entries.at(uid);
    leave(uid, entry);
    enter(uid, entry, State::Taken);
    return entry.pod;
}

void SchedulingQueue::countAttempt(Entry& entry, SteadyTime now) const
{
    constexpr int doublingsMax = 20;
    const auto doublings = std::min(entry.attempts++, doublingsMax);
    entry.backoffEnd = now + std::min(m_limits.backoffMax, m_limits.backoffInitial * (std::int64_t{1} << doublings));
}

void SchedulingQueue::putUnschedulable(std::string_view uid, SteadyTime now)
{
    const auto found = m_entries.find(std::string(uid));
    if (found == m_entries.end())
        return;
    leave(found->first, found->second);
    countAttempt(found->second, now);
    enter(found->first, found->second, State::Unschedulable, now + m_limits.unschedulableMax);
}

void SchedulingQueue::putBack(std::string_view uid, SteadyTime now)
{
    const auto found = m_entries.find(std::string(uid));
    if (found == m_entries.end())
        return;
    leave(found->first, found->second);
    countAttempt(found->second, now);
    enter(found->first, found->second, State::Backoff, found->second.backoffEnd);
}

void SchedulingQueue::wakeAll(SteadyTime now)
{
    const auto sleeping = std::exchange(m_unschedulable, {});
    for (const auto& [due, uid] : sleeping) {
        auto& entry = m_entries.at(uid);
        enter(uid, entry, now < entry.backoffEnd ? State::Backoff : State::Active, entry.backoffEnd);
    }
}

std::optional<SteadyTime> SchedulingQueue::flush(SteadyTime now)
{
    for (auto* waiting : {&m_backoff, &m_unschedulable}) {
        while (!waiting->empty() && waiting->begin()->first <= now) {
            const auto uid = waiting->begin()->second;
            auto& entry = m_entries.at(uid);
            leave(uid, entry);
            enter(uid, entry, State::Active);
        }
    }
    std::optional<SteadyTime> next;
    if (!m_backoff.empty())
        next = m_backoff.begin()->first;
    if (!m_unschedulable.empty())
        next = std::min(next.value_or(SteadyTime::max()), m_unschedulable.begin()->first);
    return next;
}

} // namespace keelson::scheduler
