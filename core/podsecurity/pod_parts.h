// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "podsecurity/pod_checks.h"

#include <functional>
#include <optional>
#include <set>
#include <span>

namespace keelson::podsecurity {

/// What the controls look at in a container of any sort.
struct ContainerPart {
    std::string_view name;
    const api::SecurityContext* security; ///< Null: nothing is said.
    std::span<const api::ContainerPort> ports;
};

/// A pod as the controls see it: init containers, containers and ephemeral containers in this order.
struct PodParts {
    const api::ObjectMeta& metadata;
    const api::PodSpec& spec;
    const api::PodSecurityContext* security; ///< Null: nothing is said.
    std::vector<ContainerPart> containers;
    Version version;

    bool isWindows() const { return spec.os && spec.os->name == "windows"; }
};

using Names = std::vector<std::string_view>;
using NameSet = std::set<std::string, std::less<>>;

/// `"a", "b"`
std::string quoted(const Names& names);
std::string quoted(const NameSet& names);
/// `container "a"`, `containers "a", "b"`
std::string containersText(const Names& names);
/// "pod", `container "a"`, `pod and container "a"`: who set something. Empty: nobody.
std::string settersText(bool pod, const Names& containers);
/// The names of the containers that `is` is true of.
Names namesOf(const PodParts& pod, const std::function<bool(const ContainerPart&)>& is);

/// A control: what violates it, or nothing.
using Check = std::optional<Violation> (*)(const PodParts& pod);

std::span<const Check> baselineChecks();
/// Besides those of the baseline, of which it leaves out some.
std::span<const Check> restrictedChecks();
/// The controls of the baseline that restricted ones take the place of.
std::span<const Check> supersededChecks();
/// Who sets a seccomp profile that no level allows.
std::optional<Violation> seccompSetters(const PodParts& pod);

} // namespace keelson::podsecurity
