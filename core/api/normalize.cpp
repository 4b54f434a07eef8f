// SPDX-License-Identifier: Apache-2.0
#include "api/custom_rules.h"
#include "api/field_path.h"
#include "api/object_members.h"
#include "api/quantity.h"
#include "api/schema.h"
#include "api/strict_fields.h"
#include "api/validation.h"
#include "base/rfc3339.h"

#include <algorithm>

namespace keelson::api {
namespace {

std::string_view view(boost::json::string_view text)
{
    return {text.data(), text.size()};
}

bool isEmpty(const Value& value, const Schema& schema)
{
    switch (value.kind()) {
    case boost::json::kind::null:
        return true;
    case boost::json::kind::bool_:
        return !value.get_bool();
    case boost::json::kind::int64:
        return value.get_int64() == 0;
    case boost::json::kind::uint64:
        return value.get_uint64() == 0;
    case boost::json::kind::double_:
        return value.get_double() == 0;
    case boost::json::kind::string:
        return value.get_string().empty();
    case boost::json::kind::array:
        return value.get_array().empty();
    case boost::json::kind::object:
        return schema.type == SchemaType::Map && value.get_object().empty();
    }
    return false;
}

bool isLeftOut(const Field& field, const Value& value)
{
    if (value.is_null())
        return true;
    if (field.always ||
        (field.optional && field.schema->type != SchemaType::Array && field.schema->type != SchemaType::Map))
        return false;
    if (field.schema->type == SchemaType::IntOrString || field.schema->type == SchemaType::Quantity ||
        field.schema->type == SchemaType::Any)
        return false; // Structs in the reference types: never empty.
    return isEmpty(value, *field.schema);
}

void normalizeValue(const Schema& schema, Value& value);

/// In the schema's order, so that equal objects have equal bytes; what the schema does not know comes last.
void normalizeObject(const Schema& schema, Object& object)
{
    Object ordered;
    ordered.reserve(object.size());
    for (const auto& field : schema.fields) {
        auto* value = object.if_contains(field.name);
        if (!value || isLeftOut(field, *value))
            continue;
        normalizeValue(*field.schema, *value);
        ordered.emplace(field.name, std::move(*value));
    }
    for (auto& member : object)
        if (!schema.field(view(member.key())))
            ordered.emplace(member.key(), std::move(member.value()));
    object = std::move(ordered);
}

void normalizeMap(const Schema& schema, Object& object)
{
    for (auto& member : object)
        if (!member.value().is_null())
            normalizeValue(*schema.items, member.value());
    const auto byKey = [](const auto& left, const auto& right) { return left.key() < right.key(); };
    if (std::is_sorted(object.begin(), object.end(), byKey))
        return;
    std::vector<std::string> keys;
    for (const auto& member : object)
        keys.emplace_back(view(member.key()));
    std::ranges::sort(keys);
    Object ordered;
    ordered.reserve(object.size());
    for (const auto& key : keys)
        ordered.emplace(key, std::move(object.at(key)));
    object = std::move(ordered);
}

/// Quantities and times have several texts.
void normalizeScalar(const Schema& schema, Value& value)
{
    if (schema.type == SchemaType::Quantity && (value.is_string() || value.is_number())) {
        const auto text = value.is_string() ? std::string(view(value.get_string())) : numberText(value);
        if (const auto quantity = Quantity::parse(text))
            value = quantity->text();
    } else if ((schema.type == SchemaType::Time || schema.type == SchemaType::MicroTime) && value.is_string()) {
        if (const auto time = parseCalendarTime(view(value.get_string())))
            value = schema.type == SchemaType::Time ? formatCalendarTime(*time) : formatCalendarMicroTime(*time);
    }
}

void normalizeValue(const Schema& schema, Value& value)
{
    if (schema.type == SchemaType::Object && value.is_object()) {
        normalizeObject(schema, value.get_object());
    } else if (schema.type == SchemaType::Map && value.is_object()) {
        normalizeMap(schema, value.get_object());
    } else if (schema.type == SchemaType::Array && value.is_array()) {
        for (auto& item : value.get_array())
            normalizeValue(*schema.items, item);
    } else {
        normalizeScalar(schema, value);
    }
}

void normalizeScalars(const Schema& schema, Value& value)
{
    if (auto* const object = value.if_object()) {
        for (auto& member : *object) {
            const auto* const field = schema.field(view(member.key()));
            if (field)
                normalizeScalars(*field->schema, member.value());
            else if (schema.type == SchemaType::Map)
                normalizeScalars(*schema.items, member.value());
        }
    } else if (auto* const array = value.if_array(); array && schema.type == SchemaType::Array) {
        for (auto& item : *array)
            normalizeScalars(*schema.items, item);
    } else {
        normalizeScalar(schema, value);
    }
}

} // namespace

void prune(const Schema& schema, Value& value, const FieldPath& path, std::vector<std::string>& removed)
{
    if (schema.type == SchemaType::Object && value.is_object()) {
        auto& object = value.get_object();
        const auto isUnknown = [&](const auto& member) { return !schema.field(view(member.key())); };
        for (auto& member : object) {
            const auto name = view(member.key());
            if (const auto* field = schema.field(name))
                prune(*field->schema, member.value(), path.child(name), removed);
        }
        for (const auto& member : object) {
            if (isUnknown(member))
                noteStrictField(removed, [&] { return path.child(view(member.key())).text(); });
        }
        eraseMembersIf(object, isUnknown);
    } else if (schema.type == SchemaType::Map && value.is_object()) {
        for (auto& member : value.get_object())
            prune(*schema.items, member.value(), path.child(view(member.key())), removed);
    } else if (schema.type == SchemaType::Array && value.is_array()) {
        auto& array = value.get_array();
        for (std::size_t at = 0; at < array.size(); ++at)
            prune(*schema.items, array[at], path.index(at), removed);
    }
}

void normalize(const Schema& schema, Value& value)
{
    normalizeValue(schema, value);
}

void normalize(const Kind& kind, Value& object)
{
    if (kind.custom)
        kind.custom->normalize(object);
    else
        normalizeValue(*kind.schema, object);
}

void normalizeScalars(const Kind& kind, Value& object)
{
    if (!kind.custom) // Those of custom kinds stay as they are written.
        normalizeScalars(*kind.schema, object);
}

std::vector<std::string> prune(const Kind& kind, Value& object)
{
    if (kind.custom)
        return kind.custom->prune(object);
    std::vector<std::string> removed;
    const FieldPath root;
    prune(*kind.schema, object, root, removed);
    return removed;
}

} // namespace keelson::api
