// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/schema.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace keelson::cel {
struct Type;
}
namespace re2 {
class RE2;
}

namespace keelson::customresources {

using api::Value;

enum class StructuralType { Unset, Object, Array, String, Integer, Number, Boolean };

struct StructuralProperty;
struct ValidationRule; // validation_rules.h

/// A node of the schema that a CustomResourceDefinition gives for one version (openAPIV3Schema), ready to be walked.
/// Immutable once read; any thread.
/// Source: Kubernetes, "Extend the Kubernetes API with CustomResourceDefinitions" (structural schemas); OpenAPI 3.0.
struct StructuralSchema {
    StructuralType type = StructuralType::Unset; ///< Unset: any, or an integer or a string.
    bool intOrString = false;
    bool nullable = false;
    bool preserveUnknown = false;
    bool embeddedResource = false;
    bool anyAdditional = false; ///< additionalProperties: true.
    std::optional<Value> defaultValue;

    std::vector<StructuralProperty> properties;   ///< In name order.
    std::unique_ptr<StructuralSchema> additional; ///< Of the values of a map.
    std::unique_ptr<StructuralSchema> items;
    api::ListType listType = api::ListType::Unset;
    std::vector<std::string> listMapKeys;
    bool mapAtomic = false;

    // What values must be like, besides their structure.
    std::vector<std::string> required;
    std::vector<Value> enumeration;
    std::string format;
    std::string pattern;
    std::shared_ptr<const re2::RE2> expression; ///< Of `pattern`; null for none, or one that is none.
    std::optional<double> minimum;
    std::optional<double> maximum;
    bool exclusiveMinimum = false;
    bool exclusiveMaximum = false;
    std::optional<double> multipleOf;
    std::optional<std::int64_t> lengthMin;
    std::optional<std::int64_t> lengthMax;
    std::optional<std::int64_t> itemsMin;
    std::optional<std::int64_t> itemsMax;
    std::optional<std::int64_t> membersMin;
    std::optional<std::int64_t> membersMax;
    std::vector<StructuralSchema> allOf;
    std::vector<StructuralSchema> anyOf;
    std::vector<StructuralSchema> oneOf;
    std::unique_ptr<StructuralSchema> negated; ///< not

    std::vector<Value> ruleSources; ///< x-kubernetes-validations, as written.
    // Made of them by `compileRules`.
    std::vector<std::shared_ptr<const ValidationRule>> rules;
    const cel::Type* expressionType = nullptr; ///< What rules know of the value.
    bool hasRules = false;                     ///< Here or below.

    /// Null when there is none of that name.
    const StructuralSchema* property(std::string_view name) const;
};

struct StructuralProperty {
    std::string name;
    StructuralSchema schema;
};

/// Reads a schema. What is malformed is passed over: `checkSchema` refuses that before.
StructuralSchema readSchema(const Value& node);

/// The regular expression in the syntax of RE2, which is that of Kubernetes; null, and why, when it is none.
std::shared_ptr<const re2::RE2> compileExpression(std::string_view pattern, std::string* why = nullptr);

} // namespace keelson::customresources
