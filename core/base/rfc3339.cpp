// SPDX-License-Identifier: Apache-2.0
#include "base/rfc3339.h"

#include <fmt/format.h>

#include <charconv>

namespace keelson {
namespace {

using std::chrono::days;
using std::chrono::floor;
using std::chrono::hh_mm_ss;
using std::chrono::microseconds;
using std::chrono::seconds;
using std::chrono::sys_days;
using std::chrono::year_month_day;

/// Reads exactly `count` digits at `at`, which moves behind them.
bool readDigits(std::string_view text, std::size_t& at, std::size_t count, int& value)
{
    if (text.size() < at + count)
        return false;
    const auto* const first = text.data() + at;
    const auto [end, error] = std::from_chars(first, first + count, value);
    if (error != std::errc{} || end != first + count || *first == '-')
        return false;
    at += count;
    return true;
}

bool readChar(std::string_view text, std::size_t& at, std::string_view oneOf)
{
    if (at >= text.size() || !oneOf.contains(text[at]))
        return false;
    ++at;
    return true;
}

/// Reads ".123": up to nanoseconds; further digits are read and dropped.
bool readFraction(std::string_view text, std::size_t& at, long& nanos)
{
    nanos = 0;
    if (at >= text.size() || text[at] != '.')
        return true;
    const auto first = ++at;
    for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at) {
        if (at - first < 9)
            nanos = nanos * 10 + (text[at] - '0');
    }
    for (auto digits = at - first; digits < 9; ++digits)
        nanos *= 10;
    return at > first;
}

bool readOffset(std::string_view text, std::size_t& at, int& offsetMinutes)
{
    offsetMinutes = 0;
    if (readChar(text, at, "Zz"))
        return true;
    const bool negative = at < text.size() && text[at] == '-';
    int hours = 0;
    int minutes = 0;
    if (!readChar(text, at, "+-") || !readDigits(text, at, 2, hours) || !readChar(text, at, ":") ||
        !readDigits(text, at, 2, minutes) || hours > 23 || minutes > 59)
        return false;
    offsetMinutes = (hours * 60 + minutes) * (negative ? -1 : 1);
    return true;
}

} // namespace

std::string formatCalendarTime(CalendarTime time)
{
    const auto day = floor<days>(time);
    const year_month_day date{day};
    const hh_mm_ss clock{floor<seconds>(time - day)};
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), clock.hours().count(),
                       clock.minutes().count(), clock.seconds().count());
}

std::string formatCalendarMicroTime(CalendarTime time)
{
    auto text = formatCalendarTime(time);
    const auto micros = time - floor<seconds>(time);
    text.pop_back();
    return text + fmt::format(".{:06}Z", micros.count());
}

Result<CalendarSecond> parseCalendarSecond(std::string_view text)
{
    std::size_t at = 0;
    int year = 0;
    int month = 0;
    int day = 0;
    int hour = 0;
    int minute = 0;
    int second = 0;
    int offsetMinutes = 0;
    long nanos = 0;
    const bool read = readDigits(text, at, 4, year) && readChar(text, at, "-") && readDigits(text, at, 2, month) &&
                      readChar(text, at, "-") && readDigits(text, at, 2, day) && readChar(text, at, "Tt ") &&
                      readDigits(text, at, 2, hour) && readChar(text, at, ":") && readDigits(text, at, 2, minute) &&
                      readChar(text, at, ":") && readDigits(text, at, 2, second) && readFraction(text, at, nanos) &&
                      readOffset(text, at, offsetMinutes) && at == text.size();
    const year_month_day date{std::chrono::year{year}, std::chrono::month(static_cast<unsigned>(month)),
                              std::chrono::day(static_cast<unsigned>(day))};
    if (!read || !date.ok() || hour > 23 || minute > 59 || second > 60)
        return fail(Reason::Invalid, fmt::format("\"{}\" is not an RFC 3339 time", text));
    const auto moment = std::chrono::sys_seconds{sys_days{date}} + std::chrono::hours{hour} +
                        std::chrono::minutes{minute - offsetMinutes} + seconds{second};
    if (moment < calendarFirst || moment >= calendarEnd)
        return fail(Reason::Invalid, fmt::format("\"{}\" is before the year 0 or after 9999", text));
    return CalendarSecond{moment, std::chrono::nanoseconds{nanos}};
}

Result<CalendarTime> parseCalendarTime(std::string_view text)
{
    TRY_ASSIGN(const auto read, parseCalendarSecond(text));
    return CalendarTime{read.second} + floor<microseconds>(read.rest);
}

} // namespace keelson
