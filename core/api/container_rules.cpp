// SPDX-License-Identifier: Apache-2.0
#include "api/name_forms.h"
#include "api/quantity.h"
#include "api/rules.h"

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
    if (const auto* port = find(node, {"containerPort"}))
        refuse(wrongPort(integerAt(node, {"containerPort"})), path.child("containerPort"), *port, refusals);
    if (const auto port = integerAt(node, {"hostPort"}); port != 0)
        refuse(wrongPort(port), path.child("hostPort"), port, refusals);
    if (const auto name = stringAt(node, {"name"}); !name.empty())
        refuse(wrongPortName(name), path.child("name"), Value(name), refusals);
    if (const auto ip = stringAt(node, {"hostIP"}); !ip.empty())
        refuse(wrongIp(ip), path.child("hostIP"), Value(ip), refusals);
}

void envVar(const Value& node, const FieldPath& path, Refusals& refusals)
{
    if (const auto name = stringAt(node, {"name"}); !name.empty())
        refuse(wrongEnvName(name), path.child("name"), Value(name), refusals);
    const auto* source = find(node, {"valueFrom"});
    if (!source || source->is_null())
        return;
    constexpr std::array<std::string_view, 4> sources{"fieldRef", "resourceFieldRef", "configMapKeyRef",
                                                      "secretKeyRef"};
    const auto found = present(*source, sources);
    const auto at = path.child("valueFrom");
    if (!stringAt(node, {"value"}).empty())
        refusals.invalid(at, Value(""), "may not be specified when `value` is not empty");
    if (found.empty())
        refusals.invalid(at, Value(""),
                         "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`");
    if (found.size() > 1)
        refusals.invalid(at, Value(""), "may not have more than one field specified at a time");
    for (const auto reference : {"configMapKeyRef", "secretKeyRef"}) {
        if (!has(*source, reference))
            continue;
        const auto part = at.child(reference);
        if (stringAt(*source, {reference, "name"}).empty())
            refusals.required(part.child("name"));
        if (const auto key = stringAt(*source, {reference, "key"}); !key.empty())
            refuse(wrongConfigKey(key), part.child("key"), Value(key), refusals);
    }
}

void envFromSource(const Value& node, const FieldPath& path, Refusals& refusals)
{
    constexpr std::array<std::string_view, 2> sources{"configMapRef", "secretRef"};
    const auto found = present(node, sources);
    if (found.empty())
        refusals.invalid(path, Value(""), "must specify one of: `configMapRef` or `secretRef`");
    if (found.size() > 1)
        refusals.invalid(path, Value(""), "may not have more than one field specified at a time");
    for (const auto source : found) {
        const auto at = path.child(source);
        if (stringAt(node, {source, "name"}).empty())
            refusals.required(at.child("name"));
    }
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

void resources(const Value& node, const FieldPath& path, Refusals& refusals)
{
    const auto* limits = find(node, {"limits"});
    for (const auto* list : {"limits", "requests"}) {
        const auto* amounts = find(node, {list});
        if (!amounts || !amounts->is_object())
            continue;
        const auto at = path.child(list);
        for (const auto& amount : amounts->get_object()) {
            const std::string_view name = amount.key();
            const auto here = at.key(name);
            const auto quantity = quantityOf(amount.value());
            refuse(wrongQualifiedName(name), here, Value(name), refusals);
            if (quantity.isNegative())
                refusals.invalid(here, amount.value(), "must be greater than or equal to 0");
            const auto* limit = limits && std::string_view(list) == "requests" ? find(*limits, {name}) : nullptr;
            if (limit && quantity > quantityOf(*limit))
                refusals.invalid(here, amount.value(),
                                 "must be less than or equal to " + std::string(name) + " limit of " +
                                     quantityOf(*limit).text());
        }
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
        const auto subPath = stringAt(mounts[index], {"subPath"});
        if (subPath.starts_with('/'))
            refusals.invalid(at.child("subPath"), Value(subPath), "must be a relative path");
        if (subPath == ".." || subPath.starts_with("../") || subPath.find("/../") != subPath.npos ||
            subPath.ends_with("/.."))
            refusals.invalid(at.child("subPath"), Value(subPath), "must not contain '..'");
        if (!subPath.empty() && !stringAt(mounts[index], {"subPathExpr"}).empty())
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
    for (const auto* name : {"livenessProbe", "startupProbe"}) {
        const auto at = path.child(name);
        if (const auto threshold = integerAt(node, {name, "successThreshold"}, 1); threshold > 1)
            refusals.invalid(at.child("successThreshold"), threshold, "must be 1");
    }
}

constexpr std::array table{
    Rule{"container", container}, Rule{"containerPort", containerPort},       Rule{"envFromSource", envFromSource},
    Rule{"envVar", envVar},       Rule{"lifecycleHandler", lifecycleHandler}, Rule{"probe", probe},
    Rule{"resources", resources},
};

} // namespace

std::span<const Rule> containerRules()
{
    return table;
}

} // namespace keelson::api
