// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/value.h"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace keelson::api {

using Labels = std::map<std::string, std::string, std::less<>>;

/// What labels must be like. Value type; cheap to copy; no requirement matches everything.
class LabelSelector {
public:
    enum class Operator { In, NotIn, Exists, DoesNotExist, GreaterThan, LessThan };
    struct Requirement {
        std::string key;
        Operator op = Operator::In;
        std::vector<std::string> values; ///< Sorted.
        bool operator==(const Requirement&) const = default;
    };

    LabelSelector() = default;
    explicit LabelSelector(std::vector<Requirement> requirements);
    /// Reads "app=web,tier in (a, b),!old,x!=y". `BadRequest` with the place.
    static Result<LabelSelector> parse(std::string_view text);
    /// Reads a `LabelSelector` object (matchLabels, matchExpressions); null matches nothing is the caller's business.
    /// `Invalid` for a bad operator.
    static Result<LabelSelector> fromObject(const Value& selector);
    /// Equality with every pair: a Service's `spec.selector`.
    static LabelSelector fromLabels(const Labels& labels);

    bool matches(const Labels& labels) const;
    /// Against `metadata.labels` (an object of strings, or null).
    bool matches(const Value* labels) const;
    bool empty() const { return m_requirements.empty(); }
    const std::vector<Requirement>& requirements() const { return m_requirements; }
    std::string text() const;

private:
    std::vector<Requirement> m_requirements;
};

/// "metadata.name=web,status.phase!=Failed": equality over named fields.
class FieldSelector {
public:
    struct Requirement {
        std::string field;
        std::string value;
        bool equal = true;
    };
    FieldSelector() = default;
    explicit FieldSelector(std::vector<Requirement> requirements) : m_requirements(std::move(requirements)) {}
    static Result<FieldSelector> parse(std::string_view text);
    bool empty() const { return m_requirements.empty(); }
    const std::vector<Requirement>& requirements() const { return m_requirements; }
    /// A missing field equals "". Booleans and numbers compare by their JSON text.
    bool matches(const Value& object) const;

private:
    std::vector<Requirement> m_requirements;
};

} // namespace keelson::api
