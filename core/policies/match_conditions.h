// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "policies/expressions.h"

namespace keelson::policies {

/// Expressions that must all be true for a webhook or a policy to be asked about a write. Immutable; any thread.
class MatchConditions {
public:
    MatchConditions() = default;
    /// `params`: of a policy with a kind of parameters. The expressions are checked when they are written; what does
    /// not compile all the same fails when it is evaluated.
    explicit MatchConditions(std::span<const api::MatchCondition> conditions, bool params = false);

    bool empty() const { return m_expressions.empty(); }
    /// One that is false decides. Where none is and some cannot be evaluated, the error says which; with `mayFail`
    /// (failurePolicy Ignore) they do not hold then.
    Result<bool> hold(const Input& input, const api::Value* params, bool mayFail) const;

private:
    std::vector<Expression> m_expressions;
    Names m_names;
};

} // namespace keelson::policies
