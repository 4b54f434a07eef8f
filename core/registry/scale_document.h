// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "registry/registry.h"

namespace keelson::registry {

/// The autoscaling/v1 Scale of an object of a kind with that subresource. `document` with resourceVersion.
Value scaleOf(const Kind& kind, const Value& document);
/// Sets the object's replicas as the Scale says, whose types have been checked. `Invalid` when they are negative.
Result<Done> setScale(const Kind& kind, const Value& scale, Value& object);

} // namespace keelson::registry
