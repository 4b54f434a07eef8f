// SPDX-License-Identifier: Apache-2.0
#include "apiserver/proxy_target.h"

#include "upstream/tls_client.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <vector>

namespace keelson::apiserver {
namespace {

using api::ObjectKey;
using api::Value;

struct Stored {
    std::string uid;
    Value document;
};

Result<Stored> read(registry::Registry& registry, std::string_view plural, const ObjectKey& key)
{
    TRY_ASSIGN(const auto stored, registry.get(*registry.catalog()->findPlural({"", "v1"}, plural), key));
    TRY_ASSIGN(auto document, api::parseJson(stored->json));
    return Stored{stored->uid, std::move(document)};
}

Result<ProxyName> proxyName(std::string_view what, std::string_view text)
{
    auto read = readProxyName(text);
    if (!read)
        return fail(Reason::BadRequest, fmt::format("invalid {} request \"{}\"", what, text));
    return *std::move(read);
}

std::optional<std::uint16_t> portNumber(std::string_view text)
{
    std::uint16_t number = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (code != std::errc() || end != text.data() + text.size() || number == 0)
        return std::nullopt;
    return number;
}

const api::Array& listAt(const Value& value, std::initializer_list<std::string_view> path)
{
    static const api::Array none;
    const auto* const found = api::find(value, path);
    return found && found->is_array() ? found->get_array() : none;
}

/// The port that the pod's first container names first; 80 when it names none.
std::uint16_t firstPort(const Value& pod)
{
    constexpr std::uint16_t ordinary = 80;
    for (const auto& container : listAt(pod, {"spec", "containers"})) {
        for (const auto& port : listAt(container, {"ports"}))
            return static_cast<std::uint16_t>(api::integerAt(port, {"containerPort"}));
    }
    return ordinary;
}

/// Addresses of this machine, of its links and of many at once lead where users of the API have no business.
bool isProxyable(const std::string& address)
{
    constexpr std::uint32_t loopbackNet = 127;
    constexpr std::uint32_t linkLocal = 0xA9FE; // 169.254
    constexpr std::uint32_t multicastFrom = 224;
    in_addr four{};
    if (inet_pton(AF_INET, address.c_str(), &four) == 1) {
        const auto number = ntohl(four.s_addr);
        const auto first = number >> 24;
        return number != 0 && first != loopbackNet && number >> 16 != linkLocal && first < multicastFrom;
    }
    in6_addr six{};
    return inet_pton(AF_INET6, address.c_str(), &six) == 1 && !IN6_IS_ADDR_UNSPECIFIED(&six) &&
           !IN6_IS_ADDR_LOOPBACK(&six) && !IN6_IS_ADDR_LINKLOCAL(&six) && !IN6_IS_ADDR_MULTICAST(&six) &&
           !IN6_IS_ADDR_V4MAPPED(&six);
}

std::string hostOf(std::string_view address, std::uint16_t port)
{
    return address.contains(':') ? fmt::format("[{}]:{}", address, port) : fmt::format("{}:{}", address, port);
}

Result<ProxyTarget> targetIn(const ProxyWays& ways, const Stored& pod, const ObjectKey& key, std::uint16_t port)
{
    const client::PodTarget target{.nameSpace = key.nameSpace,
                                   .pod = key.name,
                                   .uid = pod.uid,
                                   .node = std::string(api::stringAt(pod.document, {"spec", "nodeName"})),
                                   .container = {},
                                   .atAddress = true};
    const auto address = api::stringAt(pod.document, {"status", "podIP"});
    if (target.node.empty() || address.empty())
        return fail(Reason::BadRequest, fmt::format("address not allowed: pod {} has none yet", key.name));
    if (!ways.pods)
        return fail(Reason::ServiceUnavailable, "this server has no way to the nodes");
    return ProxyTarget{[pods = ways.pods, target, port](std::shared_ptr<client::PodStreamSink> sink) {
                           return pods->portForward(target, port, std::move(sink));
                       },
                       hostOf(address, port)};
}

/// As the request's scheme wants it.
Result<ProxyTarget> withScheme(ProxyTarget target, const std::string& scheme)
{
    if (scheme == "https") {
        TRY_ASSIGN(target.connect, upstream::throughTls(std::move(target.connect), {.insecure = true}));
    }
    return target;
}

/// What the service calls the port: a number stands for the name of the port with that number.
Result<std::string> servicePortName(const Value& service, const std::string& name, const std::string& port)
{
    const auto& ports = listAt(service, {"spec", "ports"});
    const auto number = portNumber(port);
    if (!number)
        return port;
    const auto found =
        std::ranges::find_if(ports, [&](const Value& each) { return api::integerAt(each, {"port"}) == *number; });
    if (found == ports.end())
        return fail(Reason::ServiceUnavailable, fmt::format("no service port {} found for service \"{}\"", port, name));
    return std::string(api::stringAt(*found, {"name"}));
}

struct Endpoint {
    std::string address;
    std::string pod; ///< Empty: something else.
    std::uint16_t port = 0;
};

std::vector<Endpoint> endpointsOf(const Value& endpoints, std::string_view portName)
{
    std::vector<Endpoint> found;
    for (const auto& subset : listAt(endpoints, {"subsets"})) {
        for (const auto& port : listAt(subset, {"ports"})) {
            if (api::stringAt(port, {"name"}) != portName)
                continue;
            for (const auto& address : listAt(subset, {"addresses"})) {
                const bool pod = api::stringAt(address, {"targetRef", "kind"}) == "Pod";
                found.push_back({std::string(api::stringAt(address, {"ip"})),
                                 std::string(pod ? api::stringAt(address, {"targetRef", "name"}) : ""),
                                 static_cast<std::uint16_t>(api::integerAt(port, {"port"}))});
            }
        }
    }
    return found;
}

Result<ProxyTarget> straightTo(const ProxyWays& ways, const std::string& address, std::uint16_t port)
{
    if (!isProxyable(address))
        return fail(Reason::BadRequest, "address not allowed");
    return ProxyTarget{ways.dialer.to(address, port), hostOf(address, port)};
}

} // namespace

std::optional<ProxyName> readProxyName(std::string_view text)
{
    std::vector<std::string> parts(1);
    for (const char each : text) {
        if (each == ':')
            parts.emplace_back();
        else
            parts.back() += each;
    }
    ProxyName read;
    if (parts.size() == 3) {
        read.scheme = parts[0];
        parts.erase(parts.begin());
    }
    read.name = parts[0];
    if (parts.size() == 2)
        read.port = parts[1];
    const bool known = read.scheme.empty() || read.scheme == "http" || read.scheme == "https";
    return parts.size() <= 2 && known && !read.name.empty() ? std::optional(read) : std::nullopt;
}

Result<ProxyTarget> endpointOf(const ProxyWays& ways, const ObjectKey& service, const std::string& port,
                               const std::string& called)
{
    TRY_ASSIGN(const auto stored, read(ways.registry, "services", service));
    const auto& document = stored.document;
    TRY_ASSIGN(const auto portName, servicePortName(document, service.name, port));
    const auto none = [&] {
        return fail(Reason::ServiceUnavailable, fmt::format("no endpoints available for service \"{}\"", called));
    };
    const auto endpoints = read(ways.registry, "endpoints", service);
    if (!endpoints)
        return none();
    const auto ready = endpointsOf(endpoints->document, portName);
    if (ready.empty())
        return none();
    const auto& chosen = ready[ways.turns++ % ready.size()];
    if (chosen.pod.empty())
        return straightTo(ways, chosen.address, chosen.port);
    const ObjectKey place{service.nameSpace, chosen.pod};
    const auto pod = read(ways.registry, "pods", place);
    return pod ? targetIn(ways, *pod, place, chosen.port) : none();
}

Result<ProxyTarget> apiServerTarget(const ProxyWays& ways, const ObjectKey& service, std::uint16_t port)
{
    TRY_ASSIGN(const auto stored, read(ways.registry, "services", service));
    if (api::stringAt(stored.document, {"spec", "type"}) != "ExternalName")
        return endpointOf(ways, service, std::to_string(port), service.name);
    const std::string name(api::stringAt(stored.document, {"spec", "externalName"}));
    return ProxyTarget{ways.dialer.to(name, port), hostOf(name, port)};
}

Result<ProxyTarget> podProxyTarget(const ProxyWays& ways, const ObjectKey& key)
{
    TRY_ASSIGN(const auto asked, proxyName("pod", key.name));
    const ObjectKey place{key.nameSpace, asked.name};
    TRY_ASSIGN(const auto pod, read(ways.registry, "pods", place));
    const auto port = asked.port.empty() ? firstPort(pod.document) : portNumber(asked.port);
    if (!port)
        return fail(Reason::BadRequest, fmt::format("invalid pod request \"{}\"", key.name));
    TRY_ASSIGN(auto target, targetIn(ways, pod, place, *port));
    return withScheme(std::move(target), asked.scheme);
}

Result<ProxyTarget> serviceProxyTarget(const ProxyWays& ways, const ObjectKey& key)
{
    TRY_ASSIGN(const auto asked, proxyName("service", key.name));
    TRY_ASSIGN(auto target, endpointOf(ways, {key.nameSpace, asked.name}, asked.port, key.name));
    return withScheme(std::move(target), asked.scheme);
}

Result<ProxyTarget> nodeProxyTarget(const ProxyWays& ways, const ObjectKey& key)
{
    constexpr std::uint16_t kubeletPort = 10250;
    TRY_ASSIGN(const auto asked, proxyName("node", key.name));
    TRY_ASSIGN(const auto node, read(ways.registry, "nodes", {{}, asked.name}));
    const auto port = asked.port.empty() ? kubeletPort : portNumber(asked.port);
    if (!port)
        return fail(Reason::BadRequest, fmt::format("invalid node request \"{}\"", key.name));
    if (*port == kubeletPort)
        return fail(Reason::MethodNotAllowed,
                    fmt::format("the agent of node \"{}\" is no kubelet and serves no requests of its own; a port of "
                                "the node can be asked for as \"{}:PORT\"",
                                asked.name, asked.name));
    const auto& addresses = listAt(node.document, {"status", "addresses"});
    const auto internal = std::ranges::find_if(
        addresses, [](const Value& each) { return api::stringAt(each, {"type"}) == "InternalIP"; });
    if (internal == addresses.end())
        return fail(Reason::BadRequest, fmt::format("address not allowed: node {} has none yet", asked.name));
    TRY_ASSIGN(auto target, straightTo(ways, std::string(api::stringAt(*internal, {"address"})), *port));
    return withScheme(std::move(target), asked.scheme);
}

} // namespace keelson::apiserver
