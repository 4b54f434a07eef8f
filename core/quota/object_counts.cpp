// SPDX-License-Identifier: Apache-2.0
// Source: Kubernetes, "Resource Quotas", and the evaluators of its quota plugin.
#include "quota/object_counts.h"

#include "api/catalog.h"
#include "api/codec.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <set>

namespace keelson::quota {
namespace {

constexpr std::string_view countPrefix = "count/";
constexpr std::string_view requestsPrefix = "requests.";
constexpr std::string_view limitsPrefix = "limits.";
constexpr std::string_view hugePages = "hugepages-";
constexpr std::string_view classSuffix = ".storageclass.storage.k8s.io/";

const api::Quantity one = api::Quantity::fromUnits(1);

/// Core kinds whose number has a name without "count/".
bool hasPlainCount(const api::Kind& kind)
{
    constexpr std::array names{"Pod",    "Service",   "ReplicationController", "ResourceQuota",
                               "Secret", "ConfigMap", "PersistentVolumeClaim"};
    return kind.groupVersion.group.empty() && std::ranges::find(names, kind.kind) != names.end();
}

/// Resources that quotas name without "requests." too.
bool hasPlainName(std::string_view resource)
{
    return resource == "cpu" || resource == "memory" || resource == "ephemeral-storage" ||
           resource.starts_with(hugePages);
}

/// A resource that some device plugin offers: "example.com/gpu".
bool isExtended(std::string_view resource)
{
    return resource.contains('/') && !resource.contains("kubernetes.io/");
}

/// The names under which quotas limit what a container or a pod asks for.
Amounts computeAmounts(const Amounts& requests, const Amounts& limits)
{
    Amounts amounts;
    for (const auto& [resource, amount] : requests) {
        if (hasPlainName(resource))
            amounts[resource] = amount;
        if (hasPlainName(resource) || isExtended(resource))
            amounts[std::string(requestsPrefix) + resource] = amount;
    }
    for (const auto& [resource, amount] : limits) {
        if (hasPlainName(resource) && !resource.starts_with(hugePages))
            amounts[std::string(limitsPrefix) + resource] = amount;
    }
    return amounts;
}

bool isBestEffort(const api::PodSpec& spec)
{
    const auto asks = [](const api::Container& container) {
        return std::ranges::any_of(std::array{"cpu", "memory"}, [&](const char* resource) {
            const auto positive = [&](const Amounts& amounts) {
                const auto found = amounts.find(std::string_view(resource));
                return found != amounts.end() && !found->second.isZero();
            };
            return positive(container.resources.requests) || positive(container.resources.limits);
        });
    };
    return std::ranges::none_of(spec.containers, asks) && std::ranges::none_of(spec.initContainers, asks);
}

bool crossesNamespaces(const api::PodAffinityTerm& term)
{
    return !term.namespaces.empty() || term.namespaceSelector;
}

template <typename Affinity>
bool crossesNamespaces(const api::Boxed<Affinity>& affinity)
{
    return affinity && (std::ranges::any_of(affinity->requiredDuringSchedulingIgnoredDuringExecution,
                                            [](const auto& term) { return crossesNamespaces(term); }) ||
                        std::ranges::any_of(affinity->preferredDuringSchedulingIgnoredDuringExecution,
                                            [](const auto& each) { return crossesNamespaces(each.podAffinityTerm); }));
}

PodTraits traitsOf(const api::PodSpec& spec)
{
    return {.terminating = spec.activeDeadlineSeconds && *spec.activeDeadlineSeconds >= 0,
            .bestEffort = isBestEffort(spec),
            .crossNamespaceAffinity = spec.affinity && (crossesNamespaces(spec.affinity->podAffinity) ||
                                                        crossesNamespaces(spec.affinity->podAntiAffinity)),
            .priorityClass = spec.priorityClassName};
}

bool isInClass(const api::ScopedResourceSelectorRequirement& requirement, const std::string& priorityClass)
{
    const bool named = std::ranges::find(requirement.values, priorityClass) != requirement.values.end();
    if (requirement.operator_ == "Exists")
        return !priorityClass.empty();
    if (requirement.operator_ == "DoesNotExist")
        return priorityClass.empty();
    if (requirement.operator_ == "NotIn")
        return !named;
    return requirement.operator_ == "In" && !priorityClass.empty() && named;
}

bool isInScope(const api::ScopedResourceSelectorRequirement& requirement, const PodTraits& pod)
{
    const auto& scope = requirement.scopeName;
    if (scope == "Terminating")
        return pod.terminating;
    if (scope == "NotTerminating")
        return !pod.terminating;
    if (scope == "BestEffort")
        return pod.bestEffort;
    if (scope == "NotBestEffort")
        return !pod.bestEffort;
    if (scope == "CrossNamespacePodAffinity")
        return pod.crossNamespaceAffinity;
    return scope == "PriorityClass" && isInClass(requirement, pod.priorityClass);
}

/// Scopes are about pods: what is none is in no scope.
bool takes(const api::ResourceQuotaSpec& quota, const std::optional<PodTraits>& pod)
{
    const auto in = [&](const api::ScopedResourceSelectorRequirement& requirement) {
        return pod && isInScope(requirement, *pod);
    };
    const auto exists = [&](const std::string& scope) {
        api::ScopedResourceSelectorRequirement requirement;
        requirement.scopeName = scope;
        requirement.operator_ = "Exists";
        return in(requirement);
    };
    return std::ranges::all_of(quota.scopes, exists) &&
           (!quota.scopeSelector || std::ranges::all_of(quota.scopeSelector->matchExpressions, in));
}

template <typename T>
Result<Counted> countedAs(const api::Value& object)
{
    TRY_ASSIGN(const auto typed, api::fromJson<T>(object));
    return countedOf(typed);
}

} // namespace

std::string countName(const api::Kind& kind)
{
    return std::string(countPrefix) + kind.resourceName();
}

bool hasAmounts(const api::Kind& kind)
{
    return kind.groupVersion.group.empty() &&
           (kind.kind == "Pod" || kind.kind == "Service" || kind.kind == "PersistentVolumeClaim");
}

Counted countedByKind(const api::Kind& kind)
{
    Counted counted;
    counted.amounts[countName(kind)] = one;
    if (hasPlainCount(kind))
        counted.amounts[kind.plural] = one;
    return counted;
}

Counted countedOf(const api::Pod& pod)
{
    auto counted = countedByKind(api::kindOf<api::Pod>());
    counted.pod = traitsOf(pod.spec);
    if (pod.status.phase == "Succeeded" || pod.status.phase == "Failed") {
        counted.amounts.erase("pods");
        return counted;
    }
    const auto amounts = podAmounts(pod.spec);
    counted.amounts.merge(computeAmounts(amounts.requests, amounts.limits));
    return counted;
}

Counted countedOf(const api::Service& service)
{
    auto counted = countedByKind(api::kindOf<api::Service>());
    const auto& spec = service.spec;
    auto ports = static_cast<std::int64_t>(spec.ports.size());
    if (spec.type == "LoadBalancer") {
        counted.amounts["services.loadbalancers"] = one;
        if (!spec.allocateLoadBalancerNodePorts.value_or(true))
            ports = std::ranges::count_if(spec.ports, [](const auto& port) { return port.nodePort != 0; });
    }
    if (spec.type == "LoadBalancer" || spec.type == "NodePort")
        counted.amounts["services.nodeports"] = api::Quantity::fromUnits(ports);
    return counted;
}

Counted countedOf(const api::PersistentVolumeClaim& claim)
{
    auto counted = countedByKind(api::kindOf<api::PersistentVolumeClaim>());
    auto storageClass = claim.spec.storageClassName.value_or("");
    if (const auto old = claim.metadata.annotations.find("volume.beta.kubernetes.io/storage-class");
        old != claim.metadata.annotations.end())
        storageClass = old->second;
    const auto ofClass = storageClass + std::string(classSuffix);
    if (!storageClass.empty())
        counted.amounts[ofClass + "persistentvolumeclaims"] = one;
    const auto storage = claim.spec.resources.requests.find("storage");
    if (storage == claim.spec.resources.requests.end())
        return counted;
    counted.amounts["requests.storage"] = storage->second;
    if (!storageClass.empty())
        counted.amounts[ofClass + "requests.storage"] = storage->second;
    return counted;
}

Result<Counted> countedOf(const api::Kind& kind, const api::Value& object)
{
    if (!hasAmounts(kind))
        return countedByKind(kind);
    if (kind.kind == "Pod")
        return countedAs<api::Pod>(object);
    return kind.kind == "Service" ? countedAs<api::Service>(object) : countedAs<api::PersistentVolumeClaim>(object);
}

bool concerns(const Amounts& hard, const api::Kind& kind)
{
    const auto count = countName(kind);
    const auto concerned = [&](const std::string& name) {
        if (name == count || (hasPlainCount(kind) && name == kind.plural))
            return true;
        if (!hasAmounts(kind) || name.starts_with(countPrefix))
            return false;
        const bool storage = name.ends_with("requests.storage") || name.contains(classSuffix);
        if (kind.kind == "PersistentVolumeClaim")
            return storage;
        if (kind.kind == "Service")
            return name.starts_with("services.");
        return !storage && (hasPlainName(name) || name.starts_with(requestsPrefix) || name.starts_with(limitsPrefix));
    };
    return std::ranges::any_of(hard, [&](const auto& limit) { return concerned(limit.first); });
}

Amounts shareOf(const api::ResourceQuotaSpec& quota, const Counted& counted)
{
    Amounts share;
    if (!takes(quota, counted.pod))
        return share;
    for (const auto& [name, amount] : counted.amounts) {
        if (quota.hard.contains(name))
            share.emplace(name, amount);
    }
    return share;
}

std::string unspecified(const api::ResourceQuotaSpec& quota, const api::Pod& pod)
{
    constexpr std::array<std::string_view, 6> demanded{"cpu",    "limits.cpu",   "limits.memory",
                                                       "memory", "requests.cpu", "requests.memory"};
    if (!takes(quota, traitsOf(pod.spec)))
        return {};
    std::string text;
    for (const auto resource : demanded) {
        if (!quota.hard.contains(resource))
            continue;
        std::set<std::string> silent;
        for (const auto* const containers : {&pod.spec.containers, &pod.spec.initContainers}) {
            for (const auto& container : *containers) {
                if (!computeAmounts(container.resources.requests, container.resources.limits).contains(resource))
                    silent.insert(container.name);
            }
        }
        if (!silent.empty())
            text += fmt::format("{}{} for: {}", text.empty() ? "" : "; ", resource, fmt::join(silent, ","));
    }
    return text;
}

} // namespace keelson::quota
