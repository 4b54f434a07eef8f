// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/core_v1.h"
#include "base/result.h"
#include "containers/container_runtime.h"

#include <filesystem>
#include <string>

namespace keelson::pods {

// What of a container's securityContext takes a look at the image or the disk. The container's word goes before the
// pod's. Source: Kubernetes, "Configure a Security Context for a Pod or Container".

/// Whether the container's user depends on the image: it must not be root, or has a group and no user.
bool asksForImageUser(const api::Pod& pod, const api::Container& container, const containers::ContainerSpec& spec);

/// Pure. Takes over the image's user. `Invalid` in Kubernetes' words when the container must not run as root and would,
/// or when the image has but a name, which may be root's.
Result<Done> takeImageUser(containers::ContainerSpec& spec, const api::Pod& pod, const api::Container& container,
                           const std::string& imageUser);

/// `Invalid` when the container must not run as root and the pod says it does.
Result<Done> checkUser(const api::Pod& pod, const api::Container& container, const containers::ContainerSpec& spec);

/// Sets the profiles of seccomp and AppArmor. Seccomp's Localhost profile is a JSON file below `profiles`. `Invalid`
/// when it leaves that folder, `NotFound` with the path when it cannot be read.
Result<Done> addProfiles(containers::ContainerSpec& spec, const api::Pod& pod, const api::Container& container,
                         const std::filesystem::path& profiles);

} // namespace keelson::pods
