// SPDX-License-Identifier: Apache-2.0
#include "podsecurity/pod_parts.h"

#include "api/codec.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

namespace keelson::podsecurity {
namespace {

/// Since when controls of Linux alone pass over pods of Windows.
constexpr int windowsSince = 25;

bool isExempt(const PodParts& pod)
{
    return pod.version.atLeast(windowsSince) && pod.isWindows();
}

bool isConfined(const api::Boxed<api::SeccompProfile>& profile)
{
    return profile && (profile->type == "RuntimeDefault" || profile->type == "Localhost");
}

std::optional<Violation> allowPrivilegeEscalation(const PodParts& pod)
{
    constexpr int since = 8;
    if (!pod.version.atLeast(since) || isExempt(pod))
        return std::nullopt;
    const auto bad = namesOf(pod, [](const auto& container) {
        return !container.security || container.security->allowPrivilegeEscalation.value_or(true);
    });
    if (bad.empty())
        return std::nullopt;
    return Violation{"allowPrivilegeEscalation != false",
                     fmt::format("{} must set securityContext.allowPrivilegeEscalation=false", containersText(bad))};
}

std::optional<Violation> capabilities(const PodParts& pod)
{
    constexpr int since = 22;
    if (!pod.version.atLeast(since) || isExempt(pod))
        return std::nullopt;
    const auto keeping = namesOf(pod, [](const auto& container) {
        return !container.security || !container.security->capabilities ||
               std::ranges::find(container.security->capabilities->drop, "ALL") ==
                   container.security->capabilities->drop.end();
    });
    NameSet added;
    const auto adding = namesOf(pod, [&](const auto& container) {
        bool wrong = false;
        if (!container.security || !container.security->capabilities)
            return wrong;
        for (const auto& capability : container.security->capabilities->add) {
            if (capability != "NET_BIND_SERVICE") {
                added.insert(capability);
                wrong = true;
            }
        }
        return wrong;
    });
    std::vector<std::string> details;
    if (!keeping.empty())
        details.push_back(
            fmt::format("{} must set securityContext.capabilities.drop=[\"ALL\"]", containersText(keeping)));
    if (!adding.empty())
        details.push_back(fmt::format("{} must not include {} in securityContext.capabilities.add",
                                      containersText(adding), quoted(added)));
    if (details.empty())
        return std::nullopt;
    return Violation{"unrestricted capabilities", fmt::format("{}", fmt::join(details, "; "))};
}

/// The members of a volume besides its name say what it is.
std::string sourceOf(const api::Volume& volume)
{
    for (const auto& [member, value] : toJson(volume).as_object()) {
        if (member != "name")
            return member;
    }
    return "unknown";
}

std::optional<Violation> restrictedVolumes(const PodParts& pod)
{
    constexpr std::array<std::string_view, 8> allowed{"configMap", "csi",       "downwardAPI", "emptyDir",
                                                      "ephemeral", "projected", "secret",      "persistentVolumeClaim"};
    Names volumes;
    NameSet sources;
    for (const auto& volume : pod.spec.volumes) {
        auto source = sourceOf(volume);
        if (std::ranges::find(allowed, source) != allowed.end())
            continue;
        volumes.emplace_back(volume.name);
        sources.insert(std::move(source));
    }
    if (volumes.empty())
        return std::nullopt;
    const bool one = volumes.size() == 1;
    return Violation{"restricted volume types",
                     fmt::format("{} {} {} restricted volume {} {}", one ? "volume" : "volumes", quoted(volumes),
                                 one ? "uses" : "use", sources.size() == 1 ? "type" : "types", quoted(sources))};
}

std::optional<Violation> runAsNonRoot(const PodParts& pod)
{
    constexpr std::string_view control = "runAsNonRoot != true";
    const auto said = [](const auto* security) { return security ? security->runAsNonRoot : std::nullopt; };
    const auto ofPod = said(pod.security);
    const auto refusing = namesOf(pod, [&](const auto& container) { return !said(container.security).value_or(true); });
    if (const auto setters = settersText(!ofPod.value_or(true), refusing); !setters.empty())
        return Violation{std::string(control), setters + " must not set securityContext.runAsNonRoot=false"};
    if (ofPod.value_or(false))
        return std::nullopt;
    const auto silent = namesOf(pod, [&](const auto& container) { return !said(container.security); });
    if (silent.empty())
        return std::nullopt;
    return Violation{std::string(control),
                     fmt::format("pod or {} must set securityContext.runAsNonRoot=true", containersText(silent))};
}

std::optional<Violation> runAsUser(const PodParts& pod)
{
    constexpr int since = 23;
    if (!pod.version.atLeast(since))
        return std::nullopt;
    const auto isRoot = [](const auto* security) { return security && security->runAsUser == 0; };
    const auto setters = settersText(isRoot(pod.security),
                                     namesOf(pod, [&](const auto& container) { return isRoot(container.security); }));
    if (setters.empty())
        return std::nullopt;
    return Violation{"runAsUser=0", setters + " must not set runAsUser=0"};
}

std::optional<Violation> seccompProfile(const PodParts& pod)
{
    constexpr int since = 19;
    if (isExempt(pod))
        return std::nullopt;
    // What the baseline refuses comes first.
    if (auto wrong = seccompSetters(pod); wrong || !pod.version.atLeast(since))
        return wrong;
    if (pod.security && isConfined(pod.security->seccompProfile))
        return std::nullopt;
    const auto silent =
        namesOf(pod, [](const auto& container) { return !container.security || !container.security->seccompProfile; });
    if (silent.empty())
        return std::nullopt;
    return Violation{"seccompProfile",
                     fmt::format("pod or {} must set securityContext.seccompProfile.type to \"RuntimeDefault\" or "
                                 "\"Localhost\"",
                                 containersText(silent))};
}

constexpr std::array<Check, 6> all{
    allowPrivilegeEscalation, capabilities, restrictedVolumes, runAsNonRoot, runAsUser, seccompProfile};

} // namespace

std::span<const Check> restrictedChecks()
{
    return all;
}

} // namespace keelson::podsecurity
