// SPDX-License-Identifier: Apache-2.0
#include "pods/pod_objects.h"

#include <fmt/format.h>

#include <algorithm>

namespace keelson::pods {
namespace {

/// The KEY of "PREFIX['KEY']", or nothing.
std::optional<std::string> subscript(std::string_view path, std::string_view prefix)
{
    if (!path.starts_with(prefix) || !path.substr(prefix.size()).starts_with("['") || !path.ends_with("']"))
        return std::nullopt;
    return std::string(path.substr(prefix.size() + 2, path.size() - prefix.size() - 4));
}

std::string lookUp(const std::map<std::string, std::string, std::less<>>& map, const std::string& key)
{
    const auto found = map.find(key);
    return found == map.end() ? std::string() : found->second;
}

const api::Container* findContainer(const api::Pod& pod, std::string_view name)
{
    for (const auto* list : {&pod.spec.containers, &pod.spec.initContainers}) {
        const auto found = std::ranges::find(*list, name, &api::Container::name);
        if (found != list->end())
            return &*found;
    }
    return nullptr;
}

std::int64_t dividedUp(std::int64_t amount, std::int64_t divisor)
{
    return divisor <= 0 ? amount : (amount + divisor - 1) / divisor;
}

} // namespace

std::set<TokenSpec> wantedTokens(const api::Pod& pod)
{
    std::set<TokenSpec> wanted;
    for (const auto& volume : pod.spec.volumes) {
        if (!volume.projected)
            continue;
        for (const auto& source : volume.projected->sources) {
            if (source.serviceAccountToken)
                wanted.insert(tokenSpec(*source.serviceAccountToken));
        }
    }
    return wanted;
}

TokenSpec tokenSpec(const api::ServiceAccountTokenProjection& source)
{
    constexpr std::int64_t secondsDefault = 3600;
    return {.audience = source.audience, .expirationSeconds = source.expirationSeconds.value_or(secondsDefault)};
}

std::string mapText(const std::map<std::string, std::string, std::less<>>& map)
{
    std::string text;
    for (const auto& [key, value] : map) {
        std::string escaped;
        for (const char each : value) {
            if (each == '"' || each == '\\')
                escaped += '\\';
            if (each == '\n')
                escaped += "\\n";
            else
                escaped += each;
        }
        text += fmt::format("{}{}=\"{}\"", text.empty() ? "" : "\n", key, escaped);
    }
    return text;
}

Result<std::string> fieldValue(const api::Pod& pod, std::string_view path, const PodFacts& facts)
{
    if (const auto key = subscript(path, "metadata.labels"))
        return lookUp(pod.metadata.labels, *key);
    if (const auto key = subscript(path, "metadata.annotations"))
        return lookUp(pod.metadata.annotations, *key);
    const std::map<std::string_view, std::string> fields{
        {"metadata.name", pod.metadata.name},
        {"metadata.namespace", pod.metadata.namespace_},
        {"metadata.uid", pod.metadata.uid},
        {"metadata.labels", mapText(pod.metadata.labels)},
        {"metadata.annotations", mapText(pod.metadata.annotations)},
        {"spec.nodeName", facts.nodeName},
        {"spec.serviceAccountName", pod.spec.serviceAccountName},
        {"status.hostIP", facts.hostIp},
        {"status.hostIPs", facts.hostIp},
        {"status.podIP", facts.podIp},
        {"status.podIPs", facts.podIp},
    };
    const auto found = fields.find(path);
    if (found == fields.end())
        return fail(Reason::Invalid, fmt::format("field label not supported: {}", path));
    return found->second;
}

Result<std::string> resourceValue(const api::Pod& pod, std::string_view container,
                                  const api::ResourceFieldSelector& selector, const PodFacts& facts)
{
    const auto name = selector.containerName.empty() ? container : std::string_view(selector.containerName);
    const auto* found = findContainer(pod, name);
    if (found == nullptr)
        return fail(Reason::Invalid, fmt::format("container {} not found", name));
    const bool isLimit = selector.resource.starts_with("limits.");
    if (!isLimit && !selector.resource.starts_with("requests."))
        return fail(Reason::Invalid, fmt::format("unsupported container resource: {}", selector.resource));
    const auto resource = selector.resource.substr(selector.resource.find('.') + 1);
    const auto& amounts = isLimit ? found->resources.limits : found->resources.requests;
    const auto amount = amounts.find(resource);
    const bool divided = !selector.divisor.isZero();
    if (resource == "cpu") {
        const auto milli = amount != amounts.end() ? amount->second.milli() : isLimit ? facts.nodeCpuMilli : 0;
        return std::to_string(dividedUp(milli, divided ? selector.divisor.milli() : 1000));
    }
    const auto units = amount != amounts.end()           ? amount->second.units()
                       : isLimit && resource == "memory" ? facts.nodeMemoryBytes
                                                         : 0;
    return std::to_string(dividedUp(units, divided ? selector.divisor.units() : 1));
}

} // namespace keelson::pods
