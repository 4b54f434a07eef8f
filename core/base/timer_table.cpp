// SPDX-License-Identifier: Apache-2.0
#include "base/timer_table.h"

namespace keelson {

TimerTable::Id TimerTable::add(SteadyTime at, Task task)
{
    const auto id = ++m_last;
    m_timers.emplace(id, Timer{.at = at, .task = std::move(task)});
    m_order.emplace(at, id);
    return id;
}

Task TimerTable::cancel(Id timer)
{
    auto node = m_timers.extract(timer);
    if (node.empty())
        return {};
    m_order.erase({node.mapped().at, timer});
    return std::move(node.mapped().task);
}

std::optional<SteadyTime> TimerTable::next() const
{
    return m_order.empty() ? std::nullopt : std::optional(m_order.begin()->first);
}

std::optional<TimerTable::Id> TimerTable::takeDue(SteadyTime now)
{
    if (m_order.empty() || m_order.begin()->first > now)
        return std::nullopt;
    return m_order.extract(m_order.begin()).value().second;
}

} // namespace keelson
