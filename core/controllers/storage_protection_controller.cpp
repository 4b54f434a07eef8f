// SPDX-License-Identifier: Apache-2.0
#include "controllers/storage_protection_controller.h"

#include "client/typed.h"
#include "controllers/pod_state.h"

#include <algorithm>

namespace keelson::controllers {
namespace {

constexpr std::string_view claimFinalizer = "kubernetes.io/pvc-protection";
constexpr std::string_view volumeFinalizer = "kubernetes.io/pv-protection";

bool hasFinalizer(const api::ObjectMeta& metadata, std::string_view finalizer)
{
    return std::ranges::find(metadata.finalizers, finalizer) != metadata.finalizers.end();
}

std::vector<std::string> claimsOf(const api::Pod& pod)
{
    std::vector<std::string> names;
    for (const auto& volume : pod.spec.volumes) {
        if (volume.persistentVolumeClaim)
            names.push_back(volume.persistentVolumeClaim->claimName);
        else if (volume.ephemeral)
            names.push_back(pod.metadata.name + "-" + volume.name);
    }
    return names;
}

/// Writes the object with the finalizer, or without it where it is not needed any more.
template <typename T>
Result<Done> settle(client::Client& client, client::Informer<T>& informer, const T& object, std::string_view finalizer,
                    bool used, Pass& pass)
{
    const bool deleting = object.metadata.deletionTimestamp.has_value();
    const bool has = hasFinalizer(object.metadata, finalizer);
    if (deleting ? !has || used : has)
        return Done{};
    auto changed = object;
    if (deleting)
        std::erase(changed.metadata.finalizers, finalizer);
    else
        changed.metadata.finalizers.emplace_back(finalizer);
    const auto written = client.update(informer.kind(), toJson(changed));
    if (!written && written.error().reason == Reason::NotFound)
        return Done{};
    TRY_OK(written);
    if (deleting)
        pass.removed(informer, keyOf(object), object.metadata.uid);
    else
        pass.wrote(informer, *written);
    return Done{};
}

class ClaimProtectionController : public KeyedController {
public:
    explicit ClaimProtectionController(const Context& context)
        : KeyedController(
              context, "pvc-protection",
              {&context.informers.informer<api::PersistentVolumeClaim>(), &context.informers.informer<api::Pod>()}),
          m_client(context.clientOf("pvc-protection-controller")),
          m_claims(context.informers.informer<api::PersistentVolumeClaim>()),
          m_pods(context.informers.informer<api::Pod>())
    {
        m_claims.onChange([this](const auto&, const auto& now) {
            if (now && (now->metadata.deletionTimestamp || !hasFinalizer(now->metadata, claimFinalizer)))
                m_runner.add(keyOf(*now));
        });
        // Pods that go or end may have been the last to use a claim.
        m_pods.onChange([this](const auto& before, const auto& now) {
            if (now && !isFinished(*now))
                return;
            const auto& pod = now ? now : before;
            for (auto& name : claimsOf(*pod))
                m_runner.add({pod->metadata.namespace_, std::move(name)});
        });
    }

    Result<Done> reconcile(const ObjectKey& key, Pass& pass) override
    {
        const auto claim = m_claims.find(key);
        if (!claim)
            return Done{};
        const bool used = claim->metadata.deletionTimestamp &&
                          std::ranges::any_of(m_pods.inNamespace(key.nameSpace),
                                              [&](const auto& pod) { return usesClaim(*pod, *claim); });
        return settle(m_client, m_claims, *claim, claimFinalizer, used, pass);
    }

private:
    client::Client& m_client;
    client::Informer<api::PersistentVolumeClaim>& m_claims;
    client::Informer<api::Pod>& m_pods;
};

class VolumeProtectionController : public KeyedController {
public:
    explicit VolumeProtectionController(const Context& context)
        : KeyedController(context, "pv-protection", {&context.informers.informer<api::PersistentVolume>()}),
          m_client(context.clientOf("pv-protection-controller")),
          m_volumes(context.informers.informer<api::PersistentVolume>())
    {
        m_volumes.onChange([this](const auto&, const auto& now) {
            if (now && (now->metadata.deletionTimestamp || !hasFinalizer(now->metadata, volumeFinalizer)))
                m_runner.add(keyOf(*now));
        });
    }

    Result<Done> reconcile(const ObjectKey& key, Pass& pass) override
    {
        const auto volume = m_volumes.find(key);
        if (!volume)
            return Done{};
        return settle(m_client, m_volumes, *volume, volumeFinalizer, volume->status.phase == "Bound", pass);
    }

private:
    client::Client& m_client;
    client::Informer<api::PersistentVolume>& m_volumes;
};

} // namespace

bool usesClaim(const api::Pod& pod, const api::PersistentVolumeClaim& claim)
{
    if (pod.spec.nodeName.empty())
        return false; // a node does not start a pod whose claim is being deleted
    return std::ranges::any_of(pod.spec.volumes, [&](const api::Volume& volume) {
        if (volume.persistentVolumeClaim)
            return volume.persistentVolumeClaim->claimName == claim.metadata.name;
        return volume.ephemeral && !isFinished(pod) && claim.metadata.name == pod.metadata.name + "-" + volume.name &&
               std::ranges::any_of(claim.metadata.ownerReferences,
                                   [&](const auto& owner) { return owner.uid == pod.metadata.uid; });
    });
}

std::unique_ptr<Controller> makeClaimProtectionController(const Context& context)
{
    return std::make_unique<ClaimProtectionController>(context);
}

std::unique_ptr<Controller> makeVolumeProtectionController(const Context& context)
{
    return std::make_unique<VolumeProtectionController>(context);
}

} // namespace keelson::controllers
