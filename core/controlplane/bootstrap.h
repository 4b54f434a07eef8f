// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/value.h"
#include "registry/registry.h"

#include <vector>

namespace keelson::controlplane {

/// Creates those of `objects` that are not there, in their order; kinds that stand together go to the disk together.
Result<Done> createMissing(registry::Registry& registry, const registry::WriteContext& context,
                           const std::vector<api::Value>& objects);

/// Creates what is missing of `objects` and of the default roles and bindings, and adds to those roles and bindings
/// what someone took away of their rules and subjects, unless the annotation
/// rbac.authorization.kubernetes.io/autoupdate is "false". All that is new goes to the disk in a few transactions. The
/// first error that is no AlreadyExists ends it.
Result<Done> reconcileDefaults(registry::Registry& registry, const registry::WriteContext& context,
                               const std::vector<api::Value>& objects, std::vector<api::Value> roles);

/// Creates the objects, or replaces them where they are there.
Result<Done> replaceObjects(registry::Registry& registry, const registry::WriteContext& context,
                            std::vector<api::Value> objects);

} // namespace keelson::controlplane
