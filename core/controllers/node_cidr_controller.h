// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "controllers/controller.h"

namespace keelson::controllers {

/// Gives each node a range of pod addresses of its own.
std::unique_ptr<Controller> makeNodeCidrController(const Context& context);

} // namespace keelson::controllers
