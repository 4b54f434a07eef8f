// SPDX-License-Identifier: Apache-2.0
#include "api/custom_rules.h"
#include "api/defaulters.h"
#include "api/schema.h"
#include "api/validation.h"

#include <algorithm>

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

class Defaults {
public:
    /// False when there are too many.
    bool apply(const Schema& schema, Value& value)
    {
        if (schema.type == SchemaType::Object && value.is_object())
            return applyToObject(schema, value.get_object());
        if (schema.type == SchemaType::Array && value.is_array())
            return std::ranges::all_of(value.get_array(),
                                       [&](Value& item) { return applyToPart(*schema.items, item); });
        if (schema.type == SchemaType::Map && value.is_object())
            return std::ranges::all_of(value.get_object(),
                                       [&](auto&& member) { return applyToPart(*schema.items, member.value()); });
        return true;
    }

private:
    bool applyToPart(const Schema& schema, Value& part)
    {
        settleNull(schema, part);
        return apply(schema, part);
    }

    bool applyToObject(const Schema& schema, Object& object)
    {
        const auto before = object.size();
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
        m_count += object.size() - std::min(before, object.size());
        if (m_count > defaultsMax)
            return false;
        return std::ranges::all_of(schema.fields, [&](const Field& field) {
            auto* value = object.if_contains(field.name);
            return !value || apply(*field.schema, *value);
        });
    }

    std::size_t m_count = 0;
};

} // namespace

bool applyDefaults(const Kind& kind, Value& object)
{
    return kind.custom ? kind.custom->applyDefaults(object) : Defaults().apply(*kind.schema, object);
}

} // namespace keelson::api
