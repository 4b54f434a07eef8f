// SPDX-License-Identifier: Apache-2.0
#include "controllers/api_service_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace keelson::controllers {
namespace {

struct Rank {
    std::string_view group;
    std::string_view version;
    std::int32_t ofGroup = 0;
    std::int32_t ofVersion = 0;
};

/// Source: the ranks that Kubernetes 1.32 gives its own groups.
constexpr std::array<Rank, 20> ranks{{{"", "v1", 18000, 1},
                                      {"apps", "v1", 17800, 15},
                                      {"events.k8s.io", "v1", 17750, 15},
                                      {"authentication.k8s.io", "v1", 17700, 15},
                                      {"authorization.k8s.io", "v1", 17600, 15},
                                      {"autoscaling", "v1", 17500, 15},
                                      {"autoscaling", "v2", 17500, 30},
                                      {"batch", "v1", 17400, 15},
                                      {"certificates.k8s.io", "v1", 17300, 15},
                                      {"networking.k8s.io", "v1", 17200, 15},
                                      {"policy", "v1", 17100, 15},
                                      {"rbac.authorization.k8s.io", "v1", 17000, 15},
                                      {"storage.k8s.io", "v1", 16800, 15},
                                      {"apiextensions.k8s.io", "v1", 16700, 15},
                                      {"admissionregistration.k8s.io", "v1", 16700, 15},
                                      {"scheduling.k8s.io", "v1", 16600, 15},
                                      {"coordination.k8s.io", "v1", 16500, 15},
                                      {"node.k8s.io", "v1", 16300, 15},
                                      {"discovery.k8s.io", "v1", 16200, 15},
                                      {"flowcontrol.apiserver.k8s.io", "v1", 16100, 21}}};
constexpr Rank unranked{{}, {}, 1000, 100}; ///< Of custom kinds.

/// Nothing of the group of APIServices: who could not reach it could not read these either.
constexpr std::string_view ownGroup = "apiregistration.k8s.io";

/// Groups without a stored kind: questions that are answered at once.
bool isQuestion(std::string_view group)
{
    return group == "authentication.k8s.io" || group == "authorization.k8s.io";
}

std::string nameOf(const api::GroupVersion& groupVersion)
{
    return fmt::format("{}.{}", groupVersion.version, groupVersion.group);
}

std::vector<api::GroupVersion> localGroupVersions(const api::Catalog& catalog)
{
    std::vector<api::GroupVersion> found;
    for (const auto& groupVersion : catalog.groupVersions()) {
        if (groupVersion.group != ownGroup)
            found.push_back(groupVersion);
    }
    for (const auto& rank : ranks) {
        api::GroupVersion groupVersion{std::string(rank.group), std::string(rank.version)};
        if (isQuestion(rank.group) && std::ranges::find(found, groupVersion) == found.end())
            found.push_back(std::move(groupVersion));
    }
    return found;
}

bool isCustom(const api::Catalog& catalog, const api::GroupVersion& groupVersion)
{
    return std::ranges::any_of(
        catalog.kinds(), [&](const api::Kind* kind) { return kind->custom && kind->groupVersion == groupVersion; });
}

} // namespace

std::vector<std::string> localApiServiceNames(const api::Catalog& catalog)
{
    std::vector<std::string> names;
    for (const auto& groupVersion : localGroupVersions(catalog))
        names.push_back(nameOf(groupVersion));
    return names;
}

std::optional<api::Value> localApiService(const api::Catalog& catalog, std::string_view name)
{
    const auto local = localGroupVersions(catalog);
    const auto found = std::ranges::find(local, name, nameOf);
    if (found == local.end())
        return std::nullopt;
    const auto rank = std::ranges::find_if(
        ranks, [&](const Rank& each) { return each.group == found->group && each.version == found->version; });
    const auto& [group, version, ofGroup, ofVersion] = rank == ranks.end() ? unranked : *rank;
    const auto* const managed = isCustom(catalog, *found) ? "true" : "onstart";
    return api::Object{{"apiVersion", "apiregistration.k8s.io/v1"},
                       {"kind", "APIService"},
                       {"metadata", api::Object{{"name", name}, {"labels", api::Object{{managedLabel, managed}}}}},
                       {"spec", api::Object{{"group", found->group},
                                            {"version", found->version},
                                            {"groupPriorityMinimum", ofGroup},
                                            {"versionPriority", ofVersion}}}};
}

bool isLeftOver(const api::APIService& service, const api::Catalog& catalog)
{
    const auto label = service.metadata.labels.find(std::string(managedLabel));
    return !service.spec.service && label != service.metadata.labels.end() && label->second == "true" &&
           !localApiService(catalog, service.metadata.name);
}

client::ApiAvailability localAvailability()
{
    return {true, "Local", "Local APIServices are always available"};
}

api::APIServiceStatus withAvailability(api::APIServiceStatus status, const client::ApiAvailability& found, WallTime now)
{
    constexpr std::string_view type = "Available";
    auto condition = std::ranges::find(status.conditions, type, &api::APIServiceCondition::type);
    if (condition == status.conditions.end())
        condition = status.conditions.insert(condition, {.type = std::string(type)});
    const std::string word = found.available ? "True" : "False";
    if (condition->status != word)
        condition->lastTransitionTime = std::chrono::floor<std::chrono::seconds>(now);
    condition->status = word;
    condition->reason = found.reason;
    condition->message = found.message;
    return status;
}

} // namespace keelson::controllers
