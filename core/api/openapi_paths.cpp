// SPDX-License-Identifier: Apache-2.0
#include "api/deletion_answers.h"
#include "api/openapi_operations.h"
#include "api/openapi_parts.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>

namespace keelson::api {
namespace {

constexpr std::array<std::string_view, 4> patchTypes{"application/json-patch+json", "application/merge-patch+json",
                                                     "application/strategic-merge-patch+json",
                                                     "application/apply-patch+yaml"};

/// Without strategic merges: kubectl sends what it reads here, and schemas of custom kinds do not say how lists merge.
constexpr std::array<std::string_view, 3> customPatchTypes{
    "application/json-patch+json", "application/merge-patch+json", "application/apply-patch+yaml"};

constexpr OpenApiQuery force{"force", "boolean", "Take over fields that others manage; for apply only."};
constexpr std::array<OpenApiQuery, 3> deleteQueries{{
    {"gracePeriodSeconds", "integer", "How long the object may take to end; 0 deletes at once."},
    {"orphanDependents", "boolean", "Outdated; use propagationPolicy."},
    {"propagationPolicy", "string", "What becomes of dependents: Orphan, Background or Foreground."},
}};
constexpr std::array<OpenApiQuery, 10> listQueries{{
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

class PathWriter : private OpenApiOperations {
public:
    PathWriter(const Kind& kind, OpenApiVersion version, OpenApiSchemas& schemas, Object& paths)
        : OpenApiOperations({kind.groupVersion, kind.kind, kind.plural, kind.namespaced, kind.custom != nullptr},
                            version, schemas),
          m_kind(kind),
          m_paths(paths),
          m_definition(kind.schema->name)
    {
    }

    void write()
    {
        writeCollection();
        writeObject(collection() + "/{name}", "", true);
        if (m_kind.hasStatus)
            writeObject(collection() + "/{name}/status", "Status", false);
        for (const auto& [name, suffix] :
             {std::pair{"approval", "Approval"}, std::pair{"ephemeralcontainers", "Ephemeralcontainers"}})
            if (std::ranges::find(m_kind.otherSubresources, name) != m_kind.otherSubresources.end())
                writeObject(collection() + "/{name}/" + name, suffix, false);
        if (m_kind.scale)
            writeScale();
        if (m_kind.namespaced && has("list")) {
            Object item{{"parameters", pathParameters(false, false)}};
            item["get"] = list("ForAllNamespaces");
            m_paths[prefix() + "/" + m_kind.plural] = std::move(item);
        }
    }

private:
    bool has(std::string_view verb) const { return std::ranges::find(m_kind.verbs, verb) != m_kind.verbs.end(); }

    Object list(std::string_view suffix)
    {
        auto result =
            operation("list", "list", suffix, fmt::format("Lists or watches objects of kind {}.", m_kind.kind));
        addParameters(result, listQueries);
        addReply(result, m_definition + "List", {200}, true);
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
            addBody(create, m_definition, true);
            addParameters(create, writeQueries());
            addReply(create, m_definition, {200, 201, 202});
            addKind(create, m_kind.groupVersion, m_kind.kind);
            item["post"] = std::move(create);
        }
        if (has("deletecollection")) {
            auto remove = operation("deleteCollection", "deletecollection", "",
                                    fmt::format("Deletes all that match, of kind {}.", m_kind.kind));
            addBody(remove, "meta/v1/DeleteOptions", false);
            addParameters(remove, writeQueries().first(1));
            addParameters(remove, deleteQueries);
            addParameters(remove, std::span{listQueries}.subspan(1, 6));
            addReply(remove, "meta/v1/Status", {200});
            addKind(remove, m_kind.groupVersion, m_kind.kind);
            item["delete"] = std::move(remove);
        }
        m_paths[collection()] = std::move(item);
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
            addBody(replace, definition, true);
            addParameters(replace, writeQueries());
            finish(replace, {200, 201});
            item["put"] = std::move(replace);
        }
        if (has("patch")) {
            auto patch = operation("patch", "patch", suffix, fmt::format("Changes parts of a {}.", kind));
            if (m_kind.custom)
                addBody(patch, "meta/v1/Patch", customPatchTypes, true);
            else
                addBody(patch, "meta/v1/Patch", patchTypes, true);
            addParameters(patch, writeQueries());
            addParameters(patch, std::array{force});
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
            addBody(remove, "meta/v1/DeleteOptions", false);
            addParameters(remove, writeQueries().first(1));
            addParameters(remove, deleteQueries);
            addReply(remove, answersDeletedObject(m_kind) ? m_definition : "meta/v1/Status", {200, 202});
            addKind(remove, m_kind.groupVersion, m_kind.kind);
            item["delete"] = std::move(remove);
        }
        m_paths[path] = std::move(item);
    }

    void writeScale()
    {
        const GroupVersion autoscaling{"autoscaling", "v1"};
        m_paths[collection() + "/{name}/scale"] = readAndWrite("Scale", "autoscaling/v1/Scale", autoscaling, "Scale");
    }

    const Kind& m_kind;
    Object& m_paths;
    std::string m_definition;
};

} // namespace

void addOpenApiPaths(const Kind& kind, OpenApiVersion version, OpenApiSchemas& schemas, Object& paths)
{
    PathWriter{kind, version, schemas, paths}.write();
    addOpenApiSubresources(kind, version, schemas, paths);
}

} // namespace keelson::api
