// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/core_v1.h"
#include "api/discovery_v1.h"
#include "network/node_network.h"
#include "node/session_client.h"
#include "pods/pod_objects.h"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace keelson::node {

/// What the server has sent to this node: a copy that outlives both connection and agent. Threads: the loop's.
class AssignedObjects {
public:
    enum class Kind { Pod, ConfigMap, Secret, Service, EndpointSlice, Node, Other };

    struct Change {
        Kind kind = Kind::Other;
        api::ObjectKey key;
        bool gone = false;
    };

    /// The server begins to send everything anew.
    void begin();
    /// Takes a change in; the kind is `Other` when it is nothing that we know, or cannot be read.
    Change apply(const wire::ObjectChange& change);
    /// Everything has been sent: forgets what was not sent since `begin`, and names it.
    std::vector<Change> finish();

    api::PodPtr pod(const api::ObjectKey& key) const;
    std::vector<api::PodPtr> pods() const;
    /// For a pod: the ConfigMaps and Secrets of its namespace and the services that it hears of.
    pods::PodObjects objectsFor(const api::Pod& pod) const;
    std::vector<api::ServicePtr> services() const;
    std::vector<std::shared_ptr<const api::EndpointSlice>> slices() const;
    std::vector<network::Peer> peers() const;

    /// All of it as text, for the disk, and back. What cannot be read is left out.
    std::string save(const std::optional<wire::Welcome>& welcome) const;
    std::optional<wire::Welcome> load(const std::string& text);

private:
    using Name = std::tuple<Kind, std::string, std::string>;

    void forget(const Name& name);

    std::map<Name, wire::ObjectChange> m_sent;
    std::set<Name> m_fresh;
    std::map<api::ObjectKey, api::PodPtr> m_pods;
    std::map<api::ObjectKey, api::ConfigMapPtr> m_configMaps;
    std::map<api::ObjectKey, api::SecretPtr> m_secrets;
    std::map<api::ObjectKey, api::ServicePtr> m_services;
    std::map<api::ObjectKey, std::shared_ptr<const api::EndpointSlice>> m_slices;
    std::map<api::ObjectKey, network::Peer> m_peers;
};

} // namespace keelson::node
