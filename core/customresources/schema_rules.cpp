// SPDX-License-Identifier: Apache-2.0
#include "customresources/schema_rules.h"

#include "api/object_members.h"
#include "api/rules.h"
#include "customresources/list_rules.h"
#include "customresources/structural_schema.h"
#include "customresources/validation_rules.h"
#include "customresources/value_changes.h"
#include "customresources/value_checks.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace keelson::customresources {
namespace {

using api::Array;
using api::FieldPath;
using api::isTrue;
using api::Object;
using api::Refusals;
using api::textIn;
using api::Value;

enum class Level { Root, Item, Field };

const Object* objectIn(const Object& node, std::string_view name)
{
    const auto* value = node.if_contains(name);
    return value ? value->if_object() : nullptr;
}

const Array& listIn(const Object& node, std::string_view name)
{
    static const Array none;
    const auto* value = node.if_contains(name);
    return value && value->is_array() ? value->get_array() : none;
}

bool isGiven(const Object& node, std::string_view name)
{
    const auto* value = node.if_contains(name);
    if (!value || value->is_null())
        return false;
    return !(value->is_array() && value->get_array().empty()) && !(value->is_object() && value->get_object().empty());
}

/// Calls `visit` with each member of an object member, in name order, and its path.
template <typename Visit>
void eachMember(const Object& node, std::string_view name, const FieldPath& path, const Visit& visit)
{
    const auto* members = objectIn(node, name);
    if (!members)
        return;
    std::vector<std::string_view> names;
    for (const auto& member : *members)
        names.emplace_back(member.key());
    std::ranges::sort(names);
    const auto all = path.child(name);
    for (const auto one : names)
        if (const auto* part = members->at(one).if_object())
            visit(one, *part, all.key(one));
}

template <typename Visit>
void eachItem(const Object& node, std::string_view name, const FieldPath& path, const Visit& visit)
{
    const auto& list = listIn(node, name);
    const auto all = path.child(name);
    for (std::size_t index = 0; index < list.size(); ++index)
        if (const auto* part = list[index].if_object())
            visit(index, *part, all.index(index));
}

/// Words of JSON schema that custom resources may not use.
void checkWords(const Object& node, const FieldPath& path, Refusals& refusals)
{
    for (const auto* word : {"$ref", "additionalItems", "definitions", "dependencies", "id", "patternProperties"})
        if (isGiven(node, word) && node.at(word) != Value(""))
            refusals.forbidden(path.child(word), fmt::format("{} is not supported", word));
    if (isTrue(node, "uniqueItems"))
        refusals.forbidden(path.child("uniqueItems"),
                           "uniqueItems cannot be set to true since the runtime complexity becomes quadratic");
    if (const auto* items = node.if_contains("items"); items && items->is_array())
        refusals.forbidden(path.child("items"), "items must be a schema object and not an array");
    const auto type = textIn(node, "type");
    static const std::vector<std::string> types{"array", "boolean", "integer", "number", "object", "string"};
    if (type == "null")
        refusals.forbidden(path.child("type"), "type cannot be set to null, use nullable as an alternative");
    else if (!type.empty() && std::ranges::find(types, type) == types.end())
        refusals.notSupported(path.child("type"), Value(type), types);
    if (const auto pattern = textIn(node, "pattern"); !pattern.empty()) {
        std::string why;
        if (!compileExpression(pattern, &why))
            refusals.invalid(path.child("pattern"), Value(pattern),
                             fmt::format("must be a valid regular expression, but isn't: {}", why));
    }
}

/// What holds for the value checks under anyOf, allOf, oneOf and not: they say nothing about the structure.
void checkJunctions(const Object& node, const FieldPath& path, Refusals& refusals);

void checkNested(const Object& node, const FieldPath& path, bool mayTellType, Refusals& refusals)
{
    constexpr std::array empty{std::pair{"title", "must be empty to be structural"},
                               std::pair{"description", "must be empty to be structural"},
                               std::pair{"x-kubernetes-list-map-keys", "must be empty to be structural"},
                               std::pair{"x-kubernetes-validations", "must be empty to be structural"},
                               std::pair{"additionalProperties", "must be undefined to be structural"},
                               std::pair{"default", "must be undefined to be structural"},
                               std::pair{"x-kubernetes-list-type", "must be undefined to be structural"},
                               std::pair{"x-kubernetes-map-type", "must be undefined to be structural"}};
    constexpr std::array unset{"nullable", "x-kubernetes-preserve-unknown-fields", "x-kubernetes-embedded-resource",
                               "x-kubernetes-int-or-string"};
    checkWords(node, path, refusals);
    if (!mayTellType && !textIn(node, "type").empty())
        refusals.forbidden(path.child("type"), "must be empty to be structural");
    for (const auto& [word, why] : empty)
        if (isGiven(node, word) && node.at(word) != Value(""))
            refusals.forbidden(path.child(word), why);
    for (const auto* word : unset)
        if (isTrue(node, word))
            refusals.forbidden(path.child(word), "must be false to be structural");
    eachMember(node, "properties", path, [&](std::string_view name, const Object& part, const FieldPath& at) {
        if (name == "metadata")
            refusals.forbidden(at, "must not be specified in a nested context");
        checkNested(part, at, false, refusals);
    });
    if (const auto* items = objectIn(node, "items"))
        checkNested(*items, path.child("items"), false, refusals);
    checkJunctions(node, path, refusals);
}

/// `[{type: integer}, {type: string}]`, the one place where alternatives tell types: of an integer or string.
bool isIntOrString(const Array& alternatives)
{
    static const Array wanted{Object{{"type", "integer"}}, Object{{"type", "string"}}};
    return alternatives == wanted;
}

void checkJunctions(const Object& node, const FieldPath& path, Refusals& refusals)
{
    const bool either = isTrue(node, "x-kubernetes-int-or-string");
    const bool anyTellsTypes = either && isIntOrString(listIn(node, "anyOf"));
    eachItem(node, "anyOf", path, [&](std::size_t, const Object& part, const FieldPath& at) {
        checkNested(part, at, anyTellsTypes, refusals);
    });
    eachItem(node, "allOf", path, [&](std::size_t index, const Object& part, const FieldPath& at) {
        if (either && index == 0 && part.size() == 1 && isIntOrString(listIn(part, "anyOf")))
            return;
        checkNested(part, at, false, refusals);
    });
    eachItem(node, "oneOf", path,
             [&](std::size_t, const Object& part, const FieldPath& at) { checkNested(part, at, false, refusals); });
    if (const auto* part = objectIn(node, "not"))
        checkNested(*part, path.child("not"), false, refusals);
}

/// What value checks speak of must be there in the structure.
void checkComplete(const Object& nested, const Object& structure, const FieldPath& path, const FieldPath& nestedPath,
                   Refusals& refusals)
{
    const auto* declared = objectIn(structure, "properties");
    const auto all = path.child("properties");
    eachMember(nested, "properties", nestedPath, [&](std::string_view name, const Object& part, const FieldPath& at) {
        const auto* found = declared ? declared->if_contains(name) : nullptr;
        const auto* additional = objectIn(structure, "additionalProperties");
        if (found && found->is_object())
            checkComplete(part, found->get_object(), all.key(name), at, refusals);
        else if (!additional)
            refusals.required(all.key(name), fmt::format("because it is defined in {}", at.text()));
    });
    if (const auto* items = objectIn(nested, "items")) {
        const auto at = nestedPath.child("items");
        if (const auto* declaredItems = objectIn(structure, "items"))
            checkComplete(*items, *declaredItems, path.child("items"), at, refusals);
        else
            refusals.required(path.child("items"), fmt::format("because it is defined in {}", at.text()));
    }
    for (const auto* junction : {"allOf", "anyOf", "oneOf"})
        eachItem(nested, junction, nestedPath, [&](std::size_t, const Object& part, const FieldPath& at) {
            checkComplete(part, structure, path, at, refusals);
        });
    if (const auto* part = objectIn(nested, "not"))
        checkComplete(*part, structure, path, nestedPath.child("not"), refusals);
}

void checkExtensions(const Object& node, const FieldPath& path, Refusals& refusals)
{
    const auto* preserve = node.if_contains("x-kubernetes-preserve-unknown-fields");
    if (preserve && *preserve == Value(false))
        refusals.invalid(path.child("x-kubernetes-preserve-unknown-fields"), false, "must be true or undefined");
    if (isTrue(node, "x-kubernetes-int-or-string"))
        for (const auto* word : {"x-kubernetes-preserve-unknown-fields", "x-kubernetes-embedded-resource"})
            if (isTrue(node, word))
                refusals.invalid(path.child(word), true, "must be false if x-kubernetes-int-or-string is true");
    if (!isTrue(node, "x-kubernetes-embedded-resource"))
        return;
    if (isGiven(node, "additionalProperties"))
        refusals.forbidden(path.child("additionalProperties"),
                           "must not be used if x-kubernetes-embedded-resource is set");
    if (!isTrue(node, "x-kubernetes-preserve-unknown-fields") && !isGiven(node, "properties"))
        refusals.required(path.child("properties"), "must not be empty if x-kubernetes-embedded-resource is true "
                                                    "without x-kubernetes-preserve-unknown-fields");
}

void checkType(const Object& node, Level level, const FieldPath& path, Refusals& refusals)
{
    const auto type = textIn(node, "type");
    const auto at = path.child("type");
    if (isTrue(node, "x-kubernetes-embedded-resource") && type != "object") {
        constexpr std::string_view why = "must be object if x-kubernetes-embedded-resource is true";
        if (type.empty())
            refusals.required(at, why);
        else
            refusals.invalid(at, Value(type), why);
    } else if (type.empty() && !isTrue(node, "x-kubernetes-int-or-string") &&
               !isTrue(node, "x-kubernetes-preserve-unknown-fields")) {
        refusals.required(at, level == Level::Root   ? "must not be empty at the root"
                              : level == Level::Item ? "must not be empty for specified array items"
                                                     : "must not be empty for specified object fields");
    }
    if (level == Level::Root && !type.empty() && type != "object")
        refusals.invalid(at, Value(type), "must be object at the root");
    if (type == "array" && !objectIn(node, "items"))
        refusals.required(path.child("items"), "must be specified");
}

/// Of a resource's metadata a schema may say what names are like, and no more.
void checkMetadata(const Object& node, Level level, const FieldPath& path, Refusals& refusals)
{
    const auto* properties = objectIn(node, "properties");
    const bool isResource = level == Level::Root || isTrue(node, "x-kubernetes-embedded-resource");
    if (!properties || !isResource)
        return;
    const auto all = path.child("properties");
    for (const auto* name : {"kind", "apiVersion"})
        if (const auto* part = objectIn(*properties, name); part && textIn(*part, "type") != "string") {
            const auto at = all.key(name);
            refusals.invalid(at.child("type"), Value(textIn(*part, "type")), "must be string");
        }
    const auto* metadata = objectIn(*properties, "metadata");
    if (!metadata)
        return;
    const auto at = all.key("metadata");
    if (textIn(*metadata, "type") != "object")
        refusals.invalid(at.child("type"), Value(textIn(*metadata, "type")), "must be object");
    if (level != Level::Root)
        return;
    const auto saysMore = [](const auto& member) {
        const std::string_view word(member.key());
        if (word == "properties" && member.value().is_object())
            return std::ranges::any_of(member.value().get_object(), [](const auto& part) {
                return part.key() != "name" && part.key() != "generateName";
            });
        return word != "type" && word != "description" && word != "properties";
    };
    if (std::ranges::any_of(*metadata, saysMore))
        refusals.forbidden(at, "must not specify anything other than name and generateName, but metadata is "
                               "implicitly specified");
}

void checkDefault(const Object& node, const FieldPath& path, Refusals& refusals)
{
    const auto* given = node.if_contains("default");
    if (!given)
        return;
    const auto at = path.child("default");
    const auto schema = readSchema(node);
    auto pruned = *given;
    std::vector<std::string> removed;
    pruneValue(schema, pruned, at, removed);
    if (!removed.empty())
        return refusals.invalid(at, *given, "must not have unknown fields");
    applyDefaults(schema, pruned);
    checkValue(schema, pruned, nullptr, at, refusals);
}

void checkStructure(const Object& node, Level level, const FieldPath& path, Refusals& refusals);

void checkAdditional(const Object& node, Level level, const FieldPath& path, Refusals& refusals)
{
    const auto* additional = node.if_contains("additionalProperties");
    if (!additional || additional->is_null())
        return;
    const auto at = path.child("additionalProperties");
    if (level == Level::Root)
        refusals.forbidden(at, "must not be used at the root");
    if (isGiven(node, "properties") && *additional != Value(true))
        refusals.forbidden(at, "additionalProperties and properties are mutual exclusive");
    if (*additional == Value(false))
        refusals.forbidden(at, "additionalProperties cannot be set to false");
    if (additional->is_object())
        checkStructure(additional->get_object(), Level::Field, at, refusals);
}

void checkStructure(const Object& node, Level level, const FieldPath& path, Refusals& refusals)
{
    if (refusals.full())
        return;
    checkWords(node, path, refusals);
    checkType(node, level, path, refusals);
    checkExtensions(node, path, refusals);
    checkMetadata(node, level, path, refusals);
    checkLists(node, path, refusals);
    checkAdditional(node, level, path, refusals);
    eachMember(node, "properties", path, [&](std::string_view name, const Object& part, const FieldPath& at) {
        const bool ofEvery = level == Level::Root && name == "metadata";
        if (!ofEvery)
            checkStructure(part, Level::Field, at, refusals);
    });
    if (const auto* items = objectIn(node, "items"))
        checkStructure(*items, Level::Item, path.child("items"), refusals);
    checkJunctions(node, path, refusals);
    for (const auto* junction : {"allOf", "anyOf", "oneOf"})
        eachItem(node, junction, path, [&](std::size_t, const Object& part, const FieldPath& at) {
            checkComplete(part, node, path, at, refusals);
        });
    if (const auto* part = objectIn(node, "not"))
        checkComplete(*part, node, path, path.child("not"), refusals);
    if (refusals.empty()) // Else its own refusals would follow from others.
        checkDefault(node, path, refusals);
}

} // namespace

void checkSchema(const Value& schema, const FieldPath& path, Refusals& refusals)
{
    static const Object nothing;
    const auto* node = schema.if_object();
    checkStructure(node ? *node : nothing, Level::Root, path, refusals);
    if (!refusals.empty()) // Rules are written for a schema that is one.
        return;
    auto read = readSchema(schema);
    std::deque<cel::Type> types;
    compileRules(read, types, path, refusals);
}

} // namespace keelson::customresources
