// SPDX-License-Identifier: Apache-2.0
#include "network/dns_records.h"

#include "network/ipv4.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace keelson::network {
namespace {

constexpr std::string_view reverseDomain = "in-addr.arpa";

bool isBelow(std::string_view name, std::string_view domain)
{
    return name == domain ||
           (name.size() > domain.size() && name.ends_with(domain) && name[name.size() - domain.size() - 1] == '.');
}

std::string dashed(std::string text)
{
    std::ranges::replace(text, '.', '-');
    return text;
}

template <typename T>
void addOnce(std::vector<T>& list, T value)
{
    if (std::ranges::find(list, value) == list.end())
        list.push_back(std::move(value));
}

std::string srvName(const DnsPort& port, const std::string& service)
{
    return fmt::format("_{}._{}.{}", port.name, port.protocol, service);
}

/// The address in "2.1.244.10.in-addr.arpa".
std::optional<std::uint32_t> reversed(std::string_view name)
{
    if (name.size() <= reverseDomain.size() || !isBelow(name, reverseDomain))
        return std::nullopt;
    const auto address = parseIpv4(name.substr(0, name.size() - reverseDomain.size() - 1));
    if (!address)
        return std::nullopt;
    return __builtin_bswap32(*address);
}

} // namespace

std::string reverseName(std::uint32_t address)
{
    return fmt::format("{}.{}", formatIpv4(__builtin_bswap32(address)), reverseDomain);
}

DnsRecords::DnsRecords(Options options, const std::vector<DnsService>& services) : m_options(std::move(options))
{
    at(m_options.domain);
    at("svc." + m_options.domain);
    at("pod." + m_options.domain);
    if (const auto address = parseIpv4(m_options.dnsAddress))
        at("ns.dns." + m_options.domain).addresses = {*address};
    for (const auto& service : services)
        add(service);
}

/// Makes the name, and the empty names between it and the zone's apex.
DnsNode& DnsRecords::at(const std::string& name)
{
    const auto [found, isNew] = m_nodes.try_emplace(name);
    auto& node = found->second; // References into the map survive its growth.
    if (isNew && name != m_options.domain && isBelow(name, m_options.domain))
        at(name.substr(name.find('.') + 1));
    return node;
}

void DnsRecords::add(const DnsService& service)
{
    const auto name = fmt::format("{}.{}.svc.{}", service.name, service.nameSpace, m_options.domain);
    if (!service.externalName.empty()) {
        at(name).alias = service.externalName;
        return;
    }
    if (service.clusterIp.empty()) {
        addHeadless(service, name);
        return;
    }
    const auto address = parseIpv4(service.clusterIp);
    if (!address)
        return;
    addOnce(at(name).addresses, *address);
    addOnce(at(reverseName(*address)).pointers, name);
    for (const auto& port : service.ports) {
        if (!port.name.empty())
            addOnce(at(srvName(port, name)).services, DnsTarget{name, port.number});
    }
}

void DnsRecords::addHeadless(const DnsService& service, const std::string& name)
{
    for (const auto& endpoint : service.endpoints) {
        const auto address = parseIpv4(endpoint.ip);
        if (!address)
            continue;
        const auto host =
            fmt::format("{}.{}", endpoint.hostName.empty() ? dashed(endpoint.ip) : endpoint.hostName, name);
        addOnce(at(name).addresses, *address);
        addOnce(at(host).addresses, *address);
        addOnce(at(reverseName(*address)).pointers, host);
        for (const auto& port : endpoint.ports) {
            if (!port.name.empty())
                addOnce(at(srvName(port, name)).services, DnsTarget{host, port.number});
        }
    }
}

bool DnsRecords::isOurReverse(std::string_view name) const
{
    const auto address = reversed(name);
    if (!address)
        return false;
    const auto text = formatIpv4(*address);
    return cidrContains(m_options.serviceCidr, text) || cidrContains(m_options.clusterCidr, text);
}

DnsRecords::Owner DnsRecords::ownerOf(std::string_view name) const
{
    const bool ours = isBelow(name, m_options.domain) || isOurReverse(name) || m_nodes.contains(std::string(name));
    return ours ? Owner::Cluster : Owner::Others;
}

std::string DnsRecords::zoneOf(std::string_view name) const
{
    return std::string(isBelow(name, m_options.domain) ? std::string_view(m_options.domain) : reverseDomain);
}

const DnsNode* DnsRecords::find(std::string_view name, DnsNode& madeUp) const
{
    if (const auto found = m_nodes.find(std::string(name)); found != m_nodes.end())
        return &found->second;
    const auto pods = ".pod." + m_options.domain;
    if (!name.ends_with(pods))
        return nullptr;
    const auto inside = name.substr(0, name.size() - pods.size());
    const auto dot = inside.find('.');
    if (dot == std::string_view::npos) // The namespace's own name.
        return &madeUp;
    auto ip = std::string(inside.substr(0, dot));
    std::ranges::replace(ip, '-', '.');
    if (inside.find('.', dot + 1) != std::string_view::npos || !cidrContains(m_options.clusterCidr, ip))
        return nullptr;
    madeUp.addresses = {*parseIpv4(ip)};
    return &madeUp;
}

} // namespace keelson::network
