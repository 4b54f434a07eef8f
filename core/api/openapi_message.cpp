// SPDX-License-Identifier: Apache-2.0
#include "api/openapi_message.h"

#include "api/protobuf_wire.h"

#include <algorithm>
#include <bit>

namespace keelson::api::gnostic {
namespace {

/// Any{yaml = 2}: JSON is YAML.
std::string anyMessage(const Value& value)
{
    WireWriter writer;
    writer.bytes(2, writeJson(value));
    return writer.take();
}

/// NamedX{name = 1, value = 2}
std::string namedMessage(std::string_view name, std::string_view value)
{
    WireWriter writer;
    writer.bytes(1, name);
    writer.bytes(2, value);
    return writer.take();
}

std::uint64_t realBits(const Value& value)
{
    return std::bit_cast<std::uint64_t>(value.to_number<double>());
}

bool fits(Form form, const Value& value)
{
    switch (form) {
    case Form::Text:
        return value.is_string();
    case Form::TextList:
        return value.is_array() && std::ranges::all_of(value.get_array(), &Value::is_string);
    case Form::Flag:
        return value.is_bool();
    case Form::Integer:
        return value.is_uint64() || (value.is_int64() && value.get_int64() >= 0);
    case Form::Real:
        return value.is_number();
    case Form::AnyList:
        return value.is_array();
    case Form::PartList:
        return value.is_array() && std::ranges::all_of(value.get_array(), &Value::is_object);
    case Form::AnyValue:
    case Form::Part:
        break;
    }
    return true;
}

void writeMember(WireWriter& writer, const Member& member, const Value& value)
{
    if (!fits(member.form, value))
        return;
    switch (member.form) {
    case Form::Text:
        writer.bytes(member.number, std::string_view{value.get_string()});
        return;
    case Form::TextList:
        for (const auto& each : value.get_array())
            writer.bytes(member.number, std::string_view{each.get_string()});
        return;
    case Form::Flag:
        writer.number(member.number, value.get_bool() ? 1 : 0);
        return;
    case Form::Integer:
        writer.number(member.number, value.to_number<std::uint64_t>());
        return;
    case Form::Real:
        writer.fixed64(member.number, realBits(value));
        return;
    case Form::AnyValue:
        writer.bytes(member.number, anyMessage(value));
        return;
    case Form::AnyList:
        for (const auto& each : value.get_array())
            writer.bytes(member.number, anyMessage(each));
        return;
    case Form::Part:
        writer.bytes(member.number, member.part(value));
        return;
    case Form::PartList:
        for (const auto& each : value.get_array())
            writer.bytes(member.number, member.part(each));
        return;
    }
}

} // namespace

std::string message(const Value& value, std::span<const Member> members, int extensionNumber)
{
    WireWriter writer;
    static const Object none;
    const auto& object = value.is_object() ? value.get_object() : none;
    for (const auto& member : members) {
        if (const auto* found = object.if_contains(member.name))
            writeMember(writer, member, *found);
    }
    for (const auto& each : object) {
        if (std::string_view{each.key()}.starts_with("x-"))
            writer.bytes(extensionNumber, namedMessage(each.key(), anyMessage(each.value())));
    }
    return writer.take();
}

std::string named(const Value& parts, int number, PartWriter part)
{
    WireWriter writer;
    if (parts.is_object())
        for (const auto& each : parts.get_object())
            writer.bytes(number, namedMessage(each.key(), part(each.value())));
    return writer.take();
}

std::string wrapped(int number, std::string_view content)
{
    WireWriter writer;
    writer.bytes(number, content);
    return writer.take();
}

} // namespace keelson::api::gnostic
