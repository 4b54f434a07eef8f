// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "controllers/controller.h"

namespace keelson::controllers {

/// Makes the APIServices of what this server serves itself, and keeps the condition Available of all of them: by asking
/// the servers that the others name, again and again.
std::unique_ptr<Controller> makeApiServiceController(const Context& context);

} // namespace keelson::controllers
