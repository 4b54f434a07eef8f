// SPDX-License-Identifier: Apache-2.0
#include "auth/node_graph.h"

#include <mutex>

namespace keelson::auth {

void NodeGraph::setPod(const api::Pod& pod)
{
    const api::ObjectKey key{pod.metadata.namespace_, pod.metadata.name};
    auto references = referencesOf(pod);
    const std::unique_lock lock(m_mutex);
    if (const auto known = m_pods.find(key);
        known != m_pods.end() && known->second.node == pod.spec.nodeName && known->second.references == references)
        return; // as with most changes: of its status alone
    forget(key);
    if (pod.spec.nodeName.empty())
        return;
    for (const auto& reference : references)
        m_nodes[reference].insert(pod.spec.nodeName);
    m_pods[key] = {pod.spec.nodeName, std::move(references)};
}

void NodeGraph::removePod(const api::ObjectKey& pod)
{
    const std::unique_lock lock(m_mutex);
    forget(pod);
}

void NodeGraph::forget(const api::ObjectKey& key)
{
    const auto known = m_pods.find(key);
    if (known == m_pods.end())
        return;
    for (const auto& reference : known->second.references) {
        const auto nodes = m_nodes.find(reference);
        nodes->second.erase(nodes->second.find(known->second.node));
        if (nodes->second.empty())
            m_nodes.erase(nodes);
    }
    m_pods.erase(known);
}

void NodeGraph::setVolume(const std::string& volume, std::optional<api::ObjectKey> claim)
{
    const std::unique_lock lock(m_mutex);
    if (claim)
        m_claims[volume] = *std::move(claim);
    else
        m_claims.erase(volume);
}

bool NodeGraph::runsPod(const std::string& node, const api::ObjectKey& pod) const
{
    const std::shared_lock lock(m_mutex);
    const auto found = m_pods.find(pod);
    return found != m_pods.end() && found->second.node == node;
}

bool NodeGraph::reaches(const std::string& node, const PodReference& reference) const
{
    const std::shared_lock lock(m_mutex);
    const auto found = m_nodes.find(reference);
    return found != m_nodes.end() && found->second.contains(node);
}

bool NodeGraph::reachesVolume(const std::string& node, const std::string& volume) const
{
    PodReference claim{.kind = PodReference::Kind::PersistentVolumeClaim, .nameSpace = {}, .name = {}};
    {
        const std::shared_lock lock(m_mutex);
        const auto found = m_claims.find(volume);
        if (found == m_claims.end())
            return false;
        claim.nameSpace = found->second.nameSpace;
        claim.name = found->second.name;
    }
    return reaches(node, claim);
}

} // namespace keelson::auth
