// SPDX-License-Identifier: Apache-2.0
#include "api/base64.h"
#include "api/duration.h"
#include "api/protobuf_wire.h"
#include "base/rfc3339.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <map>

namespace keelson::api {
namespace {

using FieldSpan = std::vector<const Field*>;

std::unexpected<Error> mismatch(std::string_view name, std::string_view wanted)
{
    return fail(Reason::Invalid, fmt::format("{}: {} is wanted for the protobuf form", name, wanted));
}

Result<std::string> timeMessage(std::string_view name, const Value& value, bool micro)
{
    WireWriter writer;
    if (value.is_null() || (value.is_string() && value.get_string().empty()))
        return writer.take();
    if (!value.is_string())
        return mismatch(name, "a time");
    TRY_ASSIGN(const auto time, parseCalendarTime(std::string_view{value.get_string()}));
    const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
    const auto micros = (time - seconds).count();
    writer.number(1, static_cast<std::uint64_t>(seconds.time_since_epoch().count()));
    writer.number(2, micro ? static_cast<std::uint64_t>(micros) * 1000 : 0);
    return writer.take();
}

Result<std::string> intOrStringMessage(std::string_view name, const Value& value)
{
    if (!value.is_string() && !value.is_int64() && !value.is_null())
        return mismatch(name, "an integer or a string");
    WireWriter writer;
    writer.number(1, value.is_string() ? 1 : 0);
    writer.number(2, value.is_int64() ? static_cast<std::uint64_t>(value.get_int64()) : 0);
    writer.bytes(3, value.is_string() ? std::string_view{value.get_string()} : std::string_view{});
    return writer.take();
}

Result<std::string> bytesOf(std::string_view name, const Value& value)
{
    if (value.is_null())
        return std::string{};
    const auto bytes = value.is_string() ? decodeBase64(std::string_view{value.get_string()}) : std::nullopt;
    if (!bytes)
        return mismatch(name, "base64 text");
    return *bytes;
}

/// What stands between length and end for everything that is framed as bytes.
Result<std::string> messageOf(const Schema& schema, std::string_view name, const Value& value)
{
    WireWriter writer;
    switch (schema.type) {
    case SchemaType::String:
        if (!value.is_string() && !value.is_null())
            return mismatch(name, "a string");
        return value.is_string() ? std::string{value.get_string()} : std::string{};
    case SchemaType::Bytes:
        return bytesOf(name, value);
    case SchemaType::Object:
        if (!value.is_object() && !value.is_null())
            return mismatch(name, "an object");
        return encodeMessage(schema, value.is_object() ? value.get_object() : Object{});
    case SchemaType::Quantity:
        writer.bytes(1, value.is_null() ? "0" : value.is_string() ? std::string{value.get_string()} : writeJson(value));
        return writer.take();
    case SchemaType::Time:
        return timeMessage(name, value, false);
    case SchemaType::MicroTime:
        return timeMessage(name, value, true);
    case SchemaType::Duration: {
        if (!value.is_string() && !value.is_null())
            return mismatch(name, "a duration");
        Duration duration{0};
        if (value.is_string()) {
            TRY_ASSIGN(duration, parseDuration(std::string_view{value.get_string()}));
        }
        writer.number(1, static_cast<std::uint64_t>(duration.count()));
        return writer.take();
    }
    case SchemaType::IntOrString:
        return intOrStringMessage(name, value);
    case SchemaType::Any:
        if (!value.is_null())
            writer.bytes(1, writeJson(value));
        return writer.take();
    default:
        return mismatch(name, "another kind of value");
    }
}

bool isNumber(SchemaType type)
{
    return type == SchemaType::Integer || type == SchemaType::Boolean || type == SchemaType::Number;
}

Result<Done> writeNumber(WireWriter& writer, int number, const Schema& schema, std::string_view name,
                         const Value& value)
{
    if (schema.type == SchemaType::Boolean) {
        if (!value.is_bool() && !value.is_null())
            return mismatch(name, "a boolean");
        writer.number(number, value.is_bool() && value.get_bool() ? 1 : 0);
        return Done{};
    }
    if (!value.is_number() && !value.is_null())
        return mismatch(name, "a number");
    if (schema.type == SchemaType::Number) {
        writer.fixed64(number, std::bit_cast<std::uint64_t>(value.is_null() ? 0.0 : value.to_number<double>()));
        return Done{};
    }
    boost::system::error_code inexact;
    const auto integer = value.is_null() ? 0 : value.to_number<std::int64_t>(inexact);
    if (inexact)
        return mismatch(name, "an integer of 64 bits");
    writer.number(number, static_cast<std::uint64_t>(integer));
    return Done{};
}

/// A member that is there, or the zero of one that is always written.
Result<Done> writeOne(WireWriter& writer, int number, const Schema& schema, std::string_view name, const Value& value)
{
    if (isNumber(schema.type))
        return writeNumber(writer, number, schema, name, value);
    TRY_ASSIGN(const auto message, messageOf(schema, name, value));
    writer.bytes(number, message);
    return Done{};
}

Result<Done> writeList(WireWriter& writer, int number, const Schema& items, std::string_view name, const Value& value)
{
    if (!value.is_array())
        return mismatch(name, "a list");
    for (const auto& each : value.get_array())
        TRY_OK(writeOne(writer, number, items, name, each));
    return Done{};
}

/// Entries {key = 1, value = 2} in key order; a list as a value is a message with the elements as its field 1.
Result<Done> writeMap(WireWriter& writer, int number, const Schema& items, std::string_view name, const Value& value)
{
    if (!value.is_object())
        return mismatch(name, "an object");
    std::map<std::string_view, const Value*> entries;
    for (const auto& member : value.get_object())
        entries.emplace(member.key(), &member.value());
    for (const auto& [key, entryValue] : entries) {
        WireWriter entry;
        entry.bytes(1, key);
        if (items.type == SchemaType::Array) {
            WireWriter list;
            if (!entryValue->is_null())
                TRY_OK(writeList(list, 1, *items.items, name, *entryValue));
            entry.bytes(2, list.take());
        } else {
            TRY_OK(writeOne(entry, 2, items, name, *entryValue));
        }
        writer.bytes(number, entry.take());
    }
    return Done{};
}

Result<Done> writeField(WireWriter& writer, const Field& field, const Object& object)
{
    const auto* value = object.if_contains(field.name);
    const auto& schema = *field.schema;
    if (value && value->is_null())
        value = nullptr;
    const bool many = schema.type == SchemaType::Array || schema.type == SchemaType::Map;
    const bool onlyWhenThere = many || field.optional || schema.type == SchemaType::Bytes;
    if (!value && onlyWhenThere)
        return Done{};
    static const Value zero;
    const auto& present = value ? *value : zero;
    if (schema.type == SchemaType::Array)
        return writeList(writer, field.protoNumber, *schema.items, field.name, present);
    if (schema.type == SchemaType::Map)
        return writeMap(writer, field.protoNumber, *schema.items, field.name, present);
    return writeOne(writer, field.protoNumber, schema, field.name, present);
}

int numberAt(const Field& field, std::size_t level)
{
    return level < field.protoPath.size() ? field.protoPath[level] : field.protoNumber;
}

/// The fields of a message whose inlined parts, `level` deep, are messages of their own.
Result<std::string> encodeLevel(FieldSpan fields, std::size_t level, const Object& object)
{
    std::ranges::sort(fields, {}, [&](const Field* field) { return numberAt(*field, level); });
    WireWriter writer;
    for (std::size_t i = 0; i < fields.size();) {
        if (fields[i]->protoPath.size() <= level) {
            TRY_OK(writeField(writer, *fields[i], object));
            ++i;
            continue;
        }
        const auto number = numberAt(*fields[i], level);
        FieldSpan part;
        for (; i < fields.size() && numberAt(*fields[i], level) == number; ++i)
            part.push_back(fields[i]);
        TRY_ASSIGN(const auto message, encodeLevel(std::move(part), level + 1, object));
        writer.bytes(number, message);
    }
    return writer.take();
}

} // namespace

Result<std::string> encodeMessage(const Schema& schema, const Object& object)
{
    FieldSpan fields;
    fields.reserve(schema.fields.size());
    for (const auto& field : schema.fields) {
        if (field.protoNumber > 0)
            fields.push_back(&field);
    }
    return encodeLevel(std::move(fields), 0, object);
}

} // namespace keelson::api
