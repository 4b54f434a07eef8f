// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "podsecurity/policy.h"

#include "api/core_v1.h"

namespace keelson::podsecurity {

/// A control of the standards that a pod does not keep.
struct Violation {
    std::string control; ///< "allowPrivilegeEscalation != false"
    std::string detail;  ///< "container "c" must set securityContext.allowPrivilegeEscalation=false"
};

/// All that the pod, or the template of pods, does that the policy does not allow. Pure.
std::vector<Violation> violationsOf(const Policy& policy, const api::ObjectMeta& metadata, const api::PodSpec& spec);

/// "CONTROL (DETAIL), CONTROL (DETAIL)"
std::string text(const std::vector<Violation>& violations);

} // namespace keelson::podsecurity
