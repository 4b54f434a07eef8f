// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.h"
#include "cel/value.h"

#include <string>
#include <string_view>
#include <vector>

namespace keelson::cel {

struct Token {
    enum class Form { Name, Literal, Sign, End };
    Form form = Form::End;
    std::string text; ///< A name, or a sign such as "&&".
    Value literal;
    std::size_t position = 0;
};

/// The tokens of an expression, with one of the form End behind them. `Invalid` as `parse` says it.
Result<std::vector<Token>> tokensOf(std::string_view text);

} // namespace keelson::cel
