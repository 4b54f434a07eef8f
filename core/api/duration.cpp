// SPDX-License-Identifier: Apache-2.0
#include "api/duration.h"

#include <fmt/format.h>

#include <array>
#include <cmath>

namespace keelson::api {
namespace {

struct Unit {
    std::string_view name;
    std::int64_t nanos;
};

// Two letters before one, so that "ms" is not read as "m".
constexpr std::array units{Unit{"ns", 1},
                           Unit{"us", 1'000},
                           Unit{"µs", 1'000},
                           Unit{"ms", 1'000'000},
                           Unit{"s", 1'000'000'000},
                           Unit{"m", 60'000'000'000},
                           Unit{"h", 3'600'000'000'000}};

/// `value` in units of `unit` nanoseconds, without needless zeros: "1.5".
std::string fraction(std::int64_t value, std::int64_t unit)
{
    auto text = fmt::format("{}.{:0{}}", value / unit, value % unit, static_cast<int>(std::lround(std::log10(unit))));
    text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.')
        text.pop_back();
    return text;
}

bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}

} // namespace

std::string formatDuration(Duration duration)
{
    const auto nanos = duration.count();
    if (nanos < 0)
        return "-" + formatDuration(-duration);
    if (nanos == 0)
        return "0s";
    if (nanos < 1'000)
        return fmt::format("{}ns", nanos);
    if (nanos < 1'000'000)
        return fraction(nanos, 1'000) + "µs";
    if (nanos < 1'000'000'000)
        return fraction(nanos, 1'000'000) + "ms";
    const auto seconds = nanos % 60'000'000'000;
    const auto minutes = nanos / 60'000'000'000;
    const auto text = fraction(seconds, 1'000'000'000) + "s";
    if (minutes == 0)
        return text;
    return minutes < 60 ? fmt::format("{}m{}", minutes, text)
                        : fmt::format("{}h{}m{}", minutes / 60, minutes % 60, text);
}

Result<Duration> parseDuration(std::string_view text)
{
    const auto bad = [&, given = text] {
        return fail(Reason::BadRequest, fmt::format("\"{}\" is not a duration", given));
    };
    const bool negative = text.starts_with('-');
    if (negative || text.starts_with('+'))
        text.remove_prefix(1);
    if (text == "0")
        return Duration{0};
    if (text.empty())
        return bad();
    double total = 0;
    while (!text.empty()) {
        std::size_t length = 0;
        while (length < text.size() && (isDigit(text[length]) || text[length] == '.'))
            ++length;
        if (length == 0 || text.substr(0, length) == "." ||
            text.substr(0, length).find('.') != text.substr(0, length).rfind('.'))
            return bad();
        const double number = std::stod(std::string(text.substr(0, length)));
        text.remove_prefix(length);
        const Unit* unit = nullptr;
        for (const auto& known : units)
            if (!unit && text.starts_with(known.name))
                unit = &known;
        if (!unit)
            return bad();
        text.remove_prefix(unit->name.size());
        total += number * static_cast<double>(unit->nanos);
    }
    if (total > 9.2e18)
        return bad();
    const Duration duration{std::llround(total)};
    return negative ? -duration : duration;
}

} // namespace keelson::api
