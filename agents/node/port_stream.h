// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "containers/container_runtime.h"

#include <cstdint>
#include <memory>
#include <string>

namespace keelson::node {

/// One TCP connection to a port of a pod. Blocks until it stands. `ServiceUnavailable` names address and cause.
Result<std::unique_ptr<containers::Stream>> connectToPort(const std::string& address, std::uint16_t port,
                                                          containers::StreamHandler handler);
/// The same inside a pod's network: its loopback first, as for what the pod itself connects to, then the address. Needs
/// CAP_SYS_ADMIN.
Result<std::unique_ptr<containers::Stream>> connectInside(const containers::OpenFile& network,
                                                          const std::string& address, std::uint16_t port,
                                                          containers::StreamHandler handler);

} // namespace keelson::node
