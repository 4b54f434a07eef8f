// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/kind.h"
#include "auth/pod_references.h"

#include <map>
#include <optional>
#include <set>
#include <shared_mutex>
#include <string>

namespace keelson::auth {

/// Which node has something to do with which object: a pod that is bound to the node leads to all that the pod names,
/// and a claim to its volume.
///
/// Threads: any; questions wait at most for a change that is being taken in. Fed by a watch, so it lags a little.
class NodeGraph {
public:
    /// The pod as it is now; one without a node leads nowhere.
    void setPod(const api::Pod& pod);
    void removePod(const api::ObjectKey& pod);
    /// The claim that a PersistentVolume is bound to; nothing: it is not bound, or gone.
    void setVolume(const std::string& volume, std::optional<api::ObjectKey> claim);

    bool runsPod(const std::string& node, const api::ObjectKey& pod) const;
    /// Whether a pod of the node names the object.
    bool reaches(const std::string& node, const PodReference& reference) const;
    bool reachesVolume(const std::string& node, const std::string& volume) const;

private:
    struct Pod {
        std::string node;
        std::set<PodReference> references;
    };
    void forget(const api::ObjectKey& key); ///< With m_mutex held.

    mutable std::shared_mutex m_mutex;
    std::map<api::ObjectKey, Pod> m_pods;
    std::map<PodReference, std::multiset<std::string>> m_nodes; ///< One entry for each pod that names it.
    std::map<std::string, api::ObjectKey> m_claims;             ///< By volume.
};

} // namespace keelson::auth
