// SPDX-License-Identifier: Apache-2.0
#include "pods/environment.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace keelson::pods {
namespace {

using Data = std::map<std::string, std::string, std::less<>>;

std::string variableName(std::string name)
{
    std::ranges::transform(name, name.begin(), [](unsigned char c) {
        return c == '-' || c == '.' ? '_' : static_cast<char>(std::toupper(c));
    });
    return name;
}

void set(Environment& environment, const std::string& name, std::string value)
{
    const auto found = std::ranges::find(environment, name, &std::pair<std::string, std::string>::first);
    if (found != environment.end())
        found->second = std::move(value);
    else
        environment.emplace_back(name, std::move(value));
}

void addService(Environment& environment, const api::Service& service)
{
    const auto& address = service.spec.clusterIP;
    if (address.empty() || address == "None" || service.spec.ports.empty())
        return;
    const auto prefix = variableName(service.metadata.name);
    const auto& first = service.spec.ports.front();
    set(environment, prefix + "_SERVICE_HOST", address);
    set(environment, prefix + "_SERVICE_PORT", std::to_string(first.port));
    for (const auto& port : service.spec.ports) {
        if (!port.name.empty())
            set(environment, fmt::format("{}_SERVICE_PORT_{}", prefix, variableName(port.name)),
                std::to_string(port.port));
    }
    const auto scheme = [](const api::ServicePort& port) {
        std::string protocol = port.protocol.empty() ? "tcp" : port.protocol;
        std::ranges::transform(protocol, protocol.begin(), [](unsigned char c) { return std::tolower(c); });
        return protocol;
    };
    set(environment, prefix + "_PORT", fmt::format("{}://{}:{}", scheme(first), address, first.port));
    for (const auto& port : service.spec.ports) {
        const auto full = fmt::format("{}_PORT_{}_{}", prefix, port.port, variableName(scheme(port)));
        set(environment, full, fmt::format("{}://{}:{}", scheme(port), address, port.port));
        set(environment, full + "_PROTO", scheme(port));
        set(environment, full + "_PORT", std::to_string(port.port));
        set(environment, full + "_ADDR", address);
    }
}

/// The data of a ConfigMap or Secret; null when it is absent and may be.
template <typename Pointer>
Result<const Data*> dataOf(const std::map<std::string, Pointer, std::less<>>& objects, const std::string& name,
                           std::string_view kind, bool optional)
{
    const auto found = objects.find(name);
    if (found != objects.end())
        return &found->second->data;
    if (optional)
        return nullptr;
    return fail(Reason::NotFound, fmt::format("{} \"{}\" not found", kind, name));
}

Result<std::optional<std::string>> keyOf(const Data* data, const std::string& key, bool optional, std::string_view kind,
                                         const std::string& where)
{
    if (data != nullptr) {
        if (const auto found = data->find(key); found != data->end())
            return found->second;
        if (!optional)
            return fail(Reason::NotFound, fmt::format("couldn't find key {} in {} {}", key, kind, where));
    }
    return std::nullopt;
}

struct Sources {
    const api::Pod& pod;
    const api::Container& container;
    const PodObjects& objects;
    const PodFacts& facts;
};

Result<std::optional<std::string>> valueFrom(const Sources& from, const api::EnvVarSource& source)
{
    if (source.fieldRef) {
        TRY_ASSIGN(auto value, fieldValue(from.pod, source.fieldRef->fieldPath, from.facts));
        return value;
    }
    if (source.resourceFieldRef) {
        TRY_ASSIGN(auto value, resourceValue(from.pod, from.container.name, *source.resourceFieldRef, from.facts));
        return value;
    }
    if (source.configMapKeyRef) {
        const auto& key = *source.configMapKeyRef;
        const bool optional = key.optional.value_or(false);
        TRY_ASSIGN(const auto* const data, dataOf(from.objects.configMaps, key.name, "configmap", optional));
        return keyOf(data, key.key, optional, "ConfigMap", from.pod.metadata.namespace_ + "/" + key.name);
    }
    if (source.secretKeyRef) {
        const auto& key = *source.secretKeyRef;
        const bool optional = key.optional.value_or(false);
        TRY_ASSIGN(const auto* const data, dataOf(from.objects.secrets, key.name, "secret", optional));
        return keyOf(data, key.key, optional, "Secret", from.pod.metadata.namespace_ + "/" + key.name);
    }
    return std::nullopt;
}

Result<Done> addAll(Environment& environment, const Sources& from, const api::EnvFromSource& source)
{
    const Data* data = nullptr;
    if (source.configMapRef) {
        TRY_ASSIGN(data, dataOf(from.objects.configMaps, source.configMapRef->name, "configmap",
                                source.configMapRef->optional.value_or(false)));
    } else if (source.secretRef) {
        TRY_ASSIGN(data, dataOf(from.objects.secrets, source.secretRef->name, "secret",
                                source.secretRef->optional.value_or(false)));
    }
    if (data != nullptr) {
        for (const auto& [key, value] : *data)
            set(environment, source.prefix + key, value);
    }
    return Done{};
}

} // namespace

std::string expand(std::string_view text, const Environment& known)
{
    std::string expanded;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '$' || i + 1 == text.size()) {
            expanded += text[i];
            continue;
        }
        if (text[i + 1] == '$') {
            expanded += '$';
            ++i;
            continue;
        }
        const auto end = text[i + 1] == '(' ? text.find(')', i) : std::string_view::npos;
        if (end == std::string_view::npos) {
            expanded += '$';
            continue;
        }
        const auto name = text.substr(i + 2, end - i - 2);
        const auto found = std::ranges::find(known, name, &std::pair<std::string, std::string>::first);
        expanded += found != known.end() ? std::string_view(found->second) : text.substr(i, end + 1 - i);
        i = end;
    }
    return expanded;
}

Environment serviceEnvironment(const api::Pod& pod, const PodObjects& objects)
{
    Environment environment;
    for (const auto& service : objects.services) {
        const bool master = service->metadata.namespace_ == "default" && service->metadata.name == "kubernetes";
        const bool linked =
            service->metadata.namespace_ == pod.metadata.namespace_ && pod.spec.enableServiceLinks.value_or(true);
        if (master || linked)
            addService(environment, *service);
    }
    return environment;
}

Result<Environment> containerEnvironment(const api::Pod& pod, const api::Container& container,
                                         const PodObjects& objects, const PodFacts& facts)
{
    const Sources from{pod, container, objects, facts};
    auto environment = serviceEnvironment(pod, objects);
    for (const auto& source : container.envFrom)
        TRY_OK(addAll(environment, from, source));
    for (const auto& variable : container.env) {
        if (!variable.valueFrom) {
            set(environment, variable.name, expand(variable.value, environment));
            continue;
        }
        TRY_ASSIGN(auto value, valueFrom(from, *variable.valueFrom));
        if (value)
            set(environment, variable.name, *std::move(value));
    }
    return environment;
}

} // namespace keelson::pods
