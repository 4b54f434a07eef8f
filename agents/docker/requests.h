// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "containers/container_runtime.h"

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include <string>
#include <string_view>

namespace keelson::docker {

// Labels on all that belongs to an agent.
inline constexpr std::string_view clusterLabel = "io.keelson.cluster";
inline constexpr std::string_view nodeLabel = "io.keelson.node";
inline constexpr std::string_view kindLabel = "io.keelson.kind"; ///< "sandbox" or "container"
inline constexpr std::string_view sandboxLabel = "io.keelson.sandbox";
inline constexpr std::string_view attemptLabel = "io.keelson.attempt";
inline constexpr std::string_view podNamespaceLabel = "io.kubernetes.pod.namespace";
inline constexpr std::string_view podNameLabel = "io.kubernetes.pod.name";
inline constexpr std::string_view podUidLabel = "io.kubernetes.pod.uid";
inline constexpr std::string_view containerNameLabel = "io.kubernetes.container.name";
inline constexpr std::string_view annotationPrefix = "io.keelson.annotation.";

/// Whose containers they are: several clusters and nodes may share an engine.
struct Owner {
    std::string cluster;
    std::string node;
};

/// Pure: bodies of `POST /containers/create`.
boost::json::value sandboxRequest(const Owner& owner, const containers::SandboxSpec& spec);
boost::json::value containerRequest(const Owner& owner, const std::string& sandboxId,
                                    const containers::ContainerSpec& spec);

/// The value of the filter `label` that finds them again.
boost::json::array ownerFilter(const Owner& owner);

/// The engine's names for containers: unique for pod, container and attempt.
std::string sandboxName(const containers::SandboxSpec& spec);
std::string containerName(const containers::ContainerSpec& spec);

/// What stands in a sandbox's /etc/resolv.conf.
std::string resolverText(const containers::SandboxSpec& spec);

/// The query of `POST /images/create` that pulls `image`: "fromImage=busybox&tag=latest". Without tag and digest it is
/// `latest`.
std::string pullQuery(std::string_view image);
/// The value of X-Registry-Auth: base64url of a JSON object.
std::string registryAuth(const containers::RegistryCredentials& credentials);

/// The query of a container's logs. `now`: the wall clock, for `sinceSeconds`.
std::string logsQuery(const containers::LogOptions& options, WallTime now);

} // namespace keelson::docker
