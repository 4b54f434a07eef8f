// SPDX-License-Identifier: Apache-2.0
#include "network/host_settings.h"

#include "base/log.h"
#include "base/loop.h"
#include "network/program.h"
#include "network/service_rules.h"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <ifaddrs.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <memory>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

namespace keelson::network {
namespace {

constexpr auto component = "network";

bool writeSetting(const std::string& path, std::string_view value)
{
    std::ofstream file(path);
    file << value;
    file.flush();
    return file.good();
}

std::string readSetting(const std::string& path)
{
    std::string value;
    std::ifstream(path) >> value;
    return value;
}

/// The kernel shows bridged frames to IPv4 rules when either switch, the host's or the bridge's, is on.
bool showFrames(const std::string& bridge)
{
    const std::string all = "/proc/sys/net/bridge/bridge-nf-call-iptables";
    const auto own = fmt::format("/sys/class/net/{}/bridge/nf_call_iptables", bridge);
    if (!std::filesystem::exists(all))
        (void)runProgram({"modprobe", "br_netfilter"}, "");
    return readSetting(all) == "1" || (std::filesystem::exists(all) && writeSetting(own, "1"));
}

/// The engine drops what goes from bridge to bridge; its chain DOCKER-USER is where others may allow it.
std::vector<std::vector<std::string>> engineRules(const NodeNetworkOptions& options)
{
    const auto remark = tableName(options.cluster, options.node);
    return {{"-s", options.clusterCidr, "-d", options.podCidr, "-m", "comment", "--comment", remark, "-j", "ACCEPT"},
            {"-d", options.podCidr, "-m", "conntrack", "--ctstate", "DNAT", "-m", "comment", "--comment", remark, "-j",
             "ACCEPT"}};
}

Result<std::string> iptables(const NodeNetworkOptions& options, const std::string& verb, std::vector<std::string> rule)
{
    rule.insert(rule.begin(), {options.iptablesProgram, "-w", "5", verb, "DOCKER-USER"});
    return runProgram(rule, "");
}

void openEngineFirewall(const NodeNetworkOptions& options)
{
    if (!runProgram({options.iptablesProgram, "-w", "5", "-n", "-L", "DOCKER-USER"}, "")) {
        log::info(component, "the container engine has no firewall chain DOCKER-USER: left alone");
        return;
    }
    for (const auto& rule : engineRules(options)) {
        if (iptables(options, "-C", rule))
            continue;
        if (const auto added = iptables(options, "-I", rule); !added)
            log::warning(component, "pods of other nodes may not reach this one's: {}", added.error().message);
    }
}

} // namespace

Result<Done> checkRangeIsOurs(const Ipv4Range& podRange, const std::string& bridge)
{
    ifaddrs* first = nullptr;
    if (::getifaddrs(&first) != 0)
        return fail(Reason::InternalError,
                    fmt::format("the host's addresses cannot be read: {}", std::strerror(errno)));
    const std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> all(first, &::freeifaddrs);
    for (const auto* each = first; each != nullptr; each = each->ifa_next) {
        if (each->ifa_addr == nullptr || each->ifa_addr->sa_family != AF_INET || bridge == each->ifa_name)
            continue;
        const auto address = ntohl(reinterpret_cast<const sockaddr_in*>(each->ifa_addr)->sin_addr.s_addr);
        if (podRange.contains(address))
            return fail(
                Reason::Conflict,
                fmt::format("the node's pod range {}/{} is in use on this host: interface {} has {} of it. Remove "
                            "that network, or start the cluster with another --pod-cidr",
                            formatIpv4(podRange.first), podRange.prefix, each->ifa_name, formatIpv4(address)));
    }
    return Done{};
}

Result<bool> prepareHost(const NodeNetworkOptions& options, const std::string& bridge)
{
    const std::string forwarding = "/proc/sys/net/ipv4/ip_forward";
    if (readSetting(forwarding) != "1" && !writeSetting(forwarding, "1"))
        return fail(Reason::Forbidden,
                    "cannot switch on forwarding (net.ipv4.ip_forward): the node network needs root");
    if (!writeSetting(fmt::format("/proc/sys/net/ipv4/conf/{}/route_localnet", bridge), "1"))
        log::warning(component, "node ports will not answer at 127.0.0.1: cannot set route_localnet on {}", bridge);
    const bool shown = showFrames(bridge);
    if (!shown)
        log::info(component, "no br_netfilter: pods see the node's address for clients on their own node");
    const auto route = runProgram({"ip", "route", "replace", options.serviceCidr, "dev", bridge, "metric", "4096"}, "");
    if (!route)
        log::info(component, "no route of its own for services: {}", route.error().message);
    openEngineFirewall(options);
    return shown;
}

void restoreHost(const NodeNetworkOptions& options)
{
    for (const auto& rule : engineRules(options)) {
        while (iptables(options, "-D", rule)) { // Until none is left, should it be there more than once.
        }
    }
}

HairpinKeeper::HairpinKeeper(std::string bridge)
    : m_bridge(std::move(bridge)),
      m_news(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE)),
      m_wake(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK))
{
    sockaddr_nl address{};
    address.nl_family = AF_NETLINK;
    address.nl_groups = RTMGRP_LINK;
    if (::bind(m_news, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        log::warning(component, "no news of interfaces: {}", std::strerror(errno));
    m_thread = std::thread([this] { run(); });
}

HairpinKeeper::~HairpinKeeper()
{
    m_stopping = true;
    const std::uint64_t one = 1;
    (void)!::write(m_wake, &one, sizeof one);
    m_thread.join();
    ::close(m_news);
    ::close(m_wake);
}

void HairpinKeeper::setAll() const
{
    std::error_code error;
    const std::filesystem::directory_iterator ports("/sys/class/net/" + m_bridge + "/brif", error);
    if (error)
        return;
    for (const auto& port : ports) {
        const auto setting = port.path() / "hairpin_mode";
        if (readSetting(setting) == "0")
            writeSetting(setting, "1");
    }
}

void HairpinKeeper::run()
{
    nameThread("hairpin");
    while (!m_stopping) {
        setAll();
        std::array wanted{pollfd{m_wake, POLLIN, 0}, pollfd{m_news, POLLIN, 0}};
        ::poll(wanted.data(), wanted.size(), -1);
        // What the news are does not matter: the ports themselves are looked at.
        std::array<char, 32'768> news{};
        while (::recv(m_news, news.data(), news.size(), MSG_DONTWAIT) > 0 || errno == ENOBUFS) {
        }
    }
}

} // namespace keelson::network
