// SPDX-License-Identifier: Apache-2.0
#include "node/assigned_objects.h"

#include "base/log.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace keelson::node {
namespace {

using Kind = AssignedObjects::Kind;

Kind kindOf(const std::string& name)
{
    static const std::map<std::string, Kind> kinds{{"Pod", Kind::Pod},       {"ConfigMap", Kind::ConfigMap},
                                                   {"Secret", Kind::Secret}, {"Service", Kind::Service},
                                                   {"Node", Kind::Node},     {"EndpointSlice", Kind::EndpointSlice}};
    const auto found = kinds.find(name);
    return found == kinds.end() ? Kind::Other : found->second;
}

template <typename T>
bool put(std::map<api::ObjectKey, std::shared_ptr<const T>>& objects, const api::ObjectKey& key,
         const api::Value& document)
{
    auto object = api::fromJson<T>(document);
    if (!object) {
        log::error("agent", "{} {} cannot be read: {}", T::kindName, key.text(), object.error().message);
        return false;
    }
    objects[key] = std::make_shared<const T>(*std::move(object));
    return true;
}

template <typename T>
std::vector<T> values(const std::map<api::ObjectKey, T>& objects)
{
    std::vector<T> all;
    all.reserve(objects.size());
    for (const auto& [key, object] : objects)
        all.push_back(object);
    return all;
}

network::Peer peerOf(const api::Node& node)
{
    network::Peer peer{.node = node.metadata.name, .address = {}, .podCidr = node.spec.podCIDR};
    const auto found = std::ranges::find(node.status.addresses, "InternalIP", &api::NodeAddress::type);
    if (found != node.status.addresses.end())
        peer.address = found->address;
    return peer;
}

/// Records of a file: length (four bytes, low first) and bytes.
void append(std::string& text, const std::string& record)
{
    for (unsigned shift = 0; shift < 32; shift += 8)
        text += static_cast<char>(record.size() >> shift & 255U);
    text += record;
}

std::optional<std::string_view> takeRecord(std::string_view& text)
{
    if (text.size() < 4)
        return std::nullopt;
    std::size_t size = 0;
    for (unsigned i = 0; i < 4; ++i)
        size |= static_cast<std::size_t>(static_cast<unsigned char>(text[i])) << (8 * i);
    if (text.size() - 4 < size)
        return std::nullopt;
    const auto record = text.substr(4, size);
    text.remove_prefix(4 + size);
    return record;
}

} // namespace

void AssignedObjects::begin()
{
    m_fresh.clear();
}

AssignedObjects::Change AssignedObjects::apply(const wire::ObjectChange& change)
{
    Change applied{.kind = kindOf(change.kind()),
                   .key = {.nameSpace = change.name_space(), .name = change.name()},
                   .gone = change.json().empty()};
    const Name name{applied.kind, change.name_space(), change.name()};
    if (applied.gone) {
        forget(name);
        return applied;
    }
    const auto document = api::parseJson(change.json());
    bool read = document.has_value();
    if (read) {
        switch (applied.kind) {
        case Kind::Pod:
            read = put(m_pods, applied.key, *document);
            break;
        case Kind::ConfigMap:
            read = put(m_configMaps, applied.key, *document);
            break;
        case Kind::Secret:
            read = put(m_secrets, applied.key, *document);
            break;
        case Kind::Service:
            read = put(m_services, applied.key, *document);
            break;
        case Kind::EndpointSlice:
            read = put(m_slices, applied.key, *document);
            break;
        case Kind::Node:
            if (const auto node = api::fromJson<api::Node>(*document))
                m_peers[applied.key] = peerOf(*node);
            break;
        case Kind::Other:
            read = false;
            break;
        }
    }
    if (!read)
        return {};
    m_sent[name] = change;
    m_fresh.insert(name);
    return applied;
}

void AssignedObjects::forget(const Name& name)
{
    const auto& [kind, nameSpace, objectName] = name;
    const api::ObjectKey key{.nameSpace = nameSpace, .name = objectName};
    m_sent.erase(name);
    m_fresh.erase(name);
    switch (kind) {
    case Kind::Pod:
        m_pods.erase(key);
        break;
    case Kind::ConfigMap:
        m_configMaps.erase(key);
        break;
    case Kind::Secret:
        m_secrets.erase(key);
        break;
    case Kind::Service:
        m_services.erase(key);
        break;
    case Kind::EndpointSlice:
        m_slices.erase(key);
        break;
    case Kind::Node:
        m_peers.erase(key);
        break;
    case Kind::Other:
        break;
    }
}

std::vector<AssignedObjects::Change> AssignedObjects::finish()
{
    std::vector<Name> stale;
    for (const auto& [name, change] : m_sent) {
        if (!m_fresh.contains(name))
            stale.push_back(name);
    }
    std::vector<Change> changes;
    for (const auto& name : stale) {
        changes.push_back({.kind = std::get<0>(name),
                           .key = {.nameSpace = std::get<1>(name), .name = std::get<2>(name)},
                           .gone = true});
        forget(name);
    }
    return changes;
}

api::PodPtr AssignedObjects::pod(const api::ObjectKey& key) const
{
    const auto found = m_pods.find(key);
    return found == m_pods.end() ? nullptr : found->second;
}

std::vector<api::PodPtr> AssignedObjects::pods() const
{
    return values(m_pods);
}
std::vector<api::ServicePtr> AssignedObjects::services() const
{
    return values(m_services);
}
std::vector<std::shared_ptr<const api::EndpointSlice>> AssignedObjects::slices() const
{
    return values(m_slices);
}
std::vector<network::Peer> AssignedObjects::peers() const
{
    return values(m_peers);
}

pods::PodObjects AssignedObjects::objectsFor(const api::Pod& pod) const
{
    const auto& nameSpace = pod.metadata.namespace_;
    pods::PodObjects objects;
    const api::ObjectKey first{.nameSpace = nameSpace, .name = {}};
    for (auto at = m_configMaps.lower_bound(first); at != m_configMaps.end() && at->first.nameSpace == nameSpace; ++at)
        objects.configMaps[at->first.name] = at->second;
    for (auto at = m_secrets.lower_bound(first); at != m_secrets.end() && at->first.nameSpace == nameSpace; ++at)
        objects.secrets[at->first.name] = at->second;
    for (auto at = m_services.lower_bound(first); at != m_services.end() && at->first.nameSpace == nameSpace; ++at)
        objects.services.push_back(at->second);
    if (nameSpace != "default") {
        const auto master = m_services.find({.nameSpace = "default", .name = "kubernetes"});
        if (master != m_services.end())
            objects.services.push_back(master->second);
    }
    return objects;
}

std::string AssignedObjects::save(const std::optional<wire::Welcome>& welcome) const
{
    std::string text;
    append(text, welcome ? welcome->SerializeAsString() : std::string());
    for (const auto& [name, change] : m_sent)
        append(text, change.SerializeAsString());
    return text;
}

std::optional<wire::Welcome> AssignedObjects::load(const std::string& text)
{
    std::string_view rest = text;
    const auto first = takeRecord(rest);
    wire::Welcome welcome;
    if (!first || first->empty() || !welcome.ParseFromArray(first->data(), static_cast<int>(first->size())))
        return std::nullopt;
    while (const auto record = takeRecord(rest)) {
        wire::ObjectChange change;
        if (change.ParseFromArray(record->data(), static_cast<int>(record->size())))
            apply(change);
    }
    return welcome;
}

} // namespace keelson::node
