// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/core_v1.h"
#include "api/discovery_v1.h"
#include "network/dns_records.h"
#include "network/service_rules.h"

#include <memory>
#include <vector>

namespace keelson::network {

using Services = std::vector<std::shared_ptr<const api::Service>>;
using EndpointSlices = std::vector<std::shared_ptr<const api::EndpointSlice>>;

/// What the packet rules need of the cluster's services: IPv4 only, headless ones and external names left out.
/// Backends are the ready endpoints; where there is none, those that still serve while they end (KEP-1669).
std::vector<ServicePort> servicePorts(const Services& services, const EndpointSlices& slices);

/// What DNS tells of them. Endpoints that are not ready count for services that publish such addresses.
std::vector<DnsService> dnsServices(const Services& services, const EndpointSlices& slices);

} // namespace keelson::network
