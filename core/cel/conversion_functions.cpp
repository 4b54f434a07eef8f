// SPDX-License-Identifier: Apache-2.0
#include "cel/functions.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>

namespace keelson::cel {
namespace {

using Args = std::span<const Value>;

template <typename T>
Result<T> parsed(const std::string& text)
{
    T number{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size())
        return fail(Reason::Invalid, fmt::format("type conversion error from '{}'", text));
    return number;
}

template <typename T>
Result<Value> toNumber(Args args)
{
    const auto& given = args[0];
    if (const auto* text = given.as<std::string>()) {
        TRY_ASSIGN(const auto number, parsed<T>(*text));
        return number;
    }
    if constexpr (std::is_same_v<T, std::int64_t>)
        if (const auto* time = given.as<WallTime>())
            return std::chrono::duration_cast<std::chrono::seconds>(time->time_since_epoch()).count();
    if (!given.isNumber())
        return noOverload("int");
    if constexpr (std::is_same_v<T, double>)
        return given.number();
    if (const auto* same = given.as<T>())
        return *same;
    constexpr double limit = 9.2e18;
    if (std::isnan(given.number()) || std::abs(given.number()) > limit || (std::is_unsigned_v<T> && given.number() < 0))
        return fail(Reason::Invalid, "integer overflow");
    if (const auto* whole = given.as<std::int64_t>())
        return static_cast<T>(*whole);
    if (const auto* whole = given.as<std::uint64_t>())
        return static_cast<T>(*whole);
    return static_cast<T>(given.number());
}

Result<Value> toText(Args args)
{
    auto text = textOf(args[0]);
    if (!text)
        return noOverload("string");
    return *std::move(text);
}

Result<Value> toBool(Args args)
{
    if (args[0].as<bool>())
        return args[0];
    const auto* text = args[0].as<std::string>();
    if (!text || (*text != "true" && *text != "false"))
        return fail(Reason::Invalid, "type conversion error to 'bool'");
    return *text == "true";
}

Result<Value> toBytes(Args args)
{
    if (args[0].as<Bytes>())
        return args[0];
    const auto* text = args[0].as<std::string>();
    if (!text)
        return noOverload("bytes");
    return Bytes{*text};
}

Result<Value> typeOf(Args args)
{
    return TypeName{std::string(args[0].typeName())};
}

Result<Value> same(Args args)
{
    return args[0];
}

Result<Value> quantity(Args args)
{
    const auto* text = args[0].as<std::string>();
    if (!text)
        return noOverload("quantity");
    TRY_ASSIGN(const auto amount, api::Quantity::parse(*text));
    return amount;
}

Result<Value> isQuantity(Args args)
{
    const auto* text = args[0].as<std::string>();
    if (!text)
        return noOverload("isQuantity");
    return api::Quantity::parse(*text).has_value();
}

template <auto holds>
Result<Value> comparedTo(Args args)
{
    const auto* left = args[0].as<api::Quantity>();
    const auto* right = args[1].as<api::Quantity>();
    if (!left || !right)
        return noOverload("quantity comparison");
    return holds(*left <=> *right);
}

constexpr auto isGreater = [](std::strong_ordering order) { return order > 0; };
constexpr auto isLess = [](std::strong_ordering order) { return order < 0; };
constexpr auto asNumber = [](std::strong_ordering order) -> std::int64_t { return order < 0 ? -1 : order > 0 ? 1 : 0; };

template <bool plus>
Result<Value> summed(Args args)
{
    const auto* left = args[0].as<api::Quantity>();
    const auto* right = args[1].as<api::Quantity>();
    const auto* units = args[1].as<std::int64_t>();
    if (!left || (!right && !units))
        return noOverload(plus ? "add" : "sub");
    const auto other = right ? *right : api::Quantity::fromUnits(*units);
    return plus ? *left + other : *left - other;
}

Result<Value> signOf(Args args)
{
    const auto* amount = args[0].as<api::Quantity>();
    if (!amount)
        return noOverload("sign");
    return std::int64_t{amount->isNegative() ? -1 : amount->isZero() ? 0 : 1};
}

Result<Value> asInteger(Args args)
{
    const auto* amount = args[0].as<api::Quantity>();
    if (!amount)
        return noOverload("asInteger");
    if (api::Quantity::fromUnits(amount->units()) != *amount)
        return fail(Reason::Invalid, "cannot convert value to integer");
    return amount->units();
}

Result<Value> isInteger(Args args)
{
    const auto* amount = args[0].as<api::Quantity>();
    if (!amount)
        return noOverload("isInteger");
    return api::Quantity::fromUnits(amount->units()) == *amount;
}

constexpr std::array table{
    Function{"int", false, 1, 1, toNumber<std::int64_t>},
    Function{"uint", false, 1, 1, toNumber<std::uint64_t>},
    Function{"double", false, 1, 1, toNumber<double>},
    Function{"string", false, 1, 1, toText},
    Function{"bool", false, 1, 1, toBool},
    Function{"bytes", false, 1, 1, toBytes},
    Function{"type", false, 1, 1, typeOf},
    Function{"dyn", false, 1, 1, same},
    Function{"quantity", false, 1, 1, quantity},
    Function{"isQuantity", false, 1, 1, isQuantity},
    Function{"isGreaterThan", true, 2, 2, comparedTo<isGreater>},
    Function{"isLessThan", true, 2, 2, comparedTo<isLess>},
    Function{"compareTo", true, 2, 2, comparedTo<asNumber>},
    Function{"add", true, 2, 2, summed<true>},
    Function{"sub", true, 2, 2, summed<false>},
    Function{"sign", true, 1, 1, signOf},
    Function{"asInteger", true, 1, 1, asInteger},
    Function{"isInteger", true, 1, 1, isInteger},
};

} // namespace

std::span<const Function> conversionFunctions()
{
    return table;
}

} // namespace keelson::cel
