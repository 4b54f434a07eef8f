// SPDX-License-Identifier: GPL-3.0-or-later
#include "manifests/references.h"

#include <algorithm>
#include <array>

namespace keelson::manifests {

namespace {

using api::Value;
using document::Path;
using document::operator/; // Path is a vector: it is not found by its namespace
using document::Step;

/// Where names of objects stand. "pod." in front: in the pod spec of whatever kind has one. "[]" is any item.
struct Rule {
    std::string_view kind; ///< Of the object; "": any.
    std::string_view place;
    std::string_view target; ///< A kind, or "@member": what that member beside it says.
    std::string_view key;    ///< The member beside it that names a key of the target.
};

constexpr std::array rules{
    Rule{"", "metadata.namespace", "Namespace", ""},
    Rule{"", "pod.serviceAccountName", "ServiceAccount", ""},
    Rule{"", "pod.imagePullSecrets[].name", "Secret", ""},
    Rule{"", "pod.priorityClassName", "PriorityClass", ""},
    Rule{"", "pod.runtimeClassName", "RuntimeClass", ""},
    Rule{"", "pod.nodeName", "Node", ""},
    Rule{"", "pod.volumes[].configMap.name", "ConfigMap", ""},
    Rule{"", "pod.volumes[].secret.secretName", "Secret", ""},
    Rule{"", "pod.volumes[].persistentVolumeClaim.claimName", "PersistentVolumeClaim", ""},
    Rule{"", "pod.volumes[].projected.sources[].configMap.name", "ConfigMap", ""},
    Rule{"", "pod.volumes[].projected.sources[].secret.name", "Secret", ""},
    Rule{"", "pod.containers[].env[].valueFrom.configMapKeyRef.name", "ConfigMap", "key"},
    Rule{"", "pod.containers[].env[].valueFrom.secretKeyRef.name", "Secret", "key"},
    Rule{"", "pod.containers[].envFrom[].configMapRef.name", "ConfigMap", ""},
    Rule{"", "pod.containers[].envFrom[].secretRef.name", "Secret", ""},
    Rule{"", "pod.initContainers[].env[].valueFrom.configMapKeyRef.name", "ConfigMap", "key"},
    Rule{"", "pod.initContainers[].env[].valueFrom.secretKeyRef.name", "Secret", "key"},
    Rule{"", "pod.initContainers[].envFrom[].configMapRef.name", "ConfigMap", ""},
    Rule{"", "pod.initContainers[].envFrom[].secretRef.name", "Secret", ""},
    Rule{"StatefulSet", "spec.serviceName", "Service", ""},
    Rule{"StatefulSet", "spec.volumeClaimTemplates[].spec.storageClassName", "StorageClass", ""},
    Rule{"PersistentVolumeClaim", "spec.storageClassName", "StorageClass", ""},
    Rule{"PersistentVolumeClaim", "spec.volumeName", "PersistentVolume", ""},
    Rule{"HorizontalPodAutoscaler", "spec.scaleTargetRef.name", "@kind", ""},
    Rule{"Ingress", "spec.ingressClassName", "IngressClass", ""},
    Rule{"Ingress", "spec.defaultBackend.service.name", "Service", ""},
    Rule{"Ingress", "spec.rules[].http.paths[].backend.service.name", "Service", ""},
    Rule{"Ingress", "spec.tls[].secretName", "Secret", ""},
    Rule{"RoleBinding", "roleRef.name", "@kind", ""},
    Rule{"RoleBinding", "subjects[].name", "@kind", ""},
    Rule{"ClusterRoleBinding", "roleRef.name", "@kind", ""},
    Rule{"ClusterRoleBinding", "subjects[].name", "@kind", ""},
};

/// Kinds that live outside namespaces, among those that are named.
bool isClusterScoped(std::string_view kind)
{
    constexpr std::array<std::string_view, 8> kinds{"Namespace",    "Node",         "ClusterRole",  "PriorityClass",
                                                    "RuntimeClass", "StorageClass", "IngressClass", "PersistentVolume"};
    return std::ranges::find(kinds, kind) != kinds.end();
}

/// What is there without anybody having made it, and what is no object.
bool isAlwaysThere(const ObjectName& target)
{
    return (target.kind == "ServiceAccount" && target.name == "default") ||
           (target.kind == "ConfigMap" && target.name == "kube-root-ca.crt") ||
           (target.kind == "PriorityClass" && target.name.starts_with("system-")) ||
           (target.kind == "Namespace" && (target.name == "default" || target.name.starts_with("kube-"))) ||
           target.kind == "User" || target.kind == "Group" || target.name.starts_with("system:") || target.name.empty();
}

struct Found {
    Path path;
    const Value* holder = nullptr; ///< What the last member stands in.
};

/// All places that a rule's words lead to.
void expand(std::string_view place, const Value& value, const Path& path, std::vector<Found>& found)
{
    if (place.starts_with("[]")) {
        if (!value.is_array())
            return;
        place.remove_prefix(place.starts_with("[].") ? 3 : 2);
        for (std::size_t i = 0; i < value.get_array().size(); ++i)
            expand(place, value.get_array()[i], path / i, found);
        return;
    }
    const auto end = std::min(place.find('.'), place.find("[]"));
    const std::string name(place.substr(0, end));
    const auto* member = api::find(value, {name});
    if (!member)
        return;
    if (end == place.npos) {
        found.push_back({path / name, &value});
        return;
    }
    expand(place.substr(place[end] == '.' ? end + 1 : end), *member, path / name, found);
}

Path podPath(std::string_view kind)
{
    Path path;
    for (const auto& name : podSpecPath(kind))
        path.emplace_back(name);
    return path;
}

Path beside(Path path, std::string_view member)
{
    path.back() = std::string(member);
    return path;
}

Reference read(const Rule& rule, const Found& place, std::string_view nameSpace)
{
    Reference reference;
    reference.path = place.path;
    const auto own = std::get<std::string>(place.path.back());
    reference.target.name = api::stringAt(*place.holder, {own});
    reference.target.kind = rule.target.starts_with('@')
                                ? std::string(api::stringAt(*place.holder, {rule.target.substr(1)}))
                                : std::string(rule.target);
    reference.isOptional = api::boolAt(*place.holder, {"optional"});
    if (!isClusterScoped(reference.target.kind)) {
        const auto said = place.path.front() == Step(std::string("subjects"))
                              ? api::stringAt(*place.holder, {"namespace"})
                              : std::string_view();
        reference.target.nameSpace = said.empty() ? nameSpace : said;
    }
    if (!rule.key.empty()) {
        reference.keyPath = beside(place.path, rule.key);
        reference.key = api::stringAt(*place.holder, {rule.key});
    }
    return reference;
}

/// Whether a path is one of those that a rule means.
bool fits(std::string_view place, const Path& path)
{
    std::string words;
    for (const auto& step : path) {
        if (std::holds_alternative<std::size_t>(step))
            words += "[]";
        else
            words += (words.empty() ? "" : ".") + std::get<std::string>(step);
    }
    return words == place;
}

} // namespace

std::vector<Reference> referencesOf(std::string_view kind, const Value& object, std::string_view nameSpace)
{
    std::vector<Reference> all;
    const auto* pod = podSpecOf(kind, object);
    for (const auto& rule : rules) {
        if (!rule.kind.empty() && rule.kind != kind)
            continue;
        std::vector<Found> places;
        if (!rule.place.starts_with("pod."))
            expand(rule.place, object, {}, places);
        else if (pod)
            expand(rule.place.substr(4), *pod, podPath(kind), places);
        for (const auto& place : places)
            all.push_back(read(rule, place, nameSpace));
    }
    std::erase_if(all, [](const Reference& reference) { return isAlwaysThere(reference.target); });
    return all;
}

ReferencePlace referenceAt(std::string_view kind, const Path& path,
                           const std::map<std::string, std::string, std::less<>>& siblings)
{
    if (path.empty() || !std::holds_alternative<std::string>(path.back()))
        return {};
    const auto pod = podPath(kind);
    const bool isInPod = !pod.empty() && path.size() > pod.size() && std::equal(pod.begin(), pod.end(), path.begin());
    const Path inPod = isInPod ? Path(path.begin() + static_cast<std::ptrdiff_t>(pod.size()), path.end()) : Path();
    for (const auto& rule : rules) {
        const bool isOfPod = rule.place.starts_with("pod.");
        if ((!rule.kind.empty() && rule.kind != kind) || (isOfPod && !isInPod))
            continue;
        const auto& where = isOfPod ? inPod : path;
        const auto place = isOfPod ? rule.place.substr(4) : rule.place;
        const bool isKey = !rule.key.empty() && where.back() == Step(std::string(rule.key)) &&
                           fits(place, beside(where, place.substr(place.rfind('.') + 1)));
        if (!isKey && !fits(place, where))
            continue;
        if (!rule.target.starts_with('@'))
            return {std::string(rule.target), isKey};
        const auto said = siblings.find(rule.target.substr(1));
        return {said == siblings.end() ? std::string() : said->second, false};
    }
    return {};
}

} // namespace keelson::manifests
