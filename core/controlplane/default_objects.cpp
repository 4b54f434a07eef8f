// SPDX-License-Identifier: Apache-2.0
#include "controlplane/default_objects.h"

#include "base/host_port.h"

#include <fmt/format.h>

#include <array>
#include <charconv>

namespace keelson::controlplane {
namespace {

using api::Array;
using api::Object;
using api::Value;

constexpr std::uint32_t apiServiceIndex = 1;
constexpr std::uint32_t dnsServiceIndex = 10;

Value nameSpace(std::string_view name)
{
    return Object{{"apiVersion", "v1"}, {"kind", "Namespace"}, {"metadata", Object{{"name", name}}}};
}

Value service(std::string_view nameSpaceName, std::string_view name, std::string address, Array ports)
{
    return Object{{"apiVersion", "v1"},
                  {"kind", "Service"},
                  {"metadata", Object{{"namespace", nameSpaceName}, {"name", name}}},
                  {"spec", Object{{"clusterIP", std::move(address)}, {"ports", std::move(ports)}}}};
}

Value priorityClass(std::string_view name, std::int64_t value, std::string_view description)
{
    return Object{{"apiVersion", "scheduling.k8s.io/v1"},
                  {"kind", "PriorityClass"},
                  {"metadata", Object{{"name", name}}},
                  {"value", value},
                  {"description", description}};
}

/// The address was checked at the start.
HostPort addressOf(std::string_view text)
{
    return HostPort::parse(text).value_or(HostPort{});
}

} // namespace

std::string addressInRange(std::string_view cidr, std::uint32_t index)
{
    std::array<std::uint32_t, 4> parts{};
    const auto* at = cidr.data();
    const auto* const end = cidr.data() + cidr.size();
    for (auto& part : parts) {
        at = std::from_chars(at, end, part).ptr;
        if (at != end)
            ++at;
    }
    const auto address = ((parts[0] << 24) | (parts[1] << 16) | (parts[2] << 8) | parts[3]) + index;
    return fmt::format("{}.{}.{}.{}", address >> 24, (address >> 16) & 255, (address >> 8) & 255, address & 255);
}

std::vector<Value> defaultObjects(std::string_view serviceCidr, std::string_view apiAddress)
{
    std::vector<Value> objects;
    for (const auto* const name : {"default", "kube-system", "kube-public", "kube-node-lease"})
        objects.push_back(nameSpace(name));
    objects.push_back(
        priorityClass("system-cluster-critical", 2'000'000'000, "Pods without which the cluster does not work."));
    objects.push_back(
        priorityClass("system-node-critical", 2'000'001'000, "Pods without which their node does not work."));
    objects.push_back(service(
        "default", "kubernetes", addressInRange(serviceCidr, apiServiceIndex),
        Array{Object{{"name", "https"}, {"port", 443}, {"targetPort", std::int64_t{addressOf(apiAddress).port}}}}));
    api::objectAt(objects.back(), {"metadata", "labels"}) =
        Object{{"component", "apiserver"}, {"provider", "kubernetes"}};
    objects.push_back(service("kube-system", "kube-dns", addressInRange(serviceCidr, dnsServiceIndex),
                              Array{Object{{"name", "dns"}, {"port", 53}, {"protocol", "UDP"}},
                                    Object{{"name", "dns-tcp"}, {"port", 53}, {"protocol", "TCP"}}}));
    return objects;
}

Value extensionAuthentication(const std::string& clientAuthority, const std::string& frontProxyAuthority)
{
    const auto list = [](std::string_view item) { return api::writeJson(Array{item}); };
    return Object{{"apiVersion", "v1"},
                  {"kind", "ConfigMap"},
                  {"metadata", Object{{"namespace", "kube-system"}, {"name", "extension-apiserver-authentication"}}},
                  {"data", Object{{"client-ca-file", clientAuthority},
                                  {"requestheader-allowed-names", list(frontProxyName)},
                                  {"requestheader-client-ca-file", frontProxyAuthority},
                                  {"requestheader-extra-headers-prefix", list("X-Remote-Extra-")},
                                  {"requestheader-group-headers", list("X-Remote-Group")},
                                  {"requestheader-username-headers", list("X-Remote-User")}}}};
}

std::vector<Value> apiServerEndpoints(std::string_view apiAddress)
{
    const auto [host, port] = addressOf(apiAddress);
    const Array ports{Object{{"name", "https"}, {"port", std::int64_t{port}}, {"protocol", "TCP"}}};
    return {
        Object{{"apiVersion", "v1"},
               {"kind", "Endpoints"},
               {"metadata", Object{{"namespace", "default"}, {"name", "kubernetes"}}},
               {"subsets", Array{Object{{"addresses", Array{Object{{"ip", host}}}}, {"ports", ports}}}}},
        Object{{"apiVersion", "discovery.k8s.io/v1"},
               {"kind", "EndpointSlice"},
               {"metadata", Object{{"namespace", "default"},
                                   {"name", "kubernetes"},
                                   {"labels", Object{{"kubernetes.io/service-name", "kubernetes"}}}}},
               {"addressType", "IPv4"},
               {"endpoints", Array{Object{{"addresses", Array{host}}, {"conditions", Object{{"ready", true}}}}}},
               {"ports", ports}},
    };
}

} // namespace keelson::controlplane
