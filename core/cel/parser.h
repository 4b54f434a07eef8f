// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.h"
#include "cel/expression.h"

#include <string_view>

namespace keelson::cel {

inline constexpr std::size_t expressionBytesMax = std::size_t{16} * 1024;
/// Of parentheses and lists in each other, and of operators, members and calls in a row (but for `||` and `&&`).
inline constexpr int expressionDepthMax = 250;

/// Reads an expression of the Common Expression Language. `Invalid` says what is wrong and where:
/// `ERROR: <input>:1:5: Syntax error: ...`.
/// Source: github.com/google/cel-spec, language definition.
Result<Expression> parse(std::string_view text);

/// "ERROR: <input>:1:5: undeclared reference to 'x'", with the line and a mark below the place.
Error errorAt(std::string_view text, std::size_t position, std::string_view what);

} // namespace keelson::cel
