// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "controllers/controller.h"

namespace keelson::controllers {

/// Keeps as many pods as each ReplicaSet wants: adopts and releases by selector, creates and removes by
/// `planReplicaSet`.
std::unique_ptr<Controller> makeReplicaSetController(const Context& context);

} // namespace keelson::controllers
