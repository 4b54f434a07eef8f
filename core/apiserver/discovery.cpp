// SPDX-License-Identifier: Apache-2.0
#include "apiserver/discovery.h"

#include "api/review_resources.h"
#include "apiserver/group_order.h"

#include <fmt/format.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>

namespace keelson::apiserver {
namespace {

using Resource = Discovery::Resource;
using Subresource = Discovery::Subresource;
using Verbs = std::vector<std::string>;

/// What the kind's own subresources are called in discovery and what may be done with them.
Subresource subresourceOf(const api::Kind& kind, const std::string& name)
{
    if (name == "status")
        return {name, kind.groupVersion, kind.kind, {"get", "patch", "update"}};
    if (name == "scale")
        return {name, {"autoscaling", "v1"}, "Scale", {"get", "patch", "update"}};
    if (name == "eviction")
        return {name, {"policy", "v1"}, "Eviction", {"create"}};
    if (name == "binding")
        return {name, {"", "v1"}, "Binding", {"create"}};
    if (name == "exec")
        return {name, {"", "v1"}, "PodExecOptions", {"create", "get"}};
    if (name == "attach")
        return {name, {"", "v1"}, "PodAttachOptions", {"create", "get"}};
    if (name == "portforward")
        return {name, {"", "v1"}, "PodPortForwardOptions", {"create", "get"}};
    if (name == "proxy")
        return {name, {"", "v1"}, kind.kind + "ProxyOptions", {"create", "delete", "get", "patch", "update"}};
    if (name == "log")
        return {name, kind.groupVersion, kind.kind, {"get"}};
    if (name == "token")
        return {name, {"authentication.k8s.io", "v1"}, "TokenRequest", {"create"}};
    if (name == "finalize")
        return {name, kind.groupVersion, kind.kind, {"update"}};
    return {name, kind.groupVersion, kind.kind, {"get", "patch", "update"}};
}

/// Subresources that some kind's file names and this server has a route for.
bool isServed(const std::string& subresource)
{
    constexpr std::array<std::string_view, 11> served{"approval",    "attach", "binding",  "ephemeralcontainers",
                                                      "eviction",    "exec",   "finalize", "log",
                                                      "portforward", "proxy",  "token"};
    return std::ranges::find(served, subresource) != served.end();
}

Resource resourceOf(const api::Kind& kind)
{
    Resource resource{kind.plural, kind.singular,   kind.kind,       kind.namespaced,
                      kind.verbs,  kind.shortNames, kind.categories, {}};
    resource.storedVersion = (kind.storedAs ? kind.storedAs : &kind)->groupVersion;
    for (const auto& name : kind.otherSubresources) {
        if (isServed(name))
            resource.subresources.push_back(subresourceOf(kind, name));
    }
    if (kind.scale)
        resource.subresources.push_back(subresourceOf(kind, "scale"));
    if (kind.hasStatus)
        resource.subresources.push_back(subresourceOf(kind, "status"));
    return resource;
}

Resource resourceOf(const api::ReviewResource& review)
{
    return {review.plural, {}, review.kind, review.namespaced, {"create"}, {}, {}, {}, {}};
}

api::Array arrayOf(const std::vector<std::string>& list)
{
    api::Array array;
    for (const auto& item : list)
        array.emplace_back(item);
    return array;
}

/// Clients compare it to see whether a resource is stored in another form than before.
std::string storageHash(const api::GroupVersion& groupVersion, const std::string& kind)
{
    const auto text = fmt::format("{}/{}/{}", groupVersion.group, groupVersion.version, kind);
    std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
    SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
    constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string hash;
    for (std::size_t i = 0; i < 11; ++i)
        hash += alphabet[digest[i] % alphabet.size()];
    return hash + "=";
}

api::Object kindReference(const api::GroupVersion& groupVersion, const std::string& kind)
{
    return {{"group", groupVersion.group}, {"version", groupVersion.version}, {"kind", kind}};
}

api::Value aggregatedResource(const api::GroupVersion& groupVersion, const Resource& resource)
{
    api::Object object{{"resource", resource.plural},
                       {"responseKind", kindReference(groupVersion, resource.kind)},
                       {"scope", resource.namespaced ? "Namespaced" : "Cluster"},
                       {"singularResource", resource.singular},
                       {"verbs", arrayOf(resource.verbs)}};
    if (!resource.shortNames.empty())
        object["shortNames"] = arrayOf(resource.shortNames);
    if (!resource.categories.empty())
        object["categories"] = arrayOf(resource.categories);
    api::Array subresources;
    for (const auto& item : resource.subresources) {
        subresources.push_back(api::Object{{"subresource", item.name},
                                           {"responseKind", kindReference(item.groupVersion, item.kind)},
                                           {"verbs", arrayOf(item.verbs)}});
    }
    if (!subresources.empty())
        object["subresources"] = std::move(subresources);
    return object;
}

std::string groupPath(const api::GroupVersion& groupVersion)
{
    return groupVersion.group.empty() ? "/api/" + groupVersion.version : "/apis/" + groupVersion.text();
}

} // namespace

Discovery::Discovery(const api::Catalog& catalog)
{
    const auto listFor = [&](const api::GroupVersion& groupVersion) -> std::vector<Resource>& {
        const auto found = std::ranges::find(m_groups, groupVersion, [](const auto& item) { return item.first; });
        return found != m_groups.end() ? found->second
                                       : m_groups.emplace_back(groupVersion, std::vector<Resource>()).second;
    };
    for (const auto& groupVersion : catalog.groupVersions())
        listFor(groupVersion);
    for (const auto* kind : catalog.kinds())
        listFor(kind->groupVersion).push_back(resourceOf(*kind));
    for (const auto& review : api::reviewResources())
        listFor(review.groupVersion).push_back(resourceOf(review));
    std::erase_if(m_groups, [](const auto& item) { return item.second.empty(); });
    sortGroups();

    for (const std::string version : {"v2", "v2beta1"}) {
        m_texts["/api " + version] = api::writeJson(aggregated(true, version)) + "\n";
        m_texts["/apis " + version] = api::writeJson(aggregated(false, version)) + "\n";
    }
    api::Array groups;
    for (const auto& name : groupNames()) {
        auto document = groupDocument(name);
        groups.push_back(document);
        document.as_object()["kind"] = "APIGroup";
        document.as_object()["apiVersion"] = "v1";
        m_texts["/apis/" + name] = api::writeJson(document) + "\n";
    }
    m_texts["/apis"] =
        api::writeJson(api::Object{{"kind", "APIGroupList"}, {"apiVersion", "v1"}, {"groups", groups}}) + "\n";
    for (const auto& [groupVersion, resources] : m_groups)
        m_texts[groupPath(groupVersion)] = api::writeJson(resourceList(groupVersion)) + "\n";
}

void Discovery::sortGroups()
{
    GroupOrder order;
    for (const auto& [groupVersion, resources] : m_groups)
        order.addOwn(groupVersion);
    std::ranges::sort(m_groups, [&](const auto& left, const auto& right) {
        return left.first.group != right.first.group ? order.groupComesFirst(left.first.group, right.first.group)
                                                     : order.versionComesFirst(left.first, right.first);
    });
}

const Discovery::Resource* Discovery::find(const api::GroupVersion& groupVersion, std::string_view plural) const
{
    for (const auto& [candidate, resources] : m_groups) {
        if (candidate != groupVersion)
            continue;
        for (const auto& resource : resources) {
            if (resource.plural == plural)
                return &resource;
        }
    }
    return nullptr;
}

std::vector<std::string> Discovery::groupNames() const
{
    std::vector<std::string> names;
    for (const auto& [groupVersion, resources] : m_groups) {
        if (!groupVersion.group.empty() && std::ranges::find(names, groupVersion.group) == names.end())
            names.push_back(groupVersion.group);
    }
    return names;
}

std::vector<api::GroupVersion> Discovery::versionsOf(std::string_view group) const
{
    std::vector<api::GroupVersion> versions;
    for (const auto& [groupVersion, resources] : m_groups) {
        if (groupVersion.group == group)
            versions.push_back(groupVersion);
    }
    return versions;
}

api::Value Discovery::aggregated(bool core, std::string_view version) const
{
    api::Array items;
    for (const auto& group : core ? std::vector<std::string>{""} : groupNames()) {
        api::Array versions;
        for (const auto& [groupVersion, resources] : m_groups) {
            if (groupVersion.group != group)
                continue;
            api::Array list;
            for (const auto& resource : resources)
                list.push_back(aggregatedResource(groupVersion, resource));
            versions.push_back(api::Object{
                {"version", groupVersion.version}, {"resources", std::move(list)}, {"freshness", "Current"}});
        }
        api::Object metadata{{"creationTimestamp", nullptr}};
        if (!group.empty())
            metadata["name"] = group;
        items.push_back(api::Object{{"metadata", std::move(metadata)}, {"versions", std::move(versions)}});
    }
    return api::Object{{"kind", "APIGroupDiscoveryList"},
                       {"apiVersion", fmt::format("apidiscovery.k8s.io/{}", version)},
                       {"metadata", api::Object{}},
                       {"items", std::move(items)}};
}

api::Value Discovery::groupDocument(const std::string& group) const
{
    api::Array versions;
    for (const auto& groupVersion : versionsOf(group))
        versions.push_back(api::Object{{"groupVersion", groupVersion.text()}, {"version", groupVersion.version}});
    api::Value preferred = versions.front();
    return api::Object{{"name", group}, {"versions", std::move(versions)}, {"preferredVersion", std::move(preferred)}};
}

api::Value Discovery::resourceList(const api::GroupVersion& groupVersion) const
{
    api::Array list;
    const auto found = std::ranges::find(m_groups, groupVersion, [](const auto& item) { return item.first; });
    for (const auto& resource : found->second) {
        api::Object object{{"name", resource.plural},
                           {"singularName", resource.singular},
                           {"namespaced", resource.namespaced},
                           {"kind", resource.kind},
                           {"verbs", arrayOf(resource.verbs)}};
        if (!resource.shortNames.empty())
            object["shortNames"] = arrayOf(resource.shortNames);
        if (!resource.categories.empty())
            object["categories"] = arrayOf(resource.categories);
        // Questions can only be created, and what is told when it is asked for only read: neither is stored.
        const bool made = std::ranges::find(resource.verbs, "create") != resource.verbs.end();
        if (made && resource.verbs.size() > 1)
            object["storageVersionHash"] = storageHash(resource.storedVersion, resource.kind);
        list.push_back(std::move(object));
        for (const auto& item : resource.subresources) {
            api::Object entry{{"name", fmt::format("{}/{}", resource.plural, item.name)},
                              {"singularName", ""},
                              {"namespaced", resource.namespaced},
                              {"kind", item.kind},
                              {"verbs", arrayOf(item.verbs)}};
            if (item.groupVersion != groupVersion) {
                entry["group"] = item.groupVersion.group;
                entry["version"] = item.groupVersion.version;
            }
            list.push_back(std::move(entry));
        }
    }
    return api::Object{{"kind", "APIResourceList"},
                       {"apiVersion", "v1"},
                       {"groupVersion", groupVersion.text()},
                       {"resources", std::move(list)}};
}

std::optional<Response> Discovery::respond(const Request& request) const
{
    auto path = request.path;
    if (path.size() > 1 && path.ends_with('/'))
        path.pop_back();
    const auto accept = request.headers.get("Accept");
    if ((path == "/api" || path == "/apis") && accept.find("as=APIGroupDiscoveryList") != std::string_view::npos) {
        for (const std::string version : {"v2", "v2beta1"}) {
            const auto type =
                fmt::format("application/json;g=apidiscovery.k8s.io;v={};as=APIGroupDiscoveryList", version);
            if (accept.find(type) != std::string_view::npos)
                return Response::text(200, type, m_texts.at(path + " " + version));
        }
    }
    if (path == "/api") {
        const auto host = std::string(request.headers.get("Host"));
        const api::Object address{{"clientCIDR", "0.0.0.0/0"}, {"serverAddress", host}};
        const api::Object versions{{"kind", "APIVersions"},
                                   {"versions", api::Array{"v1"}},
                                   {"serverAddressByClientCIDRs", api::Array{address}}};
        return Response::text(200, "application/json", api::writeJson(versions) + "\n");
    }
    const auto found = m_texts.find(path);
    if (found == m_texts.end())
        return std::nullopt;
    return Response::text(200, "application/json", found->second);
}

} // namespace keelson::apiserver
