// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "controllers/controller.h"

namespace keelson::controllers {

/// Keeps the status of CustomResourceDefinitions: takes the names that are free (NamesAccepted), from when on the kind
/// is served (Established), and empties definitions that are being deleted of their objects before it lets them go.
std::unique_ptr<Controller> makeDefinitionController(const Context& context);

} // namespace keelson::controllers
