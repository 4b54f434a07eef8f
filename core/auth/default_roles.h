// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/value.h"

#include <string_view>
#include <vector>

namespace keelson::auth {

/// The ClusterRoles and ClusterRoleBindings that every cluster has (with aggregated rules already in place), as
/// documents: cluster-admin, admin, edit, view; those of users, nodes and health checks; one for each of the control
/// plane's own parts. At start the control plane creates what is missing and adds rules and subjects that someone took
/// away, unless the object's annotation rbac.authorization.kubernetes.io/autoupdate is "false".
std::vector<api::Value> defaultRoles();

/// What `defaultRoles` is made from; its own form is described beside it.
extern const std::string_view defaultRoleTable;

} // namespace keelson::auth
