// SPDX-License-Identifier: Apache-2.0
#include "api/quantity.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <limits>
#include <optional>

namespace keelson::api {
namespace {

using Wide = __int128;

constexpr Wide nanoPerUnit = 1'000'000'000;
constexpr Wide wideMax = (Wide{std::numeric_limits<std::int64_t>::max()} << 64) | ~std::uint64_t{0};
/// What an amount becomes that does not fit.
constexpr Wide saturated = Wide{std::numeric_limits<std::int64_t>::max()} * nanoPerUnit;
constexpr std::string_view decimalSuffixes = "num kMGTPE"; // From 10^-9 in steps of 10^3.
constexpr std::string_view binarySuffixes = "KMGTPE";

/// How much the suffix multiplies with, as base^exponent.
struct Scale {
    int base = 10;
    int exponent = 0;
    Quantity::Format format = Quantity::Format::DecimalSI;
};

bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}

std::optional<Scale> exponentScale(std::string_view digits)
{
    bool negative = false;
    if (!digits.empty() && (digits[0] == '-' || digits[0] == '+')) {
        negative = digits[0] == '-';
        digits.remove_prefix(1);
    }
    if (digits.empty())
        return std::nullopt;
    int exponent = 0;
    for (const char c : digits) {
        if (!isDigit(c))
            return std::nullopt;
        exponent = std::min(exponent * 10 + (c - '0'), 10'000);
    }
    return Scale{10, negative ? -exponent : exponent, Quantity::Format::DecimalExponent};
}

std::optional<Scale> readSuffix(std::string_view suffix)
{
    if (suffix.empty())
        return Scale{};
    if (suffix.size() == 1 && suffix[0] != ' ') {
        if (const auto at = decimalSuffixes.find(suffix[0]); at != std::string_view::npos)
            return Scale{10, static_cast<int>(at) * 3 - 9, Quantity::Format::DecimalSI};
    }
    if (suffix.size() == 2 && suffix[1] == 'i') {
        if (const auto at = binarySuffixes.find(suffix[0]); at != std::string_view::npos)
            return Scale{2, (static_cast<int>(at) + 1) * 10, Quantity::Format::BinarySI};
    }
    if (suffix[0] == 'e' || suffix[0] == 'E')
        return exponentScale(suffix.substr(1));
    return std::nullopt;
}

std::unexpected<Error> wrongFormat()
{
    return fail(Reason::Invalid, "quantities must match the regular expression "
                                 "'^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'");
}

/// Nano units of 0.digits * 10^point * the scale, rounded up; `saturated` when it does not fit.
/// `digits` have no leading zeros; the decimal point stands `point` digits from their start.
Wide nanoUnits(std::string_view digits, int point, const Scale& scale)
{
    int shift = point - static_cast<int>(digits.size()) + 9; // The value is digits * 10^shift (* 2^exponent).
    if (scale.base == 10)
        shift += scale.exponent;
    const Wide factor = scale.base == 2 ? Wide{1} << scale.exponent : Wide{1};

    // Digits far behind the last one that counts only matter for rounding up.
    bool rest = false;
    constexpr std::size_t digitsMax = 38;
    if (digits.size() > digitsMax) {
        rest = digits.substr(digitsMax).find_first_not_of('0') != std::string_view::npos;
        shift += static_cast<int>(digits.size() - digitsMax);
        digits = digits.substr(0, digitsMax);
    }
    Wide number = 0;
    for (const char c : digits)
        number = number * 10 + (c - '0');
    for (; shift < 0 && number > wideMax / factor; ++shift) {
        rest |= number % 10 != 0;
        number /= 10;
    }
    if (number > wideMax / factor)
        return saturated;
    number *= factor;
    for (; shift < 0 && number != 0; ++shift) {
        rest |= number % 10 != 0;
        number /= 10;
    }
    for (; shift > 0 && number != 0; --shift) {
        if (number > wideMax / 10)
            return saturated;
        number *= 10;
    }
    return number + (rest ? 1 : 0);
}

std::string wideText(Wide value)
{
    const bool negative = value < 0;
    std::string text;
    do {
        const int digit = static_cast<int>(value % 10);
        text += static_cast<char>('0' + (digit < 0 ? -digit : digit));
        value /= 10;
    } while (value != 0);
    if (negative)
        text += '-';
    return {text.rbegin(), text.rend()};
}

/// value / divisor, rounded away from zero, within 64 bits.
std::int64_t dividedUp(Wide value, Wide divisor)
{
    Wide quotient = value / divisor;
    if (value % divisor != 0)
        quotient += value > 0 ? 1 : -1;
    constexpr Wide least = std::numeric_limits<std::int64_t>::min();
    constexpr Wide most = std::numeric_limits<std::int64_t>::max();
    return static_cast<std::int64_t>(std::clamp(quotient, least, most));
}

Wide saturatedSum(Wide a, Wide b)
{
    Wide sum = 0;
    if (__builtin_add_overflow(a, b, &sum))
        return a < 0 ? -saturated : saturated;
    return sum;
}

std::string binaryText(Wide units)
{
    std::size_t steps = 0;
    for (; units % 1024 == 0 && steps < binarySuffixes.size(); ++steps)
        units /= 1024;
    auto text = wideText(units);
    if (steps > 0) {
        text += binarySuffixes[steps - 1];
        text += 'i';
    }
    return text;
}

} // namespace

Result<Quantity> Quantity::parse(std::string_view text)
{
    std::size_t at = 0;
    const bool negative = !text.empty() && text[0] == '-';
    if (!text.empty() && (text[0] == '-' || text[0] == '+'))
        ++at;
    std::string digits;
    std::size_t digitsSeen = 0;
    int point = 0;
    bool pointSeen = false;
    for (; at < text.size() && (isDigit(text[at]) || (text[at] == '.' && !pointSeen)); ++at) {
        if (text[at] == '.') {
            pointSeen = true;
            continue;
        }
        ++digitsSeen;
        if (text[at] != '0' || !digits.empty())
            digits += text[at];
        if (!pointSeen && !digits.empty())
            ++point;
        if (pointSeen && digits.empty())
            --point;
    }
    if (digitsSeen == 0)
        return wrongFormat();
    const auto suffix = text.substr(at);
    auto end = std::min(suffix.find_first_not_of("eEinumkKMGTP"), suffix.size());
    if (end < suffix.size() && (suffix[end] == '-' || suffix[end] == '+'))
        ++end;
    if (suffix.find_first_not_of("0123456789", end) != std::string_view::npos)
        return wrongFormat();
    const auto scale = readSuffix(suffix);
    if (!scale)
        return fail(Reason::Invalid, "unable to parse quantity's suffix");

    Quantity quantity;
    quantity.m_format = scale->format;
    quantity.m_nano = digits.empty() ? 0 : nanoUnits(digits, point, *scale);
    if (quantity.m_format == Format::BinarySI && quantity.m_nano > 0 && quantity.m_nano < nanoPerUnit)
        quantity.m_format = Format::DecimalSI;
    if (negative)
        quantity.m_nano = -quantity.m_nano;
    return quantity;
}

Quantity Quantity::fromUnits(std::int64_t units, Format format)
{
    Quantity quantity;
    quantity.m_nano = Wide{units} * nanoPerUnit;
    quantity.m_format = format;
    return quantity;
}

Quantity Quantity::fromMilli(std::int64_t milli)
{
    Quantity quantity;
    quantity.m_nano = Wide{milli} * (nanoPerUnit / 1000);
    return quantity;
}

std::int64_t Quantity::units() const
{
    return dividedUp(m_nano, nanoPerUnit);
}

std::int64_t Quantity::milli() const
{
    return dividedUp(m_nano, nanoPerUnit / 1000);
}

std::string Quantity::text() const
{
    if (m_nano == 0)
        return "0";
    const Wide thousandAndSo = 1024 * nanoPerUnit;
    const bool small = m_nano > -thousandAndSo && m_nano < thousandAndSo;
    if (m_format == Format::BinarySI && !small && m_nano % nanoPerUnit == 0)
        return binaryText(m_nano / nanoPerUnit);

    Wide number = m_nano;
    int exponent = -9;
    const int exponentMax = m_format == Format::DecimalExponent ? 60 : 18;
    for (; number % 1000 == 0 && exponent < exponentMax; exponent += 3)
        number /= 1000;
    auto text = wideText(number);
    if (exponent == 0)
        return text;
    if (m_format == Format::DecimalExponent)
        return text + "e" + std::to_string(exponent);
    return text + decimalSuffixes[static_cast<std::size_t>((exponent + 9) / 3)];
}

Quantity Quantity::operator+(const Quantity& other) const
{
    Quantity sum;
    sum.m_nano = saturatedSum(m_nano, other.m_nano);
    sum.m_format = isZero() ? other.m_format : m_format;
    return sum;
}

Quantity Quantity::operator-(const Quantity& other) const
{
    Quantity difference;
    difference.m_nano = saturatedSum(m_nano, -other.m_nano);
    difference.m_format = isZero() ? other.m_format : m_format;
    return difference;
}

} // namespace keelson::api
