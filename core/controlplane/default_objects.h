// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/value.h"

#include <string>
#include <string_view>
#include <vector>

namespace keelson::controlplane {

/// What a cluster holds from its first moment, in the order of making: the namespaces default, kube-system, kube-public
/// and kube-node-lease; the PriorityClasses of the system; the Service `kubernetes` in front of this API server and the
/// Service `kube-dns` that names the address of cluster DNS. Both Services are without selectors: their addresses are
/// ours to set.
std::vector<api::Value> defaultObjects(std::string_view serviceCidr, std::string_view apiAddress);

/// The Endpoints and EndpointSlice behind the Service `kubernetes`: where this API server listens ("host:port").
std::vector<api::Value> apiServerEndpoints(std::string_view apiAddress);

/// The `index`th address of an IPv4 range: ("10.96.0.0/16", 10) is "10.96.0.10".
std::string addressInRange(std::string_view cidr, std::uint32_t index);

/// The ConfigMap kube-system/extension-apiserver-authentication: by what an API server of an extension knows clients
/// and us, who name the user that asks. Both authorities in PEM.
api::Value extensionAuthentication(const std::string& clientAuthority, const std::string& frontProxyAuthority);

/// The common name in the certificate that we show to such servers.
inline constexpr std::string_view frontProxyName = "front-proxy-client";

} // namespace keelson::controlplane
