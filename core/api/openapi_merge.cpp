// SPDX-License-Identifier: Apache-2.0
#include "api/openapi_merge.h"

#include "api/object_members.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>

namespace keelson::api {
namespace {

constexpr std::string_view definitionPrefix = "#/definitions/";
constexpr std::string_view parameterPrefix = "#/parameters/";
constexpr std::string_view kindsWord = "x-kubernetes-group-version-kind";

Object* objectIn(Value& value, std::string_view member)
{
    auto* object = value.if_object();
    auto* found = object ? object->if_contains(member) : nullptr;
    return found ? found->if_object() : nullptr;
}

/// Calls `visit` with the text of each `$ref` below the value.
template <typename Visit>
void eachReference(Value& value, const Visit& visit)
{
    if (auto* array = value.if_array())
        for (auto& item : *array)
            eachReference(item, visit);
    auto* object = value.if_object();
    if (!object)
        return;
    for (auto& member : *object) {
        if (auto* text = member.key() == "$ref" ? member.value().if_string() : nullptr)
            visit(*text);
        else
            eachReference(member.value(), visit);
    }
}

/// The name of the definition; empty for other references.
std::string_view definitionOf(std::string_view reference)
{
    return reference.starts_with(definitionPrefix) ? reference.substr(definitionPrefix.size()) : std::string_view{};
}

void writeOutParameters(Value& owner, const Object* shared)
{
    auto* object = owner.if_object();
    auto* list = object ? object->if_contains("parameters") : nullptr;
    if (!list || !list->is_array())
        return;
    Array written;
    for (auto& parameter : list->get_array()) {
        const auto reference = stringAt(parameter, {"$ref"});
        if (!reference.starts_with(parameterPrefix)) {
            written.push_back(std::move(parameter));
            continue;
        }
        const auto* found = shared ? shared->if_contains(reference.substr(parameterPrefix.size())) : nullptr;
        if (found && found->is_object())
            written.push_back(*found);
    }
    *list = std::move(written);
}

/// Adds what `from` refers to, and what that refers to.
void addNeeded(Value& from, const Object* definitions, Object& needed)
{
    std::vector<std::string> open;
    const auto note = [&](std::string_view reference) {
        if (const auto name = definitionOf(reference); !name.empty())
            open.emplace_back(name);
    };
    eachReference(from, note);
    while (!open.empty()) {
        const auto name = std::move(open.back());
        open.pop_back();
        const auto* found = definitions ? definitions->if_contains(name) : nullptr;
        if (!found || needed.contains(name))
            continue;
        eachReference(needed[name] = *found, note);
    }
}

Value withoutKinds(const Value& definition)
{
    auto bare = definition;
    if (auto* object = bare.if_object())
        object->stable_erase(kindsWord);
    return bare;
}

const Array& kindsOf(const Value& definition)
{
    static const Array none;
    const auto* kinds = find(definition, {kindsWord});
    return kinds && kinds->is_array() ? kinds->get_array() : none;
}

/// The kinds of a definition that no other one stands for yet.
void addKinds(Value& definition, const Array& kinds, std::set<std::string>& claimed)
{
    auto* object = definition.if_object();
    if (!object)
        return;
    auto all = kindsOf(definition);
    for (const auto& kind : kinds)
        if (claimed.insert(writeJson(kind)).second)
            all.push_back(kind);
    if (all.empty())
        object->stable_erase(kindsWord);
    else
        (*object)[kindsWord] = std::move(all);
}

using Names = std::map<std::string, std::string, std::less<>>;

void rename(Value& value, const Names& names)
{
    eachReference(value, [&](auto& reference) {
        if (const auto name = names.find(definitionOf(reference)); name != names.end())
            reference = std::string(definitionPrefix) + name->second;
    });
}

/// The first name that is free in `there`, or has the same definition: "Thing", "Thing_v2", ...
std::string nameIn(const Object& there, std::string_view key, const Value& bare)
{
    auto name = std::string(key);
    for (int version = 2; there.contains(name) && withoutKinds(there.at(name)) != bare; ++version)
        name = fmt::format("{}_v{}", key, version);
    return name;
}

/// Under which names definitions come into `there`, where those differ from their own. A new name changes those that
/// refer to it: they are looked at again, as deep as definitions commonly lie in one another.
Names renamed(const Object& definitions, const Object& there)
{
    constexpr int roundsMax = 8;
    Names names;
    for (int round = 0; round < roundsMax; ++round) {
        Names next;
        for (const auto& [key, definition] : definitions) {
            auto bare = withoutKinds(definition);
            rename(bare, names);
            if (auto name = nameIn(there, key, bare); name != std::string_view(key))
                next.emplace(key, std::move(name));
        }
        if (next == names)
            break;
        names = std::move(next);
    }
    return names;
}

// From version 2 to 3.

/// What has no place of its own in a parameter: it belongs to its schema.
Object parameterOf(Object& old)
{
    constexpr std::array<std::string_view, 6> own{"name", "in", "description", "required", "allowEmptyValue", "$ref"};
    Object made;
    Object schema;
    for (auto& member : old) {
        const std::string_view word(member.key());
        const bool isOwn = word.starts_with("x-") || std::ranges::find(own, word) != own.end();
        (isOwn ? made : schema)[word] = std::move(member.value());
    }
    made["schema"] = std::move(schema);
    return made;
}

Object contentOf(const Value& schema, const Value* types)
{
    Object content;
    if (types && types->is_array())
        for (const auto& type : types->get_array())
            if (const auto* text = type.if_string())
                content[*text] = Object{{"schema", schema}};
    if (content.empty())
        content["*/*"] = Object{{"schema", schema}};
    return content;
}

void convertParameters(Object& owner, const Value* consumes)
{
    auto* list = owner.if_contains("parameters");
    if (!list || !list->is_array())
        return;
    Array parameters;
    Object body;
    for (auto& parameter : list->get_array()) {
        auto* old = parameter.if_object();
        if (!old)
            continue;
        if (stringAt(parameter, {"in"}) != "body") {
            parameters.emplace_back(parameterOf(*old));
            continue;
        }
        if (const auto* schema = old->if_contains("schema"))
            body["content"] = contentOf(*schema, consumes);
        if (boolAt(parameter, {"required"}))
            body["required"] = true;
    }
    if (parameters.empty())
        owner.stable_erase("parameters");
    else
        *list = std::move(parameters);
    if (!body.empty())
        owner["requestBody"] = std::move(body);
}

void convertResponses(Object& operation)
{
    auto* responses = operation.if_contains("responses");
    if (!responses || !responses->is_object())
        return;
    for (auto& member : responses->get_object()) {
        auto* response = member.value().if_object();
        auto* schema = response ? response->if_contains("schema") : nullptr;
        if (!schema)
            continue;
        (*response)["content"] = contentOf(Value(*schema), operation.if_contains("produces"));
        response->stable_erase("schema");
    }
}

void convertPath(Value& item)
{
    auto* path = item.if_object();
    if (!path)
        return;
    convertParameters(*path, nullptr);
    for (const auto* const verb : {"get", "put", "post", "delete", "options", "head", "patch"}) {
        auto* operation = objectIn(item, verb);
        if (!operation)
            continue;
        convertParameters(*operation, operation->if_contains("consumes"));
        convertResponses(*operation);
        operation->stable_erase("consumes");
        operation->stable_erase("produces");
        operation->stable_erase("schemes");
    }
}

/// A reference has no neighbours in version 3.
void separateReferences(Value& value)
{
    if (auto* array = value.if_array())
        for (auto& item : *array)
            separateReferences(item);
    auto* object = value.if_object();
    if (!object)
        return;
    for (auto& member : *object)
        if (member.key() != "default" && member.key() != "enum")
            separateReferences(member.value());
    const auto* reference = object->if_contains("$ref");
    if (!reference || !reference->is_string() || object->size() == 1)
        return;
    Value alone = Object{{"$ref", *reference}};
    object->stable_erase("$ref");
    (*object)["allOf"] = Array{std::move(alone)};
}

} // namespace

Result<Value> openApiOfGroup(const Value& document, const GroupVersion& groupVersion)
{
    if (stringAt(document, {"swagger"}) != "2.0")
        return fail(Reason::Invalid, "no OpenAPI of version 2.0");
    const Object none;
    const auto* paths = find(document, {"paths"});
    const auto* definitions = find(document, {"definitions"});
    const auto* parameters = find(document, {"parameters"});
    const auto prefix = fmt::format("/apis/{}/", groupVersion.text());
    Object kept;
    for (const auto& path : paths && paths->is_object() ? paths->get_object() : none) {
        if (!(std::string(path.key()) + "/").starts_with(prefix) || !path.value().is_object())
            continue;
        auto& item = kept[path.key()] = path.value();
        const auto* shared = parameters ? parameters->if_object() : nullptr;
        writeOutParameters(item, shared);
        for (auto& operation : item.get_object())
            writeOutParameters(operation.value(), shared);
    }
    Value made = Object{{"swagger", "2.0"}, {"paths", std::move(kept)}};
    Object needed;
    addNeeded(made, definitions ? definitions->if_object() : nullptr, needed);
    made.as_object()["definitions"] = std::move(needed);
    return made;
}

void mergeOpenApi(Value& whole, Value part)
{
    auto& definitions = objectAt(whole, {"definitions"});
    auto& theirs = objectAt(part, {"definitions"});
    const auto names = renamed(theirs, definitions);
    rename(part, names);
    std::set<std::string> claimed;
    for (const auto& definition : definitions)
        for (const auto& kind : kindsOf(definition.value()))
            claimed.insert(writeJson(kind));
    for (auto& [key, definition] : theirs) {
        const auto name = names.find(std::string_view(key));
        const auto own = name == names.end() ? std::string_view(key) : std::string_view(name->second);
        const Array kinds = kindsOf(definition);
        if (!definitions.contains(own))
            definitions[own] = withoutKinds(definition);
        addKinds(definitions[own], kinds, claimed);
    }
    auto& paths = objectAt(whole, {"paths"});
    for (auto& path : objectAt(part, {"paths"}))
        if (!paths.contains(path.key()))
            paths[path.key()] = std::move(path.value());
}

Value openApiThreeOf(Value versionTwo)
{
    for (auto& path : objectAt(versionTwo, {"paths"}))
        convertPath(path.value());
    separateReferences(versionTwo);
    eachReference(versionTwo, [](auto& reference) {
        if (const auto name = definitionOf(reference); !name.empty())
            reference = "#/components/schemas/" + std::string(name);
    });
    auto& document = versionTwo.as_object();
    Object made{{"openapi", "3.0.0"}};
    const auto* info = document.if_contains("info");
    made["info"] = info ? *info : Value(Object{{"title", "Generic API Server"}, {"version", ""}});
    made["paths"] = std::move(document["paths"]);
    made["components"] = Object{{"schemas", std::move(document["definitions"])}};
    return made;
}

} // namespace keelson::api
