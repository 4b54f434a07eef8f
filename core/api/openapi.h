// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/catalog.h"

#include <vector>

namespace keelson::api {

/// The group versions that have a document: those of kinds, and of questions that are never stored.
std::vector<GroupVersion> openApiGroupVersions(const Catalog& catalog);
/// The OpenAPI v3 document of one group version: components of its kinds with Kubernetes' extensions
/// (x-kubernetes-group-version-kind, list types, merge keys) and paths with `fieldValidation` and `dryRun` among the
/// parameters.
Value openApiV3(const Catalog& catalog, const GroupVersion& groupVersion);
/// The documents of the paths that belong to no group version; `name` is one of `openApiDiscoveryNames`.
Value openApiV3Discovery(std::string_view name);
/// OpenAPI v2 (Swagger) of all kinds, as kubectl before 1.27 reads it.
Value openApiV2(const Catalog& catalog);
/// The same in the form `application/com.github.proto-openapi.spec.v2@v1.0+protobuf` (gnostic's OpenAPIv2.Document).
std::string openApiV2Protobuf(const Value& openApiV2);
/// A v3 document in the form `application/com.github.proto-openapi.spec.v3@v1.0+protobuf` (openapi.v3.Document).
std::string openApiV3Protobuf(const Value& openApiV3);

} // namespace keelson::api
