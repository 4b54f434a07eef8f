// SPDX-License-Identifier: Apache-2.0
#include "api/base64.h"
#include "api/duration.h"
#include "api/protobuf_wire.h"
#include "base/rfc3339.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

namespace keelson::api {
namespace {

std::unexpected<Error> wrongType(std::string_view name, const WireField& wire)
{
    return wireError(
        fmt::format("field {} ({}) has the wrong wire type {}", wire.number, name, static_cast<int>(wire.type)),
        wire.offset);
}

Result<Value> decodeTime(const WireField& wire, bool micro)
{
    WireReader reader{wire.bytes, wire.offset};
    std::int64_t seconds = 0;
    std::int64_t nanos = 0;
    bool seen = false;
    while (!reader.done()) {
        TRY_ASSIGN(const auto part, reader.next());
        if (part.type != WireType::Varint)
            continue;
        seen |= part.value != 0;
        if (part.number == 1)
            seconds = static_cast<std::int64_t>(part.value);
        else if (part.number == 2)
            nanos = static_cast<std::int64_t>(part.value);
    }
    if (!seen)
        return Value{};
    const std::chrono::sys_seconds moment{std::chrono::seconds{seconds}};
    if (moment < calendarFirst || moment >= calendarEnd || nanos < 0 || nanos >= 1'000'000'000)
        return wireError("a time is out of range", wire.offset);
    const auto time =
        CalendarTime{moment} + std::chrono::floor<std::chrono::microseconds>(std::chrono::nanoseconds{nanos});
    return Value(micro ? formatCalendarMicroTime(time) : formatCalendarTime(time));
}

Result<Value> decodeIntOrString(const WireField& wire)
{
    WireReader reader{wire.bytes, wire.offset};
    bool isString = false;
    std::int64_t number = 0;
    std::string_view text = "";
    while (!reader.done()) {
        TRY_ASSIGN(const auto part, reader.next());
        if (part.number == 1 && part.type == WireType::Varint) {
            isString = part.value == 1;
        } else if (part.number == 2 && part.type == WireType::Varint) {
            number = static_cast<std::int32_t>(part.value);
        } else if (part.number == 3 && part.type == WireType::Bytes) {
            TRY_ASSIGN(text, textOf(part));
        }
    }
    return isString ? Value(text) : Value(number);
}

/// The field 1 of a message that holds nothing else, framed as bytes.
Result<WireField> onlyField(const WireField& wire, WireType type)
{
    WireReader reader{wire.bytes, wire.offset};
    WireField found;
    found.offset = wire.offset;
    while (!reader.done()) {
        TRY_ASSIGN(const auto part, reader.next());
        if (part.number == 1 && part.type == type)
            found = part;
    }
    return found;
}

Result<Value> decodeAny(const WireField& wire)
{
    TRY_ASSIGN(const auto raw, onlyField(wire, WireType::Bytes));
    if (raw.bytes.empty())
        return Value{};
    auto value = parseJson(raw.bytes);
    if (!value)
        return wireError("embedded document: " + value.error().message, raw.offset);
    return value;
}

Result<Value> decodeOne(const Schema& schema, std::string_view name, const WireField& wire, std::size_t depth)
{
    const bool number = schema.type == SchemaType::Integer || schema.type == SchemaType::Boolean;
    const auto wanted = number                              ? WireType::Varint
                        : schema.type == SchemaType::Number ? WireType::Fixed64
                                                            : WireType::Bytes;
    if (wire.type != wanted)
        return wrongType(name, wire);
    switch (schema.type) {
    case SchemaType::Boolean:
        return Value(wire.value != 0);
    case SchemaType::Integer:
        return schema.format == "int32" ? Value(static_cast<std::int32_t>(wire.value))
                                        : Value(static_cast<std::int64_t>(wire.value));
    case SchemaType::Number:
        return Value(std::bit_cast<double>(wire.value));
    case SchemaType::String: {
        TRY_ASSIGN(const auto text, textOf(wire));
        return Value(text);
    }
    case SchemaType::Bytes:
        return Value(encodeBase64(wire.bytes));
    case SchemaType::Object: {
        TRY_ASSIGN(auto object, decodeMessage(schema, wire.bytes, wire.offset, depth + 1));
        return Value(std::move(object));
    }
    case SchemaType::Quantity: {
        TRY_ASSIGN(const auto text, onlyField(wire, WireType::Bytes));
        TRY_ASSIGN(const auto plain, textOf(text));
        return plain.empty() ? Value("0") : Value(plain);
    }
    case SchemaType::Time:
        return decodeTime(wire, false);
    case SchemaType::MicroTime:
        return decodeTime(wire, true);
    case SchemaType::Duration: {
        TRY_ASSIGN(const auto part, onlyField(wire, WireType::Varint));
        return Value(formatDuration(Duration{static_cast<std::int64_t>(part.value)}));
    }
    case SchemaType::IntOrString:
        return decodeIntOrString(wire);
    default:
        return decodeAny(wire);
    }
}

/// One occurrence of a repeated field: an element, or several numbers packed into one.
Result<Done> decodeElement(const Schema& items, std::string_view name, const WireField& wire, std::size_t depth,
                           Value& out)
{
    auto& list = out.is_array() ? out.get_array() : out.emplace_array();
    const bool packed =
        wire.type == WireType::Bytes && (items.type == SchemaType::Integer || items.type == SchemaType::Boolean);
    if (!packed) {
        TRY_ASSIGN(auto value, decodeOne(items, name, wire, depth));
        list.push_back(std::move(value));
        return Done{};
    }
    WireReader reader{wire.bytes, wire.offset};
    while (!reader.done()) {
        WireField element = wire;
        element.type = WireType::Varint;
        element.offset = reader.offset();
        TRY_ASSIGN(element.value, reader.varint());
        TRY_ASSIGN(auto value, decodeOne(items, name, element, depth));
        list.push_back(std::move(value));
    }
    return Done{};
}

/// What a map entry without a value means.
Value zeroOf(const Schema& schema)
{
    switch (schema.type) {
    case SchemaType::Integer:
        return Value(0);
    case SchemaType::Number:
        return Value(0.0);
    case SchemaType::Boolean:
        return Value(false);
    case SchemaType::Object:
    case SchemaType::Map:
        return Object{};
    case SchemaType::Array:
        return Array{};
    case SchemaType::Quantity:
        return "0";
    case SchemaType::IntOrString:
        return Value(0);
    case SchemaType::Any:
    case SchemaType::Time:
    case SchemaType::MicroTime:
        return nullptr;
    case SchemaType::Duration:
        return "0s";
    default:
        return "";
    }
}

Result<Done> decodeEntry(const Schema& items, std::string_view name, const WireField& wire, std::size_t depth,
                         Value& out)
{
    if (wire.type != WireType::Bytes)
        return wrongType(name, wire);
    auto& object = out.is_object() ? out.get_object() : out.emplace_object();
    WireReader reader{wire.bytes, wire.offset};
    std::string_view key = ""; // Boost.JSON copies from its address even when it is empty.
    Value value = zeroOf(items);
    while (!reader.done()) {
        TRY_ASSIGN(const auto part, reader.next());
        if (part.number == 1 && part.type == WireType::Bytes) {
            TRY_ASSIGN(key, textOf(part));
        } else if (part.number == 2 && items.type == SchemaType::Array && part.type == WireType::Bytes) {
            WireReader elements{part.bytes, part.offset};
            while (!elements.done()) {
                TRY_ASSIGN(const auto element, elements.next());
                if (element.number == 1)
                    TRY_OK(decodeElement(*items.items, name, element, depth, value));
            }
        } else if (part.number == 2) {
            TRY_ASSIGN(value, decodeOne(items, name, part, depth));
        }
    }
    object.insert_or_assign(key, std::move(value));
    return Done{};
}

bool isZero(const Value& value)
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
        return value.get_object().empty();
    }
    return false;
}

/// True for a message in which nothing is said: only plain members, and these zero. Their presence is no news, since
/// the encoding always writes them.
bool saysNothing(const Schema& schema, const Value& value)
{
    const auto* object = value.if_object();
    if (!object)
        return isZero(value);
    if (schema.type != SchemaType::Object)
        return object->empty();
    return std::ranges::all_of(*object, [&](const auto& member) {
        const auto* field = schema.field(member.key());
        return field && !field->optional && saysNothing(*field->schema, member.value());
    });
}

/// True when JSON leaves the member out: a plain member that is zero.
bool isLeftOut(const Field& field, const Value& value)
{
    if (value.is_null())
        return true;
    if (field.optional || field.always)
        return false;
    const auto type = field.schema->type;
    const bool zeroText =
        (type == SchemaType::Quantity && value == "0") || (type == SchemaType::Duration && value == "0s");
    return zeroText || saysNothing(*field.schema, value);
}

class MessageDecoder {
public:
    explicit MessageDecoder(const Schema& schema, std::size_t depth)
        : m_schema(schema), m_depth(depth), m_values(schema.fields.size()), m_seen(schema.fields.size())
    {
    }

    /// `path` holds the numbers of the inlined parts passed so far.
    Result<Done> read(std::string_view bytes, std::size_t offset, std::vector<int>& path)
    {
        WireReader reader{bytes, offset};
        while (!reader.done()) {
            TRY_ASSIGN(const auto wire, reader.next());
            const auto found = std::ranges::find_if(m_schema.fields,
                                                    [&](const Field& field) { return isAt(field, path, wire.number); });
            if (found == m_schema.fields.end())
                continue; // A field of a newer version.
            if (found->protoPath.size() == path.size()) {
                TRY_OK(readField(*found, wire));
                continue;
            }
            if (wire.type != WireType::Bytes)
                return wrongType("an inlined part", wire);
            path.push_back(wire.number);
            TRY_OK(read(wire.bytes, wire.offset, path));
            path.pop_back();
        }
        return Done{};
    }

    Object take()
    {
        Object object;
        for (std::size_t i = 0; i < m_values.size(); ++i) {
            if (m_seen[i] && !isLeftOut(m_schema.fields[i], m_values[i]))
                object.emplace(m_schema.fields[i].name, std::move(m_values[i]));
        }
        return object;
    }

private:
    static bool isAt(const Field& field, const std::vector<int>& path, int number)
    {
        if (field.protoNumber == 0 || field.protoPath.size() < path.size() ||
            !std::equal(path.begin(), path.end(), field.protoPath.begin()))
            return false;
        return (field.protoPath.size() == path.size() ? field.protoNumber : field.protoPath[path.size()]) == number;
    }

    Result<Done> readField(const Field& field, const WireField& wire)
    {
        const auto index = static_cast<std::size_t>(&field - m_schema.fields.data());
        const auto& schema = *field.schema;
        m_seen[index] = true;
        if (schema.type == SchemaType::Array)
            return decodeElement(*schema.items, field.name, wire, m_depth, m_values[index]);
        if (schema.type == SchemaType::Map)
            return decodeEntry(*schema.items, field.name, wire, m_depth, m_values[index]);
        TRY_ASSIGN(m_values[index], decodeOne(schema, field.name, wire, m_depth));
        return Done{};
    }

    const Schema& m_schema;
    std::size_t m_depth;
    std::vector<Value> m_values;
    std::vector<bool> m_seen;
};

} // namespace

Result<Object> decodeMessage(const Schema& schema, std::string_view bytes, std::size_t offset, std::size_t depth)
{
    if (depth > documentDepthMax)
        return wireError(fmt::format("more than {} messages within each other", documentDepthMax), offset);
    MessageDecoder decoder{schema, depth};
    std::vector<int> path;
    TRY_OK(decoder.read(bytes, offset, path));
    return decoder.take();
}

} // namespace keelson::api
