// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/core_v1.h"
#include "base/result.h"

#include <map>
#include <string>
#include <string_view>
#include <vector>

/// What a node registers with besides what the machine says of itself. The forms, and what is refused, are those of
/// kubelet's flags of the same names. Errors are `BadRequest` and name the part that is wrong.
namespace keelson::node {

inline constexpr std::string_view controlPlaneRole = "node-role.kubernetes.io/control-plane";

/// "KEY=VALUE,..." of --node-labels. Of the names that end in kubernetes.io or k8s.io only those that kubelet may set
/// are taken: a node must not give itself a role.
Result<std::map<std::string, std::string, std::less<>>> parseNodeLabels(std::string_view text);

/// "KEY[=VALUE]:EFFECT,..." of --register-with-taints; "none" and "" are no taints.
Result<std::vector<api::Taint>> parseTaints(std::string_view text);

/// What keeps pods away from a control plane's own node, unless they tolerate it.
api::Taint controlPlaneTaint();

} // namespace keelson::node
