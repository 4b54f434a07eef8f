// SPDX-License-Identifier: Apache-2.0
#include "cel/functions.h"

#include "api/duration.h"

#include <array>
#include <chrono>

namespace keelson::cel {
namespace {

using Args = std::span<const Value>;
using std::chrono::days;
using std::chrono::floor;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

Result<Value> duration(Args args)
{
    if (args[0].as<keelson::Duration>())
        return args[0];
    const auto* text = args[0].as<std::string>();
    if (!text)
        return noOverload("duration");
    TRY_ASSIGN(const auto span, api::parseDuration(*text));
    return span;
}

Result<Value> timestamp(Args args)
{
    if (args[0].as<WallTime>())
        return args[0];
    const auto* text = args[0].as<std::string>();
    if (!text)
        return noOverload("timestamp");
    TRY_ASSIGN(const auto time, parseTime(*text));
    return time;
}

/// Of a span of time the whole, of a time what is behind the next larger unit; in UTC.
template <typename Unit, typename Larger>
Result<Value> unitsOf(Args args)
{
    if (const auto* span = args[0].as<keelson::Duration>())
        return std::int64_t{std::chrono::duration_cast<Unit>(*span).count()};
    const auto* time = args[0].as<WallTime>();
    if (!time)
        return noOverload("time part");
    return std::int64_t{std::chrono::duration_cast<Unit>(*time - floor<Larger>(*time)).count()};
}

enum class Part { Year, Month, DayOfMonth, Date, DayOfWeek, DayOfYear };

template <Part part>
Result<Value> dateOf(Args args)
{
    const auto* time = args[0].as<WallTime>();
    if (!time)
        return noOverload("date part");
    const auto day = floor<days>(*time);
    const std::chrono::year_month_day date(day);
    const auto number = [&]() -> std::int64_t {
        switch (part) {
        case Part::Year:
            return int(date.year());
        case Part::Month:
            return static_cast<std::int64_t>(unsigned(date.month())) - 1;
        case Part::DayOfMonth:
            return static_cast<std::int64_t>(unsigned(date.day())) - 1;
        case Part::Date:
            return unsigned(date.day());
        case Part::DayOfWeek:
            return std::chrono::weekday(day).c_encoding();
        case Part::DayOfYear:
            return (day - std::chrono::sys_days(date.year() / 1 / 1)).count();
        }
        return 0;
    };
    return number();
}

constexpr std::array table{
    Function{"duration", false, 1, 1, duration},
    Function{"timestamp", false, 1, 1, timestamp},
    Function{"getHours", true, 1, 1, unitsOf<hours, days>},
    Function{"getMinutes", true, 1, 1, unitsOf<minutes, hours>},
    Function{"getSeconds", true, 1, 1, unitsOf<seconds, minutes>},
    Function{"getMilliseconds", true, 1, 1, unitsOf<milliseconds, seconds>},
    Function{"getFullYear", true, 1, 1, dateOf<Part::Year>},
    Function{"getMonth", true, 1, 1, dateOf<Part::Month>},
    Function{"getDayOfMonth", true, 1, 1, dateOf<Part::DayOfMonth>},
    Function{"getDate", true, 1, 1, dateOf<Part::Date>},
    Function{"getDayOfWeek", true, 1, 1, dateOf<Part::DayOfWeek>},
    Function{"getDayOfYear", true, 1, 1, dateOf<Part::DayOfYear>},
};

} // namespace

std::span<const Function> timeFunctions()
{
    return table;
}

} // namespace keelson::cel
