// SPDX-License-Identifier: GPL-3.0-or-later
#include "document/kinds.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <regex>
#include <set>

namespace keelson::document {

namespace {

using api::Array;
using api::Object;
using api::Value;

constexpr std::string_view package = "cluster";
constexpr std::size_t nestingMax = 64;

/// Definitions that are types of their own in our dialect.
const std::map<std::string_view, Object, std::less<>>& ownTypes()
{
    static const std::map<std::string_view, Object, std::less<>> types{
        {"Quantity", {{"type", "string"}, {"x-kubernetes-int-or-string", true}, {"format", "quantity"}}},
        {"IntOrString", {{"type", "string"}, {"x-kubernetes-int-or-string", true}}},
        {"Time", {{"type", "string"}, {"format", "date-time"}}},
        {"MicroTime", {{"type", "string"}, {"format", "micro-time"}}},
        {"Duration", {{"type", "string"}, {"format", "duration"}}}};
    return types;
}

Object anything()
{
    return {{"x-kubernetes-preserve-unknown-fields", true}};
}

std::string_view targetOf(const Value& node)
{
    const auto reference = api::stringAt(node, {"$ref"});
    return reference.substr(reference.rfind('/') + 1);
}

bool isRegex(const std::string& pattern)
{
    try {
        const std::regex tried(pattern);
        return true;
    } catch (const std::regex_error&) {
        return false;
    }
}

/// From OpenAPI's words to those of our schemas.
class Translation {
public:
    explicit Translation(const std::map<std::string, const Value*, std::less<>>& definitions)
        : m_definitions(definitions)
    {
    }

    Object node(const Value& source, std::size_t depth = 0) const
    {
        if (!source.is_object() || depth > nestingMax)
            return anything();
        if (const auto target = targetOf(source); !target.empty())
            return reference(target);
        if (const auto* parts = api::find(source, {"allOf"});
            parts && parts->is_array() && parts->get_array().size() == 1)
            return withFieldWords(node(parts->get_array().front(), depth + 1), source);
        if (isIntOrString(source))
            return withFieldWords(ownTypes().at("IntOrString"), source);
        const auto type = api::stringAt(source, {"type"});
        const bool isOpen = api::boolAt(source, {"x-kubernetes-preserve-unknown-fields"}) ||
                            api::boolAt(source, {"x-kubernetes-embedded-resource"});
        if (isOpen || (type.empty() && !api::find(source, {"properties"})))
            return withFieldWords(anything(), source);
        if (type == "object" || type.empty())
            return withFieldWords(object(source, depth), source);
        if (type == "array")
            return withFieldWords(array(source, depth), source);
        return withFieldWords(scalar(source, type), source);
    }

    /// A kind stands alone: the loader adds apiVersion and kind.
    Object kind(const Value& source) const
    {
        auto made = node(source);
        if (auto* properties = made.if_contains("properties"); properties && properties->is_object())
            for (const auto* own : {"apiVersion", "kind"})
                properties->get_object().stable_erase(own);
        if (auto* required = made.if_contains("required"); required && required->is_array())
            *required = without(required->get_array(), {"apiVersion", "kind"});
        return made;
    }

private:
    static Array without(const Array& names, std::initializer_list<std::string_view> words)
    {
        Array left;
        for (const auto& name : names)
            if (!name.is_string() || std::ranges::find(words, std::string_view(name.get_string())) == words.end())
                left.push_back(name);
        return left;
    }

    Object reference(std::string_view target) const
    {
        const auto last = target.substr(target.rfind('.') + 1);
        const auto own = ownTypes().find(last);
        if (own != ownTypes().end() && target.contains("apimachinery"))
            return own->second;
        const auto found = m_definitions.find(target);
        if (found == m_definitions.end() || !api::find(*found->second, {"properties"}))
            return found == m_definitions.end() ? anything() : node(*found->second, 1);
        return {{"$ref", fmt::format("{}/{}", package, target)}};
    }

    static bool isIntOrString(const Value& source)
    {
        if (api::boolAt(source, {"x-kubernetes-int-or-string"}) || api::stringAt(source, {"format"}) == "int-or-string")
            return true;
        for (const auto* word : {"oneOf", "anyOf"})
            if (const auto* choices = api::find(source, {word}); choices && choices->is_array())
                for (const auto& choice : choices->get_array())
                    if (api::stringAt(choice, {"type"}) == "integer")
                        return true;
        return false;
    }

    Object object(const Value& source, std::size_t depth) const
    {
        const auto* properties = api::find(source, {"properties"});
        if (!properties || !properties->is_object() || properties->get_object().empty()) {
            const auto* values = api::find(source, {"additionalProperties"});
            if (!values || !values->is_object() || values->get_object().empty())
                return anything();
            return {{"type", "object"}, {"additionalProperties", node(*values, depth + 1)}};
        }
        Object fields;
        for (const auto& member : properties->get_object()) {
            auto field = node(member.value(), depth + 1);
            if (field.contains("$ref") || field.contains("properties"))
                field["x-keelson-optional"] = true; // defaults do not make it: OpenAPI does not tell what is a pointer
            fields[member.key()] = std::move(field);
        }
        Object made{{"type", "object"}};
        Array required;
        if (const auto* names = api::find(source, {"required"}); names && names->is_array())
            for (const auto& name : names->get_array())
                if (name.is_string() && fields.contains(name.get_string())) {
                    required.push_back(name);
                    dropZeroDefault(fields[name.get_string()].get_object());
                }
        made["properties"] = std::move(fields);
        if (!required.empty())
            made["required"] = std::move(required);
        return made;
    }

    /// Kubernetes writes the zero value of a required field as its default; filled in, it would hide that it is
    /// missing.
    static void dropZeroDefault(Object& field)
    {
        if (const auto* value = field.if_contains("default"); value && (*value == "" || *value == 0))
            field.stable_erase("default");
    }

    Object array(const Value& source, std::size_t depth) const
    {
        const auto* items = api::find(source, {"items"});
        Object made{{"type", "array"}, {"items", items ? node(*items, depth + 1) : anything()}};
        copyNumbers(made, source, {"minItems", "maxItems"});
        return made;
    }

    static Object scalar(const Value& source, std::string_view type)
    {
        Object made{{"type", type}};
        copyNumbers(made, source, {"minimum", "maximum", "minLength", "maxLength"});
        if (const auto format = api::stringAt(source, {"format"}); !format.empty())
            made["format"] = format;
        if (const auto pattern = api::stringAt(source, {"pattern"}); isRegex(std::string(pattern)) && !pattern.empty())
            made["pattern"] = pattern;
        if (const auto* words = api::find(source, {"enum"}); words && words->is_array() && type == "string")
            made["enum"] = *words;
        return made;
    }

    static void copyNumbers(Object& made, const Value& source, std::initializer_list<std::string_view> words)
    {
        for (const auto word : words)
            if (const auto* number = api::find(source, {word}); number && number->is_int64())
                made[word] = *number;
    }

    /// Description, default and the words of merges; they may stand beside a reference, too.
    static Object withFieldWords(Object made, const Value& source)
    {
        if (const auto text = api::stringAt(source, {"description"}); !text.empty())
            made["description"] = text;
        if (const auto* value = api::find(source, {"default"});
            value && !(value->is_object() && value->get_object().empty()))
            made["default"] = *value;
        if (made.contains("$ref") || !made.contains("type"))
            return made;
        for (const auto* word : {"x-kubernetes-list-type", "x-kubernetes-list-map-keys", "x-kubernetes-map-type",
                                 "x-kubernetes-patch-merge-key", "x-kubernetes-patch-strategy"})
            if (const auto* value = api::find(source, {word}))
                made[word] = *value;
        return made;
    }

    const std::map<std::string, const Value*, std::less<>>& m_definitions;
};

struct Served {
    std::string plural;
    bool namespaced = false;
};

using GroupVersionKind = std::tuple<std::string, std::string, std::string>;

GroupVersionKind groupVersionKind(const Value& said)
{
    return {std::string(api::stringAt(said, {"group"})), std::string(api::stringAt(said, {"version"})),
            std::string(api::stringAt(said, {"kind"}))};
}

/// What can be created where, by the paths that take a POST.
void readPaths(const Value& document, std::map<GroupVersionKind, Served>& served)
{
    const auto* paths = api::find(document, {"paths"});
    if (!paths || !paths->is_object())
        return;
    for (const auto& path : paths->get_object()) {
        const auto* said = api::find(path.value(), {"post", "x-kubernetes-group-version-kind"});
        const std::string_view text = path.key();
        const auto plural = text.substr(text.rfind('/') + 1);
        const bool isNamespaced = text.contains("/namespaces/{namespace}/");
        if (said && !text.contains("{name}") && !plural.starts_with('{'))
            served.emplace(groupVersionKind(*said), Served{std::string(plural), isNamespaced});
    }
}

} // namespace

Result<api::Catalog> kindsOfOpenApi(std::span<const Value> documents)
{
    std::map<std::string, const Value*, std::less<>> definitions;
    std::map<GroupVersionKind, Served> served;
    for (const auto& document : documents) {
        readPaths(document, served);
        if (const auto* schemas = api::find(document, {"components", "schemas"}); schemas && schemas->is_object())
            for (const auto& member : schemas->get_object())
                definitions.emplace(member.key(), &member.value());
    }
    const Translation translation(definitions);
    Object shared;
    std::vector<Value> all;
    for (const auto& [name, schema] : definitions) {
        if (auto made = translation.node(*schema); made.contains("properties"))
            shared[name] = std::move(made);
        const auto* stands = api::find(*schema, {"x-kubernetes-group-version-kind"});
        if (!stands || !stands->is_array() || stands->get_array().size() != 1)
            continue;
        const auto key = groupVersionKind(stands->get_array().front());
        const auto place = served.find(key);
        if (place == served.end())
            continue;
        const auto& [group, version, kind] = key;
        all.emplace_back(Object{{"package", fmt::format("{}.{}.{}", package, group, version)},
                                {"group", group},
                                {"version", version},
                                {"names", Object{{"kind", kind}, {"plural", place->second.plural}}},
                                {"scope", place->second.namespaced ? "Namespaced" : "Cluster"},
                                {"schema", translation.kind(*schema)}});
    }
    if (all.empty())
        return fail(Reason::Invalid, "the cluster's OpenAPI documents name no kind that could be created");
    all.emplace_back(Object{{"package", package}, {"definitions", std::move(shared)}});
    // Each kind gets a list, whose metadata stand in this package.
    all.emplace_back(
        Object{{"package", "meta/v1"},
               {"definitions",
                Object{{"ListMeta", Object{{"type", "object"},
                                           {"properties", Object{{"continue", Object{{"type", "string"}}}}}}}}}});
    return api::Catalog::fromDocuments(all);
}

} // namespace keelson::document
