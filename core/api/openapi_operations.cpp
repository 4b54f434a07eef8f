// SPDX-License-Identifier: Apache-2.0
#include "api/openapi_operations.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

namespace keelson::api {
namespace {

constexpr std::array<std::string_view, 5> objectTypes{
    "application/json", "application/yaml", "application/vnd.kubernetes.protobuf", "application/json;stream=watch",
    "application/vnd.kubernetes.protobuf;stream=watch"};
constexpr std::size_t unwatchedTypes = 3;
/// Custom objects have no protobuf form.
constexpr std::array<std::string_view, 3> customTypes{"application/json", "application/yaml",
                                                      "application/json;stream=watch"};
constexpr std::size_t unwatchedCustomTypes = 2;
constexpr std::array<std::string_view, 1> anyType{"*/*"};

constexpr std::array<OpenApiQuery, 3> ofWrites{{
    {"dryRun", "string", "\"All\": go through every step but keep nothing."},
    {"fieldManager", "string", "Who makes the change, as managed fields name it."},
    {"fieldValidation", "string", "What becomes of unknown and repeated fields: Ignore, Warn or Strict."},
}};

std::string capitalized(std::string_view text)
{
    std::string result{text};
    if (!result.empty() && result[0] >= 'a' && result[0] <= 'z')
        result[0] = static_cast<char>(result[0] - 'a' + 'A');
    return result;
}

} // namespace

std::string groupVersionWord(const GroupVersion& groupVersion)
{
    std::string_view group =
        groupVersion.group.empty() ? std::string_view{"core"} : std::string_view{groupVersion.group};
    if (group.ends_with(".k8s.io"))
        group.remove_suffix(7);
    std::string word;
    while (!group.empty()) {
        const auto dot = std::min(group.find('.'), group.size());
        word += capitalized(group.substr(0, dot));
        group.remove_prefix(std::min(dot + 1, group.size()));
    }
    return word + capitalized(groupVersion.version);
}

std::string groupVersionTag(const GroupVersion& groupVersion)
{
    auto word = groupVersionWord({groupVersion.group, ""});
    word[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(word[0])));
    return groupVersion.version.empty() ? word : word + "_" + groupVersion.version;
}

std::span<const OpenApiQuery> writeQueries()
{
    return ofWrites;
}

OpenApiOperations::OpenApiOperations(Resource resource, OpenApiVersion version, OpenApiSchemas& schemas)
    : m_resource(std::move(resource)), m_three(version == OpenApiVersion::Three), m_schemas(schemas)
{
    const auto& groupVersion = m_resource.groupVersion;
    m_prefix = groupVersion.group.empty() ? "/api/" + groupVersion.version
                                          : fmt::format("/apis/{}/{}", groupVersion.group, groupVersion.version);
    m_collection = m_prefix + (m_resource.namespaced ? "/namespaces/{namespace}/" : "/") + m_resource.plural;
}

Object OpenApiOperations::parameter(std::string_view name, std::string_view in, std::string_view type,
                                    std::string_view description) const
{
    Object result{{"name", name}, {"in", in}, {"description", description}};
    if (in == "path")
        result["required"] = true;
    if (m_three) {
        result["schema"] = Object{{"type", type}, {"uniqueItems", true}};
    } else {
        result["type"] = type;
        result["uniqueItems"] = true;
    }
    return result;
}

Array OpenApiOperations::pathParameters(bool withNamespace, bool withName) const
{
    Array list;
    if (withName)
        list.emplace_back(parameter("name", "path", "string", fmt::format("The name of the {}.", m_resource.kind)));
    if (withNamespace)
        list.emplace_back(parameter("namespace", "path", "string", "The namespace."));
    list.emplace_back(parameter("pretty", "query", "string", "\"true\": indent the reply."));
    return list;
}

Object OpenApiOperations::operation(std::string_view verb, std::string_view action, std::string_view suffix,
                                    std::string_view description) const
{
    const auto& groupVersion = m_resource.groupVersion;
    const bool isScoped = m_resource.namespaced && suffix != "ForAllNamespaces";
    // "connect" names the method behind the group version: connectCoreV1GetNamespacedPodExec.
    const auto blank = std::min(verb.find(' '), verb.size());
    const auto method = blank == verb.size() ? std::string() : capitalized(verb.substr(blank + 1));
    return {{"tags", Array{Value(groupVersionTag(groupVersion))}},
            {"description", description},
            {"operationId", fmt::format("{}{}{}{}{}{}", verb.substr(0, blank), groupVersionWord(groupVersion), method,
                                        isScoped ? "Namespaced" : "", m_resource.kind, suffix)},
            {"x-kubernetes-action", action}};
}

void OpenApiOperations::addParameters(Object& operation, std::span<const OpenApiQuery> queries) const
{
    auto& list = operation.contains("parameters") ? operation["parameters"].get_array()
                                                  : operation["parameters"].emplace_array();
    for (const auto& query : queries)
        list.emplace_back(parameter(query.name, "query", query.type, query.description));
}

void OpenApiOperations::addBody(Object& operation, std::string_view definition, std::span<const std::string_view> types,
                                bool required)
{
    const auto schema = m_schemas.reference(definition);
    if (m_three) {
        Object content;
        for (const auto type : types)
            content[type] = Object{{"schema", schema}};
        operation["requestBody"] = Object{{"content", std::move(content)}};
        if (required)
            operation["requestBody"].get_object()["required"] = true;
        return;
    }
    operation["consumes"] = Array(types.begin(), types.end());
    Object body{{"name", "body"}, {"in", "body"}, {"schema", schema}};
    if (required)
        body["required"] = true;
    operation["parameters"] = Array{std::move(body)};
}

void OpenApiOperations::addBody(Object& operation, std::string_view definition, bool required)
{
    const std::span custom = customTypes;
    addBody(operation, definition, m_resource.custom ? custom.first(unwatchedCustomTypes) : std::span(anyType),
            required);
}

void OpenApiOperations::addReply(Object& operation, std::string_view definition, std::initializer_list<int> statuses,
                                 bool isWatched)
{
    const std::span objects = objectTypes;
    const std::span custom = customTypes;
    const auto types = m_resource.custom ? custom.first(isWatched ? custom.size() : unwatchedCustomTypes)
                                         : objects.first(isWatched ? objects.size() : unwatchedTypes);
    addReplies(operation, m_schemas.reference(definition), statuses, types);
}

void OpenApiOperations::addTextReply(Object& operation, std::span<const std::string_view> types) const
{
    addReplies(operation, {{"type", "string"}}, {200}, types);
}

void OpenApiOperations::addReplies(Object& operation, const Object& schema, std::initializer_list<int> statuses,
                                   std::span<const std::string_view> types) const
{
    Object responses;
    for (const int status : statuses) {
        Object response{{"description", status == 201 ? "Created" : status == 202 ? "Accepted" : "OK"}};
        if (m_three) {
            Object content;
            for (const auto type : types)
                content[type] = Object{{"schema", schema}};
            response["content"] = std::move(content);
        } else {
            response["schema"] = schema;
        }
        responses[fmt::to_string(status)] = std::move(response);
    }
    responses["401"] = Object{{"description", "Unauthorized"}};
    operation["responses"] = std::move(responses);
    if (!m_three)
        operation["produces"] = Array(types.begin(), types.end());
}

void OpenApiOperations::addKind(Object& operation, const GroupVersion& groupVersion, std::string_view kind)
{
    operation["x-kubernetes-group-version-kind"] =
        Object{{"group", groupVersion.group}, {"kind", kind}, {"version", groupVersion.version}};
}

} // namespace keelson::api
