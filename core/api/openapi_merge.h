// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/kind.h"
#include "api/value.h"
#include "base/result.h"

namespace keelson::api {

/// What another server's OpenAPI v2 says of one group version: the paths below /apis/GROUP/VERSION, and the definitions
/// that they need. Shared parameters are written out. `Invalid` for what is no Swagger 2.0.
Result<Value> openApiOfGroup(const Value& document, const GroupVersion& groupVersion);

/// Adds the paths and definitions of `part` to `whole`. A path that is there stays as it is. Definitions that differ
/// only in their kinds become one; others of the same name get a new one in `part`: "io.example.Thing_v2".
/// Source: Kubernetes' aggregator (kube-openapi), which merges the same way.
void mergeOpenApi(Value& whole, Value part);

/// OpenAPI v3 that says what the v2 says, for servers that have none.
Value openApiThreeOf(Value versionTwo);

} // namespace keelson::api
