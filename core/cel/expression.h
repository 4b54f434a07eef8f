// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cel/value.h"

#include <string>
#include <vector>

namespace keelson::cel {

struct Function; // functions.h

/// A node of a parsed expression.
struct Expression {
    enum class Form {
        Literal,
        Name,        ///< `name`
        Select,      ///< args[0].name
        Has,         ///< has(args[0].name)
        Index,       ///< args[0][args[1]]
        Call,        ///< name(args...), operators too ("_+_"); with a target: args[0].name(rest...)
        List,        ///< [args...]
        Map,         ///< {args[0]: args[1], ...}
        Conditional, ///< args[0] ? args[1] : args[2]
        And,         ///< Of two or more.
        Or,
        Macro, ///< args[0].name(variable, args[1...]): all, exists, exists_one, filter, map
    };
    Form form = Form::Literal;
    int depth = 1;            ///< Of nodes below each other, as it was parsed; at most some hundreds.
    std::size_t position = 0; ///< In the text, for refusals.
    std::string name;
    std::string variable;  ///< Of a macro.
    bool optional = false; ///< `?.` and `[?`: none where there is nothing.
    bool hasTarget = false;
    const Function* function = nullptr; ///< Of a call, once it is checked.
    Value literal;
    std::vector<Expression> args;
};

} // namespace keelson::cel
