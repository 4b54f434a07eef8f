// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/catalog.h"
#include "api/schema.h"

#include <set>
#include <string>

namespace keelson::api {

enum class OpenApiVersion { Two, Three };

/// "core/v1/PodSpec" -> "io.k8s.api.core.v1.PodSpec": the names that clients know.
std::string openApiName(std::string_view definition);

/// Writes schemas, and remembers which definitions they refer to. One document, one thread.
class OpenApiSchemas {
public:
    OpenApiSchemas(const Catalog& catalog, OpenApiVersion version) : m_catalog(catalog), m_version(version) {}

    /// `$ref` to a definition ("core/v1/Pod"); the definition gets into the document.
    Object reference(std::string_view definition);
    /// All definitions referred to so far and, in turn, by these; in name order.
    Object takeDefinitions();

private:
    Object referenceByName(const std::string& name);
    Object node(const Schema& schema);
    Object definition(std::string_view name, const Schema& schema);
    Object customDefinition(std::string_view name, const Value& published);
    Object property(const Field& field);
    Object sharedDefinition(std::string_view name) const;
    Array groupVersionKinds(std::string_view definition) const;

    const Catalog& m_catalog;
    OpenApiVersion m_version;
    std::set<std::string, std::less<>> m_wanted; ///< Names as in the catalog.
    std::set<std::string, std::less<>> m_shared; ///< Names as in OpenAPI: Quantity, Time, ...
};

/// The paths of one kind: verbs with their parameters, bodies and replies.
void addOpenApiPaths(const Kind& kind, OpenApiVersion version, OpenApiSchemas& schemas, Object& paths);
/// Those of its subresources that are no part of the object: connections, logs, bindings, tokens.
void addOpenApiSubresources(const Kind& kind, OpenApiVersion version, OpenApiSchemas& schemas, Object& paths);
/// Those of the reviews of a group version.
void addOpenApiReviews(const GroupVersion& groupVersion, OpenApiVersion version, OpenApiSchemas& schemas,
                       Object& paths);

} // namespace keelson::api
