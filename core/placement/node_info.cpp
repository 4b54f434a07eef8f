// SPDX-License-Identifier: Apache-2.0
#include "placement/node_info.h"

#include <fmt/format.h>

#include <algorithm>

namespace keelson::placement {
namespace {

constexpr std::string_view anyAddress = "0.0.0.0";

std::vector<HostPort> hostPortsOf(const api::Pod& pod)
{
    std::vector<HostPort> ports;
    for (const auto& container : pod.spec.containers) {
        for (const auto& port : container.ports) {
            if (port.hostPort > 0)
                ports.push_back({.address = port.hostIP.empty() ? std::string(anyAddress) : port.hostIP,
                                 .protocol = port.protocol.empty() ? "TCP" : port.protocol,
                                 .port = port.hostPort});
        }
    }
    return ports;
}

std::string refusalOf(const api::Taint& taint)
{
    return fmt::format("node(s) had untolerated taint {{{}: {}}}", taint.key, taint.value);
}

} // namespace

bool HostPort::collides(const HostPort& other) const
{
    return port == other.port && protocol == other.protocol &&
           (address == other.address || address == anyAddress || other.address == anyAddress);
}

PodInfo::PodInfo(api::PodPtr of) : pod(std::move(of)), requests(requestsOf(*pod)), ports(hostPortsOf(*pod)) {}

void NodeInfo::setNode(api::NodePtr node)
{
    m_node = std::move(node);
    m_hardTaints.clear();
    m_softTaints.clear();
    m_allocatable = {};
    m_podsMax = 0;
    if (!m_node)
        return;
    for (const auto& taint : m_node->spec.taints) {
        if (taint.effect == "PreferNoSchedule")
            m_softTaints.push_back(taint);
        else
            m_hardTaints.push_back({.taint = taint, .refusal = refusalOf(taint)});
    }
    m_allocatable = resourcesFrom(m_node->status.allocatable);
    if (const auto pods = m_node->status.allocatable.find("pods"); pods != m_node->status.allocatable.end())
        m_podsMax = pods->second.units();
}

void NodeInfo::addPod(const PodInfoPtr& pod)
{
    const auto& uid = pod->pod->metadata.uid;
    removePod(uid);
    m_pods.emplace(uid, pod);
    m_requested.add(pod->requests.request);
    m_scoredMilliCpu += pod->requests.scoredMilliCpu;
    m_scoredMemoryBytes += pod->requests.scoredMemoryBytes;
    m_ports.insert(m_ports.end(), pod->ports.begin(), pod->ports.end());
}

bool NodeInfo::removePod(std::string_view uid)
{
    const auto found = m_pods.find(std::string(uid));
    if (found == m_pods.end())
        return false;
    const auto pod = std::move(found->second);
    m_pods.erase(found);
    m_requested.subtract(pod->requests.request);
    m_scoredMilliCpu -= pod->requests.scoredMilliCpu;
    m_scoredMemoryBytes -= pod->requests.scoredMemoryBytes;
    for (const auto& port : pod->ports) {
        if (const auto taken = std::ranges::find(m_ports, port); taken != m_ports.end())
            m_ports.erase(taken);
    }
    return true;
}

} // namespace keelson::placement
