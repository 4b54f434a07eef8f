// SPDX-License-Identifier: Apache-2.0
#include "api/table.h"
#include "api/table_functions.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>

namespace keelson::api {
namespace {

Value ingressHosts(const Column&, const Value& ingress, WallTime)
{
    constexpr std::size_t hostsShownMax = 3;
    std::vector<std::string_view> hosts;
    for (const auto& rule : listAt(ingress, {"spec", "rules"}))
        if (const auto host = stringAt(rule, {"host"}); !host.empty())
            hosts.push_back(host);
    if (hosts.empty())
        return "*";
    const auto more = hosts.size() > hostsShownMax ? hosts.size() - hostsShownMax : 0;
    hosts.resize(std::min(hosts.size(), hostsShownMax));
    auto text = fmt::format("{}", fmt::join(hosts, ","));
    return Value(more > 0 ? fmt::format("{} + {} more...", text, more) : text);
}

Value ingressAddress(const Column&, const Value& ingress, WallTime)
{
    std::set<std::string_view> addresses;
    for (const auto& each : listAt(ingress, {"status", "loadBalancer", "ingress"})) {
        const auto ip = stringAt(each, {"ip"});
        addresses.insert(ip.empty() ? stringAt(each, {"hostname"}) : ip);
    }
    addresses.erase("");
    return Value(fmt::format("{}", fmt::join(addresses, ",")));
}

Value ingressPorts(const Column&, const Value& ingress, WallTime)
{
    return listAt(ingress, {"spec", "tls"}).empty() ? "80" : "80, 443";
}

/// "IngressParameters.example.org/external"
Value ingressClassParameters(const Column&, const Value& ingressClass, WallTime)
{
    const auto* parameters = find(ingressClass, {"spec", "parameters"});
    if (!parameters || !parameters->is_object())
        return "<none>";
    const auto group = stringAt(*parameters, {"apiGroup"});
    return Value(fmt::format("{}{}{}/{}", stringAt(*parameters, {"kind"}), group.empty() ? "" : ".", group,
                             stringAt(*parameters, {"name"})));
}

/// "pods: 2/10, requests.cpu: 1/4": those of the limits on `limits.` or the others.
Value quotaText(const Value& quota, bool limits)
{
    std::map<std::string_view, std::string> texts;
    const auto* hard = find(quota, {"status", "hard"});
    if (!hard || !hard->is_object())
        return "";
    for (const auto& member : hard->get_object()) {
        const std::string_view name = member.key();
        const auto used = stringAt(quota, {"status", "used", name});
        if (name.starts_with("limits.") == limits && member.value().is_string())
            texts[name] = fmt::format("{}: {}/{}", name, used.empty() ? "0" : used,
                                      std::string_view(member.value().get_string()));
    }
    std::string text;
    for (const auto& [name, each] : texts)
        text += (text.empty() ? "" : ", ") + each;
    return Value(text);
}

Value quotaRequests(const Column&, const Value& quota, WallTime)
{
    return quotaText(quota, false);
}

Value quotaLimits(const Column&, const Value& quota, WallTime)
{
    return quotaText(quota, true);
}

Value requestedDuration(const Column&, const Value& request, WallTime)
{
    if (!find(request, {"spec", "expirationSeconds"}))
        return "<none>";
    return Value(shortDuration(std::chrono::seconds(integerAt(request, {"spec", "expirationSeconds"}))));
}

/// "Pending", or "Approved" or "Denied" with "Failed" and "Issued" behind it.
Value signingCondition(const Column&, const Value& request, WallTime)
{
    std::set<std::string_view> types;
    for (const auto& condition : listAt(request, {"status", "conditions"}))
        types.insert(stringAt(condition, {"type"}));
    std::string text = types.contains("Denied") ? "Denied" : types.contains("Approved") ? "Approved" : "Pending";
    if (types.contains("Failed"))
        text += ",Failed";
    if (!stringAt(request, {"status", "certificate"}).empty())
        text += ",Issued";
    return Value(text);
}

Value apiService(const Column&, const Value& service, WallTime)
{
    if (!find(service, {"spec", "service"}))
        return "Local";
    return Value(fmt::format("{}/{}", stringAt(service, {"spec", "service", "namespace"}),
                             stringAt(service, {"spec", "service", "name"})));
}

Value apiAvailable(const Column&, const Value& service, WallTime)
{
    for (const auto& condition : listAt(service, {"status", "conditions"})) {
        if (stringAt(condition, {"type"}) != "Available")
            continue;
        const auto status = stringAt(condition, {"status"});
        const auto reason = stringAt(condition, {"reason"});
        return Value(status == "True" || reason.empty() ? std::string(status) : fmt::format("{} ({})", status, reason));
    }
    return "Unknown";
}

Value policyParamKind(const Column&, const Value& policy, WallTime)
{
    if (!find(policy, {"spec", "paramKind"}))
        return "<unset>";
    return Value(fmt::format("{}/{}", stringAt(policy, {"spec", "paramKind", "apiVersion"}),
                             stringAt(policy, {"spec", "paramKind", "kind"})));
}

Value policyParamRef(const Column&, const Value& binding, WallTime)
{
    const auto name = stringAt(binding, {"spec", "paramRef", "name"});
    const auto nameSpace = stringAt(binding, {"spec", "paramRef", "namespace"});
    return textOr(nameSpace.empty() ? std::string(name) : fmt::format("{}/{}", nameSpace, name), "<unset>");
}

Value missingPriorityLevel(const Column&, const Value& schema, WallTime)
{
    for (const auto& condition : listAt(schema, {"status", "conditions"}))
        if (stringAt(condition, {"type"}) == "Dangling")
            return Value(stringAt(condition, {"status"}));
    return "?";
}

constexpr std::array cells{
    NamedCell{"apiAvailable", apiAvailable},
    NamedCell{"apiService", apiService},
    NamedCell{"ingressAddress", ingressAddress},
    NamedCell{"ingressClassParameters", ingressClassParameters},
    NamedCell{"ingressHosts", ingressHosts},
    NamedCell{"ingressPorts", ingressPorts},
    NamedCell{"missingPriorityLevel", missingPriorityLevel},
    NamedCell{"policyParamKind", policyParamKind},
    NamedCell{"policyParamRef", policyParamRef},
    NamedCell{"quotaLimits", quotaLimits},
    NamedCell{"quotaRequests", quotaRequests},
    NamedCell{"requestedDuration", requestedDuration},
    NamedCell{"signingCondition", signingCondition},
};

} // namespace

std::span<const NamedCell> clusterCells()
{
    return cells;
}

} // namespace keelson::api
