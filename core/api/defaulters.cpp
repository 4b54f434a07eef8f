// SPDX-License-Identifier: Apache-2.0
#include "api/defaulters.h"

#include "api/base64.h"
#include "api/object_members.h"

#include <algorithm>
#include <array>
#include <unordered_map>

namespace keelson::api {
namespace {

template <typename Visit>
void eachContainer(Object& podSpec, Visit visit)
{
    for (const auto* list : {"initContainers", "containers"})
        if (auto* containers = podSpec.if_contains(list); containers && containers->is_array())
            for (auto& container : containers->get_array())
                if (container.is_object())
                    visit(container.get_object());
}

/// What is limited is requested, unless a request says otherwise.
void requestLimits(Object& container)
{
    auto* resources = objectIn(container, "resources");
    const auto* limits = resources ? objectIn(*resources, "limits") : nullptr;
    if (!limits || limits->empty())
        return;
    const Object copy = *limits; // The reference does not survive a new member.
    auto& requests = (*resources)["requests"];
    if (!requests.is_object())
        requests.emplace_object();
    for (const auto& limit : copy)
        requests.get_object().insert(limit);
}

/// A container on the host's network listens on the host's ports.
void shareHostPorts(Object& container)
{
    auto* ports = container.if_contains("ports");
    if (!ports || !ports->is_array())
        return;
    for (auto& item : ports->get_array()) {
        auto* port = item.if_object();
        if (!port || !port->contains("containerPort"))
            continue;
        const Value number = port->at("containerPort");
        auto* hostPort = port->if_contains("hostPort");
        if (!hostPort || hostPort->is_null() || *hostPort == Value(0))
            (*port)["hostPort"] = number;
    }
}

/// What holds for pods but not for the templates of pods.
void pod(Object& object)
{
    auto* spec = objectIn(object, "spec");
    if (!spec)
        return;
    setIfUnset(*spec, "enableServiceLinks", true);
    const bool hostNetwork = isTrue(*spec, "hostNetwork");
    eachContainer(*spec, [&](Object& container) {
        requestLimits(container);
        if (hostNetwork)
            shareHostPorts(container);
    });
}

/// `serviceAccount` is the old name of `serviceAccountName`; both say the same.
void serviceAccountAlias(Object& object)
{
    if (isUnset(object, "serviceAccountName") && !isUnset(object, "serviceAccount")) {
        const Value name = object.at("serviceAccount");
        object["serviceAccountName"] = name;
    } else if (!isUnset(object, "serviceAccountName")) {
        const Value name = object.at("serviceAccountName");
        object["serviceAccount"] = name;
    }
}

/// An image that may move, because it has no tag or the tag is "latest", is pulled each time.
void imagePullPolicy(Object& object)
{
    if (!isUnset(object, "imagePullPolicy"))
        return;
    const auto image = textIn(object, "image");
    const bool byDigest = image.find('@') != image.npos;
    const auto name = image.substr(image.rfind('/') == image.npos ? 0 : image.rfind('/') + 1);
    const auto colon = name.rfind(':');
    const bool latest = !byDigest && (colon == name.npos || name.substr(colon + 1) == "latest");
    object["imagePullPolicy"] = latest ? "Always" : "IfNotPresent";
}

void emptyDirVolume(Object& object)
{
    const bool hasSource = std::ranges::any_of(
        object, [](const auto& member) { return member.key() != "name" && !member.value().is_null(); });
    if (!hasSource)
        object["emptyDir"].emplace_object();
}

void rollingUpdate(Object& object)
{
    if (textIn(object, "type") == "RollingUpdate")
        setIfUnset(object, "rollingUpdate", Object{});
}

void targetPort(Object& object)
{
    const auto* port = object.if_contains("port");
    if (!port)
        return;
    const auto* target = object.if_contains("targetPort");
    if (!target || target->is_null() || *target == Value(0) || *target == Value("")) {
        const Value number = *port;
        object["targetPort"] = number;
    }
}

void serviceAddresses(Object& object)
{
    const auto address = std::string(textIn(object, "clusterIP"));
    if (!address.empty())
        setIfUnset(object, "clusterIPs", Array{Value(address)});
    setIfUnset(object, "ipFamilyPolicy", "SingleStack");
    setIfUnset(object, "ipFamilies", Array{Value(address.find(':') == address.npos ? "IPv4" : "IPv6")});
}

void serviceSpec(Object& object)
{
    const auto type = std::string(textIn(object, "type"));
    if (textIn(object, "sessionAffinity") == "ClientIP") {
        Value whole(std::move(object));
        auto& client = objectAt(whole, {"sessionAffinityConfig", "clientIP"});
        setIfUnset(client, "timeoutSeconds", 10800);
        object = std::move(whole.get_object());
    } else {
        object.stable_erase("sessionAffinityConfig");
    }
    const auto* external = object.if_contains("externalIPs");
    const bool hasExternal = external && external->is_array() && !external->get_array().empty();
    if (type == "NodePort" || type == "LoadBalancer" || (type == "ClusterIP" && hasExternal))
        setIfUnset(object, "externalTrafficPolicy", "Cluster");
    if (type != "ExternalName") {
        setIfUnset(object, "internalTrafficPolicy", "Cluster");
        serviceAddresses(object);
    }
    if (type == "LoadBalancer")
        setIfUnset(object, "allocateLoadBalancerNodePorts", true);
}

void nodeAllocatable(Object& object)
{
    if (const auto* capacity = object.if_contains("capacity"); capacity && isUnset(object, "allocatable")) {
        const Value copy = *capacity;
        object["allocatable"] = copy;
    }
}

/// `stringData` is written only: it becomes `data`.
void secretStringData(Object& object)
{
    const auto* texts = objectIn(object, "stringData");
    if (texts && !texts->empty()) {
        const Object copy = *texts;
        auto& data = object["data"];
        if (!data.is_object())
            data.emplace_object();
        for (const auto& text : copy)
            if (text.value().is_string())
                data.get_object()[text.key()] = encodeBase64(view(text.value().get_string()));
    }
    object.stable_erase("stringData");
}

/// Users and groups are RBAC's own; service accounts are of the core group.
void subjectGroup(Object& object)
{
    const auto kind = textIn(object, "kind");
    if (kind == "User" || kind == "Group")
        setIfUnset(object, "apiGroup", "rbac.authorization.k8s.io");
}

/// Each namespace carries its name as a label, for namespace selectors.
void namespaceLabel(Object& object)
{
    auto* metadata = objectIn(object, "metadata");
    const auto name = metadata ? std::string(textIn(*metadata, "name")) : std::string();
    if (name.empty())
        return;
    auto& labels = (*metadata)["labels"];
    if (!labels.is_object())
        labels.emplace_object();
    labels.get_object()["kubernetes.io/metadata.name"] = name;
}

constexpr std::array table{
    Defaulter{"emptyDirVolume", emptyDirVolume},
    Defaulter{"imagePullPolicy", imagePullPolicy},
    Defaulter{"namespaceLabel", namespaceLabel},
    Defaulter{"nodeAllocatable", nodeAllocatable},
    Defaulter{"pod", pod},
    Defaulter{"rollingUpdate", rollingUpdate},
    Defaulter{"secretStringData", secretStringData},
    Defaulter{"serviceAccountAlias", serviceAccountAlias},
    Defaulter{"serviceSpec", serviceSpec},
    Defaulter{"subjectGroup", subjectGroup},
    Defaulter{"targetPort", targetPort},
};

} // namespace

std::span<const Defaulter> generalDefaulters()
{
    return table;
}

const Defaulter* findDefaulter(std::string_view name)
{
    static const auto byName = [] {
        std::unordered_map<std::string_view, const Defaulter*> map;
        for (const auto group : {generalDefaulters(), workloadDefaulters()})
            for (const auto& defaulter : group)
                map.emplace(defaulter.name, &defaulter);
        return map;
    }();
    const auto found = byName.find(name);
    return found == byName.end() ? nullptr : found->second;
}

} // namespace keelson::api
