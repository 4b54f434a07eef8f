// SPDX-License-Identifier: Apache-2.0
#include "policies/policy_variables.h"

#include <fmt/format.h>

#include <algorithm>

namespace keelson::policies {
namespace {

class LazyVariables : public cel::Opaque, public std::enable_shared_from_this<LazyVariables> {
public:
    LazyVariables(std::span<const NamedExpression> variables, const Names& names, const Input& input,
                  const api::Value* params, cel::Budget& budget)
        : m_variables(variables), m_names(names), m_input(input), m_params(params), m_budget(budget)
    {
    }
    std::string_view typeName() const override { return "kubernetes.variables"; }

    Result<cel::Optional> member(std::string_view name) const override
    {
        if (const auto known = m_known.find(name); known != m_known.end())
            return known->second;
        const auto variable = std::ranges::find(m_variables, name, &NamedExpression::first);
        if (variable == m_variables.end())
            return cel::Optional{};
        return m_known.emplace(name, evaluated(variable->first, variable->second)).first->second;
    }

private:
    Result<cel::Optional> evaluated(const std::string& name, const Expression& expression) const
    {
        if (!expression.program)
            return fail(Reason::Invalid, fmt::format("composited variable \"{}\" fails to compile: {}", name,
                                                     expression.program.error().message));
        const auto values = m_input.values(m_names, m_params, cel::OpaquePtr(shared_from_this()));
        auto value = expression.program->evaluate(values, m_budget);
        if (!value)
            return fail(Reason::Invalid,
                        fmt::format("composited variable \"{}\" fails to evaluate: {}", name, value.error().message));
        return cel::Optional{std::make_shared<cel::Value>(*std::move(value))};
    }

    const std::span<const NamedExpression> m_variables;
    const Names& m_names;
    const Input& m_input;
    const api::Value* const m_params;
    cel::Budget& m_budget;
    mutable std::map<std::string, Result<cel::Optional>, std::less<>> m_known;
};

} // namespace

std::vector<NamedExpression> compileVariables(std::span<const api::Variable> variables, const Names& names,
                                              std::deque<cel::Type>& types)
{
    std::vector<NamedExpression> compiled;
    types.push_back({.form = cel::Type::Form::Object, .items = nullptr, .members = {}, .names = {}});
    for (const auto& variable : variables) {
        auto seen = names;
        seen.variables = &types.back();
        auto expression = Expression::compile(variable.expression, seen, {});
        auto next = types.back();
        next.members[variable.name] = expression.program ? &expression.program->type() : &cel::dynType();
        types.push_back(std::move(next));
        compiled.emplace_back(variable.name, std::move(expression));
    }
    return compiled;
}

cel::Value variablesOf(std::span<const NamedExpression> variables, const Names& names, const Input& input,
                       const api::Value* params, cel::Budget& budget)
{
    return cel::OpaquePtr(std::make_shared<LazyVariables>(variables, names, input, params, budget));
}

} // namespace keelson::policies
