// SPDX-License-Identifier: Apache-2.0
#include "api/schema_loader.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace keelson::api {
namespace {

std::string text(const Value& value)
{
    return value.is_string() ? std::string(value.get_string()) : std::string();
}

std::unexpected<Error> bad(const std::string& place, std::string_view what)
{
    return fail(Reason::Invalid, fmt::format("{}: {}", place, what));
}

/// Words that say something about a field rather than about its values.
constexpr std::array<std::string_view, 10> fieldWords{"$ref",
                                                      "default",
                                                      "description",
                                                      "x-keelson-always",
                                                      "x-keelson-form",
                                                      "x-keelson-immutable",
                                                      "x-keelson-missing",
                                                      "x-keelson-optional",
                                                      "x-keelson-proto",
                                                      "x-keelson-unit"};

bool isFieldWord(std::string_view word)
{
    return std::ranges::find(fieldWords, word) != fieldWords.end();
}

Result<Done> readList(std::vector<std::string>& out, const Value& value, const std::string& place)
{
    const auto* list = value.if_array();
    if (!list)
        return bad(place, "a list is wanted");
    for (const auto& item : *list)
        out.push_back(text(item));
    return Done{};
}

Result<SchemaType> typeOf(const Object& node, const std::string& place)
{
    const auto format = node.contains("format") ? text(node.at("format")) : "";
    const auto flag = [&](std::string_view word) { return node.contains(word) && node.at(word) == Value(true); };
    if (flag("x-kubernetes-int-or-string"))
        return format == "quantity" ? SchemaType::Quantity : SchemaType::IntOrString;
    if (flag("x-kubernetes-preserve-unknown-fields") && !node.contains("properties"))
        return SchemaType::Any;
    const auto type = node.contains("type") ? text(node.at("type")) : "";
    if (type == "object")
        return node.contains("additionalProperties") ? SchemaType::Map : SchemaType::Object;
    if (type == "array")
        return SchemaType::Array;
    if (type == "integer")
        return SchemaType::Integer;
    if (type == "number")
        return SchemaType::Number;
    if (type == "boolean")
        return SchemaType::Boolean;
    if (type != "string")
        return bad(place, fmt::format("unknown type \"{}\"", type));
    if (format == "date-time")
        return SchemaType::Time;
    if (format == "micro-time")
        return SchemaType::MicroTime;
    if (format == "duration")
        return SchemaType::Duration;
    if (format == "byte")
        return SchemaType::Bytes;
    return SchemaType::String;
}

Result<Done> readBound(Schema& schema, std::string_view word, const Value& value, const std::string& place)
{
    if (!value.is_int64())
        return bad(place, fmt::format("{} wants an integer", word));
    const auto number = value.get_int64();
    const auto size = static_cast<std::size_t>(number);
    if (word == "minimum")
        schema.minimum = number;
    else if (word == "maximum")
        schema.maximum = number;
    else if (word == "minLength")
        schema.lengthMin = size;
    else if (word == "maxLength")
        schema.lengthMax = size;
    else if (word == "minItems")
        schema.itemsMin = size;
    else
        schema.itemsMax = size;
    return Done{};
}

Result<Done> readListType(Schema& schema, const Value& value, const std::string& place)
{
    const auto word = text(value);
    if (word == "atomic")
        schema.listType = ListType::Atomic;
    else if (word == "set")
        schema.listType = ListType::Set;
    else if (word == "map")
        schema.listType = ListType::Map;
    else
        return bad(place, fmt::format("unknown list type \"{}\"", word));
    return Done{};
}

/// One word that says something about values.
Result<Done> readWord(Schema& schema, std::string_view word, const Value& value, const std::string& place)
{
    constexpr std::array<std::string_view, 6> bounds{"minimum",   "maximum",  "minLength",
                                                     "maxLength", "minItems", "maxItems"};
    constexpr std::array<std::string_view, 8> elsewhere{"type",
                                                        "properties",
                                                        "required",
                                                        "items",
                                                        "additionalProperties",
                                                        "x-kubernetes-int-or-string",
                                                        "x-kubernetes-preserve-unknown-fields",
                                                        "x-keelson-inline"};
    if (std::ranges::find(bounds, word) != bounds.end())
        return readBound(schema, word, value, place);
    if (word == "format")
        schema.format = text(value);
    else if (word == "enum")
        return readList(schema.enumeration, value, place);
    else if (word == "pattern")
        schema.pattern = text(value);
    else if (word == "x-keelson-rules")
        return readList(schema.rules, value, place);
    else if (word == "x-keelson-defaults")
        return readList(schema.defaulters, value, place);
    else if (word == "x-keelson-struct")
        schema.structName = text(value);
    else if (word == "x-keelson-envelope")
        schema.envelope = value == Value(true);
    else if (word == "x-keelson-ruled")
        schema.ruled = value == Value(true);
    else if (word == "x-keelson-varint")
        schema.protoVarint = value == Value(true);
    else if (word == "x-kubernetes-list-type")
        return readListType(schema, value, place);
    else if (word == "x-kubernetes-list-map-keys")
        return readList(schema.listMapKeys, value, place);
    else if (word == "x-kubernetes-patch-merge-key")
        schema.patchMergeKey = text(value);
    else if (word == "x-kubernetes-patch-strategy") {
        const auto strategy = text(value);
        schema.patchMerge = strategy.find("merge") != strategy.npos;
        schema.patchRetainKeys = strategy.find("retainKeys") != strategy.npos;
        schema.patchReplace = strategy == "replace";
    } else if (word == "x-kubernetes-map-type")
        schema.mapAtomic = text(value) == "atomic";
    else if (!isFieldWord(word) && std::ranges::find(elsewhere, word) == elsewhere.end())
        return bad(place, fmt::format("unknown word \"{}\"", word));
    return Done{};
}

Result<Done> readWords(Schema& schema, const Object& node, const std::string& place)
{
    for (const auto& member : node)
        TRY_OK(readWord(schema, member.key(), member.value(), place));
    return Done{};
}

void buildIndex(Schema& schema)
{
    schema.fieldIndex.clear();
    for (std::size_t at = 0; at < schema.fields.size(); ++at)
        schema.fieldIndex.emplace_back(schema.fields[at].name, at);
    std::ranges::sort(schema.fieldIndex);
}

Field makeField(std::string_view name, const Object& node)
{
    const Value words(node);
    Field field;
    field.name = std::string(name);
    field.description = stringAt(words, {"description"});
    field.protoNumber = static_cast<int>(integerAt(words, {"x-keelson-proto"}));
    field.immutable = boolAt(words, {"x-keelson-immutable"});
    field.missing = stringAt(words, {"x-keelson-missing"});
    field.optional = boolAt(words, {"x-keelson-optional"});
    field.always = boolAt(words, {"x-keelson-always"});
    if (const auto* value = node.if_contains("default"))
        field.defaultValue = *value;
    field.unit = stringAt(words, {"x-keelson-unit"});
    field.formGroup = stringAt(words, {"x-keelson-form", "group"});
    field.formOrder = static_cast<int>(integerAt(words, {"x-keelson-form", "order"}));
    return field;
}

} // namespace

Result<Done> SchemaLoader::declare(const std::string& package, std::string_view name, const Value& definition)
{
    const auto full = fmt::format("{}/{}", package, name);
    if (!definition.is_object())
        return bad(full, "an object is wanted");
    if (!m_sources.emplace(full, Source{package, &definition}).second)
        return bad(full, "is defined twice");
    m_definitions.emplace(full, &m_schemas.emplace_back());
    return Done{};
}

Result<Done> SchemaLoader::declareList(const std::string& package, const std::string& kind)
{
    auto& list = m_lists.emplace_back(Object{{"type", "object"},
                                             {"description", fmt::format("A list of {} objects.", kind)},
                                             {"x-keelson-envelope", true},
                                             {"required", {"items"}},
                                             {"properties",
                                              {{"metadata",
                                                {{"$ref", "meta/v1/ListMeta"},
                                                 {"x-keelson-proto", 1},
                                                 {"description", "Where the list was read, and what is left of it."}}},
                                               {"items",
                                                {{"type", "array"},
                                                 {"items", {{"$ref", kind}}},
                                                 {"x-keelson-proto", 2},
                                                 {"x-keelson-always", true},
                                                 {"description", "The objects."}}}}}});
    return declare(package, kind + "List", list);
}

Result<Done> SchemaLoader::compile()
{
    auto& text = m_schemas.emplace_back();
    text.type = SchemaType::String;
    m_text = &text;
    for (const auto& [name, source] : m_sources)
        TRY_OK(compileDefinition(name));
    for (const auto& override : m_overrides) {
        *override.schema = *m_definitions.find(override.target)->second;
        TRY_OK(readWords(*override.schema, *override.words, override.place));
        buildIndex(*override.schema);
    }
    return Done{};
}

Result<Done> SchemaLoader::compileDefinition(const std::string& name)
{
    auto& source = m_sources.find(name)->second;
    if (source.state == State::Compiled)
        return Done{};
    if (source.state == State::Compiling)
        return bad(name, "is a part of itself");
    source.state = State::Compiling;
    auto& schema = *m_definitions.find(name)->second;
    schema.name = name;
    TRY_OK(compileInto(schema, source.definition->get_object(), source.package, name));
    source.state = State::Compiled;
    return Done{};
}

Result<Done> SchemaLoader::compileInto(Schema& schema, const Object& node, const std::string& package,
                                       const std::string& place)
{
    TRY_ASSIGN(schema.type, typeOf(node, place));
    TRY_OK(readWords(schema, node, place));
    schema.description = stringAt(Value(node), {"description"});
    if (schema.type == SchemaType::Object)
        return compileFields(schema, node, package, place);
    if (schema.type == SchemaType::Array || schema.type == SchemaType::Map) {
        const auto* items = node.if_contains(schema.type == SchemaType::Array ? "items" : "additionalProperties");
        if (!items)
            return bad(place, "an array wants items");
        TRY_ASSIGN(schema.items, compileNode(*items, package, place + "[]"));
    }
    return Done{};
}

Result<Done> SchemaLoader::compileFields(Schema& schema, const Object& node, const std::string& package,
                                         const std::string& place)
{
    if (schema.envelope)
        addEnvelope(schema);
    if (const auto* properties = node.if_contains("properties")) {
        if (!properties->is_object())
            return bad(place, "properties wants an object");
        for (const auto& member : properties->get_object()) {
            const auto name = std::string_view(member.key());
            const auto where = fmt::format("{}.{}", place, name);
            if (schema.envelope && (name == "apiVersion" || name == "kind"))
                return bad(where, "is there by itself");
            if (!member.value().is_object())
                return bad(where, "an object is wanted");
            auto field = makeField(name, member.value().get_object());
            TRY_ASSIGN(field.schema, compileNode(member.value(), package, where));
            schema.fields.push_back(std::move(field));
        }
    }
    if (const auto* parts = node.if_contains("x-keelson-inline")) {
        if (!parts->is_array())
            return bad(place, "x-keelson-inline wants a list");
        TRY_OK(inlineParts(schema, parts->get_array(), package, place));
    }
    buildIndex(schema);
    if (const auto* required = node.if_contains("required")) {
        std::vector<std::string> names;
        TRY_OK(readList(names, *required, place));
        for (const auto& name : names) {
            const auto field = std::ranges::find(schema.fields, name, &Field::name);
            if (field == schema.fields.end())
                return bad(place, fmt::format("requires \"{}\", which it does not have", name));
            field->required = true;
        }
    }
    return Done{};
}

Result<Done> SchemaLoader::inlineParts(Schema& schema, const Array& parts, const std::string& package,
                                       const std::string& place)
{
    for (const auto& part : parts) {
        const auto target = stringAt(part, {"$ref"});
        const auto full = target.find('/') == target.npos ? fmt::format("{}/{}", package, target) : std::string(target);
        if (!m_sources.contains(full))
            return bad(place, fmt::format("refers to \"{}\", which is not defined", full));
        TRY_OK(compileDefinition(full));
        const auto number = static_cast<int>(integerAt(part, {"x-keelson-proto"}));
        for (auto field : m_definitions.find(full)->second->fields) {
            field.protoPath.insert(field.protoPath.begin(), number);
            schema.fields.push_back(std::move(field));
        }
    }
    return Done{};
}

void SchemaLoader::addEnvelope(Schema& schema)
{
    for (const auto* name : {"apiVersion", "kind"}) {
        Field field;
        field.name = name;
        field.schema = m_text;
        field.description = std::string_view(name) == "kind"
                                ? "What kind of object this is."
                                : "The API group and version that the object is written in.";
        schema.fields.push_back(std::move(field));
    }
}

Result<const Schema*> SchemaLoader::compileNode(const Value& node, const std::string& package, const std::string& place)
{
    if (!node.is_object())
        return bad(place, "an object is wanted");
    const auto& words = node.get_object();
    if (const auto target = stringAt(node, {"$ref"}); !target.empty())
        return reference(words, target, package, place);
    auto& schema = m_schemas.emplace_back();
    TRY_OK(compileInto(schema, words, package, place));
    return &schema;
}

Result<const Schema*> SchemaLoader::reference(const Object& node, std::string_view target, const std::string& package,
                                              const std::string& place)
{
    const auto full = target.find('/') == target.npos ? fmt::format("{}/{}", package, target) : std::string(target);
    const auto known = m_definitions.find(full);
    if (known == m_definitions.end())
        return bad(place, fmt::format("refers to \"{}\", which is not defined", full));
    if (std::ranges::all_of(node, [](const auto& member) { return isFieldWord(member.key()); }))
        return known->second;
    auto& schema = m_schemas.emplace_back();
    m_overrides.push_back({&schema, full, &node, place});
    return &schema;
}

} // namespace keelson::api
