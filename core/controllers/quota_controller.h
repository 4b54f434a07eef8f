// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "controllers/controller.h"

namespace keelson::controllers {

/// Keeps the status of each ResourceQuota: its limits and what the namespace uses of them. Admission counts for itself
/// and does not read this.
std::unique_ptr<Controller> makeQuotaController(const Context& context);

} // namespace keelson::controllers
