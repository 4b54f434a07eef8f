// SPDX-License-Identifier: Apache-2.0
#include "dispatcher/assignments.h"

namespace keelson::dispatcher {
namespace {

class Collector {
public:
    explicit Collector(std::string nameSpace) : m_nameSpace(std::move(nameSpace)) {}

    void add(bool secret, const std::string& name)
    {
        if (!name.empty())
            m_found.insert({.secret = secret, .nameSpace = m_nameSpace, .name = name});
    }

    template <typename Container>
    void addContainer(const Container& container)
    {
        for (const auto& source : container.envFrom) {
            if (source.configMapRef)
                add(false, source.configMapRef->name);
            if (source.secretRef)
                add(true, source.secretRef->name);
        }
        for (const auto& variable : container.env) {
            if (!variable.valueFrom)
                continue;
            if (variable.valueFrom->configMapKeyRef)
                add(false, variable.valueFrom->configMapKeyRef->name);
            if (variable.valueFrom->secretKeyRef)
                add(true, variable.valueFrom->secretKeyRef->name);
        }
    }

    void addVolume(const api::Volume& volume)
    {
        if (volume.configMap)
            add(false, volume.configMap->name);
        if (volume.secret)
            add(true, volume.secret->secretName);
        if (!volume.projected)
            return;
        for (const auto& source : volume.projected->sources) {
            if (source.configMap)
                add(false, source.configMap->name);
            if (source.secret)
                add(true, source.secret->name);
        }
    }

    std::set<ObjectReference> take() { return std::move(m_found); }

private:
    std::string m_nameSpace;
    std::set<ObjectReference> m_found;
};

} // namespace

std::set<ObjectReference> referencedObjects(const api::Pod& pod)
{
    Collector collector(pod.metadata.namespace_);
    for (const auto& container : pod.spec.initContainers)
        collector.addContainer(container);
    for (const auto& container : pod.spec.containers)
        collector.addContainer(container);
    for (const auto& container : pod.spec.ephemeralContainers)
        collector.addContainer(container);
    for (const auto& volume : pod.spec.volumes)
        collector.addVolume(volume);
    for (const auto& reference : pod.spec.imagePullSecrets)
        collector.add(true, reference.name);
    return collector.take();
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
