// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "controllers/controller.h"

#include <set>

namespace keelson::controllers {

/// The first /`maskSize` of `clusterCidr` that overlaps none of `used` (all IPv4, "10.244.1.0/24").
/// `Invalid` when an argument is malformed, `RequestEntityTooLarge` when none is left.
Result<std::string> nextCidr(std::string_view clusterCidr, int maskSize, const std::set<std::string>& used);

/// Gives each node a range of pod addresses of its own.
std::unique_ptr<Controller> makeNodeCidrController(const Context& context);

} // namespace keelson::controllers
