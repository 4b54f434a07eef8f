// SPDX-License-Identifier: Apache-2.0
#include "api/name_forms.h"
#include "api/rules.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <array>
#include <set>
#include <tuple>

namespace keelson::api {
namespace {

constexpr std::int64_t kubeletPort = 10250;

bool isNothing(const Value& value)
{
    return (value.is_string() && value.get_string().empty()) || (value.is_array() && value.get_array().empty());
}

/// Addresses that mean a machine itself, or all on its link, lead nowhere from another.
void checkNotSpecial(std::string_view text, const FieldPath& path, Refusals& refusals)
{
    in_addr four{};
    in6_addr six{};
    const std::string address(text);
    const bool isFour = inet_pton(AF_INET, address.c_str(), &four) == 1;
    if (!isFour && inet_pton(AF_INET6, address.c_str(), &six) != 1)
        return refusals.invalid(path, Value(text), "must be a valid IP address");
    const auto bits = ntohl(four.s_addr);
    const auto refuseIf = [&](bool special, std::string_view words) {
        if (special)
            refusals.invalid(path, Value(text), words);
    };
    refuseIf(isFour ? bits == 0 : IN6_IS_ADDR_UNSPECIFIED(&six) != 0, fmt::format("may not be unspecified ({})", text));
    refuseIf(isFour ? bits >> 24 == 127 : IN6_IS_ADDR_LOOPBACK(&six) != 0,
             "may not be in the loopback range (127.0.0.0/8, ::1/128)");
    refuseIf(isFour ? bits >> 16 == 0xa9fe : IN6_IS_ADDR_LINKLOCAL(&six) != 0,
             "may not be in the link-local range (169.254.0.0/16, fe80::/10)");
    refuseIf(isFour ? bits >> 8 == 0xe00000 : IN6_IS_ADDR_MC_LINKLOCAL(&six) != 0,
             "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)");
}

void checkServicePort(const Value& port, const FieldPath& path, std::string_view type, Refusals& refusals)
{
    refuse(wrongPort(integerAt(port, {"port"})), path.child("port"), Value(integerAt(port, {"port"})), refusals);
    if (const auto* target = find(port, {"targetPort"}); target && target->is_int64())
        refuse(wrongPort(target->get_int64()), path.child("targetPort"), *target, refusals);
    else if (target && target->is_string())
        refuse(wrongPortName(textOf(*target)), path.child("targetPort"), *target, refusals);
    const auto nodePort = integerAt(port, {"nodePort"});
    if (nodePort != 0 && (type == "ClusterIP" || type == "ExternalName"))
        refusals.forbidden(path.child("nodePort"), "may not be used when `type` is '" + std::string(type) + "'");
    else if (nodePort != 0)
        refuse(wrongPort(nodePort), path.child("nodePort"), nodePort, refusals);
    if (const auto protocol = stringAt(port, {"appProtocol"}); !protocol.empty())
        refuse(wrongQualifiedName(protocol), path.child("appProtocol"), Value(protocol), refusals);
    if (type == "LoadBalancer" && integerAt(port, {"port"}) == kubeletPort)
        refusals.invalid(path, kubeletPort, "may not expose port 10250 externally since it is used by kubelet");
}

void checkPorts(const Value& node, const FieldPath& path, Refusals& refusals)
{
    const auto& ports = itemsAt(node, {"ports"});
    const auto list = path.child("ports");
    const auto type = stringAt(node, {"type"});
    if (ports.empty() && type != "ExternalName" && stringAt(node, {"clusterIP"}) != "None")
        refusals.required(list);
    std::set<std::string_view> names;
    std::set<std::pair<std::int64_t, std::string_view>> numbers;
    std::set<std::pair<std::int64_t, std::string_view>> nodePorts;
    for (std::size_t index = 0; index < ports.size(); ++index) {
        const auto at = list.index(index);
        const auto& port = ports[index];
        const auto name = stringAt(port, {"name"});
        if (name.empty() && ports.size() > 1)
            refusals.required(at.child("name"));
        if (!name.empty())
            refuse(wrongDnsLabel(name), at.child("name"), Value(name), refusals);
        if (!name.empty() && !names.insert(name).second)
            refusals.duplicate(at.child("name"), Value(name));
        checkServicePort(port, at, type, refusals);
        const auto protocol = stringAt(port, {"protocol"});
        if (!numbers.insert({integerAt(port, {"port"}), protocol}).second)
            refusals.duplicate(at, Value{{"port", integerAt(port, {"port"})}, {"protocol", protocol}});
        const auto nodePort = integerAt(port, {"nodePort"});
        if (nodePort != 0 && !nodePorts.insert({nodePort, protocol}).second)
            refusals.duplicate(at.child("nodePort"), nodePort);
    }
}

void checkAddresses(const Value& node, const FieldPath& path, Refusals& refusals)
{
    const auto type = stringAt(node, {"type"});
    const auto address = stringAt(node, {"clusterIP"});
    const auto addresses = path.child("clusterIPs");
    if (type == "ExternalName") {
        if (!address.empty())
            refusals.forbidden(addresses, "may not be set for ExternalName services");
        for (const auto* member : {"ipFamilies", "ipFamilyPolicy"})
            if (has(node, member) && !isNothing(node.at(member)))
                refusals.forbidden(path.child(member), "may not be set for ExternalName services");
    } else if (!address.empty() && address != "None") {
        refuse(wrongIp(address), addresses.index(0), Value(address), refusals);
    }
    if (address == "None" && (type == "NodePort" || type == "LoadBalancer"))
        refusals.invalid(addresses.index(0), Value(address),
                         "may not be set to 'None' for " + std::string(type) + " services");
    const auto& external = itemsAt(node, {"externalIPs"});
    const auto list = path.child("externalIPs");
    for (std::size_t index = 0; index < external.size(); ++index) {
        const auto wrong = wrongIp(textOf(external[index]));
        refuse(wrong, list.index(index), external[index], refusals);
        if (wrong.empty())
            checkNotSpecial(textOf(external[index]), list.index(index), refusals);
    }
}

/// What a Service says about load balancers is for those that have one.
void checkBalancer(const Value& node, const FieldPath& path, Refusals& refusals)
{
    const bool balanced = stringAt(node, {"type"}) == "LoadBalancer";
    const auto& ranges = itemsAt(node, {"loadBalancerSourceRanges"});
    const auto list = path.child("loadBalancerSourceRanges");
    if (!balanced && !ranges.empty())
        refusals.forbidden(list, "may only be used when `type` is 'LoadBalancer'");
    for (std::size_t index = 0; index < ranges.size(); ++index)
        refuse(wrongCidr(textOf(ranges[index])), list.index(index), ranges[index], refusals);
    for (const auto* member : {"allocateLoadBalancerNodePorts", "loadBalancerClass"})
        if (!balanced && has(node, member))
            refusals.forbidden(path.child(member), "may only be used when `type` is 'LoadBalancer'");
    if (balanced && !has(node, "allocateLoadBalancerNodePorts"))
        refusals.required(path.child("allocateLoadBalancerNodePorts"));
    if (const auto name = stringAt(node, {"loadBalancerClass"}); has(node, "loadBalancerClass"))
        refuse(wrongQualifiedName(name), path.child("loadBalancerClass"), Value(name), refusals);
}

/// Where traffic from outside goes is for Services that take some.
void checkTraffic(const Value& node, const FieldPath& path, Refusals& refusals)
{
    const auto type = stringAt(node, {"type"});
    const auto policy = stringAt(node, {"externalTrafficPolicy"});
    const bool open = type == "NodePort" || type == "LoadBalancer" ||
                      (type == "ClusterIP" && !itemsAt(node, {"externalIPs"}).empty());
    if (!open && !policy.empty())
        refusals.invalid(path.child("externalTrafficPolicy"), Value(policy),
                         "may only be set for externally-accessible services");
    else if (open && policy.empty())
        refusals.required(path.child("externalTrafficPolicy"));
    const auto health = integerAt(node, {"healthCheckNodePort"});
    if (health < 0)
        refuse(wrongPort(health), path.child("healthCheckNodePort"), health, refusals);
    else if (health != 0 && (type != "LoadBalancer" || policy != "Local"))
        refusals.invalid(path.child("healthCheckNodePort"), health,
                         "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'");
    if (type != "ExternalName" && !has(node, "internalTrafficPolicy"))
        refusals.required(path.child("internalTrafficPolicy"));
    if (const auto spread = stringAt(node, {"trafficDistribution"}); has(node, "trafficDistribution")) {
        if (type == "ExternalName")
            refusals.forbidden(path.child("trafficDistribution"), "may not be set for ExternalName services");
        else if (spread != "PreferClose")
            refusals.notSupported(path.child("trafficDistribution"), Value(spread), {"PreferClose"});
    }
}

void service(const Value& node, const FieldPath& path, Refusals& refusals)
{
    checkPorts(node, path, refusals);
    checkAddresses(node, path, refusals);
    checkBalancer(node, path, refusals);
    checkTraffic(node, path, refusals);
    checkLabels(find(node, {"selector"}), path.child("selector"), refusals);
    const auto type = stringAt(node, {"type"});
    const auto name = stringAt(node, {"externalName"});
    if (type == "ExternalName" && name.empty())
        refusals.required(path.child("externalName"));
    else if (type == "ExternalName")
        refuse(wrongDnsSubdomain(name.ends_with('.') ? name.substr(0, name.size() - 1) : name),
               path.child("externalName"), Value(name), refusals);
    const auto* timeout = find(node, {"sessionAffinityConfig", "clientIP", "timeoutSeconds"});
    if (timeout && timeout->is_int64() && (timeout->get_int64() < 1 || timeout->get_int64() > 86400)) {
        const auto config = path.child("sessionAffinityConfig");
        const auto client = config.child("clientIP");
        refusals.invalid(client.child("timeoutSeconds"), *timeout, "must be greater than 0 and less than 86400");
    }
}

void serviceUpdate(const Value& node, const Value& old, const FieldPath& path, Refusals& refusals)
{
    const auto now = stringAt(node, {"clusterIP"});
    const auto before = stringAt(old, {"clusterIP"});
    const bool external = stringAt(node, {"type"}) == "ExternalName" || stringAt(old, {"type"}) == "ExternalName";
    if (!external && !before.empty() && !now.empty() && now != before)
        refusals.invalid(path.child("clusterIPs").index(0), Value(Array{Value(now)}), "may not change once set");
    const auto& families = itemsAt(node, {"ipFamilies"});
    const auto& oldFamilies = itemsAt(old, {"ipFamilies"});
    if (!external && !families.empty() && !oldFamilies.empty() && families.front() != oldFamilies.front())
        refusals.invalid(path.child("ipFamilies").index(0), Value(families), "may not change once set");
    const bool balanced = stringAt(node, {"type"}) == "LoadBalancer" && stringAt(old, {"type"}) == "LoadBalancer";
    const auto balancer = stringAt(node, {"loadBalancerClass"});
    if (balanced && balancer != stringAt(old, {"loadBalancerClass"}))
        refusals.invalid(path.child("loadBalancerClass"), Value(balancer), "may not change once set");
}

void endpointSubset(const Value& node, const FieldPath& path, Refusals& refusals)
{
    if (itemsAt(node, {"addresses"}).empty() && itemsAt(node, {"notReadyAddresses"}).empty())
        refusals.required(path, "must specify `addresses` or `notReadyAddresses`");
    const auto& ports = itemsAt(node, {"ports"});
    const auto list = path.child("ports");
    for (std::size_t index = 0; index < ports.size(); ++index) {
        const auto at = list.index(index);
        const auto name = stringAt(ports[index], {"name"});
        if (ports.size() > 1 && name.empty())
            refusals.required(at.child("name"));
        else if (!name.empty())
            refuse(wrongDnsLabel(name), at.child("name"), Value(name), refusals);
        refuse(wrongPort(integerAt(ports[index], {"port"})), at.child("port"), Value(integerAt(ports[index], {"port"})),
               refusals);
        if (const auto protocol = stringAt(ports[index], {"appProtocol"}); has(ports[index], "appProtocol"))
            refuse(wrongQualifiedName(protocol), at.child("appProtocol"), Value(protocol), refusals);
    }
}

void checkNodeName(const Value& node, const FieldPath& path, Refusals& refusals)
{
    if (const auto name = stringAt(node, {"nodeName"}); has(node, "nodeName"))
        refuse(wrongDnsSubdomain(name), path.child("nodeName"), Value(name), refusals);
}

void endpointAddress(const Value& node, const FieldPath& path, Refusals& refusals)
{
    if (const auto ip = stringAt(node, {"ip"}); !ip.empty()) {
        refuse(wrongIp(ip), path.child("ip"), Value(ip), refusals);
        checkNotSpecial(ip, path.child("ip"), refusals);
    }
    if (const auto name = stringAt(node, {"hostname"}); !name.empty())
        refuse(wrongDnsLabel(name), path.child("hostname"), Value(name), refusals);
    checkNodeName(node, path, refusals);
}

/// A host's full name, which may end with a dot.
void checkDomain(std::string_view name, const FieldPath& path, Refusals& refusals)
{
    if (name.empty())
        return refusals.required(path);
    if (name.ends_with('.'))
        name.remove_suffix(1);
    if (const auto wrong = wrongDnsSubdomain(name); !wrong.empty())
        return refusals.invalid(path, Value(name), wrong);
    if (!name.contains('.'))
        return refusals.invalid(path, Value(name), "should be a domain with at least two segments separated by dots");
    for (std::size_t at = 0; at <= name.size();) {
        const auto label = name.substr(at, name.find('.', at) - at);
        if (const auto wrong = wrongDnsLabel(label); !wrong.empty())
            return refusals.invalid(path, Value(label), wrong);
        at += label.size() + 1;
    }
}

void checkSliceAddress(std::string_view type, const Value& address, const FieldPath& path, Refusals& refusals)
{
    const auto text = textOf(address);
    if (type == "FQDN")
        return checkDomain(text, path, refusals);
    if (type != "IPv4" && type != "IPv6")
        return; // The type is refused itself.
    if (!wrongIp(text).empty() || text.contains(':') != (type == "IPv6"))
        refusals.invalid(path, address, fmt::format("must be a valid {} address", type));
    checkNotSpecial(text, path, refusals);
}

/// What an endpoint of a slice says besides its addresses.
void sliceEndpoint(const Value& node, const FieldPath& path, Refusals& refusals)
{
    constexpr std::size_t zonesMax = 8;
    if (const auto name = stringAt(node, {"hostname"}); has(node, "hostname"))
        refuse(wrongDnsLabel(name), path.child("hostname"), Value(name), refusals);
    checkNodeName(node, path, refusals);
    checkLabels(find(node, {"deprecatedTopology"}), path.child("deprecatedTopology"), refusals);
    const auto& zones = itemsAt(node, {"hints", "forZones"});
    const auto hints = path.child("hints");
    const auto list = hints.child("forZones");
    if (zones.size() > zonesMax)
        return refusals.tooMany(list, zones.size(), zonesMax);
    std::set<std::string_view> names;
    for (std::size_t index = 0; index < zones.size(); ++index) {
        const auto name = stringAt(zones[index], {"name"});
        const auto at = list.index(index);
        if (!names.insert(name).second)
            refusals.duplicate(at.child("name"), Value(name));
        refuse(wrongLabelValue(name), at.child("name"), Value(name), refusals);
    }
}

void endpointSlice(const Value& node, const FieldPath& path, Refusals& refusals)
{
    const auto type = stringAt(node, {"addressType"});
    const auto& endpoints = itemsAt(node, {"endpoints"});
    const auto list = path.child("endpoints");
    for (std::size_t index = 0; index < endpoints.size(); ++index) {
        const auto& addresses = itemsAt(endpoints[index], {"addresses"});
        const auto endpoint = list.index(index);
        const auto at = endpoint.child("addresses");
        for (std::size_t item = 0; item < addresses.size(); ++item)
            checkSliceAddress(type, addresses[item], at.index(item), refusals);
    }
    std::set<std::string_view> names;
    const auto& ports = itemsAt(node, {"ports"});
    const auto portList = path.child("ports");
    for (std::size_t index = 0; index < ports.size(); ++index) {
        const auto name = stringAt(ports[index], {"name"});
        const auto at = portList.index(index);
        if (!name.empty())
            refuse(wrongDnsLabel(name), at.child("name"), Value(name), refusals);
        if (!names.insert(name).second)
            refusals.duplicate(at.child("name"), Value(name));
        if (const auto protocol = stringAt(ports[index], {"appProtocol"}); has(ports[index], "appProtocol"))
            refuse(wrongQualifiedName(protocol), at.child("appProtocol"), Value(protocol), refusals);
    }
}

constexpr std::array table{
    Rule{"endpointAddress", endpointAddress}, Rule{"endpointSlice", endpointSlice},
    Rule{"endpointSubset", endpointSubset},   Rule{"service", service, serviceUpdate},
    Rule{"sliceEndpoint", sliceEndpoint},
};

} // namespace

std::span<const Rule> serviceRules()
{
    return table;
}

} // namespace keelson::api
