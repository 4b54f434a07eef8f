// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "api/value.h"
#include "base/result.h"

#include <string>
#include <string_view>
#include <vector>

namespace keelson::design {

/// Something of a Compose file that has no counterpart, or another one than one might think.
struct ComposeNote {
    std::string place;   ///< "services.web.build"
    std::string message; ///< What became of it, and what to do.
    bool operator==(const ComposeNote&) const = default;
};

struct ComposeResult {
    std::vector<api::Value> objects; ///< Configuration and claims first, then each service's workload and Service.
    std::vector<ComposeNote> notes;
};

/// More services than this are refused.
inline constexpr std::size_t composeServicesMax = 200;

/// Kubernetes objects for the services of a Compose file: Deployments, Services for their ports, claims for named
/// volumes, ConfigMaps for configs with contents. What has no counterpart is left out and said.
/// `BadRequest`: it is no Compose file; the message says what is wrong. `Invalid`: a service has no image.
/// Source: the Compose Specification (compose-spec.io).
Result<ComposeResult> fromCompose(std::string_view text);

} // namespace keelson::design
