// SPDX-License-Identifier: Apache-2.0
#include "api/openapi_operations.h"
#include "api/openapi_parts.h"
#include "api/review_resources.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace keelson::api {
namespace {

constexpr std::array<std::string_view, 1> anyType{"*/*"};
constexpr std::array<std::string_view, 4> logTypes{"text/plain", "application/json", "application/yaml",
                                                   "application/vnd.kubernetes.protobuf"};

constexpr std::array<OpenApiQuery, 8> logQueries{{
    {"container", "string", "Whose log; the pod's one container when it has but one."},
    {"follow", "boolean", "Go on with lines as they come."},
    {"insecureSkipTLSVerifyBackend", "boolean", "Do not check the certificate of the node."},
    {"limitBytes", "integer", "End after so many bytes."},
    {"previous", "boolean", "The log of the container's last run."},
    {"sinceSeconds", "integer", "Only lines no older than that."},
    {"tailLines", "integer", "Only so many lines from the end."},
    {"timestamps", "boolean", "A time before each line."},
}};
constexpr std::array<OpenApiQuery, 6> execQueries{{
    {"command", "string", "The program and its arguments, one parameter each."},
    {"container", "string", "In which container; the pod's one container when it has but one."},
    {"stderr", "boolean", "Send what it writes to its standard error."},
    {"stdin", "boolean", "Give it what is sent as its standard input."},
    {"stdout", "boolean", "Send what it writes to its standard output."},
    {"tty", "boolean", "Give it a terminal."},
}};
constexpr std::array<OpenApiQuery, 1> portQueries{{{"ports", "integer", "The ports of the pod to connect to."}}};
constexpr std::array<OpenApiQuery, 1> proxyQueries{{{"path", "string", "What to ask the other side for."}}};

/// A connection that goes through the server.
struct Connection {
    std::string_view name;    ///< "exec"
    std::string_view suffix;  ///< Of operation ids.
    std::string_view options; ///< The kind of its options, behind "Pod" for pods.
    std::span<const std::string_view> methods;
    std::span<const OpenApiQuery> queries;
};
constexpr std::array<std::string_view, 2> getAndPost{"get", "post"};
constexpr std::array<std::string_view, 7> allMethods{"delete", "get", "head", "options", "patch", "post", "put"};
constexpr std::array<Connection, 4> connections{{
    {"attach", "Attach", "AttachOptions", getAndPost, std::span(execQueries).subspan(1)},
    {"exec", "Exec", "ExecOptions", getAndPost, execQueries},
    {"portforward", "Portforward", "PortForwardOptions", getAndPost, portQueries},
    {"proxy", "Proxy", "ProxyOptions", allMethods, proxyQueries},
}};

/// A subresource that is created and is an object of another kind.
struct Creation {
    std::string_view name;
    std::string_view suffix;
    std::string_view definition;
    std::string_view group;
    std::string_view kind;
};
constexpr std::array<Creation, 3> creations{{
    {"binding", "Binding", "core/v1/Binding", "", "Binding"},
    {"eviction", "Eviction", "policy/v1/Eviction", "policy", "Eviction"},
    {"token", "Token", "authentication/v1/TokenRequest", "authentication.k8s.io", "TokenRequest"},
}};

class SubresourceWriter : private OpenApiOperations {
public:
    SubresourceWriter(const Kind& kind, OpenApiVersion version, OpenApiSchemas& schemas, Object& paths)
        : OpenApiOperations({kind.groupVersion, kind.kind, kind.plural, kind.namespaced, false}, version, schemas),
          m_kind(kind),
          m_paths(paths)
    {
    }

    void write()
    {
        for (const auto& name : m_kind.otherSubresources) {
            if (const auto found = std::ranges::find(connections, name, &Connection::name); found != connections.end())
                connect(*found);
            if (const auto found = std::ranges::find(creations, name, &Creation::name); found != creations.end())
                create(*found);
        }
        if (has("log"))
            log();
        if (has("finalize"))
            finalize();
    }

private:
    bool has(std::string_view name) const
    {
        return std::ranges::find(m_kind.otherSubresources, name) != m_kind.otherSubresources.end();
    }
    Object& item(std::string_view name)
    {
        auto& made = m_paths[fmt::format("{}/{{name}}/{}", collection(), name)];
        made = Object{{"parameters", pathParameters(m_kind.namespaced, true)}};
        return made.get_object();
    }

    void connect(const Connection& connection)
    {
        connect(connection, connection.name, connection.suffix);
        if (connection.name != "proxy")
            return;
        auto& parameters = connect(connection, "proxy/{path}", "ProxyWithPath")["parameters"].get_array();
        parameters.emplace_back(parameter("path", "path", "string", "What to ask the other side for."));
    }

    Object& connect(const Connection& connection, std::string_view path, std::string_view suffix)
    {
        auto& made = item(path);
        for (const auto method : connection.methods) {
            auto call = operation(fmt::format("connect {}", method), "connect", suffix,
                                  fmt::format("Connects to {} of a {}.", connection.name, m_kind.kind));
            addParameters(call, connection.queries);
            addTextReply(call, anyType);
            if (!isThree())
                call["consumes"] = Array{Value(anyType[0])};
            addKind(call, m_kind.groupVersion, fmt::format("{}{}", m_kind.kind, connection.options));
            made[method] = std::move(call);
        }
        return made;
    }

    void create(const Creation& creation)
    {
        auto call = operation("create", "post", creation.suffix,
                              fmt::format("Creates the {} of a {}.", creation.name, m_kind.kind));
        addBody(call, creation.definition, true);
        addParameters(call, writeQueries());
        addReply(call, creation.definition, {200, 201, 202});
        addKind(call, {std::string(creation.group), "v1"}, creation.kind);
        item(creation.name)["post"] = std::move(call);
    }

    void log()
    {
        auto call = operation("read", "get", "Log", "Reads the log of a container.");
        addParameters(call, logQueries);
        addTextReply(call, logTypes);
        addKind(call, m_kind.groupVersion, m_kind.kind);
        item("log")["get"] = std::move(call);
    }

    void finalize()
    {
        auto call = operation("replace", "put", "Finalize", "Replaces the finalizers of its spec.");
        addBody(call, m_kind.schema->name, true);
        addParameters(call, writeQueries());
        addReply(call, m_kind.schema->name, {200, 201});
        addKind(call, m_kind.groupVersion, m_kind.kind);
        item("finalize")["put"] = std::move(call);
    }

    const Kind& m_kind;
    Object& m_paths;
};

} // namespace

void addOpenApiSubresources(const Kind& kind, OpenApiVersion version, OpenApiSchemas& schemas, Object& paths)
{
    if (!kind.otherSubresources.empty())
        SubresourceWriter{kind, version, schemas, paths}.write();
}

void addOpenApiReviews(const GroupVersion& groupVersion, OpenApiVersion version, OpenApiSchemas& schemas, Object& paths)
{
    for (const auto& review : reviewResources()) {
        if (review.groupVersion != groupVersion)
            continue;
        OpenApiOperations operations({groupVersion, review.kind, review.plural, review.namespaced, false}, version,
                                     schemas);
        auto call = operations.operation("create", "post", "", fmt::format("Asks a {}.", review.kind));
        operations.addBody(call, review.definition, true);
        operations.addParameters(call, writeQueries());
        operations.addReply(call, review.definition, {200, 201, 202});
        OpenApiOperations::addKind(call, groupVersion, review.kind);
        paths[operations.collection()] =
            Object{{"parameters", operations.pathParameters(review.namespaced, false)}, {"post", std::move(call)}};
    }
}

} // namespace keelson::api
