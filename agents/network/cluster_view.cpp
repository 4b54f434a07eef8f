// SPDX-License-Identifier: Apache-2.0
#include "network/cluster_view.h"

#include <fmt/format.h>

#include <map>
#include <optional>

namespace keelson::network {
namespace {

constexpr auto serviceNameLabel = "kubernetes.io/service-name";
constexpr std::int32_t affinitySecondsDefault = 10'800;

using SlicesOf = std::multimap<std::pair<std::string, std::string>, const api::EndpointSlice*>;

SlicesOf byService(const EndpointSlices& slices)
{
    SlicesOf sorted;
    for (const auto& slice : slices) {
        const auto label = slice->metadata.labels.find(serviceNameLabel);
        if (label != slice->metadata.labels.end() && slice->addressType == "IPv4")
            sorted.emplace(std::pair(slice->metadata.namespace_, label->second), slice.get());
    }
    return sorted;
}

bool isHeadless(const api::Service& service)
{
    return service.spec.clusterIP.empty() || service.spec.clusterIP == "None";
}

std::optional<Protocol> protocolOf(const std::string& name)
{
    if (name.empty() || name == "TCP")
        return Protocol::Tcp;
    if (name == "UDP")
        return Protocol::Udp;
    if (name == "SCTP")
        return Protocol::Sctp;
    return std::nullopt;
}

/// Absent means ready (EndpointSlice API).
bool isReady(const api::Endpoint& endpoint, bool publishNotReady)
{
    return publishNotReady || endpoint.conditions.ready.value_or(true);
}

bool isServingToItsEnd(const api::Endpoint& endpoint)
{
    return endpoint.conditions.serving.value_or(false) && endpoint.conditions.terminating.value_or(false);
}

bool fits(const api::EndpointSlicePort& port, const api::ServicePort& wanted)
{
    return port.name.value_or("") == wanted.name && port.port &&
           protocolOf(port.protocol.value_or("TCP")) == protocolOf(wanted.protocol);
}

std::vector<Backend> backendsOf(const SlicesOf& slices, const api::Service& service, const api::ServicePort& wanted)
{
    std::vector<Backend> ready;
    std::vector<Backend> ending;
    const auto [first, last] = slices.equal_range({service.metadata.namespace_, service.metadata.name});
    for (auto at = first; at != last; ++at) {
        for (const auto& port : at->second->ports) {
            if (!fits(port, wanted))
                continue;
            for (const auto& endpoint : at->second->endpoints) {
                if (endpoint.addresses.empty())
                    continue;
                const Backend backend{endpoint.addresses.front(), static_cast<std::uint16_t>(*port.port),
                                      endpoint.nodeName.value_or("")};
                if (isReady(endpoint, service.spec.publishNotReadyAddresses))
                    ready.push_back(backend);
                else if (isServingToItsEnd(endpoint))
                    ending.push_back(backend);
            }
        }
    }
    return ready.empty() ? ending : ready;
}

std::int32_t affinityOf(const api::ServiceSpec& spec)
{
    if (spec.sessionAffinity != "ClientIP")
        return 0;
    if (!spec.sessionAffinityConfig || !spec.sessionAffinityConfig->clientIP)
        return affinitySecondsDefault;
    return spec.sessionAffinityConfig->clientIP->timeoutSeconds.value_or(affinitySecondsDefault);
}

ServicePort servicePort(const api::Service& service, const api::ServicePort& port, Protocol protocol)
{
    const auto& spec = service.spec;
    ServicePort made;
    made.nameSpace = service.metadata.namespace_;
    made.service = service.metadata.name;
    made.port = port.name.empty() ? fmt::format("{}", port.port) : port.name;
    made.protocol = protocol;
    made.number = static_cast<std::uint16_t>(port.port);
    made.clusterIp = spec.clusterIP;
    made.externalIps = spec.externalIPs;
    if (spec.type == "LoadBalancer") {
        for (const auto& ingress : service.status.loadBalancer.ingress) {
            if (!ingress.ip.empty() && ingress.ipMode.value_or("VIP") == "VIP")
                made.externalIps.push_back(ingress.ip);
        }
    }
    made.nodePort = static_cast<std::uint16_t>(port.nodePort);
    made.internalPolicy =
        spec.internalTrafficPolicy.value_or("Cluster") == "Local" ? TrafficPolicy::Local : TrafficPolicy::Cluster;
    made.externalPolicy = spec.externalTrafficPolicy == "Local" ? TrafficPolicy::Local : TrafficPolicy::Cluster;
    made.affinitySeconds = affinityOf(spec);
    return made;
}

void addEndpoints(DnsService& into, const SlicesOf& slices, const api::Service& service)
{
    const auto [first, last] = slices.equal_range({into.nameSpace, into.name});
    for (auto at = first; at != last; ++at) {
        std::vector<DnsPort> ports;
        for (const auto& port : at->second->ports) {
            const auto protocol = protocolOf(port.protocol.value_or("TCP"));
            if (protocol && port.port)
                ports.push_back({port.name.value_or(""), std::string(protocolName(*protocol)),
                                 static_cast<std::uint16_t>(*port.port)});
        }
        for (const auto& endpoint : at->second->endpoints) {
            if (!endpoint.addresses.empty() && isReady(endpoint, service.spec.publishNotReadyAddresses))
                into.endpoints.push_back({endpoint.addresses.front(), endpoint.hostname.value_or(""), ports});
        }
    }
}

} // namespace

std::vector<ServicePort> servicePorts(const Services& services, const EndpointSlices& slices)
{
    const auto sorted = byService(slices);
    std::vector<ServicePort> ports;
    for (const auto& service : services) {
        if (isHeadless(*service) || service->spec.type == "ExternalName")
            continue;
        for (const auto& port : service->spec.ports) {
            const auto protocol = protocolOf(port.protocol);
            if (!protocol || port.port <= 0 || port.port > 65'535)
                continue;
            auto made = servicePort(*service, port, *protocol);
            made.backends = backendsOf(sorted, *service, port);
            ports.push_back(std::move(made));
        }
    }
    return ports;
}

std::vector<DnsService> dnsServices(const Services& services, const EndpointSlices& slices)
{
    const auto sorted = byService(slices);
    std::vector<DnsService> made;
    for (const auto& service : services) {
        DnsService entry;
        entry.nameSpace = service->metadata.namespace_;
        entry.name = service->metadata.name;
        if (service->spec.type == "ExternalName") {
            entry.externalName = service->spec.externalName;
        } else if (isHeadless(*service)) {
            addEndpoints(entry, sorted, *service);
        } else {
            entry.clusterIp = service->spec.clusterIP;
            for (const auto& port : service->spec.ports) {
                if (const auto protocol = protocolOf(port.protocol))
                    entry.ports.push_back(
                        {port.name, std::string(protocolName(*protocol)), static_cast<std::uint16_t>(port.port)});
            }
        }
        made.push_back(std::move(entry));
    }
    return made;
}

} // namespace keelson::network
