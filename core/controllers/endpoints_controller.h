// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "controllers/controller.h"

namespace keelson::controllers {

/// Keeps the EndpointSlices of each Service with a selector by `planEndpointSlices`. Those of other makers are left
/// alone.
std::unique_ptr<Controller> makeEndpointSliceController(const Context& context);
/// Keeps the Endpoints of each Service with a selector by `planEndpoints`.
std::unique_ptr<Controller> makeEndpointsController(const Context& context);

} // namespace keelson::controllers
