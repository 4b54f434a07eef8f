// SPDX-License-Identifier: Apache-2.0
#include "quota/limit_range.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

namespace keelson::quota {
namespace {

constexpr std::string_view annotation = "kubernetes.io/limit-ranger";
constexpr std::string_view containerType = "Container";
constexpr std::string_view podType = "Pod";
constexpr std::string_view claimType = "PersistentVolumeClaim";

const api::Quantity* amountOf(const Amounts& amounts, const std::string& resource)
{
    const auto found = amounts.find(resource);
    return found == amounts.end() ? nullptr : &found->second;
}

/// The requests and limits of one container, pod or claim.
struct Asked {
    std::string_view type;
    const Amounts& requests;
    const Amounts& limits;
};

/// Adds what is not there yet: a refusal says each thing once.
void say(std::vector<std::string>& violations, std::string violation)
{
    if (std::ranges::find(violations, violation) == violations.end())
        violations.push_back(std::move(violation));
}

void checkMin(const Amounts& least, const Asked& asked, std::vector<std::string>& violations)
{
    for (const auto& [resource, min] : least) {
        const auto* const request = amountOf(asked.requests, resource);
        const auto* const limit = amountOf(asked.limits, resource);
        const auto rule = fmt::format("minimum {} usage per {} is {}", resource, asked.type, min.text());
        if (!request)
            say(violations, rule + ".  No request is specified");
        else if (*request < min)
            say(violations, fmt::format("{}, but request is {}", rule, request->text()));
        else if (limit && *limit < min)
            say(violations, fmt::format("{}, but limit is {}", rule, limit->text()));
    }
}

void checkMax(const Amounts& most, const Asked& asked, std::vector<std::string>& violations)
{
    for (const auto& [resource, max] : most) {
        const auto* const request = amountOf(asked.requests, resource);
        const auto* const limit = amountOf(asked.limits, resource);
        const auto rule = fmt::format("maximum {} usage per {} is {}", resource, asked.type, max.text());
        if (!limit)
            say(violations, rule + ".  No limit is specified");
        else if (*limit > max)
            say(violations, fmt::format("{}, but limit is {}", rule, limit->text()));
        else if (request && *request > max)
            say(violations, fmt::format("{}, but request is {}", rule, request->text()));
    }
}

/// In nano units a ratio would overflow; milli units are as fine as requests are.
void checkRatio(const Amounts& ratios, const Asked& asked, std::vector<std::string>& violations)
{
    constexpr double milli = 1000;
    for (const auto& [resource, ratio] : ratios) {
        const auto* const request = amountOf(asked.requests, resource);
        const auto* const limit = amountOf(asked.limits, resource);
        const auto rule = fmt::format("{} max limit to request ratio per {} is {}", resource, asked.type, ratio.text());
        if (!request || request->isZero()) {
            say(violations, rule + ", but no request is specified or request is 0");
        } else if (!limit || limit->isZero()) {
            say(violations, rule + ", but no limit is specified or limit is 0");
        } else {
            const auto observed = static_cast<double>(limit->milli()) / static_cast<double>(request->milli());
            if (observed > static_cast<double>(ratio.milli()) / milli)
                say(violations, fmt::format("{}, but provided ratio is {:f}", rule, observed));
        }
    }
}

void check(const api::LimitRangeItem& item, const Asked& asked, std::vector<std::string>& violations)
{
    checkMin(item.min, asked, violations);
    checkMax(item.max, asked, violations);
    checkRatio(item.maxLimitRequestRatio, asked, violations);
}

/// Sets the resources that `given` lacks in `member` of the container's resources; their names.
std::vector<std::string> fill(api::Value& container, std::string_view member, const Amounts& given,
                              const Amounts& defaults)
{
    std::vector<std::string> filled;
    for (const auto& [resource, amount] : defaults) {
        if (given.contains(resource))
            continue;
        api::objectAt(container, {"resources", member})[resource] = amount.text();
        filled.push_back(resource);
    }
    return filled;
}

struct Defaults {
    Amounts requests;
    Amounts limits;
};

void fillAll(api::Value& pod, std::string_view list, std::span<const api::Container> typed, const Defaults& defaults,
             std::vector<std::string>& notes)
{
    auto* const containers = api::find(pod, {"spec", list});
    if (!containers || !containers->is_array())
        return;
    const auto* const what = list == "containers" ? "container" : "init container";
    for (std::size_t i = 0; i < typed.size(); ++i) {
        auto& container = containers->get_array()[i];
        const auto& resources = typed[i].resources;
        const auto requests = fill(container, "requests", resources.requests, defaults.requests);
        const auto limits = fill(container, "limits", resources.limits, defaults.limits);
        if (!requests.empty())
            notes.push_back(fmt::format("{} request for {} {}", fmt::join(requests, ", "), what, typed[i].name));
        if (!limits.empty())
            notes.push_back(fmt::format("{} limit for {} {}", fmt::join(limits, ", "), what, typed[i].name));
    }
}

} // namespace

void applyLimitDefaults(const api::LimitRangeSpec& range, const api::Pod& typed, api::Value& pod)
{
    Defaults defaults;
    for (const auto& item : range.limits) {
        if (item.type != containerType)
            continue;
        defaults.requests.insert(item.defaultRequest.begin(), item.defaultRequest.end());
        defaults.limits.insert(item.default_.begin(), item.default_.end());
    }
    std::vector<std::string> notes;
    fillAll(pod, "containers", typed.spec.containers, defaults, notes);
    fillAll(pod, "initContainers", typed.spec.initContainers, defaults, notes);
    if (!notes.empty())
        api::objectAt(pod, {"metadata", "annotations"})[annotation] =
            fmt::format("LimitRanger plugin set: {}", fmt::join(notes, "; "));
}

std::vector<std::string> limitViolations(const api::LimitRangeSpec& range, const api::PodSpec& pod)
{
    std::vector<std::string> violations;
    const auto whole = containerAmounts(pod);
    for (const auto& item : range.limits) {
        if (item.type == podType)
            check(item, {.type = podType, .requests = whole.requests, .limits = whole.limits}, violations);
        if (item.type != containerType)
            continue;
        for (const auto* const containers : {&pod.containers, &pod.initContainers}) {
            for (const auto& container : *containers)
                check(item,
                      {.type = containerType,
                       .requests = container.resources.requests,
                       .limits = container.resources.limits},
                      violations);
        }
    }
    return violations;
}

std::vector<std::string> limitViolations(const api::LimitRangeSpec& range, const api::PersistentVolumeClaimSpec& claim)
{
    std::vector<std::string> violations;
    const Amounts none;
    for (const auto& item : range.limits) {
        if (item.type != claimType)
            continue;
        checkMin(item.min, {.type = claimType, .requests = claim.resources.requests, .limits = none}, violations);
        for (const auto& [resource, max] : item.max) {
            const auto* const request = amountOf(claim.resources.requests, resource);
            const auto rule = fmt::format("maximum {} usage per {} is {}", resource, claimType, max.text());
            if (!request)
                say(violations, rule + ".  No request is specified");
            else if (*request > max)
                say(violations, fmt::format("{}, but request is {}", rule, request->text()));
        }
    }
    return violations;
}

} // namespace keelson::quota
