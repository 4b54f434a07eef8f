// SPDX-License-Identifier: Apache-2.0
#include "registry/mountable_secrets.h"

#include "auth/pod_references.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string_view>

namespace keelson::registry {
namespace {

class Limit {
public:
    explicit Limit(const api::ServiceAccount& account) : m_account(account.metadata.name)
    {
        for (const auto& secret : account.secrets)
            m_mountable.insert(secret.name);
    }

    std::string ofVolumes(const std::vector<api::Volume>& volumes) const
    {
        for (const auto& volume : volumes) {
            if (volume.secret && !m_mountable.contains(volume.secret->secretName))
                return refusal("volume with", volume.secret->secretName);
        }
        return {};
    }

    /// `what`: "container", "init container".
    template <typename Container>
    std::string ofContainers(std::string_view what, const std::vector<Container>& containers) const
    {
        for (const auto& container : containers) {
            for (const auto& variable : container.env) {
                if (variable.valueFrom && variable.valueFrom->secretKeyRef &&
                    !m_mountable.contains(variable.valueFrom->secretKeyRef->name))
                    return refusal(fmt::format("{} {} with envVar {} referencing", what, container.name, variable.name),
                                   variable.valueFrom->secretKeyRef->name);
            }
            for (const auto& source : container.envFrom) {
                if (source.secretRef && !m_mountable.contains(source.secretRef->name))
                    return refusal(fmt::format("{} {} with envFrom referencing", what, container.name),
                                   source.secretRef->name);
            }
        }
        return {};
    }

private:
    std::string refusal(std::string_view what, std::string_view secret) const
    {
        return fmt::format("{} secret.secretName=\"{}\" is not allowed because service account {} does not reference "
                           "that secret",
                           what, secret, m_account);
    }

    const std::string& m_account;
    std::set<std::string> m_mountable;
};

std::string foreignPullSecret(const api::Pod& pod, const api::ServiceAccount& account)
{
    const auto& wanted = pod.spec.imagePullSecrets;
    const auto& own = account.imagePullSecrets;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        if (std::ranges::find(own, wanted[i].name, &api::LocalObjectReference::name) == own.end())
            return fmt::format("imagePullSecrets[{}].name=\"{}\" is not allowed because service account {} does not "
                               "reference that imagePullSecret",
                               i, wanted[i].name, account.metadata.name);
    }
    return {};
}

} // namespace

std::string unmountableSecret(const api::Pod& pod, const api::ServiceAccount& account)
{
    const Limit limit(account);
    for (auto why :
         {limit.ofVolumes(pod.spec.volumes), limit.ofContainers("init container", pod.spec.initContainers),
          limit.ofContainers("container", pod.spec.containers),
          limit.ofContainers("ephemeral container", pod.spec.ephemeralContainers), foreignPullSecret(pod, account)}) {
        if (!why.empty())
            return why;
    }
    return {};
}

std::string needOfMirrorPod(const api::Pod& pod)
{
    if (!pod.spec.serviceAccountName.empty())
        return "a mirror pod may not reference service accounts";
    const auto named = auth::referencesOf(pod);
    if (std::ranges::find(named, auth::PodReference::Kind::Secret, &auth::PodReference::kind) != named.end())
        return "a mirror pod may not reference secrets";
    for (const auto& volume : pod.spec.volumes) {
        if (volume.projected && std::ranges::any_of(volume.projected->sources, [](const auto& source) {
                return source.serviceAccountToken.has_value();
            }))
            return "a mirror pod may not use ServiceAccountToken volume projections";
    }
    return {};
}

} // namespace keelson::registry
