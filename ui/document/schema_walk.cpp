// SPDX-License-Identifier: GPL-3.0-or-later
#include "document/schema_walk.h"

#include <boost/json/parse.hpp>
#include <fmt/format.h>

namespace keelson::document {

namespace {

using api::Schema;
using api::SchemaType;
using api::Value;

const Schema* below(const Schema* schema, const Step& step)
{
    if (!schema)
        return nullptr;
    if (std::holds_alternative<std::size_t>(step))
        return schema->type == SchemaType::Array ? schema->items : nullptr;
    if (schema->type == SchemaType::Map)
        return schema->items;
    const auto* field = schema->type == SchemaType::Object ? schema->field(std::get<std::string>(step)) : nullptr;
    return field ? field->schema : nullptr;
}

std::string_view valueWords(const Value& value)
{
    if (value.is_object())
        return "a map";
    if (value.is_array())
        return "a list";
    if (value.is_string())
        return "a text";
    if (value.is_bool())
        return "true or false";
    return value.is_double() ? "a fraction" : "a number";
}

/// A number as text, or a text as number or boolean.
std::optional<Value> converted(const Schema& schema, const Value& value)
{
    const bool wantsText = schema.type == SchemaType::String || schema.type == SchemaType::Duration;
    if (wantsText && (value.is_bool() || value.is_number()))
        return Value(value.is_number() ? api::numberText(value) : api::writeJson(value));
    if (schema.type == SchemaType::Array && !value.is_array() && schema.items)
        return Value(api::Array{value});
    if (!value.is_string())
        return std::nullopt;
    boost::system::error_code failure;
    const auto read = boost::json::parse(value.get_string(), failure);
    if (failure)
        return std::nullopt;
    const bool fits = (schema.type == SchemaType::Integer && read.is_int64()) ||
                      (schema.type == SchemaType::Number && read.is_number()) ||
                      (schema.type == SchemaType::Boolean && read.is_bool());
    return fits ? std::optional<Value>(read) : std::nullopt;
}

/// What the schema asks for in words; empty when the value is of that type.
std::string_view wantedInstead(const Schema& schema, const Value& value)
{
    switch (schema.type) {
    case SchemaType::Object:
    case SchemaType::Map:
        return value.is_object() ? "" : "a map";
    case SchemaType::Array:
        return value.is_array() ? "" : "a list";
    case SchemaType::Integer:
        return value.is_int64() || value.is_uint64() ? "" : "an integer";
    case SchemaType::Number:
        return value.is_number() ? "" : "a number";
    case SchemaType::Boolean:
        return value.is_bool() ? "" : "true or false";
    case SchemaType::IntOrString:
        return value.is_int64() || value.is_string() ? "" : "an integer or a text";
    case SchemaType::Quantity:
        return value.is_number() || value.is_string() ? "" : "an amount such as 500m or 1Gi";
    case SchemaType::Any:
        return "";
    default:
        return value.is_string() ? "" : "a text";
    }
}

void walk(const Schema& schema, const Value& value, const Path& path, std::vector<WrongType>& found)
{
    if (value.is_null())
        return;
    if (const auto wanted = wantedInstead(schema, value); !wanted.empty()) {
        found.push_back(
            {path, fmt::format("{} is wanted, not {}", wanted, valueWords(value)), converted(schema, value)});
        return;
    }
    if (const auto* object = value.if_object()) {
        for (const auto& member : *object)
            if (const auto* next = below(&schema, Step(std::string(member.key()))))
                walk(*next, member.value(), path / std::string(member.key()), found);
    } else if (const auto* list = value.if_array(); list && schema.items) {
        for (std::size_t i = 0; i < list->size(); ++i)
            walk(*schema.items, (*list)[i], path / i, found);
    }
}

} // namespace

const Schema* schemaAt(const api::Kind& kind, const Path& path)
{
    const auto* schema = kind.schema;
    for (const auto& step : path)
        schema = below(schema, step);
    return schema;
}

const api::Field* fieldAt(const api::Kind& kind, const Path& path)
{
    if (path.empty() || !std::holds_alternative<std::string>(path.back()))
        return nullptr;
    const auto* holder = schemaAt(kind, {path.begin(), path.end() - 1});
    return holder && holder->type == SchemaType::Object ? holder->field(std::get<std::string>(path.back())) : nullptr;
}

std::vector<WrongType> wrongTypes(const api::Kind& kind, const Value& object)
{
    std::vector<WrongType> found;
    walk(*kind.schema, object, {}, found);
    return found;
}

Value placeholder(const Schema& schema, std::size_t depth)
{
    switch (schema.type) {
    case SchemaType::Object: {
        api::Object object;
        for (const auto& field : schema.fields)
            if (field.required && depth > 0)
                object[field.name] = placeholder(*field.schema, depth - 1);
        return object;
    }
    case SchemaType::Map:
    case SchemaType::Any:
        return api::Object{};
    case SchemaType::Array:
        return schema.items ? Value(api::Array{placeholder(*schema.items, depth)}) : Value(api::Array{});
    case SchemaType::Integer:
    case SchemaType::IntOrString:
    case SchemaType::Number:
        return schema.minimum.value_or(0);
    case SchemaType::Boolean:
        return false;
    case SchemaType::Quantity:
        return "100m";
    default:
        return schema.enumeration.empty() ? Value("") : Value(schema.enumeration.front());
    }
}

std::string typeWords(const Schema& schema)
{
    switch (schema.type) {
    case SchemaType::Object:
        return "map";
    case SchemaType::Map:
        return schema.items ? "map of names to " + typeWords(*schema.items) : "map";
    case SchemaType::Array:
        return schema.items ? "list of " + typeWords(*schema.items) : "list";
    case SchemaType::Integer:
        return "integer";
    case SchemaType::Number:
        return "number";
    case SchemaType::Boolean:
        return "true or false";
    case SchemaType::IntOrString:
        return "integer or text";
    case SchemaType::Quantity:
        return "amount (500m, 1Gi)";
    case SchemaType::Time:
    case SchemaType::MicroTime:
        return "time (RFC 3339)";
    case SchemaType::Duration:
        return "duration (30s, 1h)";
    case SchemaType::Bytes:
        return "base64";
    case SchemaType::Any:
        return "any value";
    default:
        return schema.enumeration.empty() ? "text" : "word";
    }
}

} // namespace keelson::document
