// SPDX-License-Identifier: Apache-2.0
#include "base/clock.h"

#include "base/rfc3339.h"

namespace keelson {

WallTime SystemClock::wall() const
{
    return std::chrono::system_clock::now();
}

SteadyTime SystemClock::steady() const
{
    return std::chrono::steady_clock::now();
}

SimulatedClock::SimulatedClock(WallTime start) : m_start(start) {}

WallTime SimulatedClock::wall() const
{
    const std::scoped_lock lock(m_mutex);
    return m_start + m_elapsed;
}

SteadyTime SimulatedClock::steady() const
{
    const std::scoped_lock lock(m_mutex);
    return SteadyTime{m_elapsed};
}

void SimulatedClock::advance(Duration by)
{
    const std::scoped_lock lock(m_mutex);
    m_elapsed += by;
}

std::string formatTime(WallTime time)
{
    return formatCalendarTime(std::chrono::floor<std::chrono::microseconds>(time));
}

std::string formatMicroTime(WallTime time)
{
    return formatCalendarMicroTime(std::chrono::floor<std::chrono::microseconds>(time));
}

Result<WallTime> parseTime(std::string_view text)
{
    // Far enough from the ends of the type that some decades can be added.
    constexpr std::chrono::sys_days first{std::chrono::year{1700} / 1 / 1};
    constexpr std::chrono::sys_days last{std::chrono::year{2200} / 1 / 1};
    TRY_ASSIGN(const auto read, parseCalendarSecond(text));
    if (read.second < first || read.second >= last)
        return WallTime{read.second < first ? first : last};
    return WallTime{read.second} + read.rest;
}

} // namespace keelson
