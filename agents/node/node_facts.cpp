// SPDX-License-Identifier: Apache-2.0
#include "node/node_facts.h"

#include "base/host_port.h"
#include "base/private_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netdb.h>
#include <sstream>
#include <sys/socket.h>
#include <sys/statvfs.h>
#include <tuple>
#include <unistd.h>

namespace keelson::node {
namespace {

constexpr std::int64_t memoryReservedBytes = 100LL * 1024 * 1024;
constexpr double diskFreeShareMin = 0.05;
constexpr double processShareMax = 0.9;

std::string trimmed(std::string text)
{
    while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back())) != 0)
        text.pop_back();
    return text;
}

std::string readLine(const std::filesystem::path& path)
{
    return trimmed(readFile(path).value_or(""));
}

/// The value behind a key in lines of KEY=VALUE or KEY: VALUE.
std::string valueIn(const std::string& text, const std::string& key)
{
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        if (!line.starts_with(key))
            continue;
        auto value = line.substr(key.size());
        std::erase(value, '"');
        return trimmed(value.substr(std::min(value.find_first_not_of(' '), value.size())));
    }
    return {};
}

std::string addressText(const sockaddr* address)
{
    char text[INET_ADDRSTRLEN] = {};
    ::inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in*>(address)->sin_addr, text, sizeof text);
    return text;
}

/// The two ends that a datagram to the server would have; nothing is sent. Empty: the server has no IPv4 address, or
/// there is no way to it.
struct Route {
    std::string source;
    std::string target;
};

Route routeTo(const std::string& server)
{
    const auto address = HostPort::parse(server);
    if (!address)
        return {};
    addrinfo hints{};
    hints.ai_family = AF_INET;
    hints.ai_socktype = SOCK_DGRAM;
    addrinfo* found = nullptr;
    if (::getaddrinfo(address->host.c_str(), std::to_string(address->port).c_str(), &hints, &found) != 0)
        return {};
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, ::freeaddrinfo);
    const int socket = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    sockaddr_in own{};
    socklen_t size = sizeof own;
    Route route;
    if (::connect(socket, found->ai_addr, found->ai_addrlen) == 0 &&
        ::getsockname(socket, reinterpret_cast<sockaddr*>(&own), &size) == 0)
        route = {addressText(reinterpret_cast<sockaddr*>(&own)), addressText(found->ai_addr)};
    ::close(socket);
    return route;
}

api::NodeCondition condition(const char* type, bool holds, const char* reasonWhenTrue, const char* reasonWhenFalse,
                             std::string message)
{
    return {.type = type,
            .status = holds ? "True" : "False",
            .reason = holds ? reasonWhenTrue : reasonWhenFalse,
            .message = std::move(message)};
}

} // namespace

api::Node makeNode(const NodeFacts& facts)
{
    api::Node node;
    node.metadata.name = facts.name;
    node.metadata.labels = facts.labels;
    node.spec.taints = facts.taints;
    node.metadata.labels["kubernetes.io/hostname"] = facts.name;
    node.metadata.labels["kubernetes.io/os"] = "linux";
    node.metadata.labels["kubernetes.io/arch"] = facts.runtime.architecture;
    auto& status = node.status;
    using Format = api::Quantity::Format;
    status.capacity["cpu"] = api::Quantity::fromUnits(facts.runtime.cpus);
    status.capacity["memory"] = api::Quantity::fromUnits(facts.runtime.memoryBytes, Format::BinarySI);
    status.capacity["pods"] = api::Quantity::fromUnits(podsMax);
    if (facts.diskBytes > 0)
        status.capacity["ephemeral-storage"] = api::Quantity::fromUnits(facts.diskBytes, Format::BinarySI);
    status.allocatable = status.capacity;
    status.allocatable["memory"] = api::Quantity::fromUnits(
        std::max<std::int64_t>(0, facts.runtime.memoryBytes - memoryReservedBytes), Format::BinarySI);
    if (!facts.hostIp.empty())
        status.addresses.push_back({.type = "InternalIP", .address = facts.hostIp});
    status.addresses.push_back({.type = "Hostname", .address = facts.name});
    status.nodeInfo = {.machineID = facts.machineId,
                       .systemUUID = facts.systemUuid,
                       .bootID = facts.bootId,
                       .kernelVersion = facts.runtime.kernelVersion,
                       .osImage = facts.osImage.empty() ? facts.runtime.operatingSystem : facts.osImage,
                       .containerRuntimeVersion = fmt::format("{}://{}", facts.runtime.name, facts.runtime.version),
                       .kubeletVersion = std::string(agentVersion),
                       .kubeProxyVersion = std::string(agentVersion),
                       .operatingSystem = "linux",
                       .architecture = facts.runtime.architecture};
    status.images = facts.images;
    return node;
}

std::vector<api::ContainerImage> imagesOf(const std::vector<containers::ImageInfo>& images)
{
    std::vector<api::ContainerImage> told;
    for (const auto& image : images) {
        api::ContainerImage one{.names = image.names, .sizeBytes = image.sizeBytes};
        std::ranges::sort(one.names, {}, [](const std::string& name) { return std::pair(!name.contains('@'), name); });
        one.names.resize(std::min(one.names.size(), imageNamesMax));
        told.push_back(std::move(one));
    }
    std::ranges::sort(told, [](const api::ContainerImage& one, const api::ContainerImage& other) {
        return std::tie(other.sizeBytes, one.names) < std::tie(one.sizeBytes, other.names);
    });
    told.resize(std::min(told.size(), imagesMax));
    return told;
}

std::vector<api::NodeCondition> conditionsOf(const MachineState& state, const std::vector<api::NodeCondition>& before,
                                             WallTime now)
{
    const bool memory = state.memoryAvailableBytes && *state.memoryAvailableBytes < memoryReservedBytes;
    const bool disk = state.diskFreeShare && *state.diskFreeShare < diskFreeShareMin;
    const bool processes = state.processShare && *state.processShare > processShareMax;
    std::vector<api::NodeCondition> conditions{
        condition("MemoryPressure", memory, "KubeletHasInsufficientMemory", "KubeletHasSufficientMemory",
                  memory ? "the node has little memory left" : "the node has enough memory left"),
        condition("DiskPressure", disk, "KubeletHasDiskPressure", "KubeletHasNoDiskPressure",
                  disk ? "the node's disk is nearly full" : "the node's disk has room"),
        condition("PIDPressure", processes, "KubeletHasInsufficientPID", "KubeletHasSufficientPID",
                  processes ? "the node runs nearly as many processes as it may" : "the node may run more processes"),
        condition("Ready", state.problem.empty(), "KubeletReady",
                  state.problemReason.empty() ? "KubeletNotReady" : state.problemReason.c_str(),
                  state.problem.empty() ? "the agent is ready to run pods" : state.problem)};
    for (auto& each : conditions) {
        each.lastHeartbeatTime = now;
        each.lastTransitionTime = now;
        const auto known = std::ranges::find(before, each.type, &api::NodeCondition::type);
        if (known != before.end() && known->status == each.status)
            each.lastTransitionTime = known->lastTransitionTime;
    }
    return conditions;
}

NodeFacts readFacts(const std::string& name, const std::filesystem::path& dataDirectory)
{
    NodeFacts facts;
    facts.name = name;
    facts.machineId = readLine("/etc/machine-id");
    facts.systemUuid = readLine("/sys/class/dmi/id/product_uuid");
    facts.bootId = readLine("/proc/sys/kernel/random/boot_id");
    facts.osImage = valueIn(readFile("/etc/os-release").value_or(""), "PRETTY_NAME=");
    struct statvfs disk{};
    if (::statvfs(dataDirectory.c_str(), &disk) == 0)
        facts.diskBytes = static_cast<std::int64_t>(disk.f_blocks * disk.f_frsize);
    return facts;
}

MachineState readState(const std::filesystem::path& dataDirectory)
{
    MachineState state;
    const auto available = valueIn(readFile("/proc/meminfo").value_or(""), "MemAvailable:");
    if (!available.empty())
        state.memoryAvailableBytes = std::atoll(available.c_str()) * 1024;
    struct statvfs disk{};
    if (::statvfs(dataDirectory.c_str(), &disk) == 0 && disk.f_blocks > 0)
        state.diskFreeShare = static_cast<double>(disk.f_bavail) / static_cast<double>(disk.f_blocks);
    const auto load = readLine("/proc/loadavg");
    const auto slash = load.find('/');
    const auto most = std::atof(readLine("/proc/sys/kernel/pid_max").c_str());
    if (slash != std::string::npos && most > 0)
        state.processShare = std::atof(load.c_str() + slash + 1) / most;
    return state;
}

bool isOnThisMachine(const std::string& server)
{
    const auto route = routeTo(server); // A machine talks to itself from the very address that it talks to.
    return !route.target.empty() && route.source == route.target;
}

std::string hostAddress(const std::string& server)
{
    const auto source = routeTo(server).source;
    if (!source.empty() && !source.starts_with("127."))
        return source;
    ifaddrs* interfaces = nullptr;
    if (::getifaddrs(&interfaces) != 0)
        return "127.0.0.1";
    const std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> owner(interfaces, ::freeifaddrs);
    for (const ifaddrs* each = interfaces; each != nullptr; each = each->ifa_next) {
        const std::string_view name(each->ifa_name);
        const bool ours =
            name.starts_with("kl") || name.starts_with("docker") || name.starts_with("br-") || name.starts_with("veth");
        if (each->ifa_addr != nullptr && each->ifa_addr->sa_family == AF_INET && !ours &&
            (each->ifa_flags & IFF_LOOPBACK) == 0 && (each->ifa_flags & IFF_UP) != 0)
            return addressText(each->ifa_addr);
    }
    return "127.0.0.1";
}

Resolver parseResolver(std::string_view text)
{
    Resolver resolver;
    std::istringstream lines{std::string(text)};
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words(line);
        std::string word;
        words >> word;
        if (word == "nameserver" && words >> word)
            resolver.nameServers.push_back(word);
        else if (word == "search")
            for (resolver.searches.clear(); words >> word;)
                resolver.searches.push_back(word);
    }
    return resolver;
}

} // namespace keelson::node
