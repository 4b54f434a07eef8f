// SPDX-License-Identifier: Apache-2.0
#include "api/name_forms.h"
#include "api/quantity.h"
#include "api/resource_names.h"
#include "api/rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <vector>

namespace keelson::api {
namespace {

/// The members of a union that are there.
std::vector<std::string_view> present(const Value& node, std::span<const std::string_view> members)
{
    std::vector<std::string_view> found;
    for (const auto member : members)
        if (has(node, member))
            found.push_back(member);
    return found;
}

void checkPort(const Value& port, const FieldPath& path, Refusals& refusals)
{
    if (textOf(port).empty() && !port.is_int64())
        refusals.required(path);
    else if (port.is_int64())
        refuse(wrongPort(port.get_int64()), path, port, refusals);
    else
        refuse(wrongPortName(textOf(port)), path, port, refusals);
}

void containerPort(const Value& node, const FieldPath& path, Refusals& refusals)
{
    if (const auto port = integerAt(node, {"containerPort"}); port == 0)
        refusals.required(path.child("containerPort"));
    else
        refuse(wrongPort(port), path.child("containerPort"), port, refusals);
    if (const auto port = integerAt(node, {"hostPort"}); port != 0)
        refuse(wrongPort(port), path.child("hostPort"), port, refusals);
    if (const auto name = stringAt(node, {"name"}); !name.empty())
        refuse(wrongPortName(name), path.child("name"), Value(name), refusals);
    if (const auto ip = stringAt(node, {"hostIP"}); !ip.empty())
        refuse(wrongIp(ip), path.child("hostIP"), Value(ip), refusals);
}

void checkHeaders(const Value& node, const FieldPath& path, Refusals& refusals)
{
    const auto& headers = itemsAt(node, {"httpHeaders"});
    const auto list = path.child("httpHeaders");
    for (std::size_t index = 0; index < headers.size(); ++index)
        if (const auto name = stringAt(headers[index], {"name"}); !name.empty())
            refuse(wrongHeaderName(name), list, Value(name), refusals);
}

/// Exactly one action; the ports of actions.
void checkHandler(const Value& node, const FieldPath& path, std::span<const std::string_view> actions,
                  Refusals& refusals)
{
    const auto found = present(node, actions);
    if (found.empty())
        refusals.required(path, "must specify a handler type");
    for (std::size_t index = 1; index < found.size(); ++index)
        refusals.forbidden(path.child(found[index]), "may not specify more than 1 handler type");
    for (const auto action : {"httpGet", "tcpSocket", "grpc"}) {
        const auto at = path.child(action);
        if (const auto* port = find(node, {action, "port"}))
            checkPort(*port, at.child("port"), refusals);
    }
    if (const auto* request = find(node, {"httpGet"}))
        checkHeaders(*request, path.child("httpGet"), refusals);
    if (has(node, "exec") && itemsAt(node, {"exec", "command"}).empty()) {
        const auto at = path.child("exec");
        refusals.required(at.child("command"));
    }
}

void probe(const Value& node, const FieldPath& path, Refusals& refusals)
{
    constexpr std::array<std::string_view, 4> actions{"exec", "httpGet", "tcpSocket", "grpc"};
    checkHandler(node, path, actions, refusals);
    if (const auto* grace = find(node, {"terminationGracePeriodSeconds"});
        grace && grace->is_int64() && grace->get_int64() <= 0)
        refusals.invalid(path.child("terminationGracePeriodSeconds"), *grace, "must be greater than 0");
}

void lifecycleHandler(const Value& node, const FieldPath& path, Refusals& refusals)
{
    constexpr std::array<std::string_view, 4> actions{"exec", "httpGet", "tcpSocket", "sleep"};
    checkHandler(node, path, actions, refusals);
}

Quantity quantityOf(const Value& value)
{
    const auto text = value.is_string() ? std::string(textOf(value)) : numberText(value);
    return Quantity::parse(text).value_or(Quantity{});
}

/// Whole numbers are wanted of what can only be given as a whole.
void checkResourceAmount(std::string_view name, const Value& amount, const FieldPath& path, Refusals& refusals)
{
    const auto quantity = quantityOf(amount);
    checkContainerResourceName(name, path, refusals);
    if (quantity.isNegative())
        refusals.invalid(path, amount, "must be greater than or equal to 0");
    else if (isExtendedResource(name) && Quantity::fromUnits(quantity.units()) != quantity)
        refusals.invalid(path, amount, "must be an integer");
}

void checkRequest(std::string_view name, const Value& amount, const Value* limit, const FieldPath& resources,
                  Refusals& refusals)
{
    const auto requests = resources.child("requests");
    const auto request = quantityOf(amount);
    if (!limit) {
        if (!isOvercommitAllowed(name))
            refusals.required(resources.child("limits"), "Limit must be set for non overcommitable resources");
        return;
    }
    const auto most = quantityOf(*limit);
    if (request != most && !isOvercommitAllowed(name))
        refusals.invalid(requests, amount, fmt::format("must be equal to {} limit of {}", name, most.text()));
    else if (request > most)
        refusals.invalid(requests, amount,
                         fmt::format("must be less than or equal to {} limit of {}", name, most.text()));
}

void resources(const Value& node, const FieldPath& path, Refusals& refusals)
{
    const auto* limits = find(node, {"limits"});
    bool hugePages = false;
    bool computes = false;
    for (const auto* list : {"limits", "requests"}) {
        const auto* amounts = find(node, {list});
        if (!amounts || !amounts->is_object())
            continue;
        const auto at = path.child(list);
        for (const auto& amount : amounts->get_object()) {
            const std::string_view name = amount.key();
            checkResourceAmount(name, amount.value(), at.key(name), refusals);
            if (std::string_view(list) == "requests")
                checkRequest(name, amount.value(), limits ? find(*limits, {name}) : nullptr, path, refusals);
            hugePages = hugePages || isHugePages(name);
            computes = computes || name == "cpu" || name == "memory";
        }
    }
    if (hugePages && !computes)
        refusals.forbidden(path, "HugePages require cpu or memory");
}

/// A mount that others on the node see too is for privileged containers.
void checkPropagation(const Value& node, const Value& mount, const FieldPath& path, Refusals& refusals)
{
    const bool both = stringAt(mount, {"mountPropagation"}) == "Bidirectional";
    if (both && !boolAt(node, {"securityContext", "privileged"}))
        refusals.forbidden(path.child("mountPropagation"),
                           "Bidirectional mount propagation is available only to privileged containers");
    const auto recursive = stringAt(mount, {"recursiveReadOnly"});
    if (recursive.empty() || recursive == "Disabled")
        return;
    const auto at = path.child("recursiveReadOnly");
    if (!boolAt(mount, {"readOnly"}))
        refusals.forbidden(at, "may only be specified when readOnly is true");
    if (const auto propagation = stringAt(mount, {"mountPropagation"}); !propagation.empty() && propagation != "None")
        refusals.forbidden(at, "may only be specified when mountPropagation is None or not specified");
}

void checkDevices(const Value& node, const FieldPath& path, Refusals& refusals)
{
    const auto& devices = itemsAt(node, {"volumeDevices"});
    const auto list = path.child("volumeDevices");
    std::set<std::string_view> names;
    std::set<std::string_view> paths;
    for (std::size_t index = 0; index < devices.size(); ++index) {
        const auto at = list.index(index);
        const auto name = stringAt(devices[index], {"name"});
        const auto device = stringAt(devices[index], {"devicePath"});
        const auto& mounts = itemsAt(node, {"volumeMounts"});
        const auto mountsThis = [&](const Value& mount) { return stringAt(mount, {"name"}) == name; };
        const auto mountsThere = [&](const Value& mount) { return stringAt(mount, {"mountPath"}) == device; };
        if (!name.empty() && !names.insert(name).second)
            refusals.invalid(at.child("name"), Value(name), "must be unique");
        if (!name.empty() && std::ranges::any_of(mounts, mountsThis))
            refusals.invalid(at.child("name"), Value(name), "must not already exist in volumeMounts");
        if (!device.empty() && !paths.insert(device).second)
            refusals.invalid(at.child("devicePath"), Value(device), "must be unique");
        if (!device.empty() && std::ranges::any_of(mounts, mountsThere))
            refusals.invalid(at.child("devicePath"), Value(device), "must not already exist as a path in volumeMounts");
    }
}

void volumeMounts(const Value& node, const FieldPath& path, Refusals& refusals)
{
    const auto& mounts = itemsAt(node, {"volumeMounts"});
    const auto list = path.child("volumeMounts");
    std::set<std::string_view> paths;
    for (std::size_t index = 0; index < mounts.size(); ++index) {
        const auto at = list.index(index);
        const auto mountPath = stringAt(mounts[index], {"mountPath"});
        if (!mountPath.empty() && !paths.insert(mountPath).second)
            refusals.invalid(at.child("mountPath"), Value(mountPath), "must be unique");
        for (const auto* member : {"subPath", "subPathExpr"}) {
            const auto within = stringAt(mounts[index], {member});
            if (within.starts_with('/'))
                refusals.invalid(at.child(member), Value(within), "must be a relative path");
            if (("/" + std::string(within) + "/").find("/../") != std::string::npos)
                refusals.invalid(at.child(member), Value(within), "must not contain '..'");
        }
        checkPropagation(node, mounts[index], at, refusals);
        if (!stringAt(mounts[index], {"subPath"}).empty() && !stringAt(mounts[index], {"subPathExpr"}).empty())
            refusals.invalid(at.child("subPathExpr"), *find(mounts[index], {"subPathExpr"}),
                             "subPathExpr and subPath are mutually exclusive");
    }
}

void container(const Value& node, const FieldPath& path, Refusals& refusals)
{
    if (const auto name = stringAt(node, {"name"}); !name.empty())
        refuse(wrongDnsLabel(name), path.child("name"), Value(name), refusals);
    const auto image = stringAt(node, {"image"});
    if (image.empty())
        refusals.required(path.child("image"));
    else if (image.front() == ' ' || image.back() == ' ')
        refusals.invalid(path.child("image"), Value(image), "must not have leading or trailing whitespace");
    std::set<std::string_view> names;
    const auto& ports = itemsAt(node, {"ports"});
    const auto list = path.child("ports");
    for (std::size_t index = 0; index < ports.size(); ++index) {
        const auto at = list.index(index);
        if (const auto name = stringAt(ports[index], {"name"}); !name.empty() && !names.insert(name).second)
            refusals.duplicate(at.child("name"), Value(name));
    }
    volumeMounts(node, path, refusals);
    checkDevices(node, path, refusals);
    if (has(node, "readinessProbe") && find(node, {"readinessProbe", "terminationGracePeriodSeconds"})) {
        const auto at = path.child("readinessProbe");
        refusals.invalid(at.child("terminationGracePeriodSeconds"),
                         node.at("readinessProbe").at("terminationGracePeriodSeconds"),
                         "must not be set for readinessProbes");
    }
    for (const auto* name : {"livenessProbe", "startupProbe"}) {
        const auto at = path.child(name);
        if (const auto threshold = integerAt(node, {name, "successThreshold"}, 1); threshold > 1)
            refusals.invalid(at.child("successThreshold"), threshold, "must be 1");
    }
}

constexpr std::array table{
    Rule{"container", container}, Rule{"containerPort", containerPort}, Rule{"lifecycleHandler", lifecycleHandler},
    Rule{"probe", probe},         Rule{"resources", resources},
};

} // namespace

std::span<const Rule> containerRules()
{
    return table;
}

} // namespace keelson::api
