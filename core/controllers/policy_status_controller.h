// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "controllers/controller.h"

namespace keelson::controllers {

/// Writes into the status of each ValidatingAdmissionPolicy what is doubtful about its expressions, given the schemas
/// of the kinds that it is about.
std::unique_ptr<Controller> makePolicyStatusController(const Context& context);

} // namespace keelson::controllers
