// SPDX-License-Identifier: Apache-2.0
#include "api/openapi.h"
#include "api/protobuf_wire.h"

#include <algorithm>
#include <array>
#include <bit>
#include <span>

namespace keelson::api {
namespace {

/// The field numbers below are those of gnostic's openapi.v2 messages.
enum class Form { Text, TextList, Flag, Integer, Real, AnyValue, AnyList, Part, PartList };

/// Writes one member that is a message of its own.
using PartWriter = std::string (*)(const Value& value);

struct Member {
    std::string_view name; ///< In JSON.
    int number;
    Form form;
    PartWriter part = nullptr;
};

std::string schemaMessage(const Value& value);

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

/// A message whose only field, `number`, holds `content`.
std::string wrapped(int number, std::string_view content)
{
    WireWriter writer;
    writer.bytes(number, content);
    return writer.take();
}

std::uint64_t realBits(const Value& value)
{
    return std::bit_cast<std::uint64_t>(value.to_number<double>());
}

/// Documents of other servers may say what they should not: what is malformed is left out.
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

/// TypeItem{value = 1}: one type, or several.
std::string typeItem(const Value& type)
{
    WireWriter writer;
    if (const auto* text = type.if_string())
        writer.bytes(1, std::string_view{*text});
    for (const auto& each : type.is_array() ? type.get_array() : Array{})
        if (const auto* text = each.if_string())
            writer.bytes(1, std::string_view{*text});
    return writer.take();
}

std::string itemsItem(const Value& items)
{
    return wrapped(1, schemaMessage(items));
}

/// AdditionalPropertiesItem{schema = 1 | boolean = 2}
std::string additionalItem(const Value& additional)
{
    if (!additional.is_bool())
        return itemsItem(additional);
    WireWriter writer;
    writer.number(2, additional.get_bool() ? 1 : 0);
    return writer.take();
}

/// A message whose field `number` holds each member of an object by its name.
std::string named(const Value& parts, int number, PartWriter part)
{
    WireWriter writer;
    if (parts.is_object())
        for (const auto& each : parts.get_object())
            writer.bytes(number, namedMessage(each.key(), part(each.value())));
    return writer.take();
}

std::string namedSchemas(const Value& schemas)
{
    return named(schemas, 1, schemaMessage);
}

std::string schemaMessage(const Value& value)
{
    static constexpr auto members = std::to_array<Member>({
        {"$ref", 1, Form::Text},
        {"format", 2, Form::Text},
        {"title", 3, Form::Text},
        {"description", 4, Form::Text},
        {"default", 5, Form::AnyValue},
        {"multipleOf", 6, Form::Real},
        {"maximum", 7, Form::Real},
        {"exclusiveMaximum", 8, Form::Flag},
        {"minimum", 9, Form::Real},
        {"exclusiveMinimum", 10, Form::Flag},
        {"maxLength", 11, Form::Integer},
        {"minLength", 12, Form::Integer},
        {"pattern", 13, Form::Text},
        {"maxItems", 14, Form::Integer},
        {"minItems", 15, Form::Integer},
        {"uniqueItems", 16, Form::Flag},
        {"maxProperties", 17, Form::Integer},
        {"minProperties", 18, Form::Integer},
        {"required", 19, Form::TextList},
        {"enum", 20, Form::AnyList},
        {"additionalProperties", 21, Form::Part, additionalItem},
        {"type", 22, Form::Part, typeItem},
        {"items", 23, Form::Part, itemsItem},
        {"allOf", 24, Form::PartList, schemaMessage},
        {"properties", 25, Form::Part, namedSchemas},
        {"readOnly", 27, Form::Flag},
    });
    return message(value, members, 31);
}

std::string bodyParameter(const Value& value)
{
    static constexpr auto members = std::to_array<Member>({
        {"description", 1, Form::Text},
        {"name", 2, Form::Text},
        {"in", 3, Form::Text},
        {"required", 4, Form::Flag},
        {"schema", 5, Form::Part, schemaMessage},
    });
    return message(value, members, 6);
}

std::string queryParameter(const Value& value)
{
    static constexpr auto members = std::to_array<Member>({
        {"required", 1, Form::Flag},
        {"in", 2, Form::Text},
        {"description", 3, Form::Text},
        {"name", 4, Form::Text},
        {"type", 6, Form::Text},
        {"format", 7, Form::Text},
        {"uniqueItems", 20, Form::Flag},
    });
    return message(value, members, 23);
}

std::string pathParameter(const Value& value)
{
    static constexpr auto members = std::to_array<Member>({
        {"required", 1, Form::Flag},
        {"in", 2, Form::Text},
        {"description", 3, Form::Text},
        {"name", 4, Form::Text},
        {"type", 5, Form::Text},
        {"format", 6, Form::Text},
        {"uniqueItems", 19, Form::Flag},
    });
    return message(value, members, 22);
}

/// ParametersItem{parameter = 1}{body = 1 | non-body = 2{query = 3 | path = 4}}
std::string parametersItem(const Value& value)
{
    const auto in = stringAt(value, {"in"});
    if (in == "body")
        return wrapped(1, wrapped(1, bodyParameter(value)));
    if (in == "path")
        return wrapped(1, wrapped(2, wrapped(4, pathParameter(value))));
    return wrapped(1, wrapped(2, wrapped(3, queryParameter(value))));
}

std::string schemaItem(const Value& value)
{
    return wrapped(1, schemaMessage(value));
}

/// ResponseValue{response = 1}
std::string responseValue(const Value& value)
{
    static constexpr auto members = std::to_array<Member>({
        {"description", 1, Form::Text},
        {"schema", 2, Form::Part, schemaItem},
    });
    return wrapped(1, message(value, members, 5));
}

std::string responses(const Value& value)
{
    return named(value, 1, responseValue);
}

std::string operationMessage(const Value& value)
{
    static constexpr auto members = std::to_array<Member>({
        {"tags", 1, Form::TextList},
        {"summary", 2, Form::Text},
        {"description", 3, Form::Text},
        {"operationId", 5, Form::Text},
        {"produces", 6, Form::TextList},
        {"consumes", 7, Form::TextList},
        {"parameters", 8, Form::PartList, parametersItem},
        {"responses", 9, Form::Part, responses},
    });
    return message(value, members, 13);
}

std::string pathItem(const Value& value)
{
    static constexpr auto members = std::to_array<Member>({
        {"get", 2, Form::Part, operationMessage},
        {"put", 3, Form::Part, operationMessage},
        {"post", 4, Form::Part, operationMessage},
        {"delete", 5, Form::Part, operationMessage},
        {"options", 6, Form::Part, operationMessage},
        {"head", 7, Form::Part, operationMessage},
        {"patch", 8, Form::Part, operationMessage},
        {"parameters", 9, Form::PartList, parametersItem},
    });
    return message(value, members, 10);
}

std::string pathsMessage(const Value& value)
{
    return named(value, 2, pathItem);
}

std::string infoMessage(const Value& value)
{
    static constexpr auto members = std::to_array<Member>({
        {"title", 1, Form::Text},
        {"version", 2, Form::Text},
        {"description", 3, Form::Text},
    });
    return message(value, members, 7);
}

/// SecurityDefinitionsItem{api_key_security = 2}
std::string securityItem(const Value& value)
{
    static constexpr auto members = std::to_array<Member>({
        {"type", 1, Form::Text},
        {"name", 2, Form::Text},
        {"in", 3, Form::Text},
        {"description", 4, Form::Text},
    });
    return wrapped(2, message(value, members, 5));
}

std::string securityDefinitions(const Value& value)
{
    return named(value, 1, securityItem);
}

/// StringArray{value = 1}; the scopes of an API key are none.
std::string noScopes(const Value& /*value*/)
{
    return {};
}

std::string securityRequirement(const Value& value)
{
    return named(value, 1, noScopes);
}

} // namespace

std::string openApiV2Protobuf(const Value& openApiV2)
{
    static constexpr auto members = std::to_array<Member>({
        {"swagger", 1, Form::Text},
        {"info", 2, Form::Part, infoMessage},
        {"paths", 8, Form::Part, pathsMessage},
        {"definitions", 9, Form::Part, namedSchemas},
        {"security", 12, Form::PartList, securityRequirement},
        {"securityDefinitions", 13, Form::Part, securityDefinitions},
    });
    return message(openApiV2, members, 16);
}

} // namespace keelson::api
