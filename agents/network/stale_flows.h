// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "network/service_rules.h"

#include <string>
#include <vector>

namespace keelson::network {

/// Flows that the kernel still translates to a backend which has left the service. TCP notices by itself; a UDP client
/// would talk to nobody for as long as it goes on.
struct StaleFlow {
    std::uint16_t port = 0; ///< Which the client sends to: the service's, or its node port.
    std::string backendIp;

    auto operator<=>(const StaleFlow&) const = default;
};

/// Pure. Sorted, each once.
std::vector<StaleFlow> staleFlows(const std::vector<ServicePort>& before, const std::vector<ServicePort>& after);

/// The arguments with which the `conntrack` program forgets the flow.
std::vector<std::string> forgetCommand(const StaleFlow& flow);

} // namespace keelson::network
