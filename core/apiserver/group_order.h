// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/kind.h"

#include <map>
#include <string>
#include <string_view>

namespace keelson::apiserver {

/// In which order discovery shows groups and the versions of a group, and so which of them clients prefer: higher
/// priorities first, then groups by name and versions by age. Source: Kubernetes, APIServiceSpec.
class GroupOrder {
public:
    /// Of a group version of another server, as its APIService has it. A group has the highest priority of its
    /// versions.
    void add(const api::GroupVersion& groupVersion, int groupPriority, int versionPriority);
    /// Of one of our own: those that Kubernetes gives its groups, and those of custom kinds.
    void addOwn(const api::GroupVersion& groupVersion);

    bool groupComesFirst(std::string_view left, std::string_view right) const;
    /// Of two versions of the same group.
    bool versionComesFirst(const api::GroupVersion& left, const api::GroupVersion& right) const;

private:
    std::map<std::string, int, std::less<>> m_groups;
    std::map<api::GroupVersion, int> m_versions;
};

} // namespace keelson::apiserver
