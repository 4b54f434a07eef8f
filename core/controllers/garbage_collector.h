// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "controllers/controller.h"

namespace keelson::controllers {

/// Deletes objects whose owners are gone, and carries out foreground and orphaning deletions.
/// Made last: it shares the informers that other controllers asked for, and reads the metadata of all other kinds.
std::unique_ptr<Controller> makeGarbageCollector(const Context& context);

} // namespace keelson::controllers
