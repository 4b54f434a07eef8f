// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "containers/container_runtime.h"
#include "pods/environment.h"
#include "pods/pod_objects.h"

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace keelson::pods {

// Annotations on containers, beside the labels that say whose they are.
inline constexpr std::string_view imageAnnotation = "image";                ///< As the pod's spec had it.
inline constexpr std::string_view backoffAnnotation = "backoffMs";          ///< How long to wait before the next start.
inline constexpr std::string_view graceAnnotation = "graceSeconds";         ///< For a pod that is not known any more.
inline constexpr std::string_view messageAnnotation = "terminationMessage"; ///< Host path of that file.

/// What is the same for all pods of a node.
struct NodeSettings {
    std::string nodeName;
    std::string hostIp;
    std::string clusterDomain = "cluster.local";
    std::string dnsAddress;              ///< Empty: there is no cluster DNS.
    std::string containerNetwork;        ///< Empty: the runtime's default.
    std::filesystem::path podsDirectory; ///< Holds a folder per pod, named by its uid; empty: no disk is used.
    std::vector<std::string> hostNameServers;
    std::vector<std::string> hostSearches;
    std::int64_t cpuMilli = 0; ///< Allocatable.
    std::int64_t memoryBytes = 0;
};

/// Host paths of the pod's volumes, by the volume's name.
using VolumePaths = std::map<std::string, std::string, std::less<>>;

containers::PodIdentity identityOf(const api::Pod& pod);

/// Pure.
containers::SandboxSpec sandboxSpec(const api::Pod& pod, const NodeSettings& settings, int attempt);

/// What a container is made from, besides the pod.
struct ContainerPlace {
    int attempt = 0;
    Milliseconds nextBackoff{0};        ///< What `backoffAnnotation` is to say.
    std::string terminationMessageFile; ///< On the host; empty: none.
    std::string processesOf;            ///< A running container whose processes it shares, by id; empty: none.
};

/// Pure. `NotFound`, `Invalid` when the pod names what is not there: the message belongs to CreateContainerConfigError.
Result<containers::ContainerSpec> containerSpec(const api::Pod& pod, const api::Container& container,
                                                const PodObjects& objects, const PodFacts& facts,
                                                const VolumePaths& volumes, const ContainerPlace& place);

/// Credentials for the image among the pod's pull secrets (kubernetes.io/dockerconfigjson).
std::optional<containers::RegistryCredentials> credentialsFor(const api::Pod& pod, const std::string& image,
                                                              const PodObjects& objects);

/// The port a probe or hook means: a number, or the name of one of the container's ports.
Result<int> resolvePort(const api::IntOrString& port, const api::Container& container);

} // namespace keelson::pods
