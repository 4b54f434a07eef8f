// SPDX-License-Identifier: Apache-2.0
#include "api/name_forms.h"
#include "api/rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <tuple>

namespace keelson::api {
namespace {

constexpr std::array<std::string_view, 3> containerLists{"initContainers", "containers", "ephemeralContainers"};

template <typename Visit>
void eachContainer(const Value& node, const FieldPath& path, Visit visit)
{
    for (const auto list : containerLists) {
        const auto at = path.child(list);
        const auto& containers = itemsAt(node, {list});
        for (std::size_t index = 0; index < containers.size(); ++index)
            visit(containers[index], at.index(index));
    }
}

void containerNames(const Value& node, const FieldPath& path, Refusals& refusals)
{
    std::set<std::string_view> names;
    eachContainer(node, path, [&](const Value& container, const FieldPath& at) {
        if (const auto name = stringAt(container, {"name"}); !name.empty() && !names.insert(name).second)
            refusals.duplicate(at.child("name"), Value(name));
    });
}

/// Two containers of a pod share the host: one of them gets a port.
void hostPorts(const Value& node, const FieldPath& path, Refusals& refusals)
{
    std::set<std::tuple<std::int64_t, std::string_view, std::string_view>> taken;
    const bool hostNetwork = boolAt(node, {"hostNetwork"});
    eachContainer(node, path, [&](const Value& container, const FieldPath& containerPath) {
        const auto& ports = itemsAt(container, {"ports"});
        const auto list = containerPath.child("ports");
        for (std::size_t index = 0; index < ports.size(); ++index) {
            const auto port = integerAt(ports[index], {"hostPort"});
            const auto at = list.index(index);
            if (port == 0)
                continue;
            if (hostNetwork && port != integerAt(ports[index], {"containerPort"}))
                refusals.invalid(at.child("hostPort"), port, "must match `containerPort` when `hostNetwork` is true");
            const auto key = std::tuple(port, stringAt(ports[index], {"protocol"}), stringAt(ports[index], {"hostIP"}));
            if (!taken.insert(key).second)
                refusals.duplicate(at.child("hostPort"), port);
        }
    });
}

void volumeNames(const Value& node, const FieldPath& path, Refusals& refusals)
{
    std::set<std::string_view> names;
    const auto& list = itemsAt(node, {"volumes"});
    const auto at = path.child("volumes");
    for (std::size_t index = 0; index < list.size(); ++index) {
        const auto name = stringAt(list[index], {"name"});
        const auto here = at.index(index);
        if (!name.empty())
            refuse(wrongDnsLabel(name), here.child("name"), Value(name), refusals);
        if (!name.empty() && !names.insert(name).second)
            refusals.duplicate(here.child("name"), Value(name));
    }
}

/// Mounts are of the pod's volumes or of `claims`, which each pod of a StatefulSet gets besides.
void mountedVolumes(const Value& spec, const Array& claims, const FieldPath& path, Refusals& refusals)
{
    std::set<std::string_view> names;
    for (const auto& volume : itemsAt(spec, {"volumes"}))
        names.insert(stringAt(volume, {"name"}));
    for (const auto& claim : claims)
        names.insert(stringAt(claim, {"metadata", "name"}));
    eachContainer(spec, path, [&](const Value& container, const FieldPath& containerPath) {
        for (const auto* member : {"volumeMounts", "volumeDevices"}) {
            const auto& uses = itemsAt(container, {member});
            const auto used = containerPath.child(member);
            for (std::size_t index = 0; index < uses.size(); ++index) {
                const auto name = stringAt(uses[index], {"name"});
                const auto here = used.index(index);
                if (!name.empty() && !names.contains(name))
                    refusals.notFound(here.child("name"), Value(name));
            }
        }
    });
}

void podMounts(const Value& pod, const FieldPath& path, Refusals& refusals)
{
    if (const auto* spec = find(pod, {"spec"}))
        mountedVolumes(*spec, {}, path.child("spec"), refusals);
}

/// At the owner of the template, which knows the claims.
void templateMounts(const Value& owner, const FieldPath& path, Refusals& refusals)
{
    const auto pod = path.child("template");
    if (const auto* spec = find(owner, {"template", "spec"}))
        mountedVolumes(*spec, itemsAt(owner, {"volumeClaimTemplates"}), pod.child("spec"), refusals);
}

/// Nothing waits for an ephemeral container, and it never starts anew.
constexpr std::array<std::string_view, 8> notEphemeral{"ports",         "resources",     "resizePolicy",
                                                       "restartPolicy", "livenessProbe", "readinessProbe",
                                                       "startupProbe",  "lifecycle"};
constexpr std::string_view notEphemeralDetail = "cannot be set for an Ephemeral Container";

bool isEmpty(const Value& value)
{
    return value.is_null() || (value.is_object() && value.get_object().empty()) ||
           (value.is_array() && value.get_array().empty());
}

void ephemeralContainer(const Value& node, const FieldPath& path, Refusals& refusals)
{
    for (const auto member : notEphemeral)
        if (const auto* value = find(node, {member}); value && !isEmpty(*value))
            refusals.forbidden(path.child(member), notEphemeralDetail);
    const auto& mounts = itemsAt(node, {"volumeMounts"});
    const auto list = path.child("volumeMounts");
    for (std::size_t index = 0; index < mounts.size(); ++index)
        for (const auto* member : {"subPath", "subPathExpr"})
            if (const auto at = list.index(index); !stringAt(mounts[index], {member}).empty())
                refusals.forbidden(at.child(member), notEphemeralDetail);
}

/// The container whose processes an ephemeral one is to see is an ordinary one.
void targetContainers(const Value& node, const FieldPath& path, Refusals& refusals)
{
    const auto& containers = itemsAt(node, {"ephemeralContainers"});
    const auto list = path.child("ephemeralContainers");
    for (std::size_t index = 0; index < containers.size(); ++index) {
        const auto target = stringAt(containers[index], {"targetContainerName"});
        const auto isTarget = [&](const Value& other) { return stringAt(other, {"name"}) == target; };
        const auto at = list.index(index);
        if (!target.empty() && std::ranges::none_of(itemsAt(node, {"containers"}), isTarget) &&
            std::ranges::none_of(itemsAt(node, {"initContainers"}), isTarget))
            refusals.notFound(at.child("targetContainerName"), Value(target));
    }
}

void podTemplate(const Value& node, const FieldPath& path, Refusals& refusals)
{
    const auto spec = path.child("spec");
    if (!itemsAt(node, {"spec", "ephemeralContainers"}).empty())
        refusals.forbidden(spec.child("ephemeralContainers"), "ephemeral containers not allowed in pod template");
}

void podSpec(const Value& node, const FieldPath& path, Refusals& refusals)
{
    containerNames(node, path, refusals);
    hostPorts(node, path, refusals);
    volumeNames(node, path, refusals);
    targetContainers(node, path, refusals);
    checkLabels(find(node, {"nodeSelector"}), path.child("nodeSelector"), refusals);
    for (const auto* member : {"hostname", "subdomain"})
        if (const auto name = stringAt(node, {member}); !name.empty())
            refuse(wrongDnsLabel(name), path.child(member), Value(name), refusals);
    for (const auto* member : {"serviceAccountName", "nodeName", "priorityClassName", "runtimeClassName"})
        if (const auto name = stringAt(node, {member}); !name.empty())
            refuse(wrongDnsSubdomain(name), path.child(member), Value(name), refusals);
    if (stringAt(node, {"dnsPolicy"}) == "None" && itemsAt(node, {"dnsConfig", "nameservers"}).empty()) {
        const auto config = path.child("dnsConfig");
        refusals.required(config.child("nameservers"),
                          "must provide at least one DNS nameserver when `dnsPolicy` is None");
    }
}

void volume(const Value& node, const FieldPath& path, Refusals& refusals)
{
    int sources = 0;
    for (const auto& member : node.get_object())
        if (member.key() != "name" && !member.value().is_null() && ++sources > 1)
            refusals.forbidden(path.child(member.key()), "may not specify more than 1 volume type");
    if (sources == 0)
        refusals.required(path, "must specify a volume type");
    const auto source = path.child("hostPath");
    if (const auto hostPath = stringAt(node, {"hostPath", "path"});
        ("/" + std::string(hostPath) + "/").find("/../") != std::string::npos)
        refusals.invalid(source.child("path"), Value(hostPath), "must not contain '..'");
    const auto secret = path.child("secret");
    if (has(node, "secret") && stringAt(node, {"secret", "secretName"}).empty())
        refusals.required(secret.child("secretName"));
    const auto configMap = path.child("configMap");
    if (has(node, "configMap") && stringAt(node, {"configMap", "name"}).empty())
        refusals.required(configMap.child("name"));
}

void keyToPath(const Value& node, const FieldPath& path, Refusals& refusals)
{
    const auto target = stringAt(node, {"path"});
    if (target.starts_with('/'))
        refusals.invalid(path.child("path"), Value(target), "must be a relative path");
    if (("/" + std::string(target) + "/").find("/../") != std::string::npos)
        refusals.invalid(path.child("path"), Value(target), "must not contain '..'");
}

void toleration(const Value& node, const FieldPath& path, Refusals& refusals)
{
    const auto key = stringAt(node, {"key"});
    const auto op = stringAt(node, {"operator"});
    if (!key.empty())
        refuse(wrongQualifiedName(key), path.child("key"), Value(key), refusals);
    else if (op != "Exists")
        refusals.invalid(path.child("operator"), Value(op),
                         "operator must be Exists when `key` is empty, which means \"match all values and all keys\"");
    if (op == "Exists" && !stringAt(node, {"value"}).empty())
        refusals.invalid(path.child("operator"), *find(node, {"value"}),
                         "value must be empty when `operator` is 'Exists'");
    if (has(node, "tolerationSeconds") && stringAt(node, {"effect"}) != "NoExecute")
        refusals.invalid(path.child("effect"), Value(stringAt(node, {"effect"})),
                         "effect must be 'NoExecute' when `tolerationSeconds` is set");
}

void nodeSelectorRequirement(const Value& node, const FieldPath& path, Refusals& refusals)
{
    const auto op = stringAt(node, {"operator"});
    const auto& values = itemsAt(node, {"values"});
    if ((op == "In" || op == "NotIn") && values.empty())
        refusals.required(path.child("values"), "must be specified when `operator` is 'In' or 'NotIn'");
    if ((op == "Exists" || op == "DoesNotExist") && !values.empty())
        refusals.forbidden(path.child("values"), "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
    if ((op == "Gt" || op == "Lt") && values.size() != 1)
        refusals.required(path.child("values"), "must be specified single value when `operator` is 'Lt' or 'Gt'");
}

void labelSelector(const Value& node, const FieldPath& path, Refusals& refusals)
{
    checkLabels(find(node, {"matchLabels"}), path.child("matchLabels"), refusals);
    const auto& expressions = itemsAt(node, {"matchExpressions"});
    const auto list = path.child("matchExpressions");
    for (std::size_t index = 0; index < expressions.size(); ++index) {
        const auto at = list.index(index);
        if (const auto key = stringAt(expressions[index], {"key"}); !key.empty())
            refuse(wrongQualifiedName(key), at.child("key"), Value(key), refusals);
        nodeSelectorRequirement(expressions[index], at, refusals);
    }
}

void podAffinityTerm(const Value& node, const FieldPath& path, Refusals& refusals)
{
    if (const auto key = stringAt(node, {"topologyKey"}); !key.empty())
        refuse(wrongQualifiedName(key), path.child("topologyKey"), Value(key), refusals);
}

void eraseIn(Value& spec, std::string_view member)
{
    spec.get_object().stable_erase(member);
}

/// A pod's spec without what an update may change, given what it was.
Value fixedPart(const Value& spec)
{
    Value rest = spec;
    for (const auto* member : {"activeDeadlineSeconds", "tolerations", "schedulingGates"})
        eraseIn(rest, member);
    for (const auto* list : {"containers", "initContainers"})
        if (auto* containers = find(rest, {list}); containers && containers->is_array())
            for (auto& item : containers->get_array())
                if (item.is_object())
                    item.get_object().stable_erase("image");
    return rest;
}

/// All that was there is there still.
bool isContained(const Array& old, const Array& list)
{
    return std::ranges::all_of(old, [&](const Value& item) { return std::ranges::find(list, item) != list.end(); });
}

void podUpdate(const Value& node, const Value& old, const FieldPath& path, Refusals& refusals)
{
    const auto* now = find(node, {"spec"});
    const auto* before = find(old, {"spec"});
    if (!now || !before || !now->is_object() || !before->is_object())
        return;
    const auto at = path.child("spec");
    if (fixedPart(*now) != fixedPart(*before))
        refusals.forbidden(at, "pod updates may not change fields other than `spec.containers[*].image`, "
                               "`spec.initContainers[*].image`, `spec.activeDeadlineSeconds`, `spec.tolerations` (only "
                               "additions to existing tolerations)");
    if (!isContained(itemsAt(*before, {"tolerations"}), itemsAt(*now, {"tolerations"})))
        refusals.forbidden(at.child("tolerations"),
                           "existing toleration can not be modified except its tolerationSeconds");
    if (!isContained(itemsAt(*now, {"schedulingGates"}), itemsAt(*before, {"schedulingGates"})))
        refusals.forbidden(at.child("schedulingGates"), "only deletion is allowed");
    const auto* deadline = find(*now, {"activeDeadlineSeconds"});
    const auto* oldDeadline = find(*before, {"activeDeadlineSeconds"});
    if (oldDeadline &&
        (!deadline || integerAt(*now, {"activeDeadlineSeconds"}) > integerAt(*before, {"activeDeadlineSeconds"})))
        refusals.invalid(at.child("activeDeadlineSeconds"), deadline ? *deadline : Value(),
                         "must be less than or equal to previous value");
}

constexpr std::array table{
    Rule{"ephemeralContainer", ephemeralContainer},
    Rule{"keyToPath", keyToPath},
    Rule{"labelSelector", labelSelector},
    Rule{"nodeSelectorRequirement", nodeSelectorRequirement},
    Rule{"podAffinityTerm", podAffinityTerm},
    Rule{"podMounts", podMounts},
    Rule{"podSpec", podSpec},
    Rule{"podTemplate", podTemplate},
    Rule{"podUpdate", nullptr, podUpdate},
    Rule{"templateMounts", templateMounts},
    Rule{"toleration", toleration},
    Rule{"volume", volume},
};

} // namespace

std::span<const Rule> podRules()
{
    return table;
}

} // namespace keelson::api
