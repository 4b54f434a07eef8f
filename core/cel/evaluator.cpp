// SPDX-License-Identifier: Apache-2.0
#include "cel/evaluator.h"

#include "cel/functions.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace keelson::cel {
namespace {

using Form = Expression::Form;

/// What an argument costs by its length.
std::int64_t costOf(const Value& value)
{
    constexpr std::int64_t charactersAStep = 10;
    if (const auto* text = value.as<std::string>())
        return static_cast<std::int64_t>(text->size()) / charactersAStep;
    return value.isList() ? value.size() : 0;
}

std::unexpected<Error> isNoBool()
{
    return fail(Reason::Invalid, "no such overload: a condition is no bool");
}

} // namespace

Result<Value> Evaluator::evaluate(const Expression& node)
{
    if (!m_budget.spend(1))
        return fail(Reason::TooManyRequests, "operation cancelled: actual cost limit exceeded");
    switch (node.form) {
    case Form::Literal:
        return node.literal;
    case Form::Name:
        return name(node);
    case Form::Select:
    case Form::Has:
        return select(node);
    case Form::Index:
        return index(node);
    case Form::Call:
        return call(node);
    case Form::List:
        return list(node);
    case Form::Map:
        return map(node);
    case Form::And:
        return junction(node, false);
    case Form::Or:
        return junction(node, true);
    case Form::Macro:
        return macro(node);
    case Form::Conditional:
        break;
    }
    TRY_ASSIGN(const auto holds, evaluate(node.args[0]));
    const auto* flag = holds.as<bool>();
    if (!flag)
        return isNoBool();
    return evaluate(node.args[*flag ? 1 : 2]);
}

Result<Value> Evaluator::name(const Expression& node) const
{
    const auto found = std::ranges::find(m_scope.rbegin(), m_scope.rend(), std::string_view(node.name),
                                         &std::pair<std::string_view, Value>::first);
    if (found == m_scope.rend())
        return fail(Reason::Invalid, fmt::format("no such attribute: {}", node.name));
    return found->second;
}

Result<Value> Evaluator::select(const Expression& node)
{
    TRY_ASSIGN(const auto whole, evaluate(node.args[0]));
    if (node.form == Form::Select)
        return lookUp(whole, Value(node.name), node.optional);
    TRY_ASSIGN(const auto found, lookUp(whole, Value(node.name), true));
    return found.as<Optional>()->value != nullptr;
}

Result<Value> Evaluator::index(const Expression& node)
{
    TRY_ASSIGN(const auto whole, evaluate(node.args[0]));
    TRY_ASSIGN(const auto key, evaluate(node.args[1]));
    return lookUp(whole, key, node.optional);
}

/// An item or a member; of an optional value, and where `optional` says so, as an optional value.
Result<Value> Evaluator::lookUp(const Value& whole, const Value& key, bool optional) const
{
    if (const auto* maybe = whole.as<Optional>())
        return maybe->value ? lookUp(*maybe->value, key, true) : Result<Value>(Optional{});
    std::unique_ptr<Value> found;
    if (const auto* opaque = whole.as<OpaquePtr>(); opaque && key.as<std::string>()) {
        TRY_ASSIGN(const auto member, (*opaque)->member(*key.as<std::string>()));
        if (member.value)
            found = std::make_unique<Value>(*member.value);
    } else if (whole.isMap()) {
        found = whole.find(key);
    } else if (whole.isList()) {
        if (!key.isNumber())
            return noOverload("_[_]");
        const auto at = static_cast<std::int64_t>(key.number());
        if (at >= 0 && at < whole.size())
            found = std::make_unique<Value>(whole.item(at));
        else if (!optional)
            return fail(Reason::Invalid, fmt::format("index out of bounds: {}", at));
    } else if (!optional || !whole.as<Null>()) {
        return fail(Reason::Invalid, fmt::format("no such key: {}", textOf(key).value_or("")));
    }
    if (optional)
        return Optional{found ? std::make_shared<Value>(*found) : nullptr};
    if (!found)
        return fail(Reason::Invalid, fmt::format("no such key: {}", textOf(key).value_or("")));
    return *found;
}

Result<Value> Evaluator::call(const Expression& node)
{
    std::vector<Value> args;
    args.reserve(node.args.size());
    std::int64_t cost = 1;
    for (const auto& arg : node.args) {
        TRY_ASSIGN(auto value, evaluate(arg));
        cost += costOf(value);
        args.push_back(std::move(value));
    }
    if (node.name == "matches" && args.size() == 2) // an expression goes over the text, step by step
        cost += costOf(args[0]) * (1 + costOf(args[1]));
    if (!m_budget.spend(cost))
        return fail(Reason::TooManyRequests, "operation cancelled: actual cost limit exceeded");
    return node.function->call(args);
}

/// One side that decides is enough, whatever the other is.
Result<Value> Evaluator::junction(const Expression& node, bool decisive)
{
    Result<Value> undecided = !decisive;
    for (const auto& arg : node.args) {
        auto side = evaluate(arg);
        const auto* flag = side ? side->as<bool>() : nullptr;
        if (flag && *flag == decisive)
            return decisive;
        if (!flag && undecided)
            undecided = side ? isNoBool() : std::move(side);
    }
    return undecided;
}

Result<Value> Evaluator::list(const Expression& node)
{
    std::vector<Value> items;
    for (const auto& arg : node.args) {
        TRY_ASSIGN(auto item, evaluate(arg));
        items.push_back(std::move(item));
    }
    return Value::list(std::move(items));
}

Result<Value> Evaluator::map(const Expression& node)
{
    std::vector<std::pair<Value, Value>> entries;
    for (std::size_t at = 0; at + 1 < node.args.size(); at += 2) {
        TRY_ASSIGN(auto key, evaluate(node.args[at]));
        TRY_ASSIGN(auto value, evaluate(node.args[at + 1]));
        entries.emplace_back(std::move(key), std::move(value));
    }
    return MapPtr(std::make_shared<std::vector<std::pair<Value, Value>>>(std::move(entries)));
}

Result<Value> Evaluator::macro(const Expression& node)
{
    TRY_ASSIGN(const auto whole, evaluate(node.args[0]));
    std::vector<Value> range;
    if (whole.isMap())
        range = whole.keys();
    else if (whole.isList())
        for (std::int64_t at = 0; at < whole.size(); ++at)
            range.push_back(whole.item(at));
    else
        return noOverload(node.name);
    if (node.name == "all" || node.name == "exists")
        return quantifier(node, range);
    if (node.name == "exists_one")
        return oneOf(node, range);
    return node.name == "filter" ? filtered(node, range) : mapped(node, range);
}

Result<Value> Evaluator::withItem(const Expression& node, const Value& item, std::size_t arg)
{
    m_scope.emplace_back(node.variable, item);
    auto value = evaluate(node.args[arg]);
    m_scope.pop_back();
    return value;
}

Result<bool> Evaluator::condition(const Expression& node, const Value& item, std::size_t arg)
{
    TRY_ASSIGN(const auto value, withItem(node, item, arg));
    const auto* flag = value.as<bool>();
    if (!flag)
        return isNoBool();
    return *flag;
}

/// all and exists: an item that decides is enough, whatever errors others meet.
Result<Value> Evaluator::quantifier(const Expression& node, const std::vector<Value>& range)
{
    const bool decisive = node.name == "exists";
    std::optional<Error> error;
    for (const auto& item : range) {
        const auto holds = condition(node, item, 1);
        if (holds && *holds == decisive)
            return decisive;
        if (!holds && m_budget.isSpent())
            return fail(holds.error());
        if (!holds && !error)
            error = holds.error();
    }
    if (error)
        return fail(*error);
    return !decisive;
}

Result<Value> Evaluator::oneOf(const Expression& node, const std::vector<Value>& range)
{
    std::size_t count = 0;
    for (const auto& item : range) {
        TRY_ASSIGN(const bool holds, condition(node, item, 1));
        count += holds ? 1 : 0;
    }
    return count == 1;
}

Result<Value> Evaluator::filtered(const Expression& node, const std::vector<Value>& range)
{
    std::vector<Value> kept;
    for (const auto& item : range) {
        TRY_ASSIGN(const bool holds, condition(node, item, 1));
        if (holds)
            kept.push_back(item);
    }
    return Value::list(std::move(kept));
}

/// map(x, value) and map(x, condition, value).
Result<Value> Evaluator::mapped(const Expression& node, const std::vector<Value>& range)
{
    std::vector<Value> values;
    for (const auto& item : range) {
        if (node.args.size() > 2) {
            TRY_ASSIGN(const bool holds, condition(node, item, 1));
            if (!holds)
                continue;
        }
        TRY_ASSIGN(auto value, withItem(node, item, node.args.size() - 1));
        values.push_back(std::move(value));
    }
    return Value::list(std::move(values));
}

} // namespace keelson::cel
