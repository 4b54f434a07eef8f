// SPDX-License-Identifier: Apache-2.0
#include "cel/program.h"

#include "cel/cost.h"
#include "cel/evaluator.h"
#include "cel/functions.h"
#include "cel/parser.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace keelson::cel {
namespace {

using Form = Expression::Form;

/// Finds what cannot be: names, fields and functions that are not there.
class Checker {
public:
    Checker(std::string_view text, const std::vector<Variable>& variables) : m_text(text)
    {
        for (const auto& variable : variables)
            m_scope.emplace_back(variable.name, variable.type);
    }

    /// What is known of the value of the node.
    Result<const Type*> check(Expression& node)
    {
        switch (node.form) {
        case Form::Name:
            return checkName(node);
        case Form::Select:
        case Form::Has:
            return checkSelect(node);
        case Form::Index:
            return checkIndex(node);
        case Form::Call:
            return checkCall(node);
        case Form::Macro:
            return checkMacro(node);
        case Form::Literal:
            return literalType(node);
        default:
            break;
        }
        const Type* last = &dynType();
        for (auto& arg : node.args) {
            TRY_ASSIGN(last, check(arg));
        }
        static const Type flag{.form = Type::Form::Bool};
        return node.form == Form::And || node.form == Form::Or ? &flag
               : node.form == Form::Conditional                ? last
                                                               : &dynType();
    }

private:
    std::unexpected<Error> bad(const Expression& node, std::string_view what) const
    {
        return fail(errorAt(m_text, node.position, what));
    }

    static Result<const Type*> literalType(const Expression& node)
    {
        static const Type text{.form = Type::Form::String};
        static const Type number{.form = Type::Form::Int};
        static const Type fraction{.form = Type::Form::Double};
        static const Type flag{.form = Type::Form::Bool};
        if (node.literal.as<std::string>())
            return &text;
        if (node.literal.as<std::int64_t>())
            return &number;
        if (node.literal.as<double>())
            return &fraction;
        return node.literal.as<bool>() ? &flag : &dynType();
    }

    Result<const Type*> checkName(Expression& node)
    {
        constexpr std::array<std::string_view, 8> types{"bool",   "int",   "uint", "double",
                                                        "string", "bytes", "list", "map"};
        const auto found = std::ranges::find(m_scope.rbegin(), m_scope.rend(), node.name, &Entry::first);
        if (found != m_scope.rend())
            return found->second;
        if (std::ranges::find(types, node.name) == types.end())
            return bad(node, fmt::format("undeclared reference to '{}' (in container '')", node.name));
        node.form = Form::Literal;
        node.literal = TypeName{node.name};
        return &dynType();
    }

    /// `authorizer.requestResource` is one name where there is such a variable.
    const Type* settleVariable(Expression& node) const
    {
        if (node.form != Form::Select || node.args[0].form != Form::Name)
            return nullptr;
        const auto full = node.args[0].name + "." + node.name;
        const auto found = std::ranges::find(m_scope, full, &Entry::first);
        if (found == m_scope.end())
            return nullptr;
        node.form = Form::Name;
        node.name = full;
        node.args.clear();
        return found->second;
    }

    Result<const Type*> checkSelect(Expression& node)
    {
        if (const auto* variable = settleVariable(node))
            return variable;
        TRY_ASSIGN(const auto* whole, check(node.args[0]));
        if (whole->form == Type::Form::Dyn)
            return whole;
        if (whole->form == Type::Form::Map)
            return node.form == Form::Has || !whole->items ? &dynType() : whole->items;
        if (whole->form != Type::Form::Object)
            return bad(node, "type does not support field selection");
        const auto member = whole->members.find(node.name);
        if (member == whole->members.end())
            return bad(node, fmt::format("undefined field '{}'", node.name));
        return node.form == Form::Has || node.optional ? &dynType() : member->second;
    }

    Result<const Type*> checkIndex(Expression& node)
    {
        TRY_ASSIGN(const auto* whole, check(node.args[0]));
        TRY_OK(check(node.args[1]));
        return whole->items && !node.optional ? whole->items : &dynType();
    }

    /// `sets.contains(a, b)` reads as a call on `sets`: it is a name with a dot, unless there is such a variable.
    void settleNamespace(Expression& node) const
    {
        if (!node.hasTarget || node.args[0].form != Form::Name)
            return;
        const auto& target = node.args[0].name;
        const auto full = target + "." + node.name;
        if (std::ranges::find(m_scope, target, &Entry::first) != m_scope.end() || !isFunction(full))
            return;
        node.name = full;
        node.hasTarget = false;
        node.args.erase(node.args.begin());
    }

    Result<const Type*> checkCall(Expression& node)
    {
        settleNamespace(node);
        if (!isFunction(node.name))
            return bad(node, fmt::format("undeclared reference to '{}' (in container '')", node.name));
        node.function = findFunction(node.name, node.hasTarget, node.args.size());
        if (!node.function)
            return bad(node, fmt::format("found no matching overload for '{}'", node.name));
        std::vector<const Type*> types;
        for (auto& arg : node.args) {
            TRY_ASSIGN(const auto* type, check(arg));
            types.push_back(type);
        }
        if (types.size() == 2 && !node.hasTarget && node.name.starts_with('_') && !mayMeet(*types[0], *types[1]))
            return bad(node, fmt::format("found no matching overload for '{}'", node.name));
        return resultType(node, types);
    }

    static bool isKnown(const Type& type) { return type.form != Type::Form::Dyn; }

    /// Texts and numbers are never equal, nor compared.
    static bool mayMeet(const Type& left, const Type& right)
    {
        const auto scalar = [](const Type& type) {
            return type.form == Type::Form::Bool || type.form == Type::Form::Int || type.form == Type::Form::Double ||
                   type.form == Type::Form::String;
        };
        return !scalar(left) || !scalar(right) || left.form == right.form;
    }

    static const Type* resultType(const Expression& node, const std::vector<const Type*>& types)
    {
        static const Type number{.form = Type::Form::Int};
        static const Type flag{.form = Type::Form::Bool};
        static const Type text{.form = Type::Form::String};
        constexpr std::array<std::string_view, 11> tests{"_==_", "_!=_", "_<_",      "_<=_",       "_>_",     "_>=_",
                                                         "!_",   "in",   "contains", "startsWith", "endsWith"};
        const auto result = node.function->result;
        if (node.name == "size" || result == Type::Form::Int)
            return &number;
        if (node.name == "string" || result == Type::Form::String)
            return &text;
        if (std::ranges::find(tests, node.name) != tests.end() || result == Type::Form::Bool)
            return &flag;
        const bool sum = node.name == "_+_" || node.name == "_-_" || node.name == "_*_";
        return sum && isKnown(*types[0]) && types[0]->form == types[1]->form ? types[0] : &dynType();
    }

    Result<const Type*> checkMacro(Expression& node)
    {
        TRY_ASSIGN(const auto* range, check(node.args[0]));
        static const Type text{.form = Type::Form::String};
        static const Type flag{.form = Type::Form::Bool};
        const bool keys = range->form == Type::Form::Map || range->form == Type::Form::Object;
        const bool list = range->form == Type::Form::List;
        if (isKnown(*range) && !keys && !list)
            return bad(node, "expression cannot be range of a comprehension (must be list, map, or dynamic)");
        m_scope.emplace_back(node.variable, keys ? &text : list && range->items ? range->items : &dynType());
        for (std::size_t at = 1; at < node.args.size(); ++at)
            TRY_OK(check(node.args[at]));
        m_scope.pop_back();
        return node.name == "map" ? &dynType() : node.name == "filter" ? (list ? range : &dynType()) : &flag;
    }

    using Entry = std::pair<std::string, const Type*>;
    std::string_view m_text;
    std::vector<Entry> m_scope;
};

bool usesName(const Expression& node, std::string_view name)
{
    return (node.form == Form::Name && node.name == name) ||
           std::ranges::any_of(node.args, [&](const Expression& arg) { return usesName(arg, name); });
}

} // namespace

Result<Program> Program::compile(std::string_view text, std::vector<Variable> variables)
{
    Program program;
    TRY_ASSIGN(program.m_root, parse(text));
    Checker checker(text, variables);
    TRY_ASSIGN(const auto* result, checker.check(program.m_root));
    program.m_result = result;
    program.m_variables = std::move(variables);
    return program;
}

Result<Value> Program::evaluate(std::span<const Value> values, Budget& budget) const
{
    Evaluator evaluator(budget);
    for (std::size_t at = 0; at < values.size() && at < m_variables.size(); ++at)
        evaluator.bind(m_variables[at].name, values[at]);
    return evaluator.evaluate(m_root);
}

std::uint64_t Program::worstCost(const Type& self) const
{
    return cel::worstCost(m_root, self);
}

bool Program::uses(std::string_view variable) const
{
    return usesName(m_root, variable);
}

} // namespace keelson::cel
