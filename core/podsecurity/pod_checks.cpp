// SPDX-License-Identifier: Apache-2.0
#include "podsecurity/pod_checks.h"

#include "podsecurity/pod_parts.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace keelson::podsecurity {
namespace {

template <typename Container>
void addParts(std::vector<ContainerPart>& parts, const std::vector<Container>& containers)
{
    for (const auto& container : containers)
        parts.push_back({.name = container.name,
                         .security = container.securityContext ? &*container.securityContext : nullptr,
                         .ports = container.ports});
}

template <typename List>
std::string quotedList(const List& names)
{
    std::string text;
    for (const auto& name : names)
        text += fmt::format("{}\"{}\"", text.empty() ? "" : ", ", name);
    return text;
}

bool isSuperseded(Check check)
{
    return std::ranges::find(supersededChecks(), check) != supersededChecks().end();
}

} // namespace

std::string quoted(const Names& names)
{
    return quotedList(names);
}

std::string quoted(const NameSet& names)
{
    return quotedList(names);
}

std::string containersText(const Names& names)
{
    return fmt::format("{} {}", names.size() == 1 ? "container" : "containers", quoted(names));
}

std::string settersText(bool pod, const Names& containers)
{
    if (containers.empty())
        return pod ? "pod" : "";
    return (pod ? "pod and " : "") + containersText(containers);
}

Names namesOf(const PodParts& pod, const std::function<bool(const ContainerPart&)>& is)
{
    Names names;
    for (const auto& container : pod.containers) {
        if (is(container))
            names.push_back(container.name);
    }
    return names;
}

std::vector<Violation> violationsOf(const Policy& policy, const api::ObjectMeta& metadata, const api::PodSpec& spec)
{
    std::vector<Violation> violations;
    if (policy.level == Level::Privileged)
        return violations;
    PodParts pod{.metadata = metadata,
                 .spec = spec,
                 .security = spec.securityContext ? &*spec.securityContext : nullptr,
                 .containers = {},
                 .version = policy.version};
    addParts(pod.containers, spec.initContainers);
    addParts(pod.containers, spec.containers);
    addParts(pod.containers, spec.ephemeralContainers);
    const bool restricted = policy.level == Level::Restricted;
    const auto run = [&](Check check) {
        if (auto violation = check(pod))
            violations.push_back(*std::move(violation));
    };
    for (const auto check : baselineChecks()) {
        if (!restricted || !isSuperseded(check))
            run(check);
    }
    if (restricted)
        std::ranges::for_each(restrictedChecks(), run);
    return violations;
}

std::string text(const std::vector<Violation>& violations)
{
    std::string text;
    for (const auto& [control, detail] : violations)
        text += fmt::format("{}{} ({})", text.empty() ? "" : ", ", control, detail);
    return text;
}

} // namespace keelson::podsecurity
