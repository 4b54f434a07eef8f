// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/core_v1.h"
#include "auth/pod_references.h"

#include <set>

namespace keelson::dispatcher {

using auth::PodReference;

/// The ConfigMaps and Secrets that the pod names: what its node is sent. Pure.
std::set<PodReference> sentObjects(const api::Pod& pod);

/// Whether nothing changed that the pod's agent does not know from itself: it reports statuses often, and hearing each
/// of them again was a third of what sessions carried. Pure.
bool isAgentsOwn(const api::Pod& before, const api::Pod& now);

/// Whether the pod waits for its node to begin with it. Pure.
bool isNew(const api::Pod& pod);
/// Its containers have ended for good. Pure.
bool hasEnded(const api::Pod& pod);

/// What other nodes may know of a node: name, pod range and addresses. Pure.
api::Value peerView(const api::Node& node);

} // namespace keelson::dispatcher
