// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/catalog.h"
#include "api/openapi_parts.h"

#include <string>
#include <string_view>
#include <vector>

/// The paths that say what a server has: discovery, its version, the keys of its tokens.
namespace keelson::api {

/// Those that belong to no group version, each with the name of its document in OpenAPI v3: "api", "apis",
/// "apis/apps", "version", ".well-known/openid-configuration", "openid/v1/jwks". Groups of custom kinds have none.
std::vector<std::string> openApiDiscoveryNames(const Catalog& catalog);

/// Adds the path of one of those names, with the definitions of its answer.
void addOpenApiDiscovery(std::string_view name, OpenApiVersion version, Object& paths, Object& definitions);
/// The same of a group version: "/apis/apps/v1/".
void addOpenApiResourceList(const GroupVersion& groupVersion, OpenApiVersion version, Object& paths,
                            Object& definitions);

} // namespace keelson::api
