// SPDX-License-Identifier: Apache-2.0
#include "dispatcher/assignments.h"

namespace keelson::dispatcher {

std::set<PodReference> sentObjects(const api::Pod& pod)
{
    auto references = auth::referencesOf(pod);
    std::erase_if(references, [](const PodReference& each) {
        return each.kind != PodReference::Kind::ConfigMap && each.kind != PodReference::Kind::Secret;
    });
    return references;
}

api::Value peerView(const api::Node& node)
{
    api::Node peer;
    peer.metadata.name = node.metadata.name;
    peer.spec.podCIDR = node.spec.podCIDR;
    peer.status.addresses = node.status.addresses;
    return api::toJson(peer);
}

} // namespace keelson::dispatcher
