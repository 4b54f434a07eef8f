// SPDX-License-Identifier: Apache-2.0
#include "auth/pod_references.h"

#include <fmt/format.h>

namespace keelson::auth {
namespace {

using Kind = PodReference::Kind;

class Collector {
public:
    explicit Collector(const api::Pod& pod) : m_pod(pod) {}

    void add(Kind kind, const std::string& name)
    {
        if (!name.empty())
            m_found.insert({.kind = kind, .nameSpace = m_pod.metadata.namespace_, .name = name});
    }

    template <typename Container>
    void addContainer(const Container& container)
    {
        for (const auto& source : container.envFrom) {
            if (source.configMapRef)
                add(Kind::ConfigMap, source.configMapRef->name);
            if (source.secretRef)
                add(Kind::Secret, source.secretRef->name);
        }
        for (const auto& variable : container.env) {
            if (!variable.valueFrom)
                continue;
            if (variable.valueFrom->configMapKeyRef)
                add(Kind::ConfigMap, variable.valueFrom->configMapKeyRef->name);
            if (variable.valueFrom->secretKeyRef)
                add(Kind::Secret, variable.valueFrom->secretKeyRef->name);
        }
    }

    void addVolume(const api::Volume& volume)
    {
        if (volume.configMap)
            add(Kind::ConfigMap, volume.configMap->name);
        if (volume.secret)
            add(Kind::Secret, volume.secret->secretName);
        if (volume.persistentVolumeClaim)
            add(Kind::PersistentVolumeClaim, volume.persistentVolumeClaim->claimName);
        if (volume.ephemeral)
            add(Kind::PersistentVolumeClaim, fmt::format("{}-{}", m_pod.metadata.name, volume.name));
        addDriverSecrets(volume);
        if (!volume.projected)
            return;
        for (const auto& source : volume.projected->sources) {
            if (source.configMap)
                add(Kind::ConfigMap, source.configMap->name);
            if (source.secret)
                add(Kind::Secret, source.secret->name);
        }
    }

    std::set<PodReference> take() { return std::move(m_found); }

private:
    /// The secrets with which drivers of volumes identify themselves.
    void addDriverSecrets(const api::Volume& volume)
    {
        const auto addSecretOf = [this](const auto& source) {
            if (source && source->secretRef)
                add(Kind::Secret, source->secretRef->name);
        };
        addSecretOf(volume.iscsi);
        addSecretOf(volume.rbd);
        addSecretOf(volume.flexVolume);
        addSecretOf(volume.cephfs);
        addSecretOf(volume.scaleIO);
        addSecretOf(volume.storageos);
        if (volume.azureFile)
            add(Kind::Secret, volume.azureFile->secretName);
        if (volume.csi && volume.csi->nodePublishSecretRef)
            add(Kind::Secret, volume.csi->nodePublishSecretRef->name);
    }

    const api::Pod& m_pod;
    std::set<PodReference> m_found;
};

} // namespace

std::set<PodReference> referencesOf(const api::Pod& pod)
{
    Collector collector(pod);
    collector.add(Kind::ServiceAccount, pod.spec.serviceAccountName);
    for (const auto& container : pod.spec.initContainers)
        collector.addContainer(container);
    for (const auto& container : pod.spec.containers)
        collector.addContainer(container);
    for (const auto& container : pod.spec.ephemeralContainers)
        collector.addContainer(container);
    for (const auto& volume : pod.spec.volumes)
        collector.addVolume(volume);
    for (const auto& reference : pod.spec.imagePullSecrets)
        collector.add(Kind::Secret, reference.name);
    return collector.take();
}

std::string_view wordsFor(PodReference::Kind kind)
{
    switch (kind) {
    case Kind::ConfigMap:
        return "config map";
    case Kind::Secret:
        return "secret";
    case Kind::ServiceAccount:
        return "service account";
    case Kind::PersistentVolumeClaim:
        return "persistent volume claim";
    }
    return "object";
}

} // namespace keelson::auth
