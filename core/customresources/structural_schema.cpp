// SPDX-License-Identifier: Apache-2.0
#include "customresources/structural_schema.h"

#include "api/object_members.h"

#include <re2/re2.h>

#include <algorithm>
#include <limits>

namespace keelson::customresources {
namespace {

using api::isTrue;
using api::Object;
using api::textIn;

/// Memory that one expression and its automata may take.
constexpr std::int64_t expressionBytesMax = std::int64_t{8} * 1024 * 1024;

StructuralType typeOf(std::string_view word)
{
    if (word == "object")
        return StructuralType::Object;
    if (word == "array")
        return StructuralType::Array;
    if (word == "string")
        return StructuralType::String;
    if (word == "integer")
        return StructuralType::Integer;
    if (word == "number")
        return StructuralType::Number;
    return word == "boolean" ? StructuralType::Boolean : StructuralType::Unset;
}

std::optional<double> numberIn(const Object& node, std::string_view name)
{
    const auto* value = node.if_contains(name);
    return value && value->is_number() ? std::optional(value->to_number<double>()) : std::nullopt;
}

std::optional<std::int64_t> countIn(const Object& node, std::string_view name)
{
    const auto* value = node.if_contains(name);
    return value && value->is_int64() ? std::optional(value->get_int64()) : std::nullopt;
}

std::vector<std::string> textsIn(const Object& node, std::string_view name)
{
    std::vector<std::string> texts;
    const auto* list = node.if_contains(name);
    if (!list || !list->is_array())
        return texts;
    for (const auto& item : list->get_array())
        if (item.is_string())
            texts.emplace_back(item.get_string());
    return texts;
}

std::vector<StructuralSchema> schemasIn(const Object& node, std::string_view name)
{
    std::vector<StructuralSchema> schemas;
    const auto* list = node.if_contains(name);
    if (!list || !list->is_array())
        return schemas;
    for (const auto& item : list->get_array())
        schemas.push_back(readSchema(item));
    return schemas;
}

std::unique_ptr<StructuralSchema> schemaIn(const Object& node, std::string_view name)
{
    const auto* value = node.if_contains(name);
    return value && value->is_object() ? std::make_unique<StructuralSchema>(readSchema(*value)) : nullptr;
}

void readLists(StructuralSchema& schema, const Object& node)
{
    const auto listType = textIn(node, "x-kubernetes-list-type");
    if (listType == "atomic")
        schema.listType = api::ListType::Atomic;
    else if (listType == "set")
        schema.listType = api::ListType::Set;
    else if (listType == "map")
        schema.listType = api::ListType::Map;
    schema.listMapKeys = textsIn(node, "x-kubernetes-list-map-keys");
    schema.mapAtomic = textIn(node, "x-kubernetes-map-type") == "atomic";
}

void readBounds(StructuralSchema& schema, const Object& node)
{
    schema.format = textIn(node, "format");
    schema.pattern = textIn(node, "pattern");
    if (!schema.pattern.empty())
        schema.expression = compileExpression(schema.pattern);
    schema.minimum = numberIn(node, "minimum");
    schema.maximum = numberIn(node, "maximum");
    schema.exclusiveMinimum = isTrue(node, "exclusiveMinimum");
    schema.exclusiveMaximum = isTrue(node, "exclusiveMaximum");
    schema.multipleOf = numberIn(node, "multipleOf");
    schema.lengthMin = countIn(node, "minLength");
    schema.lengthMax = countIn(node, "maxLength");
    schema.itemsMin = countIn(node, "minItems");
    schema.itemsMax = countIn(node, "maxItems");
    schema.membersMin = countIn(node, "minProperties");
    schema.membersMax = countIn(node, "maxProperties");
    schema.required = textsIn(node, "required");
    if (const auto* values = node.if_contains("enum"); values && values->is_array())
        schema.enumeration.assign(values->get_array().begin(), values->get_array().end());
}

} // namespace

const StructuralSchema* StructuralSchema::property(std::string_view name) const
{
    const auto found = std::ranges::lower_bound(properties, name, {}, &StructuralProperty::name);
    return found != properties.end() && found->name == name ? &found->schema : nullptr;
}

StructuralSchema readSchema(const Value& value)
{
    StructuralSchema schema;
    const auto* object = value.if_object();
    if (!object)
        return schema;
    const auto& node = *object;
    schema.type = typeOf(textIn(node, "type"));
    schema.intOrString = isTrue(node, "x-kubernetes-int-or-string");
    schema.nullable = isTrue(node, "nullable");
    schema.preserveUnknown = isTrue(node, "x-kubernetes-preserve-unknown-fields");
    schema.embeddedResource = isTrue(node, "x-kubernetes-embedded-resource");
    if (const auto* given = node.if_contains("default"))
        schema.defaultValue = *given;
    if (const auto* properties = node.if_contains("properties"); properties && properties->is_object())
        for (const auto& member : properties->get_object())
            schema.properties.push_back({std::string(member.key()), readSchema(member.value())});
    std::ranges::sort(schema.properties, {}, &StructuralProperty::name);
    schema.additional = schemaIn(node, "additionalProperties");
    schema.anyAdditional = isTrue(node, "additionalProperties");
    schema.items = schemaIn(node, "items");
    readLists(schema, node);
    readBounds(schema, node);
    schema.allOf = schemasIn(node, "allOf");
    schema.anyOf = schemasIn(node, "anyOf");
    schema.oneOf = schemasIn(node, "oneOf");
    schema.negated = schemaIn(node, "not");
    if (const auto* rules = node.if_contains("x-kubernetes-validations"); rules && rules->is_array())
        schema.ruleSources.assign(rules->get_array().begin(), rules->get_array().end());
    return schema;
}

std::shared_ptr<const re2::RE2> compileExpression(std::string_view pattern, std::string* why)
{
    re2::RE2::Options options;
    options.set_log_errors(false);
    options.set_max_mem(expressionBytesMax);
    auto expression = std::make_shared<const re2::RE2>(re2::StringPiece(pattern.data(), pattern.size()), options);
    if (expression->ok())
        return expression;
    if (why)
        *why = expression->error();
    return nullptr;
}

} // namespace keelson::customresources
