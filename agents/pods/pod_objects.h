// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/core_v1.h"

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace keelson::pods {

/// A token that a pod's volumes want of its service account.
struct TokenSpec {
    std::string audience; ///< Empty: the API server.
    std::int64_t expirationSeconds = 0;
    auto operator<=>(const TokenSpec&) const = default;
};

TokenSpec tokenSpec(const api::ServiceAccountTokenProjection& source);
/// The tokens that the pod's volumes want. Pure.
std::set<TokenSpec> wantedTokens(const api::Pod& pod);

/// What a pod's containers and volumes are made from besides the pod: a snapshot, free to be read on any thread.
struct PodObjects {
    std::map<std::string, api::ConfigMapPtr, std::less<>> configMaps; ///< Of the pod's namespace, by name.
    std::map<std::string, api::SecretPtr, std::less<>> secrets;       ///< Of the pod's namespace, by name.
    /// The tokens that have come; those that have not are missing, and errors say why one is refused.
    std::map<TokenSpec, Result<std::string>> tokens;
    std::vector<api::ServicePtr> services; ///< Of the pod's namespace, and `kubernetes` of `default`.
};

/// What the node knows of a pod that its containers may ask for.
struct PodFacts {
    std::string podIp;
    std::string hostIp;
    std::string nodeName;
    std::int64_t nodeCpuMilli = 0; ///< Allocatable: the limit of a container without one.
    std::int64_t nodeMemoryBytes = 0;
};

/// The value of a downward field: "metadata.name", "metadata.labels['app']", "status.podIP", ... `Invalid` for a field
/// that pods do not offer.
/// Source: Kubernetes, "Downward API", available fields.
Result<std::string> fieldValue(const api::Pod& pod, std::string_view path, const PodFacts& facts);
/// "limits.cpu" and its kin, divided and rounded up. `container` names the default.
Result<std::string> resourceValue(const api::Pod& pod, std::string_view container,
                                  const api::ResourceFieldSelector& selector, const PodFacts& facts);

/// "key=\"value\"" lines, as a volume shows labels and annotations.
std::string mapText(const std::map<std::string, std::string, std::less<>>& map);

} // namespace keelson::pods
