// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apiserver/call.h"

namespace keelson::apiserver {

/// Answers what is no resource: /api, /apis, /openapi, /version, /healthz, /livez, /readyz, /metrics; 404 for the rest.
void servePlain(const std::shared_ptr<Call>& call);

} // namespace keelson::apiserver
