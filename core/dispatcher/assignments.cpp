// SPDX-License-Identifier: Apache-2.0
#include "dispatcher/assignments.h"

#include "api/pod_conditions.h"

#include <algorithm>
#include <ranges>

namespace keelson::dispatcher {
namespace {

auto conditionsOfOthers(const api::Pod& pod)
{
    return pod.status.conditions |
           std::views::filter([](const auto& condition) { return !api::isOfAgent(condition.type); });
}

/// But for resourceVersion and managedFields; what never changes is left out.
bool sameMetadata(const api::ObjectMeta& one, const api::ObjectMeta& other)
{
    const auto parts = [](const api::ObjectMeta& meta) {
        return std::tie(meta.uid, meta.generation, meta.labels, meta.annotations, meta.finalizers, meta.ownerReferences,
                        meta.deletionTimestamp, meta.deletionGracePeriodSeconds);
    };
    return parts(one) == parts(other);
}

} // namespace

std::set<PodReference> sentObjects(const api::Pod& pod)
{
    auto references = auth::referencesOf(pod);
    std::erase_if(references, [](const PodReference& each) {
        return each.kind != PodReference::Kind::ConfigMap && each.kind != PodReference::Kind::Secret;
    });
    return references;
}

bool isAgentsOwn(const api::Pod& before, const api::Pod& now)
{
    return sameMetadata(before.metadata, now.metadata) && hasEnded(before) == hasEnded(now) &&
           before.status.qosClass == now.status.qosClass &&
           std::ranges::equal(conditionsOfOthers(before), conditionsOfOthers(now)) && before.spec == now.spec;
}

bool isNew(const api::Pod& pod)
{
    return !pod.status.startTime && !hasEnded(pod) && !pod.metadata.deletionTimestamp;
}

bool hasEnded(const api::Pod& pod)
{
    return pod.status.phase == "Succeeded" || pod.status.phase == "Failed";
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
