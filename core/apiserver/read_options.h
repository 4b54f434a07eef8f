// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apiserver/http_message.h"
#include "apiserver/request_info.h"
#include "registry/registry.h"

namespace keelson::apiserver {

/// What a list asks for, by its query: labelSelector, fieldSelector, limit, continue, resourceVersion,
/// resourceVersionMatch. `BadRequest` names the parameter that cannot be read; `Invalid` for parameters of a watch.
Result<registry::ListOptions> listOptions(const Request& request, const RequestInfo& info);

/// What a watch asks for. `Invalid` for parameters that exclude one another, as Kubernetes says it.
/// Source: KEP-3157 (streaming lists) for sendInitialEvents.
Result<registry::WatchOptions> watchOptions(const Request& request, const RequestInfo& info);

} // namespace keelson::apiserver
