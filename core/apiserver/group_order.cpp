// SPDX-License-Identifier: Apache-2.0
#include "apiserver/group_order.h"

#include "api/catalog.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

namespace keelson::apiserver {
namespace {

struct Priorities {
    int group;
    int version;
};

Priorities ownPriorities(std::string_view group)
{
    constexpr int builtInVersion = 15;
    constexpr Priorities custom{1000, 100};
    constexpr std::array<std::pair<std::string_view, int>, 20> builtIn{
        {{"", std::numeric_limits<int>::max()},
         {"apiregistration.k8s.io", std::numeric_limits<int>::max()}, // Before all others, whatever they ask for.
         {"apps", 17800},
         {"events.k8s.io", 17750},
         {"authentication.k8s.io", 17700},
         {"authorization.k8s.io", 17600},
         {"autoscaling", 17500},
         {"batch", 17400},
         {"certificates.k8s.io", 17300},
         {"networking.k8s.io", 17200},
         {"policy", 17100},
         {"rbac.authorization.k8s.io", 17000},
         {"storage.k8s.io", 16800},
         {"admissionregistration.k8s.io", 16700},
         {"apiextensions.k8s.io", 16700},
         {"scheduling.k8s.io", 16600},
         {"coordination.k8s.io", 16500},
         {"node.k8s.io", 16300},
         {"discovery.k8s.io", 16200},
         {"flowcontrol.apiserver.k8s.io", 16100}}};
    const auto* found = std::ranges::find(builtIn, group, &std::pair<std::string_view, int>::first);
    return found == builtIn.end() ? custom : Priorities{found->second, builtInVersion};
}

template <typename Map, typename Key>
int priorityIn(const Map& priorities, const Key& key)
{
    const auto found = priorities.find(key);
    return found == priorities.end() ? 0 : found->second;
}

} // namespace

void GroupOrder::add(const api::GroupVersion& groupVersion, int groupPriority, int versionPriority)
{
    auto& group = m_groups[groupVersion.group];
    group = std::max(group, groupPriority);
    m_versions[groupVersion] = versionPriority;
}

void GroupOrder::addOwn(const api::GroupVersion& groupVersion)
{
    const auto [group, version] = ownPriorities(groupVersion.group);
    add(groupVersion, group, version);
}

bool GroupOrder::groupComesFirst(std::string_view left, std::string_view right) const
{
    const auto leftPriority = priorityIn(m_groups, left);
    const auto rightPriority = priorityIn(m_groups, right);
    return leftPriority != rightPriority ? leftPriority > rightPriority : left < right;
}

bool GroupOrder::versionComesFirst(const api::GroupVersion& left, const api::GroupVersion& right) const
{
    const auto leftPriority = priorityIn(m_versions, left);
    const auto rightPriority = priorityIn(m_versions, right);
    return leftPriority != rightPriority ? leftPriority > rightPriority
                                         : api::Catalog::isNewer(left.version, right.version);
}

} // namespace keelson::apiserver
