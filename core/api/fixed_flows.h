// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/value.h"

#include <string_view>

namespace keelson::api {

/// The spec that a FlowSchema or PriorityLevelConfiguration of this name always has: `exempt` for the administrators,
/// so that they get through whatever else is configured, and `catch-all` for what nothing else is about. Null for
/// others. Defaults are filled in. Source: Kubernetes, "API Priority and Fairness", mandatory configuration objects.
const Value* fixedFlowSpec(std::string_view kind, std::string_view name);

} // namespace keelson::api
