// SPDX-License-Identifier: Apache-2.0
#include "pods/pod_security.h"

#include "base/private_file.h"

#include <fmt/format.h>

#include <algorithm>

namespace keelson::pods {
namespace {

/// What the container says, else what the pod says.
template <typename Field>
Field effective(const api::Pod& pod, const api::Container& container, Field api::SecurityContext::* ofContainer,
                Field api::PodSecurityContext::* ofPod)
{
    if (container.securityContext && (*container.securityContext).*ofContainer)
        return (*container.securityContext).*ofContainer;
    if (pod.spec.securityContext)
        return (*pod.spec.securityContext).*ofPod;
    return {};
}

bool mustNotBeRoot(const api::Pod& pod, const api::Container& container)
{
    return effective(pod, container, &api::SecurityContext::runAsNonRoot, &api::PodSecurityContext::runAsNonRoot)
        .value_or(false);
}

std::unexpected<Error> refused(const api::Pod& pod, const api::Container& container, std::string_view why)
{
    return fail(Reason::Invalid, fmt::format("{} (pod: \"{}_{}({})\", container: {})", why, pod.metadata.name,
                                             pod.metadata.namespace_, pod.metadata.uid, container.name));
}

} // namespace

bool asksForImageUser(const api::Pod& pod, const api::Container& container, const containers::ContainerSpec& spec)
{
    return !spec.runAsUser && (spec.runAsGroup || mustNotBeRoot(pod, container));
}

Result<Done> takeImageUser(containers::ContainerSpec& spec, const api::Pod& pod, const api::Container& container,
                           const std::string& imageUser)
{
    spec.imageUser = imageUser;
    if (!mustNotBeRoot(pod, container))
        return Done{};
    if (imageUser.find_first_not_of("0123456789") != std::string::npos)
        return refused(pod, container,
                       fmt::format("container has runAsNonRoot and image has non-numeric user ({}), cannot verify "
                                   "user is non-root",
                                   imageUser));
    if (imageUser.find_first_not_of('0') == std::string::npos)
        return refused(pod, container, "container has runAsNonRoot and image will run as root");
    return Done{};
}

Result<Done> checkUser(const api::Pod& pod, const api::Container& container, const containers::ContainerSpec& spec)
{
    if (mustNotBeRoot(pod, container) && spec.runAsUser == 0)
        return refused(pod, container, "container's runAsUser breaks non-root policy");
    return Done{};
}

Result<Done> addProfiles(containers::ContainerSpec& spec, const api::Pod& pod, const api::Container& container,
                         const std::filesystem::path& profiles)
{
    const auto appArmor =
        effective(pod, container, &api::SecurityContext::appArmorProfile, &api::PodSecurityContext::appArmorProfile);
    if (appArmor && appArmor->type == "Unconfined")
        spec.appArmor = "unconfined";
    else if (appArmor && appArmor->type == "Localhost")
        spec.appArmor = appArmor->localhostProfile.value_or("");
    const auto profile =
        effective(pod, container, &api::SecurityContext::seccompProfile, &api::PodSecurityContext::seccompProfile);
    if (!profile || profile->type == "RuntimeDefault")
        return Done{};
    if (profile->type == "Unconfined") {
        spec.seccomp = "unconfined";
        return Done{};
    }
    const std::filesystem::path name(profile->localhostProfile.value_or(""));
    if (name.empty() || name.is_absolute() || std::ranges::find(name, std::filesystem::path("..")) != name.end())
        return fail(Reason::Invalid,
                    fmt::format("seccomp profile \"{}\" leaves the folder of profiles", name.string()));
    auto text = readFile(profiles / name);
    if (!text)
        return fail(Reason::NotFound, fmt::format("cannot load seccomp profile \"{}\": {}", (profiles / name).string(),
                                                  text.error().message));
    spec.seccomp = *std::move(text);
    return Done{};
}

} // namespace keelson::pods
