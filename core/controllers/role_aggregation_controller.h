// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/rbac_v1.h"
#include "controllers/controller.h"

#include <span>

namespace keelson::controllers {

/// The rules of the other roles that `role`'s aggregationRule selects, in the order of the roles' names, each once.
/// Pure.
std::vector<api::PolicyRule> aggregatedRules(const api::ClusterRole& role, std::span<const api::ClusterRolePtr> roles);

/// Keeps `rules` of each ClusterRole that has an aggregationRule: what stood there by hand goes.
std::unique_ptr<Controller> makeRoleAggregationController(const Context& context);

} // namespace keelson::controllers
