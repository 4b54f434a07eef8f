// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/kind.h"
#include "client/pod_streams.h"
#include "registry/registry.h"
#include "upstream/dialer.h"

#include <atomic>
#include <optional>
#include <string>
#include <string_view>

namespace keelson::apiserver {

/// How the path of a proxied request names what it means: NAME, NAME:PORT or SCHEME:NAME:PORT.
struct ProxyName {
    std::string scheme; ///< "", "http" or "https"
    std::string name;
    std::string port; ///< Empty: the first one.
};
/// Nothing when it is none of the three forms.
std::optional<ProxyName> readProxyName(std::string_view text);

/// Where a proxied request goes.
struct ProxyTarget {
    upstream::Connect connect; ///< With TLS where the request asks for https; any certificate will do.
    std::string host;          ///< What the server is called: "10.244.0.5:8080".
};

/// By what ways proxied requests leave: through a node's tunnel to pods, straight from here to other endpoints. The
/// members outlive what is made of them.
struct ProxyWays {
    registry::Registry& registry;
    client::PodStreams* pods = nullptr; ///< Null: there is no way to the nodes.
    const upstream::Dialer& dialer;
    std::atomic<std::size_t>& turns; ///< Counts requests to services, whose endpoints take turns.
};

/// One endpoint of a service, by the number or the name of the service's port.
Result<ProxyTarget> endpointOf(const ProxyWays& ways, const api::ObjectKey& service, const std::string& port,
                               const std::string& called);

/// Where an APIService leads: as `endpointOf`, or outside when the service is of the type ExternalName. Those are not
/// for the proxy: who may make a Service must not choose what this machine connects to.
Result<ProxyTarget> apiServerTarget(const ProxyWays& ways, const api::ObjectKey& service, std::uint16_t port);

/// What "pods/NAME/proxy" and its siblings mean, `key.name` in one of the three forms. Errors in Kubernetes' words:
/// `BadRequest` for a name of another form, a pod or node without an address and an address of this machine itself;
/// `NotFound`; `ServiceUnavailable` for a service without such a port, or with no endpoint that is ready;
/// `MethodNotAllowed` for the kubelet's port of a node. Any thread; does not block.
Result<ProxyTarget> podProxyTarget(const ProxyWays& ways, const api::ObjectKey& key);
Result<ProxyTarget> serviceProxyTarget(const ProxyWays& ways, const api::ObjectKey& key);
Result<ProxyTarget> nodeProxyTarget(const ProxyWays& ways, const api::ObjectKey& key);

} // namespace keelson::apiserver
