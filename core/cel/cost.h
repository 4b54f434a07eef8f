// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cel/expression.h"

#include <cstdint>

namespace keelson::cel {

/// What is no number any more: sums and products end here.
inline constexpr std::uint64_t costUnbounded = UINT64_MAX;

/// Sum and product that stop at `costUnbounded`.
std::uint64_t addedCosts(std::uint64_t left, std::uint64_t right);
std::uint64_t multipliedCosts(std::uint64_t left, std::uint64_t right);

/// What an evaluation of a checked expression costs at worst, in the units of Kubernetes. `root`: the type of `self`,
/// with the sizes that its schema allows; a text, list or map whose size nobody knows counts as unbounded.
/// Pure. Source: github.com/google/cel-go, package checker (cost estimates), and Kubernetes' functions of CEL: what is
/// dear there is dear here, since it decides which rules a definition may have.
std::uint64_t worstCost(const Expression& expression, const Type& root);

} // namespace keelson::cel
