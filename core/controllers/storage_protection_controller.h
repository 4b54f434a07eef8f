// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/core_v1.h"
#include "controllers/controller.h"

namespace keelson::controllers {

/// A claim that is being deleted goes once no pod on a node mounts it: its finalizer kubernetes.io/pvc-protection is
/// taken away. Claims that lack the finalizer get it.
std::unique_ptr<Controller> makeClaimProtectionController(const Context& context);
/// The same for volumes that no claim is bound to any more: kubernetes.io/pv-protection.
std::unique_ptr<Controller> makeVolumeProtectionController(const Context& context);

/// Whether the pod keeps the claim of its namespace from being deleted: it is on a node and mounts it, by name or,
/// while it is not finished, as an ephemeral volume of its own. Pure.
bool usesClaim(const api::Pod& pod, const api::PersistentVolumeClaim& claim);

} // namespace keelson::controllers
