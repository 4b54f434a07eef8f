// SPDX-License-Identifier: Apache-2.0
#include "api/name_forms.h"
#include "api/rules.h"

#include <array>
#include <set>
#include <tuple>

namespace keelson::api {
namespace {

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
    if (type == "ExternalName" && !address.empty())
        refusals.forbidden(addresses, "may not be set when `type` is 'ExternalName'");
    else if (!address.empty() && address != "None" && !wrongIp(address).empty())
        refusals.invalid(addresses.index(0), Value(address), "must be a valid IP address, 'None' or empty");
    if (address == "None" && (type == "NodePort" || type == "LoadBalancer"))
        refusals.invalid(addresses.index(0), Value(address),
                         "may not be set to 'None' for " + std::string(type) + " services");
    const std::pair<const char*, std::string (*)(std::string_view)> lists[] = {{"externalIPs", wrongIp},
                                                                               {"loadBalancerSourceRanges", wrongCidr}};
    for (const auto& [member, wrong] : lists) {
        const auto& items = itemsAt(node, {member});
        const auto list = path.child(member);
        for (std::size_t index = 0; index < items.size(); ++index)
            refuse(wrong(textOf(items[index])), list.index(index), items[index], refusals);
    }
}

void service(const Value& node, const FieldPath& path, Refusals& refusals)
{
    checkPorts(node, path, refusals);
    checkAddresses(node, path, refusals);
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
}

void endpointSubset(const Value& node, const FieldPath& path, Refusals& refusals)
{
    if (itemsAt(node, {"addresses"}).empty() && itemsAt(node, {"notReadyAddresses"}).empty())
        refusals.required(path, "must specify `addresses` or `notReadyAddresses`");
    const auto& ports = itemsAt(node, {"ports"});
    const auto list = path.child("ports");
    for (std::size_t index = 0; index < ports.size(); ++index) {
        const auto at = list.index(index);
        if (ports.size() > 1 && stringAt(ports[index], {"name"}).empty())
            refusals.required(at.child("name"));
        refuse(wrongPort(integerAt(ports[index], {"port"})), at.child("port"), Value(integerAt(ports[index], {"port"})),
               refusals);
    }
}

void endpointAddress(const Value& node, const FieldPath& path, Refusals& refusals)
{
    if (const auto ip = stringAt(node, {"ip"}); !ip.empty())
        refuse(wrongIp(ip), path.child("ip"), Value(ip), refusals);
    if (const auto name = stringAt(node, {"hostname"}); !name.empty())
        refuse(wrongDnsLabel(name), path.child("hostname"), Value(name), refusals);
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
        for (std::size_t item = 0; item < addresses.size(); ++item) {
            const auto text = textOf(addresses[item]);
            refuse(type == "FQDN" ? wrongDnsSubdomain(text) : wrongIp(text), at.index(item), addresses[item], refusals);
        }
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
    }
}

constexpr std::array table{
    Rule{"endpointAddress", endpointAddress},
    Rule{"endpointSlice", endpointSlice},
    Rule{"endpointSubset", endpointSubset},
    Rule{"service", service, serviceUpdate},
};

} // namespace

std::span<const Rule> serviceRules()
{
    return table;
}

} // namespace keelson::api
