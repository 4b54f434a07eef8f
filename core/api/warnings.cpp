// SPDX-License-Identifier: Apache-2.0
#include "api/warnings.h"

#include "api/field_path.h"
#include "api/quantity.h"
#include "api/rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <span>
#include <utility>

namespace keelson::api {
namespace {

using Warnings = std::vector<std::string>;
using Pair = std::pair<std::string_view, std::string_view>;

/// Labels of nodes that have another name now.
constexpr std::array oldLabels{
    Pair{"beta.kubernetes.io/arch", R"(deprecated since v1.14; use "kubernetes.io/arch" instead)"},
    Pair{"beta.kubernetes.io/instance-type",
         R"(deprecated since v1.17; use "node.kubernetes.io/instance-type" instead)"},
    Pair{"beta.kubernetes.io/os", R"(deprecated since v1.14; use "kubernetes.io/os" instead)"},
    Pair{"failure-domain.beta.kubernetes.io/region",
         R"(deprecated since v1.17; use "topology.kubernetes.io/region" instead)"},
    Pair{"failure-domain.beta.kubernetes.io/zone",
         R"(deprecated since v1.17; use "topology.kubernetes.io/zone" instead)"},
};

/// Volumes that nothing provides any more.
constexpr std::array oldVolumes{
    Pair{"cephfs", "deprecated in v1.28, non-functional in v1.31+"},
    Pair{"flocker", "deprecated in v1.22, non-functional in v1.25+"},
    Pair{"gitRepo", "deprecated in v1.11"},
    Pair{"glusterfs", "deprecated in v1.25, non-functional in v1.26+"},
    Pair{"quobyte", "deprecated in v1.22, non-functional in v1.25+"},
    Pair{"rbd", "deprecated in v1.28, non-functional in v1.31+"},
    Pair{"scaleIO", "deprecated in v1.16, non-functional in v1.22+"},
    Pair{"storageos", "deprecated in v1.22, non-functional in v1.25+"},
};

/// Annotations that nothing reads any more.
constexpr std::array oldAnnotations{
    Pair{"scheduler.alpha.kubernetes.io/critical-pod",
         R"(non-functional in v1.16+; use the "priorityClassName" field instead)"},
    Pair{"security.alpha.kubernetes.io/sysctls", R"(non-functional in v1.11+; use the "sysctls" field instead)"},
    Pair{"security.alpha.kubernetes.io/unsafe-sysctls", R"(non-functional in v1.11+; use the "sysctls" field instead)"},
};

const std::string_view* wordsAbout(std::string_view name, std::span<const Pair> old)
{
    const auto found = std::ranges::find(old, name, &Pair::first);
    return found == old.end() ? nullptr : &found->second;
}

void warnOfNodeTerm(const Value& term, const FieldPath& path, Warnings& warnings)
{
    const auto& expressions = itemsAt(term, {"matchExpressions"});
    const auto list = path.child("matchExpressions");
    for (std::size_t index = 0; index < expressions.size(); ++index) {
        const auto key = stringAt(expressions[index], {"key"});
        if (const auto* const words = wordsAbout(key, oldLabels))
            warnings.push_back(fmt::format("{}: {} is {}", list.index(index).child("key").text(), key, *words));
    }
}

void warnOfLabels(const Value& spec, const FieldPath& path, Warnings& warnings)
{
    const auto at = path.child("nodeSelector");
    for (const auto& [label, words] : oldLabels)
        if (find(spec, {"nodeSelector", label}))
            warnings.push_back(fmt::format("{}: {}", at.key(label).text(), words));
    const auto whole = path.child("affinity");
    const auto affinity = whole.child("nodeAffinity");
    const auto required = affinity.child("requiredDuringSchedulingIgnoredDuringExecution");
    const auto terms = required.child("nodeSelectorTerms");
    const auto& must = itemsAt(
        spec, {"affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution", "nodeSelectorTerms"});
    for (std::size_t index = 0; index < must.size(); ++index)
        warnOfNodeTerm(must[index], terms.index(index), warnings);
    const auto preferred = affinity.child("preferredDuringSchedulingIgnoredDuringExecution");
    const auto& may = itemsAt(spec, {"affinity", "nodeAffinity", "preferredDuringSchedulingIgnoredDuringExecution"});
    for (std::size_t index = 0; index < may.size(); ++index) {
        const auto item = preferred.index(index);
        if (const auto* const term = find(may[index], {"preference"}))
            warnOfNodeTerm(*term, item.child("preference"), warnings);
    }
}

void warnOfNoSelector(const Value& node, const FieldPath& path, Warnings& warnings)
{
    if (!has(node, "labelSelector"))
        warnings.push_back(
            fmt::format("{}: a null labelSelector results in matching no pod", path.child("labelSelector").text()));
}

void warnOfSpread(const Value& spec, const FieldPath& path, Warnings& warnings)
{
    const auto& constraints = itemsAt(spec, {"topologySpreadConstraints"});
    const auto list = path.child("topologySpreadConstraints");
    for (std::size_t index = 0; index < constraints.size(); ++index) {
        const auto at = list.index(index);
        const auto key = stringAt(constraints[index], {"topologyKey"});
        if (const auto* const words = wordsAbout(key, oldLabels))
            warnings.push_back(fmt::format("{}: {} is {}", at.child("topologyKey").text(), key, *words));
        warnOfNoSelector(constraints[index], at, warnings);
    }
}

void warnOfPodAffinity(const Value& spec, std::string_view member, const FieldPath& path, Warnings& warnings)
{
    const auto whole = path.child("affinity");
    const auto affinity = whole.child(member);
    const auto required = affinity.child("requiredDuringSchedulingIgnoredDuringExecution");
    const auto& must = itemsAt(spec, {"affinity", member, "requiredDuringSchedulingIgnoredDuringExecution"});
    for (std::size_t index = 0; index < must.size(); ++index)
        warnOfNoSelector(must[index], required.index(index), warnings);
    const auto preferred = affinity.child("preferredDuringSchedulingIgnoredDuringExecution");
    const auto& may = itemsAt(spec, {"affinity", member, "preferredDuringSchedulingIgnoredDuringExecution"});
    for (std::size_t index = 0; index < may.size(); ++index) {
        const auto item = preferred.index(index);
        if (const auto* const term = find(may[index], {"podAffinityTerm"}))
            warnOfNoSelector(*term, item.child("podAffinityTerm"), warnings);
    }
}

void warnOfVolumes(const Value& spec, const FieldPath& path, Warnings& warnings)
{
    const auto& volumes = itemsAt(spec, {"volumes"});
    const auto list = path.child("volumes");
    for (std::size_t index = 0; index < volumes.size(); ++index)
        for (const auto& [source, words] : oldVolumes)
            if (has(volumes[index], source))
                warnings.push_back(fmt::format("{}: {}", list.index(index).child(source).text(), words));
}

/// Items of a list whose member should be another in each.
void warnOfRepeated(const Value& spec, std::string_view member, std::string_view key, std::string_view word,
                    const FieldPath& path, Warnings& warnings)
{
    std::set<std::string_view> seen;
    const auto& items = itemsAt(spec, {member});
    const auto list = path.child(member);
    for (std::size_t index = 0; index < items.size(); ++index) {
        const auto text = stringAt(items[index], {key});
        const auto at = list.index(index);
        if (text.empty())
            warnings.push_back(fmt::format(R"({}: invalid empty {} "")", at.child(key).text(), word));
        else if (!seen.insert(text).second)
            warnings.push_back(fmt::format(R"({}: duplicate {} "{}")", at.child(key).text(), word, text));
    }
}

/// A variable may be defined anew by what it was; otherwise the first definition is lost.
void warnOfVariables(const Value& container, const FieldPath& path, Warnings& warnings)
{
    std::set<std::string_view> seen;
    const auto& variables = itemsAt(container, {"env"});
    const auto list = path.child("env");
    for (std::size_t index = 0; index < variables.size(); ++index) {
        const auto name = stringAt(variables[index], {"name"});
        const auto itself = fmt::format("$({})", name);
        if (!seen.insert(name).second && stringAt(variables[index], {"value"}).find(itself) == std::string_view::npos)
            warnings.push_back(
                fmt::format(R"({}: hides previous definition of "{}", which may be dropped when using apply)",
                            list.index(index).text(), name));
    }
}

/// There is no part of a byte.
void warnOfFractions(const Value* amounts, const FieldPath& path, Warnings& warnings)
{
    for (const auto* const name : {"memory", "ephemeral-storage"}) {
        const auto text = amounts ? stringAt(*amounts, {name}) : std::string_view();
        const auto amount = Quantity::parse(text.empty() ? "0" : text);
        if (amount && Quantity::fromUnits(amount->units()) != *amount)
            warnings.push_back(fmt::format(R"({}: fractional byte value "{}" is invalid, must be an integer)",
                                           path.key(name).text(), text));
    }
}

/// A port of a container and its place.
struct PlacedPort {
    std::int64_t hostPort;
    std::string_view hostIp;
    std::string place;
};

/// What two ports of one number and protocol are to each other; empty: nothing to say.
std::string_view relation(const PlacedPort& port, const PlacedPort& other)
{
    if (port.hostIp == other.hostIp && port.hostPort == other.hostPort)
        return "duplicate";
    if (port.hostPort == 0 || other.hostPort == 0)
        return "overlapping";
    if (port.hostPort == other.hostPort && port.hostIp.empty() != other.hostIp.empty())
        return "dangerously ambiguous";
    return {};
}

/// Ports of all containers, by number and protocol.
using Ports = std::map<std::pair<std::int64_t, std::string_view>, std::vector<PlacedPort>>;

void warnOfPorts(const Value& container, const FieldPath& path, Ports& seen, Warnings& warnings)
{
    const auto& ports = itemsAt(container, {"ports"});
    const auto list = path.child("ports");
    for (std::size_t index = 0; index < ports.size(); ++index) {
        PlacedPort port{integerAt(ports[index], {"hostPort"}), stringAt(ports[index], {"hostIP"}),
                        list.index(index).text()};
        auto& others = seen[{integerAt(ports[index], {"containerPort"}), stringAt(ports[index], {"protocol"})}];
        for (const auto& other : others)
            if (const auto what = relation(port, other); !what.empty())
                warnings.push_back(fmt::format("{}: {} port definition with {}", port.place, what, other.place));
        others.push_back(std::move(port));
    }
}

/// Of a pod or a template: its specification and the annotations beside it.
void warnOfPod(const Value& pod, const FieldPath& root, bool isTemplate, Warnings& warnings)
{
    const auto metadata = root.child("metadata");
    const auto annotations = metadata.child("annotations");
    const auto warnOfAnnotation = [&](std::string_view name, std::string_view words) {
        if (find(pod, {"metadata", "annotations", name}))
            warnings.push_back(fmt::format("{}: {}", annotations.key(name).text(), words));
    };
    const auto* const spec = find(pod, {"spec"});
    if (!spec)
        return;
    const auto path = root.child("spec");
    warnOfLabels(*spec, path, warnings);
    warnOfSpread(*spec, path, warnings);
    for (const auto& [name, words] : oldAnnotations)
        warnOfAnnotation(name, words);
    warnOfVolumes(*spec, path, warnings);
    warnOfRepeated(*spec, "hostAliases", "ip", "ip", path, warnings);
    warnOfRepeated(*spec, "imagePullSecrets", "name", "name", path, warnings);
    warnOfFractions(find(*spec, {"overhead"}), path.child("overhead"), warnings);
    if (!find(*spec, {"securityContext", "seccompProfile"}))
        warnOfAnnotation("seccomp.security.alpha.kubernetes.io/pod",
                         R"(non-functional in v1.27+; use the "seccompProfile" field instead)");
    Ports seen;
    for (const auto* member : {"initContainers", "containers"}) {
        const auto& containers = itemsAt(*spec, {member});
        const auto list = path.child(member);
        for (std::size_t index = 0; index < containers.size(); ++index) {
            const auto& container = containers[index];
            const auto at = list.index(index);
            const auto resources = at.child("resources");
            if (isTemplate && !find(*spec, {"securityContext", "appArmorProfile"}) &&
                !find(container, {"securityContext", "appArmorProfile"}))
                warnOfAnnotation(
                    fmt::format("container.apparmor.security.beta.kubernetes.io/{}", stringAt(container, {"name"})),
                    R"(deprecated since v1.30; use the "appArmorProfile" field instead)");
            for (const auto* const amounts : {"limits", "requests"})
                warnOfFractions(find(container, {"resources", amounts}), resources.child(amounts), warnings);
            warnOfVariables(container, at, warnings);
            warnOfPorts(container, at, seen, warnings);
        }
    }
    if (integerAt(*spec, {"terminationGracePeriodSeconds"}) < 0)
        warnings.push_back(fmt::format("{}: must be >= 0; negative values are invalid and will be treated as 1",
                                       path.child("terminationGracePeriodSeconds").text()));
    warnOfPodAffinity(*spec, "podAffinity", path, warnings);
    warnOfPodAffinity(*spec, "podAntiAffinity", path, warnings);
}

void warnOfService(const Value& service, Warnings& warnings)
{
    constexpr std::string_view hints = "service.kubernetes.io/topology-aware-hints";
    if (find(service, {"metadata", "annotations", hints}))
        warnings.push_back(
            fmt::format("annotation {} is deprecated, please use service.kubernetes.io/topology-mode instead", hints));
    const auto type = stringAt(service, {"spec", "type"});
    const bool hasExternalIps = !itemsAt(service, {"spec", "externalIPs"}).empty();
    if (type == "ClusterIP" && stringAt(service, {"spec", "clusterIP"}) == "None") {
        if (!stringAt(service, {"spec", "loadBalancerIP"}).empty())
            warnings.emplace_back("spec.loadBalancerIP is ignored for headless services");
        if (hasExternalIps)
            warnings.emplace_back("spec.externalIPs is ignored for headless services");
        if (stringAt(service, {"spec", "sessionAffinity"}) != "None")
            warnings.emplace_back("spec.SessionAffinity is ignored for headless services");
    }
    if (type == "ExternalName" && hasExternalIps)
        warnings.emplace_back(R"(spec.externalIPs is ignored when spec.type is "ExternalName")");
    if (type != "ExternalName" && !stringAt(service, {"spec", "externalName"}).empty())
        warnings.emplace_back(R"(spec.externalName is ignored when spec.type is not "ExternalName")");
}

/// Names of pods become those of hosts.
void warnOfName(const Value& object, std::string_view where, Warnings& warnings)
{
    const auto name = stringAt(object, {"metadata", "name"});
    constexpr std::size_t labelMax = 63;
    std::string wrong = name.size() > labelMax ? "must be no more than 63 characters" : "";
    if (name.find('.') != name.npos)
        wrong += wrong.empty() ? "must not contain dots" : " must not contain dots";
    if (!wrong.empty())
        warnings.push_back(fmt::format("metadata.name: this is used in {}, which can result in surprising behavior; a "
                                       "DNS label is recommended: [{}]",
                                       where, wrong));
}

void warnOfFinalizers(const Value& object, Warnings& warnings)
{
    constexpr std::array<std::string_view, 3> known{"orphan", "foregroundDeletion", "kubernetes"};
    for (const auto& finalizer : itemsAt(object, {"metadata", "finalizers"}))
        if (const auto name = textOf(finalizer);
            name.find('/') == name.npos && std::ranges::find(known, name) == known.end())
            warnings.push_back(fmt::format("metadata.finalizers: \"{}\": prefer a domain-qualified finalizer name "
                                           "including a path (/) to avoid accidental conflicts with other finalizer "
                                           "writers",
                                           name));
}

} // namespace

Warnings warningsAbout(const Kind& kind, const Value& object)
{
    Warnings warnings;
    if (kind.custom) {
        warnOfFinalizers(object, warnings);
        return warnings;
    }
    const FieldPath root;
    const auto spec = root.child("spec");
    const auto jobTemplate = spec.child("jobTemplate");
    const auto jobSpec = jobTemplate.child("spec");
    const auto& group = kind.groupVersion.group;
    if (const bool isPod = kind.kind == "Pod" && group.empty();
        isPod || kind.kind == "ReplicaSet" || kind.kind == "ReplicationController" || group == "batch")
        warnOfName(object, isPod ? "the Pod's hostname" : "Pod names and hostnames", warnings);
    if (kind.kind == "Pod" && group.empty())
        warnOfPod(object, root, false, warnings);
    else if (const auto* const pod = find(object, {"spec", "template"});
             pod && (group == "apps" || group == "batch" || group.empty()))
        warnOfPod(*pod, spec.child("template"), true, warnings);
    else if (const auto* const job = find(object, {"spec", "jobTemplate", "spec", "template"}); job && group == "batch")
        warnOfPod(*job, jobSpec.child("template"), true, warnings);
    else if (kind.kind == "Service" && group.empty())
        warnOfService(object, warnings);
    else if (kind.kind == "Ingress" && find(object, {"metadata", "annotations", "kubernetes.io/ingress.class"}))
        warnings.emplace_back(
            "annotation \"kubernetes.io/ingress.class\" is deprecated, please use 'spec.ingressClassName' instead");
    return warnings;
}

} // namespace keelson::api
