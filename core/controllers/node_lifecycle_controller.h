// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "controllers/controller.h"

namespace keelson::controllers {

/// Watches the nodes' leases: a silent node becomes Unknown and tainted, its pods become not ready and are evicted when
/// they no longer tolerate it. Taints follow conditions and spec.unschedulable.
std::unique_ptr<Controller> makeNodeLifecycleController(const Context& context);

/// Removes pods of nodes that are gone, and pods that were deleted before they had a node.
std::unique_ptr<Controller> makePodGarbageController(const Context& context);

} // namespace keelson::controllers
