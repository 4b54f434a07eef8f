// SPDX-License-Identifier: Apache-2.0
#include "api/yaml_scalar.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>

namespace keelson::api {
namespace {

constexpr std::array<std::string_view, 5> nullWords{"", "~", "null", "Null", "NULL"};
constexpr std::array<std::string_view, 11> trueWords{"y",    "Y",    "yes", "Yes", "YES", "true",
                                                     "True", "TRUE", "on",  "On",  "ON"};
constexpr std::array<std::string_view, 11> falseWords{"n",     "N",     "no",  "No",  "NO", "false",
                                                      "False", "FALSE", "off", "Off", "OFF"};

bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}

/// `[0-9]*`, from `at`; how many there were.
std::size_t skipDigits(std::string_view text, std::size_t& at)
{
    const auto from = at;
    while (at < text.size() && isDigit(text[at]))
        ++at;
    return at - from;
}

/// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`
bool looksLikeFloat(std::string_view text)
{
    std::size_t at = 0;
    if (at < text.size() && (text[at] == '-' || text[at] == '+'))
        ++at;
    auto digits = skipDigits(text, at);
    if (at < text.size() && text[at] == '.') {
        ++at;
        digits += skipDigits(text, at);
    }
    if (digits == 0)
        return false;
    if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
        ++at;
        if (at < text.size() && (text[at] == '-' || text[at] == '+'))
            ++at;
        if (skipDigits(text, at) == 0)
            return false;
    }
    return at == text.size();
}

int takeBase(std::string_view& digits)
{
    if (digits.size() < 2 || digits[0] != '0')
        return 10;
    const char mark = static_cast<char>(digits[1] | 0x20);
    const int base = mark == 'x' ? 16 : mark == 'b' ? 2 : 8;
    digits.remove_prefix(mark == 'x' || mark == 'b' || mark == 'o' ? 2 : 1);
    return base;
}

std::optional<Value> resolveInteger(std::string_view text)
{
    const bool negative = text.starts_with('-');
    if (negative || text.starts_with('+'))
        text.remove_prefix(1);
    const int base = takeBase(text);
    std::uint64_t magnitude = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), magnitude, base);
    if (text.empty() || code != std::errc{} || end != text.data() + text.size())
        return std::nullopt;
    constexpr auto signedMax = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    if (negative)
        return magnitude <= signedMax + 1 ? std::optional<Value>(static_cast<std::int64_t>(0 - magnitude))
                                          : std::nullopt;
    return magnitude <= signedMax ? Value(static_cast<std::int64_t>(magnitude)) : Value(magnitude);
}

} // namespace

Value resolveYamlScalar(std::string_view text)
{
    if (std::ranges::find(nullWords, text) != nullWords.end())
        return nullptr;
    if (std::ranges::find(trueWords, text) != trueWords.end())
        return true;
    if (std::ranges::find(falseWords, text) != falseWords.end())
        return false;
    const char first = text[0];
    if (!isDigit(first) && first != '-' && first != '+' && first != '.')
        return Value(text);

    std::string plain(text);
    std::erase(plain, '_');
    if (auto integer = resolveInteger(plain))
        return *std::move(integer);
    if (looksLikeFloat(plain)) {
        double number = 0;
        const auto* begin = plain.data() + (plain[0] == '+' ? 1 : 0);
        const auto [end, code] = std::from_chars(begin, plain.data() + plain.size(), number);
        constexpr double integerMax = 9.2e18;
        if (code == std::errc{} && end == plain.data() + plain.size())
            return number == std::trunc(number) && std::abs(number) < integerMax
                       ? Value(static_cast<std::int64_t>(number))
                       : Value(number);
    }
    return Value(text);
}

std::optional<std::size_t> unclosedQuote(std::string_view text, std::size_t at)
{
    constexpr std::string_view blanks = " \t\r\n";
    while (at < text.size() && (blanks.contains(text[at]) || text[at] == '&' || text[at] == '!'))
        at = blanks.contains(text[at]) ? at + 1 : std::min(text.find_first_of(blanks, at), text.size());
    if (at >= text.size() || (text[at] != '"' && text[at] != '\''))
        return std::nullopt;
    const char quote = text[at];
    for (auto next = at + 1; next < text.size(); ++next) {
        if (quote == '"' && text[next] == '\\')
            ++next;
        else if (text[next] == quote && quote == '\'' && next + 1 < text.size() && text[next + 1] == quote)
            ++next;
        else if (text[next] == quote)
            return std::nullopt;
    }
    return at;
}

} // namespace keelson::api
