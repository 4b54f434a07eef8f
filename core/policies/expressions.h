// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cel/program.h"
#include "policies/operation.h"

#include <initializer_list>

namespace keelson::policies {

/// Steps that the expressions of a policy may take together for one write, and match conditions.
inline constexpr std::int64_t policyStepsMax = 10'000'000;
inline constexpr std::int64_t conditionStepsMax = 2'500'000;

/// What an expression may name besides object, oldObject, request and namespaceObject.
struct Names {
    bool authorizer = true;
    bool params = false;
    const cel::Type* variables = nullptr; ///< Null: there are none. Outlives the expression.
    /// What is known of object, oldObject and params; outlives the expression.
    const cel::Type* object = &cel::dynType();
    const cel::Type* param = &cel::dynType();
};

/// The variables of those names.
std::vector<cel::Variable> declared(const Names& names);

/// An expression, or why it is none: what is stored may come from another version of this program.
struct Expression {
    std::string text;
    Result<cel::Program> program;

    /// `results`: what its value may be. The program's error is what Kubernetes says of the expression when it is
    /// written: "compilation failed: ...", "must evaluate to bool".
    static Expression compile(std::string text, const Names& names, std::initializer_list<cel::Type::Form> results);
};

/// For the results of audit annotations: null has no form of its own.
inline constexpr std::initializer_list<cel::Type::Form> textOrNull{cel::Type::Form::String, cel::Type::Form::Dyn};

/// What the names stand for in one write. Documents, user and authorizer outlive it; immutable, any thread.
class Input {
public:
    /// `nameSpace`: the Namespace that the object lies in; null: it lies in none. `authorizer` null: nothing is
    /// allowed.
    Input(const Request& request, const api::Value* nameSpace, const auth::Authorizer* authorizer);

    /// By name, in the order in which `Names` declares them.
    std::vector<cel::Value> values(const Names& names, const api::Value* params = nullptr,
                                   const cel::Value& variables = {}) const;

private:
    const Request& m_request;
    const api::Value* m_nameSpace;
    const auth::Authorizer* m_authorizer;
    const api::Value m_described;
};

/// `Invalid`: "expression 'object.x' resulted in error: no such key: x". `TooManyRequests` when the budget is spent.
Result<cel::Value> evaluate(const Expression& expression, std::span<const cel::Value> values, cel::Budget& budget);

/// "validation failed due to running out of cost budget, no further validation rules will be run"
Error budgetSpent();

} // namespace keelson::policies
