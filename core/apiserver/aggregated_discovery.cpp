// SPDX-License-Identifier: Apache-2.0
#include "apiserver/aggregated_discovery.h"

#include "apiserver/group_order.h"

#include <algorithm>
#include <map>

namespace keelson::apiserver {
namespace {

using api::Array;
using api::Object;
using api::Value;

constexpr int statusOk = 200;

Value documentOf(const std::optional<Response>& response)
{
    std::string text;
    for (const auto& chunk : response ? response->body : std::vector<Chunk>{})
        text += chunk.bytes;
    return api::parseJson(text).value_or(Object{});
}

Response responseOf(const std::optional<Response>& before, const Value& document)
{
    return Response::text(statusOk, before ? before->contentType : "application/json", api::writeJson(document) + "\n");
}

Array& arrayAt(Value& document, std::string_view member)
{
    auto& value = document.as_object()[member];
    if (!value.is_array())
        value = Array{};
    return value.as_array();
}

Object kindOf(const Value& resource, const api::GroupVersion& groupVersion)
{
    const auto group = api::stringAt(resource, {"group"});
    const auto version = api::stringAt(resource, {"version"});
    return {{"group", group.empty() ? std::string_view(groupVersion.group) : group},
            {"version", version.empty() ? std::string_view(groupVersion.version) : version},
            {"kind", api::stringAt(resource, {"kind"})}};
}

void copyMembers(const Value& from, Object& to, std::initializer_list<std::string_view> members)
{
    for (const auto member : members) {
        if (const auto* const value = api::find(from, {member}))
            to[member] = *value;
    }
}

/// The resources of an APIResourceList as the newer form has them: with their subresources inside.
Array resourcesOf(const RemoteGroup& group)
{
    Array resources;
    std::map<std::string, std::size_t, std::less<>> places;
    const auto* const list = api::find(*group.resources, {"resources"});
    const Array none;
    const auto& all = list && list->is_array() ? list->get_array() : none;
    for (const auto& each : all) {
        const auto name = api::stringAt(each, {"name"});
        if (name.contains('/'))
            continue;
        const auto* const namespaced = api::find(each, {"namespaced"});
        Object resource{
            {"resource", name},
            {"responseKind", kindOf(each, group.groupVersion)},
            {"scope", namespaced && namespaced->is_bool() && namespaced->get_bool() ? "Namespaced" : "Cluster"},
            {"singularResource", api::stringAt(each, {"singularName"})}};
        copyMembers(each, resource, {"verbs", "shortNames", "categories"});
        places[std::string(name)] = resources.size();
        resources.push_back(std::move(resource));
    }
    for (const auto& each : all) {
        const auto name = api::stringAt(each, {"name"});
        const auto slash = name.find('/');
        const auto owner = slash == std::string_view::npos ? places.end() : places.find(name.substr(0, slash));
        if (owner == places.end())
            continue;
        Object subresource{{"subresource", name.substr(slash + 1)}, {"responseKind", kindOf(each, group.groupVersion)}};
        copyMembers(each, subresource, {"verbs"});
        arrayAt(resources[owner->second], "subresources").push_back(std::move(subresource));
    }
    return resources;
}

/// The item of an array whose member at `path` is `name`; a new one from `make` when there is none.
template <typename Make>
Value& itemOf(Array& items, std::initializer_list<std::string_view> path, std::string_view name, const Make& make)
{
    const auto found =
        std::ranges::find_if(items, [&](const Value& item) { return api::stringAt(item, path) == name; });
    if (found != items.end())
        return *found;
    items.push_back(make());
    return items.back();
}

void addVersion(Value& document, const RemoteGroup& group)
{
    const Object version{{"groupVersion", group.groupVersion.text()}, {"version", group.groupVersion.version}};
    arrayAt(document, "versions").push_back(version);
    if (!api::find(document, {"preferredVersion"}))
        document.as_object()["preferredVersion"] = version;
}

void addToList(Value& document, const RemoteGroup& group)
{
    auto& item = itemOf(arrayAt(document, "groups"), {"name"}, group.groupVersion.group,
                        [&] { return Object{{"name", group.groupVersion.group}}; });
    addVersion(item, group);
}

void addToDiscovery(Value& document, const RemoteGroup& group)
{
    auto& item = itemOf(arrayAt(document, "items"), {"metadata", "name"}, group.groupVersion.group, [&] {
        return Object{{"metadata", Object{{"name", group.groupVersion.group}, {"creationTimestamp", nullptr}}}};
    });
    arrayAt(item, "versions")
        .push_back(Object{{"version", group.groupVersion.version},
                          {"resources", group.resources ? resourcesOf(group) : Array{}},
                          {"freshness", group.resources ? "Current" : "Stale"}});
}

/// Of an APIGroup or an APIGroupDiscovery.
std::string_view nameOf(const Value& group)
{
    const auto name = api::stringAt(group, {"name"});
    return name.empty() ? api::stringAt(group, {"metadata", "name"}) : name;
}

api::GroupVersion groupVersionOf(const Value& group, const Value& version)
{
    return {std::string(nameOf(group)), std::string(api::stringAt(version, {"version"}))};
}

void addOwn(GroupOrder& order, Value& group)
{
    for (const auto& version : arrayAt(group, "versions"))
        order.addOwn(groupVersionOf(group, version));
}

void sortVersions(Value& group, const GroupOrder& order)
{
    auto& versions = arrayAt(group, "versions");
    std::ranges::sort(versions, [&](const Value& left, const Value& right) {
        return order.versionComesFirst(groupVersionOf(group, left), groupVersionOf(group, right));
    });
    if (api::find(group, {"preferredVersion"}))
        group.as_object()["preferredVersion"] = versions.front();
}

/// /apis in either form.
void addAll(Value& document, const std::vector<RemoteGroup>& groups, GroupOrder order)
{
    const bool list = api::stringAt(document, {"kind"}) == "APIGroupList";
    auto& items = arrayAt(document, list ? "groups" : "items");
    for (auto& item : items)
        addOwn(order, item);
    for (const auto& group : groups)
        list ? addToList(document, group) : addToDiscovery(document, group);
    for (auto& item : items)
        sortVersions(item, order);
    std::ranges::sort(items, [&](const Value& left, const Value& right) {
        return order.groupComesFirst(nameOf(left), nameOf(right));
    });
}

} // namespace

std::optional<Response> withGroups(std::string_view path, std::optional<Response> response,
                                   const std::vector<RemoteGroup>& groups)
{
    constexpr std::string_view prefix = "/apis/";
    auto document = documentOf(response);
    GroupOrder order;
    for (const auto& group : groups)
        order.add(group.groupVersion, group.groupPriority, group.versionPriority);
    if (path == "/apis" || path == prefix) {
        addAll(document, groups, std::move(order));
        return responseOf(response, document);
    }
    if (response)
        addOwn(order, document);
    path.remove_prefix(prefix.size());
    const auto name = path.substr(0, path.find('/'));
    bool added = false;
    for (const auto& group : groups) {
        if (group.groupVersion.group != name)
            continue;
        if (!response && !added)
            document = Object{{"kind", "APIGroup"}, {"apiVersion", "v1"}, {"name", name}};
        addVersion(document, group);
        added = true;
    }
    if (added)
        sortVersions(document, order);
    return added ? responseOf(response, document) : std::move(response);
}

std::optional<Response> withOpenApi(std::optional<Response> response, const std::vector<RemoteGroup>& groups)
{
    auto document = documentOf(response);
    for (const auto& group : groups) {
        if (!group.openApiUrl.empty())
            api::objectAt(document, {"paths"})["apis/" + group.groupVersion.text()] =
                Object{{"serverRelativeURL", group.openApiUrl}};
    }
    return responseOf(response, document);
}

} // namespace keelson::apiserver
