// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/kind.h"
#include "api/openapi_parts.h"

#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

namespace keelson::api {

/// "CoreV1", "RbacAuthorizationV1": how operation ids name the group version.
std::string groupVersionWord(const GroupVersion& groupVersion);
/// "core_v1", "rbacAuthorization_v1", without a version "rbacAuthorization": how tags do.
std::string groupVersionTag(const GroupVersion& groupVersion);

/// A parameter of the query.
struct OpenApiQuery {
    std::string_view name;
    std::string_view type;
    std::string_view description;
};
/// What writes take.
std::span<const OpenApiQuery> writeQueries();

/// Writes the operations of a resource in either version. One document, one thread.
class OpenApiOperations {
public:
    struct Resource {
        GroupVersion groupVersion;
        std::string kind;
        std::string plural;
        bool namespaced = true;
        bool custom = false;
    };
    OpenApiOperations(Resource resource, OpenApiVersion version, OpenApiSchemas& schemas);

    /// "/apis/apps/v1/namespaces/{namespace}/deployments"
    const std::string& collection() const { return m_collection; }
    /// "/apis/apps/v1"
    const std::string& prefix() const { return m_prefix; }
    bool isThree() const { return m_three; }

    Object parameter(std::string_view name, std::string_view in, std::string_view type,
                     std::string_view description) const;
    Array pathParameters(bool withNamespace, bool withName) const;
    /// `operationId` is "verb, group version, scope, kind, suffix": createCoreV1NamespacedPodBinding.
    Object operation(std::string_view verb, std::string_view action, std::string_view suffix,
                     std::string_view description) const;
    void addParameters(Object& operation, std::span<const OpenApiQuery> queries) const;
    void addBody(Object& operation, std::string_view definition, std::span<const std::string_view> types,
                 bool required);
    /// Of types that the server takes for objects of the resource.
    void addBody(Object& operation, std::string_view definition, bool required);
    void addReply(Object& operation, std::string_view definition, std::initializer_list<int> statuses,
                  bool isWatched = false);
    /// A reply that is no object: a log, a stream.
    void addTextReply(Object& operation, std::span<const std::string_view> types) const;
    static void addKind(Object& operation, const GroupVersion& groupVersion, std::string_view kind);

private:
    void addReplies(Object& operation, const Object& schema, std::initializer_list<int> statuses,
                    std::span<const std::string_view> types) const;

    Resource m_resource;
    bool m_three;
    OpenApiSchemas& m_schemas;
    std::string m_prefix;
    std::string m_collection;
};

} // namespace keelson::api
