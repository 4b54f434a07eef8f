// SPDX-License-Identifier: Apache-2.0
#include "policies/match_conditions.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace keelson::policies {

MatchConditions::MatchConditions(std::span<const api::MatchCondition> conditions, bool params)
    : m_names{.authorizer = true, .params = params, .variables = nullptr}
{
    for (const auto& condition : conditions)
        m_expressions.push_back(Expression::compile(condition.expression, m_names, {cel::Type::Form::Bool}));
}

Result<bool> MatchConditions::hold(const Input& input, const api::Value* params, bool mayFail) const
{
    cel::Budget budget(conditionStepsMax);
    const auto values = input.values(m_names, params);
    std::vector<std::string> errors;
    for (const auto& expression : m_expressions) {
        const auto value = evaluate(expression, values, budget);
        if (value && value->as<bool>() && !*value->as<bool>())
            return false;
        if (!value && std::ranges::find(errors, value.error().message) == errors.end())
            errors.push_back(value.error().message);
        if (budget.isSpent())
            break;
    }
    if (errors.empty())
        return true;
    if (mayFail)
        return false;
    return fail(Reason::Forbidden, errors.size() == 1 ? errors.front() : fmt::format("[{}]", fmt::join(errors, ", ")));
}

} // namespace keelson::policies
