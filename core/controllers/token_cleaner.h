// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "controllers/controller.h"

namespace keelson::controllers {

/// Removes bootstrap tokens (Secrets of kube-system of the type bootstrap.kubernetes.io/token) whose time is over.
std::unique_ptr<Controller> makeTokenCleaner(const Context& context);

} // namespace keelson::controllers
