// SPDX-License-Identifier: Apache-2.0
#include "api/openapi.h"
#include "api/openapi_message.h"
#include "api/protobuf_wire.h"

#include <array>
#include <bit>

namespace keelson::api {
namespace {

using namespace gnostic;

// The field numbers below are those of openapi.v3.

std::string schemaMessage(const Value& value);

/// XOrReference{x = 1 | reference = 2{$ref = 1}}
std::string orReference(const Value& value, PartWriter part)
{
    const auto reference = stringAt(value, {"$ref"});
    return reference.empty() ? wrapped(1, part(value)) : wrapped(2, wrapped(1, reference));
}

std::string schema(const Value& value)
{
    return orReference(value, schemaMessage);
}

/// ItemsItem{schema = 1}
std::string itemsItem(const Value& items)
{
    return wrapped(1, schema(items));
}

/// AdditionalPropertiesItem{schema = 1 | boolean = 2}
std::string additionalItem(const Value& additional)
{
    if (!additional.is_bool())
        return wrapped(1, schema(additional));
    WireWriter writer;
    writer.number(2, additional.get_bool() ? 1 : 0);
    return writer.take();
}

/// DefaultType{number = 1 | boolean = 2 | string = 3}: nothing else can be a default there.
std::string defaultType(const Value& value)
{
    WireWriter writer;
    if (value.is_number())
        writer.fixed64(1, std::bit_cast<std::uint64_t>(value.to_number<double>()));
    else if (value.is_bool())
        writer.number(2, value.get_bool() ? 1 : 0);
    else if (value.is_string())
        writer.bytes(3, std::string_view{value.get_string()});
    return writer.take();
}

std::string namedSchemas(const Value& schemas)
{
    return named(schemas, 1, schema);
}

std::string schemaMessage(const Value& value)
{
    static constexpr auto members = std::to_array<Member>({
        {"nullable", 1, Form::Flag},
        {"readOnly", 3, Form::Flag},
        {"writeOnly", 4, Form::Flag},
        {"example", 7, Form::AnyValue},
        {"deprecated", 8, Form::Flag},
        {"title", 9, Form::Text},
        {"multipleOf", 10, Form::Real},
        {"maximum", 11, Form::Real},
        {"exclusiveMaximum", 12, Form::Flag},
        {"minimum", 13, Form::Real},
        {"exclusiveMinimum", 14, Form::Flag},
        {"maxLength", 15, Form::Integer},
        {"minLength", 16, Form::Integer},
        {"pattern", 17, Form::Text},
        {"maxItems", 18, Form::Integer},
        {"minItems", 19, Form::Integer},
        {"uniqueItems", 20, Form::Flag},
        {"maxProperties", 21, Form::Integer},
        {"minProperties", 22, Form::Integer},
        {"required", 23, Form::TextList},
        {"enum", 24, Form::AnyList},
        {"type", 25, Form::Text},
        {"allOf", 26, Form::PartList, schema},
        {"oneOf", 27, Form::PartList, schema},
        {"anyOf", 28, Form::PartList, schema},
        {"not", 29, Form::Part, schemaMessage},
        {"items", 30, Form::Part, itemsItem},
        {"properties", 31, Form::Part, namedSchemas},
        {"additionalProperties", 32, Form::Part, additionalItem},
        {"default", 33, Form::Part, defaultType},
        {"description", 34, Form::Text},
        {"format", 35, Form::Text},
    });
    return message(value, members, 36);
}

std::string mediaType(const Value& value)
{
    static constexpr auto members = std::to_array<Member>({{"schema", 1, Form::Part, schema}});
    return message(value, members, 5);
}

std::string mediaTypes(const Value& value)
{
    return named(value, 1, mediaType);
}

std::string parameterMessage(const Value& value)
{
    static constexpr auto members = std::to_array<Member>({
        {"name", 1, Form::Text},
        {"in", 2, Form::Text},
        {"description", 3, Form::Text},
        {"required", 4, Form::Flag},
        {"schema", 10, Form::Part, schema},
    });
    return message(value, members, 14);
}

std::string parameter(const Value& value)
{
    return orReference(value, parameterMessage);
}

std::string requestBodyMessage(const Value& value)
{
    static constexpr auto members = std::to_array<Member>({
        {"description", 1, Form::Text},
        {"content", 2, Form::Part, mediaTypes},
        {"required", 3, Form::Flag},
    });
    return message(value, members, 4);
}

std::string requestBody(const Value& value)
{
    return orReference(value, requestBodyMessage);
}

std::string responseMessage(const Value& value)
{
    static constexpr auto members = std::to_array<Member>({
        {"description", 1, Form::Text},
        {"content", 3, Form::Part, mediaTypes},
    });
    return message(value, members, 5);
}

std::string response(const Value& value)
{
    return orReference(value, responseMessage);
}

/// Responses{response = 2}
std::string responses(const Value& value)
{
    return named(value, 2, response);
}

std::string operationMessage(const Value& value)
{
    static constexpr auto members = std::to_array<Member>({
        {"tags", 1, Form::TextList},
        {"summary", 2, Form::Text},
        {"description", 3, Form::Text},
        {"operationId", 5, Form::Text},
        {"parameters", 6, Form::PartList, parameter},
        {"requestBody", 7, Form::Part, requestBody},
        {"responses", 8, Form::Part, responses},
        {"deprecated", 10, Form::Flag},
    });
    return message(value, members, 13);
}

std::string pathItem(const Value& value)
{
    static constexpr auto members = std::to_array<Member>({
        {"get", 4, Form::Part, operationMessage},
        {"put", 5, Form::Part, operationMessage},
        {"post", 6, Form::Part, operationMessage},
        {"delete", 7, Form::Part, operationMessage},
        {"options", 8, Form::Part, operationMessage},
        {"head", 9, Form::Part, operationMessage},
        {"patch", 10, Form::Part, operationMessage},
        {"parameters", 13, Form::PartList, parameter},
    });
    return message(value, members, 14);
}

std::string paths(const Value& value)
{
    return named(value, 1, pathItem);
}

std::string infoMessage(const Value& value)
{
    static constexpr auto members = std::to_array<Member>({
        {"title", 1, Form::Text},
        {"description", 2, Form::Text},
        {"version", 6, Form::Text},
    });
    return message(value, members, 7);
}

std::string securitySchemeMessage(const Value& value)
{
    static constexpr auto members = std::to_array<Member>({
        {"type", 1, Form::Text},
        {"description", 2, Form::Text},
        {"name", 3, Form::Text},
        {"in", 4, Form::Text},
    });
    return message(value, members, 9);
}

std::string securityScheme(const Value& value)
{
    return orReference(value, securitySchemeMessage);
}

std::string securitySchemes(const Value& value)
{
    return named(value, 1, securityScheme);
}

std::string components(const Value& value)
{
    static constexpr auto members = std::to_array<Member>({
        {"schemas", 1, Form::Part, namedSchemas},
        {"securitySchemes", 7, Form::Part, securitySchemes},
    });
    return message(value, members, 10);
}

} // namespace

std::string openApiV3Protobuf(const Value& openApiV3)
{
    static constexpr auto members = std::to_array<Member>({
        {"openapi", 1, Form::Text},
        {"info", 2, Form::Part, infoMessage},
        {"paths", 4, Form::Part, paths},
        {"components", 5, Form::Part, components},
    });
    return message(openApiV3, members, 9);
}

} // namespace keelson::api
