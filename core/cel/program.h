// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.h"
#include "cel/expression.h"

#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace keelson::cel {

/// A name that an expression may use, and what is known of it.
struct Variable {
    std::string name;
    const Type* type = nullptr;
};

/// How much evaluations may cost together: steps, with what texts and lists cost by their length.
class Budget {
public:
    explicit Budget(std::int64_t steps) : m_left(steps) {}
    /// False when it is used up.
    bool spend(std::int64_t steps)
    {
        m_left -= steps;
        return m_left >= 0;
    }
    bool isSpent() const { return m_left < 0; }

private:
    std::int64_t m_left;
};

/// A checked expression. Immutable; any thread.
///
/// What of the Common Expression Language it knows: all operators and macros, the functions of strings, lists, sets,
/// quantities, durations, timestamps, optionals, addresses, URLs, named formats and authorization. Not: protobuf
/// messages; an expression with those is refused.
class Program {
public:
    /// `Invalid` for what is no expression, or uses a name, field or function that is not there: `ERROR: <input>:1:6:
    /// undefined field 'x'`. The variables' types outlive it.
    static Result<Program> compile(std::string_view text, std::vector<Variable> variables);

    /// One value for each variable. `Invalid` says what went wrong: `no such key: a`; `TooManyRequests` when the budget
    /// is used up.
    Result<Value> evaluate(std::span<const Value> values, Budget& budget) const;

    bool uses(std::string_view variable) const;
    /// What it costs at worst, where `self` and `oldSelf` are of the type; see cost.h.
    std::uint64_t worstCost(const Type& self) const;
    /// What is known of its value.
    const Type& type() const { return *m_result; }
    Type::Form result() const { return m_result->form; }

private:
    std::vector<Variable> m_variables;
    Expression m_root;
    const Type* m_result = &dynType();
};

} // namespace keelson::cel
