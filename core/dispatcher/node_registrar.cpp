// SPDX-License-Identifier: Apache-2.0
#include "dispatcher/node_registrar.h"

#include "api/coordination_v1.h"
#include "api/core_v1.h"

namespace keelson::dispatcher {

Result<api::Value> registerNode(client::Client& client, api::Value node)
{
    const auto& kind = api::kindOf<api::Node>();
    const api::ObjectKey key{.nameSpace = {}, .name = std::string(api::stringAt(node, {"metadata", "name"}))};
    auto known = client.get(kind, key);
    if (!known && known.error().reason == Reason::NotFound)
        known = client.create(kind, node);
    if (!known && known.error().reason == Reason::AlreadyExists)
        known = client.get(kind, key);
    if (!known)
        return fail(known.error());

    api::Object ours;
    bool differs = false;
    for (const auto* part : {"labels", "annotations"}) {
        const auto* wanted = api::find(node, {"metadata", part});
        if (wanted == nullptr || !wanted->is_object())
            continue;
        for (const auto& each : wanted->as_object()) {
            const auto* stored = api::find(*known, {"metadata", part, std::string_view(each.key())});
            differs = differs || stored == nullptr || *stored != each.value();
        }
        ours[part] = *wanted;
    }
    if (differs) {
        api::Object patch;
        patch["metadata"] = std::move(ours);
        TRY_ASSIGN(known, client.patch(kind, key, api::PatchType::Merge, patch));
    }
    auto withStatus = *known;
    if (const auto* status = api::find(node, {"status"}))
        withStatus.as_object()["status"] = *status;
    api::objectAt(withStatus, {"metadata"}).erase("resourceVersion");
    return client.update(kind, std::move(withStatus), "status");
}

Result<Done> renewLease(client::Client& client, const std::string& node, const std::string& nodeUid, WallTime now)
{
    const auto& kind = api::kindOf<api::Lease>();
    api::Value patch = api::Object();
    api::objectAt(patch, {"spec"})["renewTime"] = formatMicroTime(now);
    const auto renewed =
        client.patch(kind, {.nameSpace = std::string(leaseNamespace), .name = node}, api::PatchType::Merge, patch);
    if (renewed)
        return Done{};
    if (renewed.error().reason != Reason::NotFound)
        return fail(renewed.error());
    api::Lease lease;
    lease.metadata.name = node;
    lease.metadata.namespace_ = leaseNamespace;
    lease.metadata.ownerReferences.push_back({.apiVersion = "v1", .kind = "Node", .name = node, .uid = nodeUid});
    lease.spec.holderIdentity = node;
    lease.spec.leaseDurationSeconds = leaseDurationSeconds;
    lease.spec.renewTime = now;
    TRY_OK(client.create(kind, api::toJson(lease)));
    return Done{};
}

} // namespace keelson::dispatcher
