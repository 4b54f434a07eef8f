// SPDX-License-Identifier: Apache-2.0
#include "api/cron_schedule.h"

#include "api/duration.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <span>
#include <string>
#include <vector>

namespace keelson::api {
namespace {

struct Bounds {
    int min;
    int max;
    std::span<const std::string_view> names; ///< The first stands for `min`.
};

constexpr std::array<std::string_view, 12> monthNames{"jan", "feb", "mar", "apr", "may", "jun",
                                                      "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::array<std::string_view, 7> dayNames{"sun", "mon", "tue", "wed", "thu", "fri", "sat"};

std::vector<std::string> split(std::string_view text, char separator)
{
    std::vector<std::string> parts;
    for (;;) {
        const auto stop = std::min(text.find(separator), text.size());
        parts.emplace_back(text.substr(0, stop));
        if (stop == text.size())
            return parts;
        text.remove_prefix(stop + 1);
    }
}

std::vector<std::string> words(std::string_view text)
{
    auto parts = split(text, ' ');
    std::erase(parts, "");
    return parts;
}

std::unexpected<Error> wrong(std::string message)
{
    return fail(Reason::Invalid, std::move(message));
}

Result<int> numberOf(const std::string& text)
{
    int number = 0;
    const auto* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc() || stop != end)
        return wrong(fmt::format("failed to parse int from {}: a number is wanted", text));
    if (number < 0)
        return wrong(fmt::format("negative number ({}) not allowed: {}", number, text));
    return number;
}

Result<int> valueOf(const std::string& text, const Bounds& bounds)
{
    auto lower = text;
    std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    if (const auto name = std::ranges::find(bounds.names, lower); name != bounds.names.end())
        return bounds.min + static_cast<int>(name - bounds.names.begin());
    return numberOf(text);
}

bool isAny(std::string_view text)
{
    return text == "*" || text == "?";
}

/// "*", "5", "1-5", each with "/2" behind it where wanted.
Result<std::uint64_t> bitsOfRange(const std::string& text, const Bounds& bounds)
{
    const auto rangeAndStep = split(text, '/');
    const auto ends = split(rangeAndStep[0], '-');
    if (ends.size() > 2)
        return wrong(fmt::format("too many hyphens: {}", text));
    if (rangeAndStep.size() > 2)
        return wrong(fmt::format("too many slashes: {}", text));
    int first = bounds.min;
    int last = bounds.max;
    if (!isAny(ends[0])) {
        TRY_ASSIGN(first, valueOf(ends[0], bounds));
        if (ends.size() == 2) {
            TRY_ASSIGN(last, valueOf(ends[1], bounds));
        } else if (rangeAndStep.size() == 1) { // "5/2" goes on to the end.
            last = first;
        }
    }
    int step = 1;
    if (rangeAndStep.size() == 2) {
        TRY_ASSIGN(step, numberOf(rangeAndStep[1]));
    }
    if (first < bounds.min)
        return wrong(fmt::format("beginning of range ({}) below minimum ({}): {}", first, bounds.min, text));
    if (last > bounds.max)
        return wrong(fmt::format("end of range ({}) above maximum ({}): {}", last, bounds.max, text));
    if (first > last)
        return wrong(fmt::format("beginning of range ({}) beyond end of range ({}): {}", first, last, text));
    if (step == 0)
        return wrong(fmt::format("step of range should be a positive number: {}", text));
    std::uint64_t bits = 0;
    for (int value = first; value <= last; value += step)
        bits |= std::uint64_t{1} << value;
    return bits;
}

Result<std::uint64_t> bitsOf(const std::string& field, const Bounds& bounds)
{
    std::uint64_t bits = 0;
    for (const auto& part : split(field, ',')) {
        if (part.empty())
            continue;
        TRY_ASSIGN(const auto more, bitsOfRange(part, bounds));
        bits |= more;
    }
    return bits;
}

bool hasAny(const std::string& field)
{
    return std::ranges::any_of(split(field, ','), [](const auto& part) { return isAny(part.substr(0, 1)); });
}

Result<CronSchedule> parseFields(const std::vector<std::string>& fields)
{
    if (fields.size() != 5)
        return wrong(fmt::format("expected exactly 5 fields, found {}: [{}]", fields.size(), fmt::join(fields, " ")));
    CronSchedule schedule;
    TRY_ASSIGN(schedule.minutes, bitsOf(fields[0], {0, 59, {}}));
    TRY_ASSIGN(schedule.hours, bitsOf(fields[1], {0, 23, {}}));
    TRY_ASSIGN(schedule.daysOfMonth, bitsOf(fields[2], {1, 31, {}}));
    TRY_ASSIGN(schedule.months, bitsOf(fields[3], {1, 12, monthNames}));
    TRY_ASSIGN(schedule.daysOfWeek, bitsOf(fields[4], {0, 6, dayNames}));
    schedule.anyDayOfMonth = hasAny(fields[2]);
    schedule.anyDayOfWeek = hasAny(fields[4]);
    return schedule;
}

Result<CronSchedule> parseDescriptor(std::string_view text)
{
    constexpr std::array<std::pair<std::string_view, std::string_view>, 7> descriptors{{
        {"@yearly", "0 0 1 1 *"},
        {"@annually", "0 0 1 1 *"},
        {"@monthly", "0 0 1 * *"},
        {"@weekly", "0 0 * * 0"},
        {"@daily", "0 0 * * *"},
        {"@midnight", "0 0 * * *"},
        {"@hourly", "0 * * * *"},
    }};
    for (const auto& [name, fields] : descriptors)
        if (text == name)
            return parseFields(words(fields));
    constexpr std::string_view everyWord = "@every ";
    if (!text.starts_with(everyWord))
        return wrong(fmt::format("unrecognized descriptor: {}", text));
    const auto distance = parseDuration(text.substr(everyWord.size()));
    if (!distance)
        return wrong(fmt::format("failed to parse duration {}: {}", text, distance.error().message));
    CronSchedule schedule;
    schedule.every = std::max(std::chrono::floor<std::chrono::seconds>(*distance), std::chrono::seconds(1));
    return schedule;
}

} // namespace

Result<CronSchedule> CronSchedule::parse(std::string_view text)
{
    if (text.empty())
        return wrong("empty spec string");
    return text.front() == '@' ? parseDescriptor(text) : parseFields(words(text));
}

} // namespace keelson::api
