// SPDX-License-Identifier: Apache-2.0
#include "controllers/endpoints_plan.h"

#include "controllers/ownership.h"
#include "controllers/pod_state.h"

#include <algorithm>
#include <map>
#include <set>

namespace keelson::controllers {
namespace {

bool isHeadless(const api::Service& service)
{
    return service.spec.clusterIP == "None";
}

api::ObjectReference referenceTo(const api::Pod& pod)
{
    api::ObjectReference reference;
    reference.kind = "Pod";
    reference.namespace_ = pod.metadata.namespace_;
    reference.name = pod.metadata.name;
    reference.uid = pod.metadata.uid;
    return reference;
}

/// The name under which DNS shows the pod, or "".
std::string hostnameOf(const api::Pod& pod, const api::Service& service)
{
    return pod.spec.subdomain == service.metadata.name ? pod.spec.hostname : "";
}

/// The pod's address of a family, or "". One that means each machine itself leads to no pod: endpoints cannot have it.
std::string addressOf(const api::Pod& pod, bool ipv6)
{
    const auto fits = [ipv6](const std::string& address) {
        return address.contains(':') == ipv6 && !address.starts_with("127.") && address != "::1";
    };
    for (const auto& address : pod.status.podIPs) {
        if (fits(address.ip))
            return address.ip;
    }
    return fits(pod.status.podIP) ? pod.status.podIP : "";
}

/// Whether both name the same pod at the same address.
std::string identityOf(const api::Endpoint& endpoint)
{
    return (endpoint.addresses.empty() ? "" : endpoint.addresses.front()) + " " +
           (endpoint.targetRef ? endpoint.targetRef->uid : "");
}

api::Endpoint endpointOf(const api::Pod& pod, const std::string& address, const api::Service& service,
                         const ZoneOf& zoneOf)
{
    api::Endpoint endpoint;
    endpoint.addresses = {address};
    const bool serving = isReady(pod);
    const bool terminating = pod.metadata.deletionTimestamp.has_value();
    endpoint.conditions.serving = serving;
    endpoint.conditions.terminating = terminating;
    endpoint.conditions.ready = service.spec.publishNotReadyAddresses || (serving && !terminating);
    if (const auto hostname = hostnameOf(pod, service); !hostname.empty())
        endpoint.hostname = hostname;
    if (!pod.spec.nodeName.empty()) {
        endpoint.nodeName = pod.spec.nodeName;
        if (auto zone = zoneOf(pod.spec.nodeName); !zone.empty())
            endpoint.zone = std::move(zone);
    }
    endpoint.targetRef = referenceTo(pod);
    return endpoint;
}

std::vector<api::EndpointSlicePort> slicePorts(const api::Pod& pod, const api::Service& service)
{
    std::vector<api::EndpointSlicePort> ports;
    for (const auto& port : service.spec.ports) {
        const auto number = targetPort(pod, port);
        if (number == 0)
            continue;
        api::EndpointSlicePort resolved;
        resolved.name = port.name;
        resolved.protocol = port.protocol.empty() ? "TCP" : port.protocol;
        resolved.port = number;
        resolved.appProtocol = port.appProtocol;
        ports.push_back(std::move(resolved));
    }
    return ports;
}

/// Endpoints that share a slice: the same address family and resolved ports.
struct Group {
    std::string addressType;
    std::vector<api::EndpointSlicePort> ports;
    std::map<std::string, api::Endpoint> endpoints; ///< By identity.
};

std::string groupKey(const std::string& addressType, const std::vector<api::EndpointSlicePort>& ports)
{
    std::string key = addressType;
    for (const auto& port : ports)
        key += "|" + port.name.value_or("") + "," + port.protocol.value_or("") + "," +
               std::to_string(port.port.value_or(0)) + "," + port.appProtocol.value_or("");
    return key;
}

std::vector<std::string> familiesOf(const api::Service& service)
{
    return service.spec.ipFamilies.empty() ? std::vector<std::string>{"IPv4"} : service.spec.ipFamilies;
}

std::map<std::string, Group> groupEndpoints(const api::Service& service, std::span<const api::PodPtr> pods,
                                            const ZoneOf& zoneOf)
{
    std::map<std::string, Group> groups;
    for (const auto& family : familiesOf(service)) {
        for (const auto& pod : pods) {
            const auto address = addressOf(*pod, family == "IPv6");
            if (isFinished(*pod) || address.empty())
                continue;
            auto ports = slicePorts(*pod, service);
            if (ports.empty() && !service.spec.ports.empty())
                continue;
            auto& group = groups[groupKey(family, ports)];
            group.addressType = family;
            group.ports = std::move(ports);
            auto endpoint = endpointOf(*pod, address, service, zoneOf);
            group.endpoints.emplace(identityOf(endpoint), std::move(endpoint));
        }
    }
    if (groups.empty()) // an empty slice says that nothing is there, rather than that nobody looked
        groups[groupKey(familiesOf(service).front(), {})].addressType = familiesOf(service).front();
    return groups;
}

api::Labels sliceLabels(const api::Service& service)
{
    api::Labels labels = service.metadata.labels;
    labels[std::string(serviceNameLabel)] = service.metadata.name;
    labels[std::string(sliceManagerLabel)] = sliceManager;
    if (isHeadless(service))
        labels[std::string(headlessLabel)] = "";
    else
        labels.erase(std::string(headlessLabel));
    return labels;
}

api::EndpointSlice newSlice(const api::Service& service, const Group& group)
{
    api::EndpointSlice slice;
    slice.metadata.generateName = service.metadata.name + "-";
    slice.metadata.namespace_ = service.metadata.namespace_;
    slice.metadata.labels = sliceLabels(service);
    slice.metadata.ownerReferences = {controllerReferenceTo(service)};
    slice.addressType = group.addressType;
    slice.ports = group.ports;
    return slice;
}

/// A slice as it shall be, and whether that differs from what it is.
struct Draft {
    api::EndpointSlicePtr present;
    api::EndpointSlice slice;
    bool changed() const { return !(slice == *present); }
};

/// Keeps endpoints where they are; fills gaps, changed slices first; adds slices; drops empty ones but the last.
void planGroup(EndpointSlicePlan& plan, const api::Service& service, Group group,
               const std::vector<api::EndpointSlicePtr>& present)
{
    std::vector<Draft> drafts;
    const auto labels = sliceLabels(service);
    for (const auto& slice : present) {
        Draft draft{.present = slice, .slice = *slice};
        draft.slice.metadata.labels = labels;
        draft.slice.endpoints.clear();
        for (const auto& endpoint : slice->endpoints) {
            const auto wanted = group.endpoints.find(identityOf(endpoint));
            if (wanted == group.endpoints.end())
                continue;
            draft.slice.endpoints.push_back(std::move(wanted->second));
            group.endpoints.erase(wanted);
        }
        drafts.push_back(std::move(draft));
    }
    for (const bool changedOnly : {true, false}) {
        for (auto& draft : drafts) {
            if (changedOnly && !draft.changed())
                continue;
            while (!group.endpoints.empty() && draft.slice.endpoints.size() < endpointsPerSliceMax)
                draft.slice.endpoints.push_back(std::move(group.endpoints.extract(group.endpoints.begin()).mapped()));
        }
    }
    std::size_t kept = 0;
    for (auto& draft : drafts) {
        const bool needed =
            !draft.slice.endpoints.empty() || (kept == 0 && &draft == &drafts.back() && group.ports.empty());
        if (!needed) {
            plan.remove.push_back(draft.present);
            continue;
        }
        ++kept;
        if (draft.changed())
            plan.update.push_back(std::move(draft.slice));
    }
    while (!group.endpoints.empty() || kept == 0) {
        auto slice = newSlice(service, group);
        while (!group.endpoints.empty() && slice.endpoints.size() < endpointsPerSliceMax)
            slice.endpoints.push_back(std::move(group.endpoints.extract(group.endpoints.begin()).mapped()));
        plan.create.push_back(std::move(slice));
        ++kept;
    }
}

} // namespace

bool hasEndpoints(const api::Service& service)
{
    return !service.spec.selector.empty() && service.spec.type != "ExternalName";
}

std::int32_t targetPort(const api::Pod& pod, const api::ServicePort& port)
{
    if (!port.targetPort.isString)
        return port.targetPort.number != 0 ? port.targetPort.number : port.port;
    const std::string protocol = port.protocol.empty() ? "TCP" : port.protocol;
    const auto find = [&](const std::vector<api::Container>& containers, bool sidecarsOnly) -> std::int32_t {
        for (const auto& container : containers) {
            if (sidecarsOnly && container.restartPolicy != "Always")
                continue;
            for (const auto& candidate : container.ports) {
                if (candidate.name == port.targetPort.text &&
                    (candidate.protocol.empty() ? "TCP" : candidate.protocol) == protocol)
                    return candidate.containerPort;
            }
        }
        return 0;
    };
    const auto number = find(pod.spec.containers, false);
    return number != 0 ? number : find(pod.spec.initContainers, true);
}

EndpointSlicePlan planEndpointSlices(const api::Service& service, std::span<const api::PodPtr> pods,
                                     const ZoneOf& zoneOf, std::span<const api::EndpointSlicePtr> slices)
{
    EndpointSlicePlan plan;
    auto groups = groupEndpoints(service, pods, zoneOf);
    std::map<std::string, std::vector<api::EndpointSlicePtr>> present;
    for (const auto& slice : slices) {
        const auto key = groupKey(slice->addressType, slice->ports);
        if (groups.contains(key))
            present[key].push_back(slice);
        else
            plan.remove.push_back(slice);
    }
    for (auto& [key, group] : groups)
        planGroup(plan, service, std::move(group), present[key]);
    return plan;
}

api::Endpoints planEndpoints(const api::Service& service, std::span<const api::PodPtr> pods)
{
    api::Endpoints endpoints;
    endpoints.metadata.name = service.metadata.name;
    endpoints.metadata.namespace_ = service.metadata.namespace_;
    endpoints.metadata.labels = service.metadata.labels;
    if (isHeadless(service))
        endpoints.metadata.labels[std::string(headlessLabel)] = "";
    else
        endpoints.metadata.labels.erase(std::string(headlessLabel));

    std::map<std::string, api::EndpointSubset> subsets; // by resolved ports
    std::map<std::string, api::PodPtr> sorted;          // by address
    for (const auto& pod : pods) {
        const auto address = addressOf(*pod, familiesOf(service).front() == "IPv6");
        if (!isFinished(*pod) && !address.empty() &&
            (!pod->metadata.deletionTimestamp || service.spec.publishNotReadyAddresses))
            sorted.emplace(address + " " + pod->metadata.uid, pod);
    }
    std::size_t count = 0;
    for (const auto& [key, pod] : sorted) {
        const auto ports = slicePorts(*pod, service);
        if (ports.empty() && !service.spec.ports.empty())
            continue;
        if (count++ == endpointsPerSubsetsMax) {
            endpoints.metadata.annotations["endpoints.kubernetes.io/over-capacity"] = "truncated";
            break;
        }
        auto& subset = subsets[groupKey("", ports)];
        if (subset.ports.empty()) {
            for (const auto& port : ports)
                subset.ports.push_back({.name = port.name.value_or(""),
                                        .port = port.port.value_or(0),
                                        .protocol = port.protocol.value_or("TCP"),
                                        .appProtocol = port.appProtocol});
        }
        api::EndpointAddress address;
        address.ip = key.substr(0, key.find(' '));
        address.hostname = hostnameOf(*pod, service);
        if (!pod->spec.nodeName.empty())
            address.nodeName = pod->spec.nodeName;
        address.targetRef = referenceTo(*pod);
        const bool ready = service.spec.publishNotReadyAddresses || isReady(*pod);
        (ready ? subset.addresses : subset.notReadyAddresses).push_back(std::move(address));
    }
    for (auto& [key, subset] : subsets)
        endpoints.subsets.push_back(std::move(subset));
    return endpoints;
}

} // namespace keelson::controllers
