// SPDX-License-Identifier: Apache-2.0
#include "api/openapi.h"
#include "api/openapi_message.h"
#include "api/protobuf_wire.h"

#include <array>

namespace keelson::api {
namespace {

using namespace gnostic;

// The field numbers below are those of openapi.v2.

std::string schemaMessage(const Value& value);

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
