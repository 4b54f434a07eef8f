// SPDX-License-Identifier: Apache-2.0
#include "api/custom_rules.h"
#include "api/defaulters.h"
#include "api/schema.h"
#include "api/validation.h"

namespace keelson::api {
namespace {

/// What a field without a pointer reads as absent: the reference types cannot tell the two apart.
bool isZero(const Value& value)
{
    if (const auto* text = value.if_string())
        return text->empty();
    return value == Value(0);
}

bool isAbsent(const Field& field, const Value* value)
{
    return !value || value->is_null() || (!field.optional && isZero(*value));
}

/// Items of lists and values of maps are always there: the reference types read null as the zero of their type.
void settleNull(const Schema& schema, Value& value)
{
    if (!value.is_null())
        return;
    switch (schema.type) {
    case SchemaType::Object:
    case SchemaType::Map:
        value.emplace_object();
        break;
    case SchemaType::Array:
        value.emplace_array();
        break;
    case SchemaType::String:
    case SchemaType::Bytes:
        value.emplace_string();
        break;
    case SchemaType::Boolean:
        value = false;
        break;
    case SchemaType::Integer:
    case SchemaType::Number:
    case SchemaType::IntOrString:
        value = 0;
        break;
    case SchemaType::Quantity:
        value = "0";
        break;
    default: // Times may be null, and so may what has no schema.
        break;
    }
}

void applyToPart(const Schema& schema, Value& part)
{
    settleNull(schema, part);
    applyDefaults(schema, part);
}

void applyToObject(const Schema& schema, Object& object)
{
    for (const auto& field : schema.fields) {
        auto* value = object.if_contains(field.name);
        if (field.defaultValue && isAbsent(field, value))
            object[field.name] = *field.defaultValue;
        else if (field.schema->type == SchemaType::Object && !field.optional && (!value || value->is_null()))
            object[field.name].emplace_object(); // A part without a pointer is always there.
    }
    for (const auto& name : schema.defaulters)
        if (const auto* defaulter = findDefaulter(name))
            defaulter->apply(object);
    for (const auto& field : schema.fields)
        if (auto* value = object.if_contains(field.name))
            applyDefaults(*field.schema, *value);
}

} // namespace

void applyDefaults(const Schema& schema, Value& value)
{
    if (schema.type == SchemaType::Object && value.is_object()) {
        applyToObject(schema, value.get_object());
    } else if (schema.type == SchemaType::Array && value.is_array()) {
        for (auto& item : value.get_array())
            applyToPart(*schema.items, item);
    } else if (schema.type == SchemaType::Map && value.is_object()) {
        for (auto& member : value.get_object())
            applyToPart(*schema.items, member.value());
    }
}

void applyDefaults(const Kind& kind, Value& object)
{
    if (kind.custom)
        kind.custom->applyDefaults(object);
    else
        applyDefaults(*kind.schema, object);
}

} // namespace keelson::api
