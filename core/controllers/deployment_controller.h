// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "controllers/controller.h"

namespace keelson::controllers {

/// Rolls each Deployment out over ReplicaSets by `planDeployment`.
std::unique_ptr<Controller> makeDeploymentController(const Context& context);

} // namespace keelson::controllers
