// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apiserver/call.h"

namespace keelson::apiserver {

/// Answers the subresource proxy of pods, services and nodes with what is said there over HTTP, upgrades included;
/// redirects and the links in pages lead back to the proxy. The caller has authorized it;
/// admission is asked here.
/// Source: Kubernetes, "Access Services Running on Clusters".
void serveProxy(const std::shared_ptr<Call>& call, const api::Kind& kind);

} // namespace keelson::apiserver
