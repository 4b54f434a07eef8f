// SPDX-License-Identifier: Apache-2.0
#include "api/name_forms.h"
#include "api/rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string>

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
    std::set<std::string> taken;
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
            const auto key =
                fmt::format("{}/{}/{}", stringAt(ports[index], {"protocol"}), stringAt(ports[index], {"hostIP"}), port);
            if (!taken.insert(key).second)
                refusals.duplicate(at.child("hostPort"), Value(key));
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
    std::map<std::string_view, bool> isClaim; // by name
    for (const auto& volume : itemsAt(spec, {"volumes"}))
        isClaim[stringAt(volume, {"name"})] = has(volume, "persistentVolumeClaim") || has(volume, "ephemeral");
    for (const auto& claim : claims)
        isClaim[stringAt(claim, {"metadata", "name"})] = true;
    eachContainer(spec, path, [&](const Value& container, const FieldPath& containerPath) {
        for (const std::string_view member : {"volumeMounts", "volumeDevices"}) {
            const auto& uses = itemsAt(container, {member});
            const auto used = containerPath.child(member);
            for (std::size_t index = 0; index < uses.size(); ++index) {
                const auto name = stringAt(uses[index], {"name"});
                const auto here = used.index(index);
                const auto volume = isClaim.find(name);
                if (!name.empty() && volume == isClaim.end())
                    refusals.notFound(here.child("name"), Value(name));
                else if (volume != isClaim.end() && !volume->second && member == "volumeDevices")
                    refusals.invalid(
                        here.child("name"), Value(name),
                        "can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode");
            }
        }
    });
}

void podMounts(const Value& pod, const FieldPath& path, Refusals& refusals)
{
    const auto* spec = find(pod, {"spec"});
    if (!spec)
        return;
    mountedVolumes(*spec, {}, path.child("spec"), refusals);
    if (const auto* metadata = find(pod, {"metadata"}))
        checkPodAnnotations(*metadata, *spec, path.child("metadata"), refusals);
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
    if (const auto* metadata = find(node, {"metadata"}); metadata && metadata->is_object()) {
        const auto at = path.child("metadata");
        checkLabels(find(*metadata, {"labels"}), at.child("labels"), refusals);
        checkAnnotations(*metadata, at, refusals);
        if (const auto* podSpec = find(node, {"spec"}))
            checkPodAnnotations(*metadata, *podSpec, at, refusals);
    }
    if (!itemsAt(node, {"spec", "ephemeralContainers"}).empty())
        refusals.forbidden(spec.child("ephemeralContainers"), "ephemeral containers not allowed in pod template");
}

/// Init containers that run to their end have no probes; only those that run on (sidecars) restart by themselves.
constexpr std::array<std::string_view, 4> notBeforeTheEnd{"lifecycle", "livenessProbe", "readinessProbe",
                                                          "startupProbe"};

void initContainers(const Value& node, const FieldPath& path, Refusals& refusals)
{
    const auto& containers = itemsAt(node, {"initContainers"});
    const auto list = path.child("initContainers");
    for (std::size_t index = 0; index < containers.size(); ++index) {
        const auto at = list.index(index);
        if (!itemsAt(containers[index], {"resizePolicy"}).empty())
            refusals.invalid(at.child("resizePolicy"), containers[index].at("resizePolicy"),
                             "must not be set for init containers");
        if (stringAt(containers[index], {"restartPolicy"}) == "Always")
            continue;
        for (const auto member : notBeforeTheEnd)
            if (has(containers[index], member))
                refusals.forbidden(at.child(member), "may not be set for init containers without restartPolicy=Always");
    }
    const auto& others = itemsAt(node, {"containers"});
    const auto otherList = path.child("containers");
    for (std::size_t index = 0; index < others.size(); ++index)
        if (const auto at = otherList.index(index); has(others[index], "restartPolicy"))
            refusals.forbidden(at.child("restartPolicy"), "may not be set for non-init containers");
}

/// A hook that waits ends before the pod's time is up.
void sleepingHooks(const Value& node, const FieldPath& path, Refusals& refusals)
{
    const auto* grace = find(node, {"terminationGracePeriodSeconds"});
    if (!grace || !grace->is_int64())
        return;
    eachContainer(node, path, [&](const Value& container, const FieldPath& at) {
        const auto lifecycle = at.child("lifecycle");
        for (const auto* hook : {"postStart", "preStop"}) {
            const auto seconds = integerAt(container, {"lifecycle", hook, "sleep", "seconds"}, 1);
            const auto here = lifecycle.child(hook);
            if (find(container, {"lifecycle", hook, "sleep"}) && (seconds <= 0 || seconds > grace->get_int64()))
                refusals.invalid(
                    here.child("sleep"), seconds,
                    fmt::format("must be greater than 0 and less than terminationGracePeriodSeconds ({}). "
                                "Enable AllowPodLifecycleSleepActionZeroValue feature gate for zero sleep.",
                                grace->get_int64()));
        }
    });
}

/// What happens to a container when its resources change, once for each of them.
void resizePolicies(const Value& node, const FieldPath& path, Refusals& refusals)
{
    const bool never = stringAt(node, {"restartPolicy"}) == "Never";
    eachContainer(node, path, [&](const Value& container, const FieldPath& at) {
        std::set<std::string_view> seen;
        const auto& policies = itemsAt(container, {"resizePolicy"});
        const auto list = at.child("resizePolicy");
        for (std::size_t index = 0; index < policies.size(); ++index) {
            const auto resource = stringAt(policies[index], {"resourceName"});
            const auto policy = stringAt(policies[index], {"restartPolicy"});
            if (!resource.empty() && resource != "cpu" && resource != "memory")
                refusals.notSupported(list, Value(resource), {"cpu", "memory"});
            if (!seen.insert(resource).second)
                refusals.duplicate(list.index(index), Value(resource));
            if (never && policy == "RestartContainer")
                refusals.invalid(list, Value(policy), "must be 'NotRequired' when `restartPolicy` is 'Never'");
        }
    });
}

constexpr std::size_t nameServersMax = 3;
constexpr std::size_t searchesMax = 32;
constexpr std::size_t searchCharactersMax = 2048; ///< With the spaces between them.

void dnsConfig(const Value& node, const FieldPath& path, Refusals& refusals)
{
    const auto& servers = itemsAt(node, {"nameservers"});
    const auto serverList = path.child("nameservers");
    if (servers.size() > nameServersMax)
        refusals.invalid(serverList, Value(servers),
                         fmt::format("must not have more than {} nameservers", nameServersMax));
    for (std::size_t index = 0; index < servers.size(); ++index)
        refuse(wrongIp(textOf(servers[index])), serverList.index(index), servers[index], refusals);
    const auto& searches = itemsAt(node, {"searches"});
    const auto searchList = path.child("searches");
    if (searches.size() > searchesMax)
        refusals.invalid(searchList, Value(searches),
                         fmt::format("must not have more than {} search paths", searchesMax));
    std::size_t characters = searches.empty() ? 0 : searches.size() - 1;
    for (std::size_t index = 0; index < searches.size(); ++index) {
        const auto name = textOf(searches[index]);
        characters += name.size();
        if (name != ".") // The root: names are looked up as they are.
            refuse(wrongDnsSubdomain(name.ends_with('.') ? name.substr(0, name.size() - 1) : name),
                   searchList.index(index), searches[index], refusals);
    }
    if (characters > searchCharactersMax)
        refusals.invalid(searchList, Value(searches),
                         fmt::format("must not have more than {} characters (including spaces) in the search list",
                                     searchCharactersMax));
    const auto& options = itemsAt(node, {"options"});
    const auto optionList = path.child("options");
    for (std::size_t index = 0; index < options.size(); ++index)
        if (stringAt(options[index], {"name"}).empty())
            refusals.required(optionList.index(index), "must not be empty");
}

void hostAlias(const Value& node, const FieldPath& path, Refusals& refusals)
{
    if (const auto ip = stringAt(node, {"ip"}); !ip.empty())
        refuse(wrongIp(ip), path.child("ip"), Value(ip), refusals);
    for (const auto& name : itemsAt(node, {"hostnames"}))
        refuse(wrongDnsSubdomain(textOf(name)), path.child("hostnames"), name, refusals);
}

void nameServers(const Value& node, const FieldPath& path, Refusals& refusals)
{
    const auto config = path.child("dnsConfig");
    if (stringAt(node, {"dnsPolicy"}) != "None")
        return;
    if (!has(node, "dnsConfig"))
        refusals.required(config, "must provide `dnsConfig` when `dnsPolicy` is None");
    else if (itemsAt(node, {"dnsConfig", "nameservers"}).empty())
        refusals.required(config.child("nameservers"),
                          "must provide at least one DNS nameserver when `dnsPolicy` is None");
}

void readinessGates(const Value& node, const FieldPath& path, Refusals& refusals)
{
    const auto& gates = itemsAt(node, {"readinessGates"});
    const auto list = path.child("readinessGates");
    for (std::size_t index = 0; index < gates.size(); ++index)
        if (const auto type = stringAt(gates[index], {"conditionType"}); !type.empty())
            refuse(wrongQualifiedName(type), list.index(index).child("conditionType"), Value(type), refusals);
}

void podSpec(const Value& node, const FieldPath& path, Refusals& refusals)
{
    containerNames(node, path, refusals);
    initContainers(node, path, refusals);
    sleepingHooks(node, path, refusals);
    resizePolicies(node, path, refusals);
    hostPorts(node, path, refusals);
    volumeNames(node, path, refusals);
    targetContainers(node, path, refusals);
    readinessGates(node, path, refusals);
    nameServers(node, path, refusals);
    for (const auto* member : {"hostname", "subdomain"})
        if (const auto name = stringAt(node, {member}); !name.empty())
            refuse(wrongDnsLabel(name), path.child(member), Value(name), refusals);
    for (const auto* member : {"serviceAccountName", "nodeName", "priorityClassName", "runtimeClassName"})
        if (const auto name = stringAt(node, {member}); !name.empty())
            refuse(wrongDnsSubdomain(name), path.child(member), Value(name), refusals);
}

constexpr std::array table{
    Rule{"dnsConfig", dnsConfig},
    Rule{"ephemeralContainer", ephemeralContainer},
    Rule{"hostAlias", hostAlias},
    Rule{"podMounts", podMounts},
    Rule{"podSpec", podSpec},
    Rule{"podTemplate", podTemplate},
    Rule{"templateMounts", templateMounts},
};

} // namespace

std::span<const Rule> podRules()
{
    return table;
}

} // namespace keelson::api
