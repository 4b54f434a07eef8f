// SPDX-License-Identifier: Apache-2.0
// How a Deployment's template and its ReplicaSets find each other.
#include "controllers/deployment_plan.h"

#include <algorithm>
#include <charconv>

namespace keelson::controllers {
namespace {

bool sameTemplate(const api::PodTemplateSpec& ofDeployment, const api::PodTemplateSpec& ofSet)
{
    auto bare = ofSet;
    bare.metadata.labels.erase(std::string(templateHashLabel));
    if (const auto labels = ofDeployment.metadata.labels; labels.contains(templateHashLabel)) {
        auto wanted = ofDeployment;
        wanted.metadata.labels.erase(std::string(templateHashLabel));
        return bare == wanted;
    }
    return bare == ofDeployment;
}

/// A share of `of`: "25%" or a number. Percentages round up or down.
Result<std::int32_t> resolve(const std::optional<api::IntOrString>& value, std::int32_t of, bool up)
{
    if (!value)
        return 0;
    if (!value->isString)
        return value->number;
    std::string_view text = value->text;
    std::int32_t percent = 0;
    const bool isPercent = text.ends_with('%');
    if (isPercent)
        text.remove_suffix(1);
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), percent);
    if (!isPercent || error != std::errc{} || end != text.data() + text.size())
        return fail(Reason::Invalid, "\"" + value->text + "\" is neither a number nor a percentage");
    const auto hundredths = std::int64_t{percent} * of;
    return static_cast<std::int32_t>(up ? (hundredths + 99) / 100 : hundredths / 100);
}

} // namespace

Result<RollingLimits> rollingLimits(const api::Deployment& deployment)
{
    RollingLimits limits;
    if (deployment.spec.strategy.type == "Recreate")
        return limits;
    const auto replicas = deployment.spec.replicas.value_or(1);
    const api::IntOrString quarter{.isString = true, .number = 0, .text = "25%"};
    const auto& given = deployment.spec.strategy.rollingUpdate;
    const auto rolling = given ? *given : api::RollingUpdateDeployment{};
    TRY_ASSIGN(limits.surge, resolve(rolling.maxSurge ? rolling.maxSurge : quarter, replicas, true));
    TRY_ASSIGN(limits.unavailable, resolve(rolling.maxUnavailable ? rolling.maxUnavailable : quarter, replicas, false));
    if (limits.surge == 0 && limits.unavailable == 0)
        limits.unavailable = 1; // percentages that round to nothing must not stop the rollout
    limits.unavailable = std::min(limits.unavailable, replicas);
    return limits;
}

api::ReplicaSetPtr findNewReplicaSet(const api::Deployment& deployment, std::span<const api::ReplicaSetPtr> sets)
{
    api::ReplicaSetPtr oldest;
    for (const auto& set : sets) {
        if (!sameTemplate(deployment.spec.template_, set->spec.template_))
            continue;
        if (!oldest || std::tie(set->metadata.creationTimestamp, set->metadata.name) <
                           std::tie(oldest->metadata.creationTimestamp, oldest->metadata.name))
            oldest = set;
    }
    return oldest;
}

std::string templateHash(const api::PodTemplateSpec& podTemplate, std::optional<std::int32_t> collisionCount)
{
    constexpr std::string_view alphabet = "bcdfghjklmnpqrstvwxz2456789"; // no vowels: no words
    constexpr std::uint32_t offset = 2166136261U;
    constexpr std::uint32_t prime = 16777619U; // FNV-1a, 32 bits
    auto text = api::writeJson(toJson(podTemplate));
    if (collisionCount)
        text += std::to_string(*collisionCount);
    std::uint32_t hash = offset;
    for (const char c : text)
        hash = (hash ^ static_cast<unsigned char>(c)) * prime;
    std::string word = std::to_string(hash);
    for (char& c : word)
        c = alphabet[static_cast<unsigned char>(c) % alphabet.size()];
    return word;
}

} // namespace keelson::controllers
