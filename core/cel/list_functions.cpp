// SPDX-License-Identifier: Apache-2.0
#include "cel/functions.h"

#include <array>

namespace keelson::cel {
namespace {

using Args = std::span<const Value>;

bool holds(const Value& list, const Value& item)
{
    for (std::int64_t index = 0; index < list.size(); ++index)
        if (list.item(index) == item)
            return true;
    return false;
}

bool holdsAll(const Value& list, const Value& part)
{
    for (std::int64_t index = 0; index < part.size(); ++index)
        if (!holds(list, part.item(index)))
            return false;
    return true;
}

Result<Value> setContains(Args args)
{
    if (!args[0].isList() || !args[1].isList())
        return noOverload("sets.contains");
    return holdsAll(args[0], args[1]);
}

Result<Value> setEquivalent(Args args)
{
    if (!args[0].isList() || !args[1].isList())
        return noOverload("sets.equivalent");
    return holdsAll(args[0], args[1]) && holdsAll(args[1], args[0]);
}

Result<Value> setIntersects(Args args)
{
    if (!args[0].isList() || !args[1].isList())
        return noOverload("sets.intersects");
    for (std::int64_t index = 0; index < args[0].size(); ++index)
        if (holds(args[1], args[0].item(index)))
            return true;
    return false;
}

Result<Value> isSorted(Args args)
{
    if (!args[0].isList())
        return noOverload("isSorted");
    for (std::int64_t index = 1; index < args[0].size(); ++index) {
        const auto order = compare(args[0].item(index - 1), args[0].item(index));
        if (!order)
            return noOverload("isSorted");
        if (*order > 0)
            return false;
    }
    return true;
}

template <bool most>
Result<Value> extreme(Args args)
{
    if (!args[0].isList() || args[0].size() == 0)
        return fail(Reason::Invalid, most ? "max called on empty list" : "min called on empty list");
    auto found = args[0].item(0);
    for (std::int64_t index = 1; index < args[0].size(); ++index) {
        const auto item = args[0].item(index);
        const auto order = compare(item, found);
        if (!order)
            return noOverload(most ? "max" : "min");
        if (most ? *order > 0 : *order < 0)
            found = item;
    }
    return found;
}

Result<Value> sum(Args args)
{
    if (!args[0].isList())
        return noOverload("sum");
    if (args[0].size() == 0)
        return std::int64_t{0};
    auto total = args[0].item(0);
    for (std::int64_t index = 1; index < args[0].size(); ++index) {
        const std::array pair{total, args[0].item(index)};
        TRY_ASSIGN(total, findFunction("_+_", false, 2)->call(pair));
    }
    return total;
}

Result<Value> optionalOf(Args args)
{
    return Optional{std::make_shared<Value>(args[0])};
}

Result<Value> optionalNone(Args)
{
    return Optional{};
}

Result<Value> hasValue(Args args)
{
    const auto* optional = args[0].as<Optional>();
    if (!optional)
        return noOverload("hasValue");
    return optional->value != nullptr;
}

Result<Value> value(Args args)
{
    const auto* optional = args[0].as<Optional>();
    if (!optional)
        return noOverload("value");
    if (!optional->value)
        return fail(Reason::Invalid, "optional.none() dereference");
    return *optional->value;
}

Result<Value> orValue(Args args)
{
    const auto* optional = args[0].as<Optional>();
    if (!optional)
        return noOverload("orValue");
    return optional->value ? *optional->value : args[1];
}

Result<Value> orElse(Args args)
{
    const auto* optional = args[0].as<Optional>();
    if (!optional)
        return noOverload("or");
    return optional->value ? args[0] : args[1];
}

constexpr std::array table{
    Function{"sets.contains", false, 2, 2, setContains},
    Function{"sets.equivalent", false, 2, 2, setEquivalent},
    Function{"sets.intersects", false, 2, 2, setIntersects},
    Function{"isSorted", true, 1, 1, isSorted},
    Function{"max", true, 1, 1, extreme<true>},
    Function{"min", true, 1, 1, extreme<false>},
    Function{"sum", true, 1, 1, sum},
    Function{"optional.of", false, 1, 1, optionalOf},
    Function{"optional.none", false, 0, 0, optionalNone},
    Function{"hasValue", true, 1, 1, hasValue},
    Function{"value", true, 1, 1, value},
    Function{"orValue", true, 2, 2, orValue},
    Function{"or", true, 2, 2, orElse},
};

} // namespace

std::span<const Function> listFunctions()
{
    return table;
}

} // namespace keelson::cel
