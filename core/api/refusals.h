// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/field_path.h"
#include "api/value.h"

#include <vector>

namespace keelson::api {

/// What is wrong with an object, gathered in Kubernetes' words (the form of its field errors). Keeps the first
/// `causesMax`.
class Refusals {
public:
    static constexpr std::size_t causesMax = 100;

    /// "Required value", "Required value: name or generateName is required"
    void required(const FieldPath& path, std::string_view detail = {});
    /// "Invalid value: -1: must be greater than or equal to 0"
    void invalid(const FieldPath& path, const Value& value, std::string_view detail);
    /// "Invalid value: requires indexed completion mode": where the value says nothing.
    void invalid(const FieldPath& path, std::string_view detail);
    /// `Invalid value: "string": spec.replicas in body must be of type integer: "string"`: a value of another type.
    void wrongType(const FieldPath& path, const Value& value, std::string_view detail);
    /// `Unsupported value: "x": supported values: "A", "B"`
    void notSupported(const FieldPath& path, const Value& value, std::vector<std::string> supported);
    /// `Duplicate value: "x"`
    void duplicate(const FieldPath& path, const Value& value);
    /// `Not found: "x"`
    void notFound(const FieldPath& path, const Value& value);
    /// "Forbidden: not allowed on this type"
    void forbidden(const FieldPath& path, std::string_view detail);
    /// "Too long: may not be more than 63 bytes"
    void tooLong(const FieldPath& path, std::size_t max);
    /// "Too many: 5: must have at most 3 items"
    void tooMany(const FieldPath& path, std::size_t count, std::size_t max);

    /// A cause in words of one's own.
    void add(std::string_view reason, const FieldPath& path, std::string message);

    bool empty() const { return m_causes.empty(); }
    bool full() const { return m_causes.size() >= causesMax; }
    std::vector<Cause> take() { return std::move(m_causes); }

private:
    std::vector<Cause> m_causes;
};

} // namespace keelson::api
