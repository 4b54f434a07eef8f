// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.h"

#include <chrono>
#include <string>
#include <string_view>

namespace keelson {

/// A moment of any year that RFC 3339 can write, 0 to 9999; `WallTime` counts nanoseconds and ends in 2262.
using CalendarTime = std::chrono::sys_time<std::chrono::microseconds>;

/// "2026-01-31T12:00:00Z"
std::string formatCalendarTime(CalendarTime time);
/// "2026-01-31T12:00:00.123456Z"
std::string formatCalendarMicroTime(CalendarTime time);
/// With fraction and offset. `Invalid` when it is no such time.
Result<CalendarTime> parseCalendarTime(std::string_view text);

/// The same, to the nanosecond: what is behind the whole second stands apart.
struct CalendarSecond {
    std::chrono::sys_seconds second;
    std::chrono::nanoseconds rest{0};
};
Result<CalendarSecond> parseCalendarSecond(std::string_view text);

inline constexpr std::chrono::sys_seconds calendarFirst{std::chrono::sys_days{std::chrono::year{0} / 1 / 1}};
inline constexpr std::chrono::sys_seconds calendarEnd{std::chrono::sys_days{std::chrono::year{10'000} / 1 / 1}};

} // namespace keelson
