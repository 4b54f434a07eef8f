// SPDX-License-Identifier: Apache-2.0
#include "network/node_network.h"

#include "base/log.h"
#include "base/loop.h"
#include "network/cluster_view.h"
#include "network/dns_server.h"
#include "network/host_settings.h"
#include "network/ipv4.h"
#include "network/program.h"
#include "network/stale_flows.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <mutex>
#include <optional>
#include <set>

namespace keelson::network {
namespace {

constexpr auto component = "network";
constexpr Milliseconds gatherTime{5}; ///< Changes that come together become one transaction.
constexpr Milliseconds retryTime{3'000};

/// For simulated nodes: everything succeeds and does nothing.
class NoNetwork : public NodeNetwork {
public:
    explicit NoNetwork(NodeNetworkOptions options) : m_options(std::move(options)) {}
    void setServices(Services) override {}
    void setEndpointSlices(EndpointSlices) override {}
    void setPeers(std::vector<Peer>) override {}
    std::string containerNetwork() const override { return {}; }
    std::string dnsAddress() const override { return m_options.dnsAddress; }
    Result<Done> health() const override { return Done{}; }
    void stop() override {}
    Result<Done> remove() override { return Done{}; }

private:
    NodeNetworkOptions m_options;
};

class HostNetwork : public NodeNetwork {
public:
    HostNetwork(NodeNetworkOptions options, NetworkEngine& engine, const Clock& clock)
        : m_options(std::move(options)),
          m_engine(engine),
          m_clock(clock),
          m_bridge(bridgeName(m_options.cluster, m_options.node)),
          m_nft(m_options.nftProgram)
    {
    }
    ~HostNetwork() override { stop(); }

    Result<Done> start();

    void setServices(Services services) override
    {
        post([this, services = std::move(services)]() mutable { m_services = std::move(services); });
    }
    void setEndpointSlices(EndpointSlices slices) override
    {
        post([this, slices = std::move(slices)]() mutable { m_slices = std::move(slices); });
    }
    void setPeers(std::vector<Peer> peers) override
    {
        post([this, peers = std::move(peers)]() mutable { m_peers = std::move(peers); });
    }

    std::string containerNetwork() const override { return networkName(m_options.cluster, m_options.node); }
    std::string dnsAddress() const override { return m_options.dnsAddress.empty() ? m_gateway : m_options.dnsAddress; }
    Result<Done> health() const override
    {
        const std::scoped_lock lock(m_mutex);
        return m_health;
    }

    void stop() override;
    Result<Done> remove() override;

private:
    /// Takes a change over on the loop and has the rules made a moment later.
    template <typename Change>
    void post(Change change)
    {
        if (!m_loop)
            return;
        m_loop->post([this, change = std::move(change)]() mutable {
            change();
            update(gatherTime);
        });
    }

    void update(Milliseconds delay);
    void applyNow();
    void applyRules(const std::vector<ServicePort>& ports);
    void tellChange(Duration names, Duration rules);
    NodeFacts facts() const;

    const NodeNetworkOptions m_options;
    NetworkEngine& m_engine;
    const Clock& m_clock;
    const std::string m_bridge;
    std::string m_gateway;
    NftProgram m_nft;
    bool m_bridgeFiltered = true;
    std::unique_ptr<DnsServer> m_dns;
    std::unique_ptr<HairpinKeeper> m_hairpin;
    std::unique_ptr<ThreadLoop> m_loop;
    mutable std::mutex m_mutex;
    Result<Done> m_health = Done{}; ///< Under the mutex.

    // Owned by the loop.
    std::optional<Services> m_services;
    std::optional<EndpointSlices> m_slices;
    std::optional<std::vector<Peer>> m_peers;
    bool m_updating = false;
    std::optional<RuleTable> m_applied;             ///< What the kernel has; nothing when that is not known.
    std::vector<ServicePort> m_ports;               ///< What it was made from.
    std::optional<std::set<std::string>> m_reached; ///< Uids of the pods that the rules lead to.
};

Result<Done> HostNetwork::start()
{
    const auto podRange = parseCidr(m_options.podCidr);
    if (!podRange || !parseCidr(m_options.clusterCidr) || !parseCidr(m_options.serviceCidr))
        return fail(Reason::Invalid,
                    fmt::format("the network needs IPv4 ranges: pods \"{}\" of \"{}\", services \"{}\"",
                                m_options.podCidr, m_options.clusterCidr, m_options.serviceCidr));
    m_gateway = podRange->gateway();
    ContainerNetwork network;
    network.name = containerNetwork();
    network.bridge = m_bridge;
    network.subnet = m_options.podCidr;
    network.gateway = m_gateway;
    network.labels = {{"keelson.cluster", m_options.cluster}, {"keelson.node", m_options.node}};
    TRY_OK(m_engine.ensureNetwork(network));
    TRY_OK(checkRangeIsOurs(*podRange, m_bridge));
    TRY_ASSIGN(m_bridgeFiltered, prepareHost(m_options, m_bridge));
    DnsServer::Options dns;
    dns.listen = {m_gateway, 53};
    dns.resolvers = readResolvers(m_options.resolvConf, m_options.dnsAddress);
    TRY_ASSIGN(m_dns, DnsServer::start(std::move(dns), m_clock));
    m_hairpin = std::make_unique<HairpinKeeper>(m_bridge);
    m_loop = std::make_unique<ThreadLoop>("network", m_clock);
    log::info(component, "pods of {} on {} ({}), DNS at {}", m_options.node, m_bridge, m_options.podCidr, m_gateway);
    return Done{};
}

void HostNetwork::update(Milliseconds delay)
{
    if (m_updating || !m_services || !m_slices || !m_peers)
        return;
    m_updating = true;
    m_loop->after(delay, [this] {
        m_updating = false;
        applyNow();
    });
}

NodeFacts HostNetwork::facts() const
{
    NodeFacts facts;
    facts.cluster = m_options.cluster;
    facts.node = m_options.node;
    facts.bridge = m_bridge;
    facts.podCidr = m_options.podCidr;
    facts.clusterCidr = m_options.clusterCidr;
    facts.serviceCidr = m_options.serviceCidr;
    facts.dnsAddress = m_options.dnsAddress;
    facts.dnsServer = m_gateway;
    facts.bridgeFiltered = m_bridgeFiltered;
    facts.hostNodes = {m_options.node};
    for (const auto& peer : *m_peers) {
        if (peer.node != m_options.node && !peer.address.empty() && peer.address == m_options.nodeAddress)
            facts.hostNodes.push_back(peer.node);
    }
    return facts;
}

void HostNetwork::applyNow()
{
    DnsRecords::Options zone;
    zone.domain = m_options.clusterDomain;
    zone.clusterCidr = m_options.clusterCidr;
    zone.serviceCidr = m_options.serviceCidr;
    zone.dnsAddress = m_options.dnsAddress;
    const auto began = m_clock.steady();
    m_dns->setRecords(std::make_shared<const DnsRecords>(zone, dnsServices(*m_services, *m_slices)));
    const auto named = m_clock.steady();
    applyRules(network::servicePorts(*m_services, *m_slices));
    if (m_options.changed)
        tellChange(named - began, m_clock.steady() - named);
}

/// What was there when the agent started is no news.
void HostNetwork::tellChange(Duration names, Duration rules)
{
    std::set<std::string> reached;
    for (const auto& slice : *m_slices) {
        for (const auto& endpoint : slice->endpoints) {
            if (endpoint.conditions.ready.value_or(true) && endpoint.targetRef)
                reached.insert(endpoint.targetRef->uid);
        }
    }
    NetworkChange change{.pods = {}, .names = names, .rules = rules, .applied = health()};
    if (m_reached)
        std::ranges::set_difference(reached, *m_reached, std::back_inserter(change.pods));
    m_reached = std::move(reached);
    if (!change.pods.empty())
        m_options.changed(change);
}

void HostNetwork::applyRules(const std::vector<ServicePort>& ports)
{
    auto table = serviceRules(facts(), ports);
    const auto text = m_applied ? renderChange(*m_applied, table) : renderTable(table);
    if (text.empty())
        return;
    const auto applied = m_nft.apply(text);
    {
        const std::scoped_lock lock(m_mutex);
        m_health = applied;
    }
    if (!applied) {
        log::error(component, "rules were not taken over, again in {} ms: {}", retryTime.count(),
                   applied.error().message);
        m_applied.reset(); // Somebody else may have changed the table: the next try replaces it.
        update(retryTime);
        return;
    }
    for (const auto& flow : staleFlows(m_ports, ports)) {
        // Without such flows the program fails; that is as good.
        if (const auto forgotten = runProgram(forgetCommand(flow), "");
            !forgotten && forgotten.error().reason == Reason::NotFound)
            log::warning(component, "UDP clients may keep to a backend that has left: {}", forgotten.error().message);
    }
    m_applied = std::move(table);
    m_ports = ports;
}

void HostNetwork::stop()
{
    if (m_loop)
        m_loop->stop();
    m_hairpin.reset();
    m_dns.reset();
}

Result<Done> HostNetwork::remove()
{
    TRY_OK(m_engine.removeNetwork(containerNetwork()));
    restoreHost(m_options);
    return m_nft.apply(renderRemoval(tableName(m_options.cluster, m_options.node)));
}

} // namespace

std::string networkName(const std::string& cluster, const std::string& node)
{
    return fmt::format("keelson-{}-{}", cluster, node);
}

Result<std::unique_ptr<NodeNetwork>> NodeNetwork::start(NodeNetworkOptions options, NetworkEngine& engine,
                                                        const Clock& clock)
{
    if (options.mode == NetworkMode::None)
        return std::make_unique<NoNetwork>(std::move(options));
    auto network = std::make_unique<HostNetwork>(std::move(options), engine, clock);
    TRY_OK(network->start());
    return network;
}

} // namespace keelson::network
