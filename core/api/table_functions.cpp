// SPDX-License-Identifier: Apache-2.0
#include "api/table_functions.h"
#include "api/conversion.h"
#include "api/json_path.h"
#include "api/selector.h"
#include "api/table.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <unordered_map>

namespace keelson::api {
namespace {

constexpr std::size_t shownMax = 3; ///< Endpoints and ports of one row.

std::string textAtPath(const Column& column, const Value& object)
{
    const auto values = evaluateJsonPath(object, column.jsonPath);
    return !values.empty() && values.front()->is_string() ? std::string{values.front()->get_string()} : std::string{};
}

Value textOrNone(const Column& column, const Value& object, WallTime)
{
    return textOr(textAtPath(column, object), "<none>");
}

Value textOrUnknown(const Column& column, const Value& object, WallTime)
{
    return textOr(textAtPath(column, object), "<unknown>");
}

Value text(const Column& column, const Value& object, WallTime)
{
    return Value(textAtPath(column, object));
}

/// Of a ComponentStatus.
Value componentHealth(const Column&, const Value& object, WallTime)
{
    const auto healthy = evaluateJsonPath(object, R"(.conditions[?(@.type=="Healthy")].status)");
    if (healthy.empty())
        return Value("Unknown");
    return Value(*healthy.front() == Value("True") ? "Healthy" : "Unhealthy");
}

Value numberOrZero(const Column& column, const Value& object, WallTime)
{
    const auto values = evaluateJsonPath(object, column.jsonPath);
    return values.empty() || !values.front()->is_number() ? Value(0) : *values.front();
}

/// The value as text, whatever its type; `otherwise` when it is not there.
Value valueOr(const Column& column, const Value& object, std::string_view otherwise)
{
    const auto values = evaluateJsonPath(object, column.jsonPath);
    if (values.empty() || values.front()->is_null())
        return Value(otherwise);
    return values.front()->is_string() ? *values.front() : Value(writeJson(*values.front()));
}

Value valueOrNone(const Column& column, const Value& object, WallTime)
{
    return valueOr(column, object, "<none>");
}

Value valueOrNotApplicable(const Column& column, const Value& object, WallTime)
{
    return valueOr(column, object, "N/A");
}

Value valueOrUnset(const Column& column, const Value& object, WallTime)
{
    return valueOr(column, object, "<unset>");
}

Value textsOrNone(const Column& column, const Value& object, WallTime)
{
    std::vector<std::string_view> texts;
    for (const auto* value : evaluateJsonPath(object, column.jsonPath))
        texts.push_back(value->is_string() ? std::string_view{value->get_string()} : std::string_view{});
    return textOr(fmt::format("{}", fmt::join(texts, ",")), "<none>");
}

Value flag(const Column& column, const Value& object, WallTime)
{
    const auto values = evaluateJsonPath(object, column.jsonPath);
    return !values.empty() && *values.front() == Value(true);
}

Value flagText(const Column& column, const Value& object, WallTime)
{
    const auto values = evaluateJsonPath(object, column.jsonPath);
    if (values.empty() || !values.front()->is_bool())
        return "<unset>";
    return values.front()->get_bool() ? "True" : "False";
}

Value ageOrNone(const Column& column, const Value& object, WallTime now)
{
    const auto time = textAtPath(column, object);
    return time.empty() ? Value("<none>") : Value(ageText(time, now));
}

Value itemCount(const Column& column, const Value& object, WallTime)
{
    const auto values = evaluateJsonPath(object, column.jsonPath);
    const auto* list = values.empty() ? nullptr : values.front()->if_array();
    return static_cast<std::int64_t>(list ? list->size() : 0);
}

Value createdAt(const Column&, const Value& object, WallTime)
{
    return Value(stringAt(object, {"metadata", "creationTimestamp"}));
}

std::size_t sizeAt(const Value& object, std::string_view name)
{
    const auto* found = find(object, {name});
    if (found && found->is_object())
        return found->get_object().size();
    return found && found->is_array() ? found->get_array().size() : 0;
}

Value dataCount(const Column&, const Value& object, WallTime)
{
    return static_cast<std::int64_t>(sizeAt(object, "data") + sizeAt(object, "binaryData"));
}

Value secretsCount(const Column&, const Value& object, WallTime)
{
    return static_cast<std::int64_t>(sizeAt(object, "secrets"));
}

/// What the column's path names, or `otherwise` when the column has none.
Value partAt(const Column& column, const Value& object, std::string_view otherwise)
{
    const auto values =
        evaluateJsonPath(object, column.jsonPath.empty() ? otherwise : std::string_view(column.jsonPath));
    return values.empty() ? Value{} : *values.front();
}

Value joinedContainers(const Value& pod, std::string_view member)
{
    std::vector<std::string_view> texts;
    for (const auto& container : listAt(pod, {"spec", "containers"}))
        texts.push_back(stringAt(container, {member}));
    return Value(fmt::format("{}", fmt::join(texts, ",")));
}

Value templateContainers(const Column& column, const Value& object, WallTime)
{
    return joinedContainers(partAt(column, object, ".spec.template"), "name");
}

Value templateImages(const Column& column, const Value& object, WallTime)
{
    return joinedContainers(partAt(column, object, ".spec.template"), "image");
}

Value labelSelector(const Column& column, const Value& object, WallTime)
{
    const auto read = LabelSelector::fromObject(partAt(column, object, ".spec.selector"));
    return read ? textOr(read->text(), "<none>") : Value("<error>");
}

/// A map of texts as "a=b,c=d".
Value pairs(const Column& column, const Value& object, WallTime)
{
    Labels labels;
    if (const auto map = partAt(column, object, ".spec.selector"); map.is_object()) {
        for (const auto& member : map.get_object())
            labels.emplace(member.key(), member.value().is_string() ? std::string{member.value().get_string()} : "");
    }
    return textOr(LabelSelector::fromLabels(labels).text(), "<none>");
}

Value deploymentReady(const Column&, const Value& deployment, WallTime)
{
    return Value(fmt::format("{}/{}", integerAt(deployment, {"status", "readyReplicas"}),
                             integerAt(deployment, {"spec", "replicas"})));
}

Value serviceExternalIp(const Column&, const Value& service, WallTime)
{
    std::vector<std::string> addresses;
    const auto type = stringAt(service, {"spec", "type"});
    if (type == "ExternalName")
        return Value(stringAt(service, {"spec", "externalName"}));
    if (type == "LoadBalancer") {
        std::set<std::string> ingress;
        for (const auto& each : listAt(service, {"status", "loadBalancer", "ingress"})) {
            const auto ip = stringAt(each, {"ip"});
            ingress.emplace(ip.empty() ? stringAt(each, {"hostname"}) : ip);
        }
        ingress.erase("");
        addresses.assign(ingress.begin(), ingress.end());
    }
    for (const auto& each : listAt(service, {"spec", "externalIPs"}))
        addresses.emplace_back(each.is_string() ? std::string{each.get_string()} : "");
    if (addresses.empty())
        return type == "LoadBalancer" ? "<pending>" : "<none>";
    return Value(fmt::format("{}", fmt::join(addresses, ",")));
}

Value servicePorts(const Column&, const Value& service, WallTime)
{
    std::vector<std::string> ports;
    for (const auto& port : listAt(service, {"spec", "ports"})) {
        const auto protocol = stringAt(port, {"protocol"});
        const auto nodePort = integerAt(port, {"nodePort"});
        ports.push_back(fmt::format("{}{}/{}", integerAt(port, {"port"}),
                                    nodePort > 0 ? fmt::format(":{}", nodePort) : "",
                                    protocol.empty() ? "TCP" : protocol));
    }
    return textOr(fmt::format("{}", fmt::join(ports, ",")), "<none>");
}

Value nodeStatus(const Column&, const Value& node, WallTime)
{
    std::string status = "Unknown";
    for (const auto& condition : listAt(node, {"status", "conditions"})) {
        if (stringAt(condition, {"type"}) == "Ready")
            status = stringAt(condition, {"status"}) == "True" ? "Ready" : "NotReady";
    }
    if (boolAt(node, {"spec", "unschedulable"}))
        status += ",SchedulingDisabled";
    return Value(status);
}

Value nodeRoles(const Column&, const Value& node, WallTime)
{
    constexpr std::string_view prefix = "node-role.kubernetes.io/";
    std::set<std::string> roles;
    if (const auto* labels = find(node, {"metadata", "labels"}); labels && labels->is_object()) {
        for (const auto& label : labels->get_object()) {
            const std::string_view key = label.key();
            if (key.starts_with(prefix) && key.size() > prefix.size())
                roles.emplace(key.substr(prefix.size()));
            else if (key == "kubernetes.io/role" && label.value().is_string() && !label.value().get_string().empty())
                roles.emplace(label.value().get_string());
        }
    }
    return textOr(fmt::format("{}", fmt::join(roles, ",")), "<none>");
}

Value nodeAddress(const Value& node, std::string_view type)
{
    for (const auto& address : listAt(node, {"status", "addresses"})) {
        if (stringAt(address, {"type"}) == type)
            return Value(stringAt(address, {"address"}));
    }
    return "<none>";
}

Value nodeInternalIp(const Column&, const Value& node, WallTime)
{
    return nodeAddress(node, "InternalIP");
}

Value nodeExternalIp(const Column&, const Value& node, WallTime)
{
    return nodeAddress(node, "ExternalIP");
}

/// The first few, and how many more.
std::string shortList(const std::vector<std::string>& texts, std::string_view otherwise)
{
    if (texts.empty())
        return std::string{otherwise};
    const auto shown = std::min(texts.size(), shownMax);
    const auto joined =
        fmt::format("{}", fmt::join(texts.begin(), texts.begin() + static_cast<std::ptrdiff_t>(shown), ","));
    return texts.size() > shown ? fmt::format("{} + {} more...", joined, texts.size() - shown) : joined;
}

std::string hostPort(std::string_view host, std::int64_t port)
{
    return host.find(':') == std::string_view::npos ? fmt::format("{}:{}", host, port)
                                                    : fmt::format("[{}]:{}", host, port);
}

Value endpointAddresses(const Column&, const Value& endpoints, WallTime)
{
    std::vector<std::string> texts;
    for (const auto& subset : listAt(endpoints, {"subsets"})) {
        const auto& addresses = listAt(subset, {"addresses"});
        const auto& ports = listAt(subset, {"ports"});
        for (const auto& port : ports) {
            for (const auto& address : addresses)
                texts.push_back(hostPort(stringAt(address, {"ip"}), integerAt(port, {"port"})));
        }
        for (std::size_t i = 0; ports.empty() && i < addresses.size(); ++i)
            texts.emplace_back(stringAt(addresses[i], {"ip"}));
    }
    return Value(shortList(texts, "<none>"));
}

Value slicePorts(const Column&, const Value& slice, WallTime)
{
    std::vector<std::string> texts;
    for (const auto& port : listAt(slice, {"ports"})) {
        const auto name = stringAt(port, {"name"});
        if (find(port, {"port"}))
            texts.push_back(fmt::to_string(integerAt(port, {"port"})));
        else
            texts.emplace_back(name.empty() ? "*" : name);
    }
    return Value(shortList(texts, "<unset>"));
}

Value sliceEndpoints(const Column&, const Value& slice, WallTime)
{
    std::vector<std::string> texts;
    for (const auto& endpoint : listAt(slice, {"endpoints"})) {
        for (const auto& address : listAt(endpoint, {"addresses"}))
            texts.emplace_back(address.is_string() ? std::string{address.get_string()} : "");
    }
    return Value(shortList(texts, "<unset>"));
}

std::string_view firstSeen(const Value& event)
{
    const auto first = stringAt(event, {"firstTimestamp"});
    return first.empty() ? stringAt(event, {"eventTime"}) : first;
}

Value eventFirstSeen(const Column&, const Value& event, WallTime now)
{
    return Value(ageText(firstSeen(event), now));
}

Value eventLastSeen(const Column&, const Value& event, WallTime now)
{
    if (find(event, {"series"}))
        return Value(ageText(stringAt(event, {"series", "lastObservedTime"}), now));
    const auto last = stringAt(event, {"lastTimestamp"});
    return Value(ageText(last.empty() ? firstSeen(event) : last, now));
}

Value eventObject(const Column&, const Value& event, WallTime)
{
    std::string kind{stringAt(event, {"involvedObject", "kind"})};
    std::ranges::transform(kind, kind.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    const auto name = stringAt(event, {"involvedObject", "name"});
    return Value(name.empty() ? kind : fmt::format("{}/{}", kind, name));
}

Value eventSource(const Column&, const Value& event, WallTime)
{
    auto component = stringAt(event, {"source", "component"});
    auto host = stringAt(event, {"source", "host"});
    if (component.empty())
        component = stringAt(event, {"reportingComponent"});
    if (host.empty())
        host = stringAt(event, {"reportingInstance"});
    return Value(host.empty() ? std::string{component} : fmt::format("{}, {}", component, host));
}

Value eventMessage(const Column&, const Value& event, WallTime)
{
    auto message = stringAt(event, {"message"});
    constexpr std::string_view space = " \t\r\n";
    const auto begin = message.find_first_not_of(space);
    if (begin == std::string_view::npos)
        return "";
    return Value(message.substr(begin, message.find_last_not_of(space) - begin + 1));
}

Value eventCount(const Column&, const Value& event, WallTime)
{
    if (find(event, {"series"}))
        return integerAt(event, {"series", "count"});
    return std::max<std::int64_t>(1, integerAt(event, {"count"}));
}

/// An Event of events.k8s.io/v1 shows what it would as one of v1.
template <CellFunction cell>
Value asCoreEvent(const Column& column, const Value& event, WallTime now)
{
    return cell(column, eventToStored(event), now);
}

Value bindingRole(const Column&, const Value& binding, WallTime)
{
    return Value(fmt::format("{}/{}", stringAt(binding, {"roleRef", "kind"}), stringAt(binding, {"roleRef", "name"})));
}

Value subjects(const Value& binding, std::string_view kind)
{
    std::vector<std::string> names;
    for (const auto& subject : listAt(binding, {"subjects"})) {
        if (stringAt(subject, {"kind"}) != kind)
            continue;
        const auto name = stringAt(subject, {"name"});
        names.push_back(kind == "ServiceAccount" ? fmt::format("{}/{}", stringAt(subject, {"namespace"}), name)
                                                 : std::string{name});
    }
    return Value(fmt::format("{}", fmt::join(names, ", ")));
}

Value bindingUsers(const Column&, const Value& binding, WallTime)
{
    return subjects(binding, "User");
}

Value bindingGroups(const Column&, const Value& binding, WallTime)
{
    return subjects(binding, "Group");
}

Value bindingServiceAccounts(const Column&, const Value& binding, WallTime)
{
    return subjects(binding, "ServiceAccount");
}

constexpr auto functions = std::to_array<NamedCell>({
    {"ageOrNone", ageOrNone},
    {"bindingGroups", bindingGroups},
    {"bindingRole", bindingRole},
    {"bindingServiceAccounts", bindingServiceAccounts},
    {"bindingUsers", bindingUsers},
    {"componentHealth", componentHealth},
    {"createdAt", createdAt},
    {"dataCount", dataCount},
    {"deploymentReady", deploymentReady},
    {"endpointAddresses", endpointAddresses},
    {"eventCount", eventCount},
    {"eventFirstSeen", eventFirstSeen},
    {"eventLastSeen", eventLastSeen},
    {"eventMessage", eventMessage},
    {"eventObject", eventObject},
    {"eventSource", eventSource},
    {"flag", flag},
    {"flagText", flagText},
    {"itemCount", itemCount},
    {"labelSelector", labelSelector},
    {"newEventCount", asCoreEvent<eventCount>},
    {"newEventFirstSeen", asCoreEvent<eventFirstSeen>},
    {"newEventLastSeen", asCoreEvent<eventLastSeen>},
    {"newEventObject", asCoreEvent<eventObject>},
    {"newEventSource", asCoreEvent<eventSource>},
    {"nodeExternalIp", nodeExternalIp},
    {"nodeInternalIp", nodeInternalIp},
    {"nodeRoles", nodeRoles},
    {"nodeStatus", nodeStatus},
    {"numberOrZero", numberOrZero},
    {"pairs", pairs},
    {"podReadinessGates", podReadinessGatesCell},
    {"podReady", podReadyCell},
    {"podRestarts", podRestartsCell},
    {"podStatus", podStatusCell},
    {"secretsCount", secretsCount},
    {"serviceExternalIp", serviceExternalIp},
    {"servicePorts", servicePorts},
    {"sliceEndpoints", sliceEndpoints},
    {"slicePorts", slicePorts},
    {"templateContainers", templateContainers},
    {"templateImages", templateImages},
    {"text", text},
    {"textOrNone", textOrNone},
    {"textOrUnknown", textOrUnknown},
    {"textsOrNone", textsOrNone},
    {"valueOrNone", valueOrNone},
    {"valueOrNotApplicable", valueOrNotApplicable},
    {"valueOrUnset", valueOrUnset},
});

} // namespace

const Array& listAt(const Value& value, std::initializer_list<std::string_view> path)
{
    static const Array none;
    const auto* found = find(value, path);
    return found && found->is_array() ? found->get_array() : none;
}

Value textOr(std::string_view text, std::string_view otherwise)
{
    return text.empty() ? Value(otherwise) : Value(text);
}

std::span<const NamedCell> generalCells()
{
    return functions;
}

CellFunction findCellFunction(std::string_view name)
{
    static const auto byName = [] {
        std::unordered_map<std::string_view, CellFunction> map;
        for (const auto group : {generalCells(), workloadCells(), clusterCells(), storageCells()})
            for (const auto& cell : group)
                map.emplace(cell.name, cell.function);
        return map;
    }();
    const auto found = byName.find(name);
    return found == byName.end() ? nullptr : found->second;
}

} // namespace keelson::api
