// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apiserver/call.h"

namespace keelson::apiserver {

/// GET /trace/v1/PATH, where PATH is that of an object in the API ("/apis/apps/v1/namespaces/default/deployments/web"):
/// what became of it since it was last declared anew, for whoever may get the object; of other objects, what the caller
/// may get. With ?all=true all that is kept; with ?format=otlp as OpenTelemetry has it.
void serveTrace(const std::shared_ptr<Call>& call, const api::Kind& kind);

} // namespace keelson::apiserver
