// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "network/service_rules.h"

#include <string>
#include <vector>

namespace keelson::network::test {

/// One service port a line, `#` for remarks:
///   default/web:http tcp 10.96.0.5:80 node=30080 external=192.0.2.1 internal=local -> 10.244.1.2:8080@n1 ...
/// "-" stands for "no cluster IP" (then ":80" gives the port).
std::vector<ServicePort> servicePorts(const std::string& text);

} // namespace keelson::network::test
