// SPDX-License-Identifier: Apache-2.0
#include "api/base64.h"
#include "api/duration.h"
#include "api/field_path.h"
#include "api/quantity.h"
#include "api/schema.h"
#include "api/validation.h"

#include <fmt/format.h>

#include <limits>

namespace keelson::api {
namespace {

std::string_view view(boost::json::string_view text)
{
    return {text.data(), text.size()};
}

std::string_view nameOf(const Value& value)
{
    switch (value.kind()) {
    case boost::json::kind::bool_:
        return "a boolean";
    case boost::json::kind::string:
        return "a string";
    case boost::json::kind::array:
        return "an array";
    case boost::json::kind::object:
        return "an object";
    case boost::json::kind::null:
        return "null";
    default:
        return "a number";
    }
}

std::string wanted(std::string_view what, const Value& value)
{
    return fmt::format("{} is wanted, not {}", what, nameOf(value));
}

std::string checkInteger(const Schema& schema, const Value& value)
{
    if (!value.is_int64() && !value.is_uint64())
        return value.is_double() ? "an integer is wanted, not a fraction" : wanted("an integer", value);
    using Limits = std::numeric_limits<std::int32_t>;
    const auto* number = value.if_int64();
    if (!number ||
        (schema.format != "int64" && !schema.format.empty() && (*number < Limits::min() || *number > Limits::max())))
        return fmt::format("{} is out of range", writeJson(value));
    return {};
}

/// What is wrong with a text that has a form of its own.
std::string checkText(const Schema& schema, const Value& value)
{
    if (!value.is_string())
        return wanted("a string", value);
    const auto text = view(value.get_string());
    if (schema.type == SchemaType::Bytes && !decodeBase64(text))
        return "illegal base64 data";
    if (schema.type == SchemaType::Time || schema.type == SchemaType::MicroTime)
        if (const auto time = parseTime(text); !time)
            return time.error().message;
    if (schema.type == SchemaType::Duration)
        if (const auto duration = parseDuration(text); !duration)
            return duration.error().message;
    return {};
}

std::string checkQuantity(const Value& value)
{
    if (!value.is_string() && !value.is_number())
        return wanted("a quantity", value);
    const auto text = value.is_string() ? std::string(view(value.get_string())) : numberText(value);
    const auto quantity = Quantity::parse(text);
    return quantity ? std::string() : quantity.error().message;
}

/// What is wrong with a value that is no object, map or array; empty when nothing is.
std::string checkScalar(const Schema& schema, const Value& value)
{
    switch (schema.type) {
    case SchemaType::Boolean:
        return value.is_bool() ? "" : wanted("a boolean", value);
    case SchemaType::Number:
        return value.is_number() ? "" : wanted("a number", value);
    case SchemaType::Integer:
        return checkInteger(schema, value);
    case SchemaType::IntOrString:
        return value.is_string() || value.is_int64() ? "" : wanted("an integer or a string", value);
    case SchemaType::Quantity:
        return checkQuantity(value);
    case SchemaType::String:
    case SchemaType::Bytes:
    case SchemaType::Time:
    case SchemaType::MicroTime:
    case SchemaType::Duration:
        return checkText(schema, value);
    default:
        return {};
    }
}

/// The first thing that does not fit, with its path; empty when all does. Null fits everywhere.
std::string checkValue(const Schema& schema, const Value& value, const FieldPath& path)
{
    if (value.is_null() || schema.type == SchemaType::Any)
        return {};
    const auto at = [&](const std::string& problem) {
        return problem.empty() || path.text().empty() ? problem : fmt::format("{}: {}", path.text(), problem);
    };
    std::string problem;
    if (schema.type == SchemaType::Array) {
        if (!value.is_array())
            return at(wanted("an array", value));
        const auto& array = value.get_array();
        for (std::size_t index = 0; problem.empty() && index < array.size(); ++index)
            problem = checkValue(*schema.items, array[index], path.index(index));
        return problem;
    }
    if (schema.type != SchemaType::Object && schema.type != SchemaType::Map)
        return at(checkScalar(schema, value));
    if (!value.is_object())
        return at(wanted("an object", value));
    for (const auto& member : value.get_object()) {
        const auto name = view(member.key());
        const auto* field = schema.type == SchemaType::Object ? schema.field(name) : nullptr;
        const auto* part = field ? field->schema : schema.items;
        if (problem.empty() && part)
            problem = checkValue(*part, member.value(), path.child(name));
    }
    return problem;
}

} // namespace

Result<Done> checkTypes(const Kind& kind, const Value& object)
{
    const FieldPath root;
    const auto* const metadata = kind.custom ? find(object, {"metadata"}) : nullptr;
    std::string problem;
    if (!kind.custom)
        problem = checkValue(*kind.schema, object, root);
    else if (metadata) // The rest is a matter of validation: its refusals name each place.
        problem = checkValue(*kind.schema->field("metadata")->schema, *metadata, root.child("metadata"));
    if (!problem.empty())
        return fail(Reason::BadRequest, fmt::format("{0} in version \"{1}\" cannot be handled as a {0}: {2}", kind.kind,
                                                    kind.groupVersion.version, problem));
    return Done{};
}

} // namespace keelson::api
