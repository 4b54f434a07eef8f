// SPDX-License-Identifier: Apache-2.0
#include "network/service_rules.h"

#include "network/ipv4.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace keelson::network {
namespace {

/// Marks a packet on its way through the host to be masqueraded when it leaves. No other program's bit that we know of.
constexpr std::string_view masqueradeBit = "0x08000000";
constexpr std::string_view masqueradeBitCleared = "0xf7ffffff";
constexpr std::string_view vipMap = "type ipv4_addr . inet_proto . inet_service : verdict";
constexpr std::string_view nodePortMap = "type inet_proto . inet_service : verdict";
constexpr std::string_view vipKey = "ip daddr . meta l4proto . th dport";
constexpr std::string_view nodePortKey = "meta l4proto . th dport";

bool isIdentifier(const std::string& text)
{
    return !text.empty() && text.size() <= 63 && std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
    });
}

/// Names go into the text of the rules; whatever could be more than a name is refused here.
bool isWellFormed(const ServicePort& port)
{
    return isIdentifier(port.nameSpace) && isIdentifier(port.service) && isIdentifier(port.port) && port.number != 0 &&
           (port.clusterIp.empty() || parseIpv4(port.clusterIp)) && port.affinitySeconds >= 0;
}

std::vector<Backend> sortedBackends(const ServicePort& port)
{
    std::vector<Backend> backends;
    for (const auto& backend : port.backends) {
        if (parseIpv4(backend.ip) && backend.port != 0)
            backends.push_back(backend);
    }
    std::ranges::sort(backends);
    const auto twice = std::ranges::unique(
        backends, [](const Backend& a, const Backend& b) { return a.ip == b.ip && a.port == b.port; });
    backends.erase(twice.begin(), twice.end());
    return backends;
}

template <typename Predicate>
std::vector<Backend> only(const std::vector<Backend>& backends, Predicate predicate)
{
    std::vector<Backend> kept;
    std::ranges::copy_if(backends, std::back_inserter(kept), predicate);
    return kept;
}

/// Builds the table port by port.
class Builder {
public:
    Builder(const NodeFacts& facts, RuleTable& table) : m_facts(facts), m_table(table) {}

    void frame();
    void add(const ServicePort& port);

private:
    void addFilters();
    void addClusterIp(const ServicePort& port, const std::string& path, const std::vector<Backend>& all);
    void addExternal(const ServicePort& port, const std::string& path, const std::vector<Backend>& all);
    void addAffinity(const ServicePort& port, const std::string& path, RuleChain& chain,
                     const std::vector<Backend>& backends);
    std::string chainFor(std::string_view kind, const ServicePort& port, const std::string& path,
                         const std::vector<Backend>& backends);
    std::string vip(const std::string& ip, const ServicePort& port) const;

    RuleChain& chain(const std::string& name, std::string hook = {})
    {
        auto& made = m_table.chains[name];
        if (!hook.empty())
            made.hook = std::move(hook);
        return made;
    }

    const NodeFacts& m_facts;
    RuleTable& m_table;
};

void Builder::frame()
{
    const auto& f = m_facts;
    for (const auto* name : {"service-ips", "local-service-ips", "refused-ips"})
        m_table.sets[name].definition = vipMap;
    for (const auto* name : {"node-ports", "refused-node-ports"})
        m_table.sets[name].definition = nodePortMap;
    m_table.sets["hairpin"].definition = "type ipv4_addr . ipv4_addr";

    auto& fromPods = chain("from-pods");
    auto& fromHost = chain("from-host");
    if (!f.dnsAddress.empty() && !f.dnsServer.empty()) {
        for (auto* rules : {&fromPods.rules, &fromHost.rules}) {
            rules->push_back(fmt::format("ip daddr {} udp dport 53 dnat to {}:53", f.dnsAddress, f.dnsServer));
            rules->push_back(fmt::format("ip daddr {} tcp dport 53 dnat to {}:53", f.dnsAddress, f.dnsServer));
        }
    }
    fromPods.rules.push_back(fmt::format("{} vmap @local-service-ips", vipKey));
    fromHost.rules.push_back(fmt::format("ip daddr {} ip saddr != {} meta mark set meta mark | {}", f.serviceCidr,
                                         f.clusterCidr, masqueradeBit));
    for (auto* rules : {&fromPods.rules, &fromHost.rules}) {
        rules->push_back(fmt::format("{} vmap @service-ips", vipKey));
        rules->push_back(fmt::format("fib daddr type local {} vmap @node-ports", nodePortKey));
    }
    chain("prerouting", "type nat hook prerouting priority dstnat - 10").rules = {
        fmt::format("iifname \"{}\" goto from-pods", f.bridge), "iifname \"kl*\" return", "goto from-host"};
    chain("output", "type nat hook output priority -110").rules = {"goto from-host"};

    auto& leaving = chain("postrouting", "type nat hook postrouting priority srcnat - 10").rules;
    leaving.push_back("ct status dnat ip saddr . ip daddr @hairpin masquerade");
    leaving.push_back(fmt::format("oifname != \"lo\" meta mark & {0} == {0} meta mark set meta mark & {1} masquerade",
                                  masqueradeBit, masqueradeBitCleared));
    leaving.push_back(fmt::format("ip saddr 127.0.0.0/8 ip daddr {} masquerade", f.clusterCidr));
    if (!f.bridgeFiltered) // Replies between two pods would pass the host by, untranslated.
        leaving.push_back(fmt::format("ct status dnat ip saddr {0} ip daddr {0} masquerade", f.podCidr));
    // A translation to itself: container engines masquerade what leaves a bridge, and this one comes first. Only toward
    // this node's pods: what other nodes' pods need is in their tables.
    leaving.push_back(fmt::format("ip saddr {} ip daddr {} snat to ip saddr", f.clusterCidr, f.podCidr));
    addFilters();
}

void Builder::addFilters()
{
    // Loopback addresses may be translated to pods (a node port at 127.0.0.1); from outside nobody may name them.
    chain("guard", "type filter hook prerouting priority raw").rules = {
        fmt::format("iifname \"{}\" ip daddr 127.0.0.0/8 drop", m_facts.bridge)};
    chain("refuse").rules = {"meta l4proto tcp reject with tcp reset", "reject"};
    chain("forward", "type filter hook forward priority filter - 10").rules = {
        fmt::format("iifname \"{}\" goto forward-pods", m_facts.bridge), "iifname \"kl*\" return",
        fmt::format("{} vmap @refused-ips", vipKey)};
    chain("forward-pods").rules = {fmt::format("{} vmap @refused-ips", vipKey),
                                   fmt::format("ip daddr {} goto refuse", m_facts.serviceCidr)};
    chain("input", "type filter hook input priority filter - 10").rules = {
        fmt::format("{} vmap @refused-ips", vipKey), fmt::format("{} vmap @refused-node-ports", nodePortKey)};
    chain("output-refused", "type filter hook output priority filter - 10").rules = {
        fmt::format("{} vmap @refused-ips", vipKey)};
}

std::string Builder::vip(const std::string& ip, const ServicePort& port) const
{
    return fmt::format("{} . {} . {}", ip, protocolName(port.protocol), port.number);
}

void Builder::addAffinity(const ServicePort& port, const std::string& path, RuleChain& chosen,
                          const std::vector<Backend>& backends)
{
    std::vector<std::string> verdicts;
    for (const auto& backend : backends) {
        const auto name = fmt::format("{}/{}/{}", path, backend.ip, backend.port);
        m_table.sets["clients/" + name].definition =
            fmt::format("type ipv4_addr; flags dynamic,timeout; timeout {}s", port.affinitySeconds);
        chain("backend/" + name).rules = {
            fmt::format("update @clients/{} {{ ip saddr }}", name),
            fmt::format("meta l4proto {} dnat to {}:{}", protocolName(port.protocol), backend.ip, backend.port)};
        chosen.rules.push_back(fmt::format("ip saddr @clients/{0} goto backend/{0}", name));
        verdicts.push_back(fmt::format("{} : goto backend/{}", verdicts.size(), name));
    }
    chosen.rules.push_back(
        fmt::format("numgen random mod {} vmap {{ {} }}", backends.size(), fmt::join(verdicts, ", ")));
}

std::string Builder::chainFor(std::string_view kind, const ServicePort& port, const std::string& path,
                              const std::vector<Backend>& backends)
{
    const auto name = fmt::format("{}/{}", kind, path);
    auto& chosen = chain(name);
    chosen.rules.clear(); // Made again for another of the service's addresses.
    if (port.affinitySeconds > 0) {
        addAffinity(port, path, chosen, backends);
        return name;
    }
    if (backends.size() == 1) {
        chosen.rules = {fmt::format("meta l4proto {} dnat to {}:{}", protocolName(port.protocol), backends[0].ip,
                                    backends[0].port)};
        return name;
    }
    std::vector<std::string> targets;
    for (const auto& backend : backends)
        targets.push_back(fmt::format("{} : {} . {}", targets.size(), backend.ip, backend.port));
    chosen.rules = {fmt::format("meta l4proto {} dnat to numgen random mod {} map {{ {} }}",
                                protocolName(port.protocol), backends.size(), fmt::join(targets, ", "))};
    return name;
}

void Builder::addClusterIp(const ServicePort& port, const std::string& path, const std::vector<Backend>& all)
{
    if (port.clusterIp.empty() || port.clusterIp == m_facts.dnsAddress)
        return;
    const auto key = vip(port.clusterIp, port);
    auto& refused = m_table.sets["refused-ips"].elements;
    if (all.empty()) {
        refused[key] = "goto refuse";
        return;
    }
    if (port.internalPolicy == TrafficPolicy::Cluster) {
        m_table.sets["service-ips"].elements[key] = "goto " + chainFor("service", port, path, all);
        return;
    }
    const auto here = only(all, [&](const Backend& backend) { return backend.node == m_facts.node; });
    auto& local = m_table.sets["local-service-ips"].elements;
    local[key] = here.empty() ? "accept" : "goto " + chainFor("service-on-node", port, path, here);
    const auto onHost = only(all, [&](const Backend& backend) {
        return std::ranges::find(m_facts.hostNodes, backend.node) != m_facts.hostNodes.end();
    });
    if (!onHost.empty())
        m_table.sets["service-ips"].elements[key] = "goto " + chainFor("service-on-host", port, path, onHost);
    if (here.empty() || onHost.empty())
        refused[key] = "drop";
}

void Builder::addExternal(const ServicePort& port, const std::string& path, const std::vector<Backend>& all)
{
    if (port.nodePort == 0 && port.externalIps.empty())
        return;
    const bool local = port.externalPolicy == TrafficPolicy::Local;
    const auto backends = !local ? all : only(all, [&](const Backend& backend) {
        return std::ranges::find(m_facts.hostNodes, backend.node) != m_facts.hostNodes.end();
    });
    std::string verdict = all.empty() ? "goto refuse" : "drop";
    if (!backends.empty()) {
        const auto name = "external/" + path;
        auto& outside = chain(name).rules;
        if (local) {
            // The cluster's own pods may reach every backend; only strangers are kept to this host's.
            outside.push_back(
                fmt::format("ip saddr {} goto {}", m_facts.clusterCidr, chainFor("service", port, path, all)));
            outside.push_back("goto " + chainFor("service-on-host", port, path, backends));
        } else {
            outside.push_back(
                fmt::format("ip saddr != {} meta mark set meta mark | {}", m_facts.clusterCidr, masqueradeBit));
            outside.push_back("goto " + chainFor("service", port, path, all));
        }
        verdict = "goto " + name;
    }
    const bool refused = backends.empty();
    for (const auto& ip : port.externalIps) {
        if (parseIpv4(ip))
            m_table.sets[refused ? "refused-ips" : "service-ips"].elements[vip(ip, port)] = verdict;
    }
    if (port.nodePort != 0)
        m_table.sets[refused ? "refused-node-ports" : "node-ports"]
            .elements[fmt::format("{} . {}", protocolName(port.protocol), port.nodePort)] = verdict;
}

void Builder::add(const ServicePort& port)
{
    if (!isWellFormed(port))
        return;
    const auto path = fmt::format("{}/{}/{}/{}", port.nameSpace, port.service, port.port, protocolName(port.protocol));
    const auto backends = sortedBackends(port);
    addClusterIp(port, path, backends);
    addExternal(port, path, backends);
    for (const auto& backend : backends) {
        if (cidrContains(m_facts.podCidr, backend.ip))
            m_table.sets["hairpin"].elements[fmt::format("{0} . {0}", backend.ip)];
    }
}

} // namespace

std::string_view protocolName(Protocol protocol)
{
    switch (protocol) {
    case Protocol::Tcp:
        return "tcp";
    case Protocol::Udp:
        return "udp";
    case Protocol::Sctp:
        return "sctp";
    }
    return "tcp";
}

std::string tableName(const std::string& cluster, const std::string& node)
{
    return fmt::format("keelson-{}-{}", cluster, node);
}

std::string bridgeName(const std::string& cluster, const std::string& node)
{
    std::uint64_t hash = 14695981039346656037U; // FNV-1a: the same in every build, on every machine.
    for (const char c : cluster + "/" + node)
        hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211U;
    return fmt::format("kl{:012x}", hash & 0xffffffffffffU);
}

RuleTable serviceRules(const NodeFacts& facts, const std::vector<ServicePort>& ports)
{
    RuleTable table;
    table.name = tableName(facts.cluster, facts.node);
    Builder builder(facts, table);
    builder.frame();
    for (const auto& port : ports)
        builder.add(port);
    return table;
}

} // namespace keelson::network
