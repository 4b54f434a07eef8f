// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "policies/expressions.h"

#include <deque>
#include <map>

namespace keelson::policies {

/// An expression with a name that later ones may use.
using NamedExpression = std::pair<std::string, Expression>;

/// Compiles them in turn: each sees those before it. `types` ends with what is known of all of them, which the names of
/// other expressions point to; it must not move.
std::vector<NamedExpression> compileVariables(std::span<const api::Variable> variables, const Names& names,
                                              std::deque<cel::Type>& types);

/// The value of `variables` in one evaluation: each is evaluated when it is asked for, once. `input`, `budget` and what
/// the expressions belong to outlive it. One thread.
cel::Value variablesOf(std::span<const NamedExpression> variables, const Names& names, const Input& input,
                       const api::Value* params, cel::Budget& budget);

} // namespace keelson::policies
