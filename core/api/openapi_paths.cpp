// SPDX-License-Identifier: Apache-2.0
#include "api/openapi_parts.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>

namespace keelson::api {
namespace {

constexpr std::string_view jsonType = "application/json";
constexpr std::array<std::string_view, 4> patchTypes{"application/json-patch+json", "application/merge-patch+json",
                                                     "application/strategic-merge-patch+json",
                                                     "application/apply-patch+yaml"};

/// Without strategic merges: kubectl sends what it reads here, and schemas of custom kinds do not say how lists merge.
constexpr std::array<std::string_view, 3> customPatchTypes{
    "application/json-patch+json", "application/merge-patch+json", "application/apply-patch+yaml"};

/// A parameter of the query.
struct Query {
    std::string_view name;
    std::string_view type;
    std::string_view description;
};

constexpr Query dryRun{"dryRun", "string", "\"All\": go through every step but keep nothing."};
constexpr Query fieldManager{"fieldManager", "string", "Who makes the change, as managed fields name it."};
constexpr Query fieldValidation{"fieldValidation", "string",
                                "What becomes of unknown and repeated fields: Ignore, Warn or Strict."};
constexpr Query force{"force", "boolean", "Take over fields that others manage; for apply only."};
constexpr std::array<Query, 3> writeQueries{dryRun, fieldManager, fieldValidation};
constexpr std::array<Query, 4> patchQueries{dryRun, fieldManager, fieldValidation, force};
constexpr std::array<Query, 4> deleteQueries{{
    dryRun,
    {"gracePeriodSeconds", "integer", "How long the object may take to end; 0 deletes at once."},
    {"orphanDependents", "boolean", "Outdated; use propagationPolicy."},
    {"propagationPolicy", "string", "What becomes of dependents: Orphan, Background or Foreground."},
}};
constexpr std::array<Query, 10> listQueries{{
    {"allowWatchBookmarks", "boolean", "Let the watch say now and then how far it has come."},
    {"continue", "string", "Where the last page ended."},
    {"fieldSelector", "string", "Only objects whose fields are like this."},
    {"labelSelector", "string", "Only objects whose labels are like this."},
    {"limit", "integer", "How many objects a page holds at most."},
    {"resourceVersion", "string", "The version to read, or to watch from."},
    {"resourceVersionMatch", "string", "How resourceVersion is meant: Exact or NotOlderThan."},
    {"sendInitialEvents", "boolean", "Begin the watch with what is there."},
    {"timeoutSeconds", "integer", "How long the call may take."},
    {"watch", "boolean", "Send changes as they come instead of a list."},
}};

std::string capitalized(std::string_view text)
{
    std::string result{text};
    if (!result.empty() && result[0] >= 'a' && result[0] <= 'z')
        result[0] = static_cast<char>(result[0] - 'a' + 'A');
    return result;
}

/// "CoreV1", "RbacAuthorizationV1": how operation ids name the group version.
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
    auto group =
        groupVersion.group.empty() ? std::string{"core"} : groupVersion.group.substr(0, groupVersion.group.find('.'));
    return group + "_" + groupVersion.version;
}

class PathWriter {
public:
    PathWriter(const Kind& kind, OpenApiVersion version, OpenApiSchemas& schemas, Object& paths)
        : m_kind(kind),
          m_three(version == OpenApiVersion::Three),
          m_schemas(schemas),
          m_paths(paths),
          m_definition(kind.schema->name)
    {
        const auto& groupVersion = kind.groupVersion;
        m_prefix = groupVersion.group.empty() ? "/api/" + groupVersion.version
                                              : fmt::format("/apis/{}/{}", groupVersion.group, groupVersion.version);
        m_collection = m_prefix + (kind.namespaced ? "/namespaces/{namespace}/" : "/") + kind.plural;
        m_scopeWord = kind.namespaced ? "Namespaced" : "";
    }

    void write()
    {
        writeCollection();
        writeObject(m_collection + "/{name}", "", true);
        if (m_kind.hasStatus)
            writeObject(m_collection + "/{name}/status", "Status", false);
        if (m_kind.scale)
            writeScale();
        if (m_kind.namespaced && has("list")) {
            Object item{{"parameters", pathParameters(false, false)}};
            item["get"] = list("ForAllNamespaces");
            m_paths[m_prefix + "/" + m_kind.plural] = std::move(item);
        }
    }

private:
    bool has(std::string_view verb) const { return std::ranges::find(m_kind.verbs, verb) != m_kind.verbs.end(); }

    Object parameter(std::string_view name, std::string_view in, std::string_view type,
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

    Array pathParameters(bool withNamespace, bool withName) const
    {
        Array list;
        if (withName)
            list.emplace_back(parameter("name", "path", "string", fmt::format("The name of the {}.", m_kind.kind)));
        if (withNamespace)
            list.emplace_back(parameter("namespace", "path", "string", "The namespace."));
        list.emplace_back(parameter("pretty", "query", "string", "\"true\": indent the reply."));
        return list;
    }

    Object operation(std::string_view verb, std::string_view action, std::string_view suffix,
                     std::string_view description) const
    {
        const auto& groupVersion = m_kind.groupVersion;
        return {{"tags", Array{Value(groupVersionTag(groupVersion))}},
                {"description", description},
                {"operationId",
                 fmt::format("{}{}{}{}{}", verb, groupVersionWord(groupVersion),
                             suffix == "ForAllNamespaces" ? std::string_view{} : m_scopeWord, m_kind.kind, suffix)},
                {"x-kubernetes-action", action}};
    }

    void addParameters(Object& operation, std::span<const Query> queries) const
    {
        auto& list = operation.contains("parameters") ? operation["parameters"].get_array()
                                                      : operation["parameters"].emplace_array();
        for (const auto& query : queries)
            list.emplace_back(parameter(query.name, "query", query.type, query.description));
    }

    void addBody(Object& operation, std::string_view definition, std::span<const std::string_view> types, bool required)
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

    void addReply(Object& operation, std::string_view definition, std::initializer_list<int> statuses)
    {
        const auto schema = m_schemas.reference(definition);
        Object responses;
        for (const int status : statuses) {
            Object response{{"description", status == 201 ? "Created" : status == 202 ? "Accepted" : "OK"}};
            if (m_three)
                response["content"] = Object{{jsonType, Object{{"schema", schema}}}};
            else
                response["schema"] = schema;
            responses[fmt::to_string(status)] = std::move(response);
        }
        responses["401"] = Object{{"description", "Unauthorized"}};
        operation["responses"] = std::move(responses);
        if (!m_three)
            operation["produces"] = Array{Value(jsonType)};
    }

    void addKind(Object& operation, const GroupVersion& groupVersion, std::string_view kind) const
    {
        operation["x-kubernetes-group-version-kind"] =
            Object{{"group", groupVersion.group}, {"kind", kind}, {"version", groupVersion.version}};
    }

    Object list(std::string_view suffix)
    {
        auto result =
            operation("list", "list", suffix, fmt::format("Lists or watches objects of kind {}.", m_kind.kind));
        addParameters(result, listQueries);
        addReply(result, m_definition + "List", {200});
        addKind(result, m_kind.groupVersion, m_kind.kind);
        return result;
    }

    void writeCollection()
    {
        Object item{{"parameters", pathParameters(m_kind.namespaced, false)}};
        if (has("list"))
            item["get"] = list("");
        if (has("create")) {
            auto create = operation("create", "post", "", fmt::format("Creates a {}.", m_kind.kind));
            addBody(create, m_definition, std::array{jsonType}, true);
            addParameters(create, writeQueries);
            addReply(create, m_definition, {200, 201, 202});
            addKind(create, m_kind.groupVersion, m_kind.kind);
            item["post"] = std::move(create);
        }
        if (has("deletecollection")) {
            auto remove = operation("deleteCollection", "deletecollection", "",
                                    fmt::format("Deletes all that match, of kind {}.", m_kind.kind));
            addBody(remove, "meta/v1/DeleteOptions", std::array{jsonType}, false);
            addParameters(remove, deleteQueries);
            addParameters(remove, std::span{listQueries}.subspan(1, 6));
            addReply(remove, "meta/v1/Status", {200});
            addKind(remove, m_kind.groupVersion, m_kind.kind);
            item["delete"] = std::move(remove);
        }
        m_paths[m_collection] = std::move(item);
    }

    /// get, put and patch of the object or a part of it.
    Object readAndWrite(std::string_view suffix, const std::string& definition, const GroupVersion& groupVersion,
                        std::string_view kind)
    {
        Object item{{"parameters", pathParameters(m_kind.namespaced, true)}};
        const auto finish = [&](Object& call, std::initializer_list<int> statuses) {
            addReply(call, definition, statuses);
            addKind(call, groupVersion, kind);
        };
        if (has("get")) {
            auto read = operation("read", "get", suffix, fmt::format("Reads a {}.", kind));
            finish(read, {200});
            item["get"] = std::move(read);
        }
        if (has("update")) {
            auto replace = operation("replace", "put", suffix, fmt::format("Replaces a {}.", kind));
            addBody(replace, definition, std::array{jsonType}, true);
            addParameters(replace, writeQueries);
            finish(replace, {200, 201});
            item["put"] = std::move(replace);
        }
        if (has("patch")) {
            auto patch = operation("patch", "patch", suffix, fmt::format("Changes parts of a {}.", kind));
            if (m_kind.custom)
                addBody(patch, "meta/v1/Patch", customPatchTypes, true);
            else
                addBody(patch, "meta/v1/Patch", patchTypes, true);
            addParameters(patch, patchQueries);
            finish(patch, {200, 201});
            item["patch"] = std::move(patch);
        }
        return item;
    }

    void writeObject(const std::string& path, std::string_view suffix, bool whole)
    {
        auto item = readAndWrite(suffix, m_definition, m_kind.groupVersion, m_kind.kind);
        if (whole && has("delete")) {
            auto remove = operation("delete", "delete", "", fmt::format("Deletes a {}.", m_kind.kind));
            addBody(remove, "meta/v1/DeleteOptions", std::array{jsonType}, false);
            addParameters(remove, deleteQueries);
            addReply(remove, "meta/v1/Status", {200, 202});
            addKind(remove, m_kind.groupVersion, m_kind.kind);
            item["delete"] = std::move(remove);
        }
        m_paths[path] = std::move(item);
    }

    void writeScale()
    {
        const GroupVersion autoscaling{"autoscaling", "v1"};
        m_paths[m_collection + "/{name}/scale"] = readAndWrite("Scale", "autoscaling/v1/Scale", autoscaling, "Scale");
    }

    const Kind& m_kind;
    bool m_three;
    OpenApiSchemas& m_schemas;
    Object& m_paths;
    std::string m_definition;
    std::string m_prefix;
    std::string m_collection;
    std::string_view m_scopeWord;
};

} // namespace

void addOpenApiPaths(const Kind& kind, OpenApiVersion version, OpenApiSchemas& schemas, Object& paths)
{
    PathWriter{kind, version, schemas, paths}.write();
}

} // namespace keelson::api
