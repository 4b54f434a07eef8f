// SPDX-License-Identifier: GPL-3.0-or-later
#include "manifests/surroundings.h"

#include "document/list_items.h"
#include "manifests/placed_object.h"

#include <algorithm>

namespace keelson::manifests {

namespace {

const api::Value* at(const api::Value& value, const std::vector<std::string>& path)
{
    const auto* found = &value;
    for (const auto& name : path)
        if (found)
            found = api::find(*found, {name});
    return found;
}

} // namespace

std::string ObjectName::text() const
{
    return kind + " " + (nameSpace.empty() ? name : nameSpace + "/" + name);
}

const SetObject* Surroundings::find(const ObjectName& object) const
{
    const auto found = std::ranges::find(objects, object, &SetObject::object);
    return found == objects.end() ? nullptr : &*found;
}

const SetObject* Surroundings::at(std::size_t source, const document::Path& place) const
{
    const auto found = std::ranges::find_if(
        objects, [&](const SetObject& object) { return object.source == source && object.place == place; });
    return found == objects.end() ? nullptr : &*found;
}

bool Surroundings::isInCluster(const ObjectName& object) const
{
    const auto known = cluster.find(object.kind);
    return known != cluster.end() && known->second.names.contains({object.nameSpace, object.name});
}

bool Surroundings::knows(std::string_view kind) const
{
    const auto known = cluster.find(kind);
    return known != cluster.end() && known->second.isComplete;
}

std::vector<std::string> Surroundings::namesOf(std::string_view kind, std::string_view nameSpace) const
{
    std::set<std::string> names;
    for (const auto& object : objects)
        if (object.object.kind == kind && object.object.nameSpace == nameSpace)
            names.insert(object.object.name);
    if (const auto known = cluster.find(kind); known != cluster.end())
        for (const auto& [where, name] : known->second.names)
            if (where == nameSpace)
                names.insert(name);
    return {names.begin(), names.end()};
}

std::optional<std::set<std::string>> Surroundings::keysOf(const ObjectName& object) const
{
    if (const auto* own = find(object)) {
        std::set<std::string> keys;
        for (const auto* part : {"data", "binaryData", "stringData"})
            if (const auto* members = api::find(own->value, {part}); members && members->is_object())
                for (const auto& member : members->get_object())
                    keys.emplace(member.key());
        return keys;
    }
    const auto read = clusterKeys.find(object);
    return read == clusterKeys.end() ? std::nullopt : std::optional(read->second);
}

void addObject(Surroundings& surroundings, const api::Value& value, bool namespaced, std::size_t source,
               document::Path place)
{
    SetObject made;
    made.apiVersion = api::stringAt(value, {"apiVersion"});
    made.object.kind = api::stringAt(value, {"kind"});
    made.object.name = api::stringAt(value, {"metadata", "name"});
    if (made.object.kind.empty() || made.object.name.empty())
        return;
    if (namespaced) {
        const auto nameSpace = api::stringAt(value, {"metadata", "namespace"});
        made.object.nameSpace = nameSpace.empty() ? surroundings.defaultNameSpace : std::string(nameSpace);
    }
    made.value = value;
    made.source = source;
    made.place = std::move(place);
    surroundings.objects.push_back(std::move(made));
}

std::vector<std::pair<document::Path, const api::Value*>> objectsOf(const api::Value& document)
{
    using document::operator/; // Path is a vector: it is not found by its namespace
    const auto* items = document::listItems(document);
    if (!items)
        return {{document::Path{}, &document}};
    std::vector<std::pair<document::Path, const api::Value*>> all;
    for (std::size_t i = 0; i < items->size(); ++i)
        for (const auto& [place, object] : objectsOf((*items)[i])) {
            auto whole = document::Path{} / "items" / i;
            whole.insert(whole.end(), place.begin(), place.end());
            all.emplace_back(std::move(whole), object);
        }
    return all;
}

const std::vector<std::string>& podSpecPath(std::string_view kind)
{
    static const std::map<std::string, std::vector<std::string>, std::less<>> paths{
        {"Pod", {"spec"}},
        {"PodTemplate", {"template", "spec"}},
        {"Deployment", {"spec", "template", "spec"}},
        {"ReplicaSet", {"spec", "template", "spec"}},
        {"StatefulSet", {"spec", "template", "spec"}},
        {"DaemonSet", {"spec", "template", "spec"}},
        {"ReplicationController", {"spec", "template", "spec"}},
        {"Job", {"spec", "template", "spec"}},
        {"CronJob", {"spec", "jobTemplate", "spec", "template", "spec"}}};
    static const std::vector<std::string> none;
    const auto found = paths.find(kind);
    return found == paths.end() ? none : found->second;
}

const api::Value* podSpecOf(std::string_view kind, const api::Value& object)
{
    const auto& path = podSpecPath(kind);
    const auto* spec = path.empty() ? nullptr : at(object, path);
    return spec && spec->is_object() ? spec : nullptr;
}

api::Labels podLabelsOf(std::string_view kind, const api::Value& object)
{
    auto path = podSpecPath(kind);
    if (path.empty())
        return {};
    path.pop_back(); // the metadata stand beside the spec
    const auto* holder = at(object, path);
    return holder ? labelsAt(*holder, {"metadata", "labels"}) : api::Labels();
}

api::Labels labelsAt(const api::Value& value, std::initializer_list<std::string_view> path)
{
    api::Labels labels;
    if (const auto* found = api::find(value, path); found && found->is_object())
        for (const auto& member : found->get_object())
            if (member.value().is_string())
                labels.emplace(member.key(), member.value().get_string());
    return labels;
}

std::vector<const api::Value*> containersOf(const api::Value& podSpec)
{
    std::vector<const api::Value*> all;
    for (const auto* part : {"containers", "initContainers"})
        if (const auto* list = api::find(podSpec, {part}); list && list->is_array())
            for (const auto& container : list->get_array())
                all.push_back(&container);
    return all;
}

} // namespace keelson::manifests
