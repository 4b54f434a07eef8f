// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace keelson::client {

/// Whether a group version that another server serves can be had, as the condition Available of its APIService says.
struct ApiAvailability {
    bool available = false;
    std::string reason; ///< "Passed", "ServiceNotFound", "FailedDiscoveryCheck"
    std::string message;
};

} // namespace keelson::client
