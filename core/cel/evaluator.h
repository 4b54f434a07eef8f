// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cel/program.h"

#include <string_view>
#include <utility>
#include <vector>

namespace keelson::cel {

/// Walks an expression once. Errors are values: `false && error` is false. One thread.
class Evaluator {
public:
    explicit Evaluator(Budget& budget) : m_budget(budget) {}

    /// The name outlives the evaluator.
    void bind(std::string_view name, Value value) { m_scope.emplace_back(name, std::move(value)); }
    Result<Value> evaluate(const Expression& node);

private:
    Result<Value> name(const Expression& node) const;
    Result<Value> select(const Expression& node);
    Result<Value> index(const Expression& node);
    Result<Value> lookUp(const Value& whole, const Value& key, bool optional) const;
    Result<Value> call(const Expression& node);
    Result<Value> junction(const Expression& node, bool decisive);
    Result<Value> list(const Expression& node);
    Result<Value> map(const Expression& node);
    Result<Value> macro(const Expression& node);
    Result<Value> quantifier(const Expression& node, const std::vector<Value>& range);
    Result<Value> oneOf(const Expression& node, const std::vector<Value>& range);
    Result<Value> filtered(const Expression& node, const std::vector<Value>& range);
    Result<Value> mapped(const Expression& node, const std::vector<Value>& range);
    Result<Value> withItem(const Expression& node, const Value& item, std::size_t arg);
    Result<bool> condition(const Expression& node, const Value& item, std::size_t arg);

    Budget& m_budget;
    std::vector<std::pair<std::string_view, Value>> m_scope; ///< The innermost last.
};

} // namespace keelson::cel
