// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/core_v1.h"

#include <set>
#include <string>
#include <string_view>

namespace keelson::auth {

/// An object of a pod's namespace that the pod names: its node may read it, or act for it.
struct PodReference {
    enum class Kind { ConfigMap, Secret, ServiceAccount, PersistentVolumeClaim };
    Kind kind = Kind::ConfigMap;
    std::string nameSpace;
    std::string name;
    auto operator<=>(const PodReference&) const = default;
};

/// All that the pod's account, containers, volumes and image pulls name. Pure.
std::set<PodReference> referencesOf(const api::Pod& pod);

/// "config map", "service account": for messages.
std::string_view wordsFor(PodReference::Kind kind);

} // namespace keelson::auth
