// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/core_v1.h"

#include <set>
#include <string>

namespace keelson::dispatcher {

/// A ConfigMap or Secret that a pod names.
struct ObjectReference {
    bool secret = false;
    std::string nameSpace;
    std::string name;
    auto operator<=>(const ObjectReference&) const = default;
};

/// All ConfigMaps and Secrets that the pod's containers, volumes and image pulls name: what its node may see. Pure.
std::set<ObjectReference> referencedObjects(const api::Pod& pod);

/// What other nodes may know of a node: name, pod range and addresses. Pure.
api::Value peerView(const api::Node& node);

} // namespace keelson::dispatcher
