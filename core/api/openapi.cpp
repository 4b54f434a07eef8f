// SPDX-License-Identifier: Apache-2.0
#include "api/openapi.h"
#include "api/openapi_discovery.h"
#include "api/openapi_parts.h"
#include "api/review_resources.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

namespace keelson::api {
namespace {

constexpr std::string_view metaPrefix = "io.k8s.apimachinery.pkg.apis.meta.v1.";
constexpr std::string_view quantityName = "io.k8s.apimachinery.pkg.api.resource.Quantity";
constexpr std::string_view intOrStringName = "io.k8s.apimachinery.pkg.util.intstr.IntOrString";
constexpr std::string_view rawExtensionName = "io.k8s.apimachinery.pkg.runtime.RawExtension";
constexpr std::string_view patchName = "meta/v1/Patch";

/// The types that are definitions of their own in OpenAPI and built in here; empty for others.
std::string sharedName(const Schema& schema)
{
    switch (schema.type) {
    case SchemaType::Quantity:
        return std::string{quantityName};
    case SchemaType::IntOrString:
        return std::string{intOrStringName};
    case SchemaType::Time:
        return fmt::format("{}Time", metaPrefix);
    case SchemaType::MicroTime:
        return fmt::format("{}MicroTime", metaPrefix);
    case SchemaType::Duration:
        return fmt::format("{}Duration", metaPrefix);
    case SchemaType::Any:
        if (schema.format == "fields")
            return fmt::format("{}FieldsV1", metaPrefix);
        return schema.format == "json" ? std::string{} : std::string{rawExtensionName};
    default:
        return {};
    }
}

void addBounds(const Schema& schema, Object& node)
{
    if (!schema.format.empty())
        node["format"] = schema.format;
    if (!schema.pattern.empty())
        node["pattern"] = schema.pattern;
    if (schema.minimum)
        node["minimum"] = *schema.minimum;
    if (schema.maximum)
        node["maximum"] = *schema.maximum;
    if (schema.lengthMin)
        node["minLength"] = *schema.lengthMin;
    if (schema.lengthMax)
        node["maxLength"] = *schema.lengthMax;
    if (schema.itemsMin)
        node["minItems"] = *schema.itemsMin;
    if (schema.itemsMax)
        node["maxItems"] = *schema.itemsMax;
    if (!schema.enumeration.empty())
        node["enum"] = Array(schema.enumeration.begin(), schema.enumeration.end());
}

/// What merges need to know of a list or an object.
void addExtensions(const Schema& schema, Object& node)
{
    if (schema.listType == ListType::Atomic)
        node["x-kubernetes-list-type"] = "atomic";
    else if (schema.listType == ListType::Set)
        node["x-kubernetes-list-type"] = "set";
    else if (schema.listType == ListType::Map)
        node["x-kubernetes-list-type"] = "map";
    if (!schema.listMapKeys.empty())
        node["x-kubernetes-list-map-keys"] = Array(schema.listMapKeys.begin(), schema.listMapKeys.end());
    if (!schema.patchMergeKey.empty())
        node["x-kubernetes-patch-merge-key"] = schema.patchMergeKey;
    if (schema.patchReplace)
        node["x-kubernetes-patch-strategy"] = "replace";
    else if (schema.patchMerge || schema.patchRetainKeys)
        node["x-kubernetes-patch-strategy"] = !schema.patchRetainKeys ? "merge"
                                              : schema.patchMerge     ? "merge,retainKeys"
                                                                      : "retainKeys";
    if (schema.mapAtomic)
        node["x-kubernetes-map-type"] = "atomic";
}

std::string_view typeWord(SchemaType type)
{
    switch (type) {
    case SchemaType::Object:
    case SchemaType::Map:
        return "object";
    case SchemaType::Array:
        return "array";
    case SchemaType::Integer:
        return "integer";
    case SchemaType::Number:
        return "number";
    case SchemaType::Boolean:
        return "boolean";
    default:
        return "string";
    }
}

Object& objectAt(Object& object, std::string_view name)
{
    auto& value = object[name];
    if (!value.is_object())
        value = Object{};
    return value.get_object();
}

bool saysYes(const Object& node, std::string_view word)
{
    const auto* value = node.if_contains(word);
    return value && *value == Value(true);
}

/// OpenAPI v2 knows neither null nor alternatives, and its readers take unknown members for mistakes: where the schema
/// allows such, it says less.
void relaxForVersionTwo(Value& schema)
{
    auto* node = schema.if_object();
    if (!node)
        return;
    for (const auto* word : {"anyOf", "oneOf", "allOf", "not", "x-kubernetes-validations", "example"})
        node->stable_erase(word);
    if (saysYes(*node, "nullable") || saysYes(*node, "x-kubernetes-int-or-string")) {
        for (const auto* word :
             {"nullable", "type", "properties", "items", "additionalProperties", "default", "required"})
            node->stable_erase(word);
        return;
    }
    if (saysYes(*node, "x-kubernetes-preserve-unknown-fields")) {
        for (const auto* word : {"properties", "items", "additionalProperties", "required"})
            node->stable_erase(word);
        return;
    }
    for (const auto* word : {"items", "additionalProperties"})
        if (auto* part = node->if_contains(word))
            relaxForVersionTwo(*part);
    if (auto* properties = node->if_contains("properties"); properties && properties->is_object())
        for (auto& member : properties->get_object())
            relaxForVersionTwo(member.value());
}

/// "stable.example.com" -> "com.example.stable"
std::string reversed(std::string_view group)
{
    std::string text;
    while (!group.empty()) {
        const auto dot = group.rfind('.');
        text += text.empty() ? "" : ".";
        text += group.substr(dot == group.npos ? 0 : dot + 1);
        group = group.substr(0, dot == group.npos ? 0 : dot);
    }
    return text;
}

/// How clients say who they are.
Object bearerToken()
{
    return {{"BearerToken", Object{{"type", "apiKey"},
                                   {"description", "Bearer Token authentication"},
                                   {"name", "authorization"},
                                   {"in", "header"}}}};
}

Object info()
{
    return {{"title", "Keelson"}, {"version", "v1.32.0"}};
}

Value versionThree(Object paths, Object definitions)
{
    return Object{{"openapi", "3.0.0"},
                  {"info", info()},
                  {"paths", std::move(paths)},
                  {"components", Object{{"schemas", std::move(definitions)}, {"securitySchemes", bearerToken()}}}};
}

bool isCustom(const Catalog& catalog, const GroupVersion& groupVersion)
{
    return std::ranges::any_of(catalog.kinds(),
                               [&](const auto* kind) { return kind->custom && kind->groupVersion == groupVersion; });
}

} // namespace

std::string openApiName(std::string_view definition)
{
    std::string dotted{definition};
    std::ranges::replace(dotted, '/', '.');
    if (const auto group = definition.substr(0, definition.find('/')); group.find('.') != group.npos)
        return reversed(group) + dotted.substr(group.size()); // A custom kind.
    constexpr std::array<std::pair<std::string_view, std::string_view>, 3> elsewhere{{
        {"apiextensions/", "io.k8s.apiextensions-apiserver.pkg.apis."},
        {"apiregistration/", "io.k8s.kube-aggregator.pkg.apis."},
        {"meta/", "io.k8s.apimachinery.pkg.apis."},
    }};
    for (const auto& [folder, prefix] : elsewhere)
        if (definition.starts_with(folder))
            return std::string(prefix) + dotted;
    return "io.k8s.api." + dotted;
}

Object OpenApiSchemas::referenceByName(const std::string& name)
{
    const auto* place = m_version == OpenApiVersion::Three ? "#/components/schemas/" : "#/definitions/";
    return {{"$ref", place + name}};
}

Object OpenApiSchemas::reference(std::string_view definition)
{
    m_wanted.emplace(definition);
    return referenceByName(openApiName(definition));
}

Object OpenApiSchemas::node(const Schema& schema)
{
    if (!schema.name.empty() && schema.type == SchemaType::Object)
        return reference(schema.name);
    if (auto shared = sharedName(schema); !shared.empty()) {
        auto node = referenceByName(shared);
        m_shared.insert(std::move(shared));
        return node;
    }
    if (schema.type == SchemaType::Any)
        return {{"x-kubernetes-preserve-unknown-fields", true}};
    Object node{{"type", typeWord(schema.type)}};
    addBounds(schema, node);
    if (schema.type == SchemaType::Array)
        node["items"] = OpenApiSchemas::node(*schema.items);
    else if (schema.type == SchemaType::Map)
        node["additionalProperties"] = OpenApiSchemas::node(*schema.items);
    if (schema.type != SchemaType::Object)
        return node;
    Object properties;
    Array required;
    for (const auto& field : schema.fields) {
        properties[field.name] = property(field);
        if (field.required)
            required.emplace_back(field.name);
    }
    if (!properties.empty())
        node["properties"] = std::move(properties);
    if (!required.empty())
        node["required"] = std::move(required);
    return node;
}

Object OpenApiSchemas::property(const Field& field)
{
    auto node = OpenApiSchemas::node(*field.schema);
    const bool isReference = node.contains("$ref");
    const auto& description = field.description.empty() && !isReference ? field.schema->description : field.description;
    if (isReference && m_version == OpenApiVersion::Three &&
        (!description.empty() || field.defaultValue)) // A bare `$ref` has no siblings there.
        node = {{"allOf", Array{std::move(node)}}};
    if (!description.empty())
        node["description"] = description;
    if (field.defaultValue && (!isReference || m_version == OpenApiVersion::Three))
        node["default"] = *field.defaultValue;
    addExtensions(*field.schema, node);
    return node;
}

Array OpenApiSchemas::groupVersionKinds(std::string_view definition) const
{
    Array list;
    const auto kind = definition.substr(definition.rfind('/') + 1);
    const auto add = [&](const GroupVersion& groupVersion) {
        list.emplace_back(Object{{"group", groupVersion.group}, {"kind", kind}, {"version", groupVersion.version}});
    };
    if (definition == "meta/v1/DeleteOptions") {
        for (const auto& groupVersion : m_catalog.groupVersions())
            add(groupVersion);
    } else if (const auto groupVersion = m_catalog.groupVersionOf(definition)) {
        add(*groupVersion);
    }
    return list;
}

Object OpenApiSchemas::definition(std::string_view name, const Schema& schema)
{
    if (schema.published)
        return customDefinition(name, *schema.published);
    Schema unnamed = schema;
    unnamed.name.clear();
    auto result = node(unnamed);
    if (!schema.description.empty())
        result["description"] = schema.description;
    if (schema.mapAtomic)
        result["x-kubernetes-map-type"] = "atomic";
    if (schema.envelope)
        result["x-kubernetes-group-version-kind"] = groupVersionKinds(name);
    return result;
}

/// As the kind's definition gives it; in the version 2 without what that cannot say.
Object OpenApiSchemas::customDefinition(std::string_view name, const Value& published)
{
    Value value = published;
    if (m_version == OpenApiVersion::Two)
        relaxForVersionTwo(value);
    auto result = std::move(value.as_object());
    auto& properties = objectAt(result, "properties");
    properties["apiVersion"] = Object{{"type", "string"}, {"description", "The API group and version."}};
    properties["kind"] = Object{{"type", "string"}, {"description", "What kind of object this is."}};
    auto metadata = reference("meta/v1/ObjectMeta");
    if (m_version == OpenApiVersion::Three)
        metadata = {{"allOf", Array{std::move(metadata)}}};
    metadata["description"] = "Name, labels, annotations and what the server keeps about the object.";
    properties["metadata"] = std::move(metadata);
    result["x-kubernetes-group-version-kind"] = groupVersionKinds(name);
    return result;
}

Object OpenApiSchemas::sharedDefinition(std::string_view name) const
{
    const bool three = m_version == OpenApiVersion::Three;
    if (name == quantityName) {
        Object quantity{{"description", "An amount of a resource, exact: \"500m\", \"1Gi\", \"1e3\", or a number."}};
        if (three)
            quantity["oneOf"] = Array{Object{{"type", "string"}}, Object{{"type", "number"}}};
        else
            quantity["type"] = "string";
        return quantity;
    }
    if (name == intOrStringName) {
        Object either{{"description", "A number, or a string such as the name of a port or a percentage."},
                      {"format", "int-or-string"}};
        if (three)
            either["oneOf"] = Array{Object{{"type", "integer"}}, Object{{"type", "string"}}};
        else
            either["type"] = "string";
        return either;
    }
    if (name.ends_with("Time"))
        return {{"description", "A time, as RFC 3339 writes it."}, {"type", "string"}, {"format", "date-time"}};
    if (name.ends_with("Duration"))
        return {{"description", "A span of time: \"1h2m3s\", \"250ms\"."}, {"type", "string"}};
    if (name.ends_with("FieldsV1"))
        return {{"description", "A set of fields as a tree of their names."}, {"type", "object"}};
    return {{"description", "An object of any kind."}, {"type", "object"}};
}

Object OpenApiSchemas::takeDefinitions()
{
    std::map<std::string, Object> done;
    std::set<std::string, std::less<>> written;
    while (written.size() < m_wanted.size()) {
        const auto wanted = m_wanted;
        for (const auto& name : wanted) {
            if (!written.insert(name).second)
                continue;
            if (const auto* schema = m_catalog.findDefinition(name))
                done.emplace(openApiName(name), definition(name, *schema));
            else if (name == patchName)
                done.emplace(openApiName(name),
                             Object{{"description", "A change to an object, in the form that the content type names."},
                                    {"type", "object"}});
        }
    }
    for (const auto& name : m_shared)
        done.emplace(name, sharedDefinition(name));
    Object definitions;
    for (auto& [name, schema] : done)
        definitions.emplace(name, std::move(schema));
    return definitions;
}

std::vector<GroupVersion> openApiGroupVersions(const Catalog& catalog)
{
    const auto ofKinds = catalog.groupVersions();
    std::vector<GroupVersion> all(ofKinds.begin(), ofKinds.end());
    for (const auto& review : reviewResources())
        if (std::ranges::find(all, review.groupVersion) == all.end())
            all.push_back(review.groupVersion);
    return all;
}

Value openApiV3(const Catalog& catalog, const GroupVersion& groupVersion)
{
    OpenApiSchemas schemas{catalog, OpenApiVersion::Three};
    Object paths;
    for (const auto* kind : catalog.kinds()) {
        if (kind->groupVersion == groupVersion)
            addOpenApiPaths(*kind, OpenApiVersion::Three, schemas, paths);
    }
    addOpenApiReviews(groupVersion, OpenApiVersion::Three, schemas, paths);
    for (const auto& [name, schema] : catalog.definitions()) {
        if (schema->envelope && !name.starts_with("meta/") && catalog.groupVersionOf(name) == groupVersion)
            schemas.reference(name);
    }
    auto definitions = schemas.takeDefinitions();
    if (!isCustom(catalog, groupVersion))
        addOpenApiResourceList(groupVersion, OpenApiVersion::Three, paths, definitions);
    return versionThree(std::move(paths), std::move(definitions));
}

Value openApiV3Discovery(std::string_view name)
{
    Object paths;
    Object definitions;
    addOpenApiDiscovery(name, OpenApiVersion::Three, paths, definitions);
    return versionThree(std::move(paths), std::move(definitions));
}

Value openApiV2(const Catalog& catalog)
{
    OpenApiSchemas schemas{catalog, OpenApiVersion::Two};
    Object paths;
    for (const auto* kind : catalog.kinds())
        addOpenApiPaths(*kind, OpenApiVersion::Two, schemas, paths);
    for (const auto& groupVersion : openApiGroupVersions(catalog))
        addOpenApiReviews(groupVersion, OpenApiVersion::Two, schemas, paths);
    for (const auto& [name, schema] : catalog.definitions()) {
        if (schema->envelope)
            schemas.reference(name);
    }
    auto definitions = schemas.takeDefinitions();
    for (const auto& name : openApiDiscoveryNames(catalog))
        addOpenApiDiscovery(name, OpenApiVersion::Two, paths, definitions);
    for (const auto& groupVersion : openApiGroupVersions(catalog))
        if (!isCustom(catalog, groupVersion))
            addOpenApiResourceList(groupVersion, OpenApiVersion::Two, paths, definitions);
    return Object{{"swagger", "2.0"},
                  {"info", info()},
                  {"paths", std::move(paths)},
                  {"definitions", std::move(definitions)},
                  {"securityDefinitions", bearerToken()},
                  {"security", Array{Object{{"BearerToken", Array{}}}}}};
}

} // namespace keelson::api
