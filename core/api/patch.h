// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/kind.h"

namespace keelson::api {

enum class PatchType { Json, Merge, Strategic, Apply };

/// RFC 6902. `BadRequest` for a malformed patch, `Invalid` when a test fails or a path does not exist.
Result<Value> applyJsonPatch(const Value& document, const Value& patch);
/// RFC 7396.
Value applyMergePatch(Value document, const Value& patch);
/// Kubernetes' strategic merge patch, by the merge keys of the schema, with `$patch`, `$retainKeys`,
/// `$deleteFromPrimitiveList` and `$setElementOrder`. `BadRequest` for a malformed directive or a missing merge key.
Result<Value> applyStrategicPatch(const Schema& schema, Value document, const Value& patch);

} // namespace keelson::api
