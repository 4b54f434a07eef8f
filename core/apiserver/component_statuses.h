// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apiserver/call.h"

namespace keelson::apiserver {

/// Answers get and list of componentstatuses (`kind`) by asking the parts of the control plane: the caller has
/// authorized it. Source: Kubernetes API, ComponentStatus, which clients are warned of as deprecated.
void serveComponentStatuses(const std::shared_ptr<Call>& call, const api::Kind& kind);

} // namespace keelson::apiserver
