// SPDX-License-Identifier: Apache-2.0
#include "cel/functions.h"

#include <array>
#include <limits>
#include <tuple>
#include <type_traits>

namespace keelson::cel {
namespace {

using Args = std::span<const Value>;

Result<Value> equal(Args args)
{
    return args[0] == args[1];
}

Result<Value> unequal(Args args)
{
    return !(args[0] == args[1]);
}

template <bool less, bool orEqual>
Result<Value> ordered(Args args)
{
    const auto order = compare(args[0], args[1]);
    if (!order)
        return noOverload(less ? "_<_" : "_>_");
    return (*order == 0 && orEqual) || (less ? *order < 0 : *order > 0);
}

std::unexpected<Error> overflow()
{
    return fail(Reason::Invalid, "integer overflow");
}

enum class Sum { Plus, Minus, Times };

template <Sum sum, typename T>
Result<Value> whole(T left, T right)
{
    T result{};
    const bool over = sum == Sum::Plus    ? __builtin_add_overflow(left, right, &result)
                      : sum == Sum::Minus ? __builtin_sub_overflow(left, right, &result)
                                          : __builtin_mul_overflow(left, right, &result);
    if (over)
        return overflow();
    return result;
}

template <Sum sum>
Result<Value> numbers(const Value& left, const Value& right, std::string_view name)
{
    if (left.as<std::int64_t>() && right.as<std::int64_t>())
        return whole<sum>(*left.as<std::int64_t>(), *right.as<std::int64_t>());
    if (left.as<std::uint64_t>() && right.as<std::uint64_t>())
        return whole<sum>(*left.as<std::uint64_t>(), *right.as<std::uint64_t>());
    const auto* a = left.as<double>();
    const auto* b = right.as<double>();
    if (!a || !b)
        return noOverload(name);
    return sum == Sum::Plus ? *a + *b : sum == Sum::Minus ? *a - *b : *a * *b;
}

Result<Value> add(Args args)
{
    const auto& [left, right] = std::tie(args[0], args[1]);
    if (left.as<std::string>() && right.as<std::string>())
        return *left.as<std::string>() + *right.as<std::string>();
    if (left.as<Bytes>() && right.as<Bytes>())
        return Bytes{left.as<Bytes>()->bytes + right.as<Bytes>()->bytes};
    if (left.isList() && right.isList()) {
        std::vector<Value> items;
        for (const auto* list : {&left, &right})
            for (std::int64_t index = 0; index < list->size(); ++index)
                items.push_back(list->item(index));
        return Value::list(std::move(items));
    }
    const auto* span = left.as<keelson::Duration>();
    const auto* other = right.as<keelson::Duration>();
    if (span && other)
        return *span + *other;
    if (left.as<WallTime>() && other)
        return *left.as<WallTime>() + *other;
    if (span && right.as<WallTime>())
        return *right.as<WallTime>() + *span;
    return numbers<Sum::Plus>(left, right, "_+_");
}

Result<Value> subtract(Args args)
{
    const auto& [left, right] = std::tie(args[0], args[1]);
    const auto* time = left.as<WallTime>();
    const auto* span = right.as<keelson::Duration>();
    if (time && right.as<WallTime>())
        return keelson::Duration(*time - *right.as<WallTime>());
    if (time && span)
        return *time - *span;
    if (left.as<keelson::Duration>() && span)
        return *left.as<keelson::Duration>() - *span;
    return numbers<Sum::Minus>(left, right, "_-_");
}

Result<Value> multiply(Args args)
{
    return numbers<Sum::Times>(args[0], args[1], "_*_");
}

template <bool remainder>
Result<Value> divide(Args args)
{
    const auto divided = [](auto left, auto right) -> Result<Value> {
        if (right == 0)
            return fail(Reason::Invalid, remainder ? "modulus by zero" : "division by zero");
        if constexpr (std::is_signed_v<decltype(left)>)
            if (left == std::numeric_limits<decltype(left)>::min() && right == -1)
                return overflow();
        return remainder ? left % right : left / right;
    };
    const auto& [left, right] = std::tie(args[0], args[1]);
    if (left.as<std::int64_t>() && right.as<std::int64_t>())
        return divided(*left.as<std::int64_t>(), *right.as<std::int64_t>());
    if (left.as<std::uint64_t>() && right.as<std::uint64_t>())
        return divided(*left.as<std::uint64_t>(), *right.as<std::uint64_t>());
    if (!remainder && left.as<double>() && right.as<double>())
        return *left.as<double>() / *right.as<double>();
    return noOverload(remainder ? "_%_" : "_/_");
}

Result<Value> negate(Args args)
{
    if (const auto* fraction = args[0].as<double>())
        return -*fraction;
    const auto* number = args[0].as<std::int64_t>();
    if (!number)
        return noOverload("-_");
    if (*number == std::numeric_limits<std::int64_t>::min()) // what the lexer makes of the smallest one's digits
        return *number;
    return -*number;
}

Result<Value> invert(Args args)
{
    const auto* flag = args[0].as<bool>();
    if (!flag)
        return noOverload("!_");
    return !*flag;
}

Result<Value> in(Args args)
{
    if (args[1].isMap())
        return args[1].find(args[0]) != nullptr;
    if (!args[1].isList())
        return noOverload("@in");
    for (std::int64_t index = 0; index < args[1].size(); ++index)
        if (args[1].item(index) == args[0])
            return true;
    return false;
}

constexpr std::array table{
    Function{"_==_", false, 2, 2, equal},
    Function{"_!=_", false, 2, 2, unequal},
    Function{"_<_", false, 2, 2, ordered<true, false>},
    Function{"_<=_", false, 2, 2, ordered<true, true>},
    Function{"_>_", false, 2, 2, ordered<false, false>},
    Function{"_>=_", false, 2, 2, ordered<false, true>},
    Function{"_+_", false, 2, 2, add},
    Function{"_-_", false, 2, 2, subtract},
    Function{"_*_", false, 2, 2, multiply},
    Function{"_/_", false, 2, 2, divide<false>},
    Function{"_%_", false, 2, 2, divide<true>},
    Function{"-_", false, 1, 1, negate},
    Function{"!_", false, 1, 1, invert},
    Function{"in", false, 2, 2, in},
};

} // namespace

std::span<const Function> operators()
{
    return table;
}

} // namespace keelson::cel
