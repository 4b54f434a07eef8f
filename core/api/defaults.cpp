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
            applyDefaults(*schema.items, item);
    } else if (schema.type == SchemaType::Map && value.is_object()) {
        for (auto& member : value.get_object())
            applyDefaults(*schema.items, member.value());
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
