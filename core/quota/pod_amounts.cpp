// SPDX-License-Identifier: Apache-2.0
#include "quota/pod_amounts.h"

#include <fmt/format.h>

namespace keelson::quota {
namespace {

using Part = Amounts api::ResourceRequirements::*;

Amounts sumOf(const api::PodSpec& spec, Part part)
{
    Amounts running;
    for (const auto& container : spec.containers)
        add(running, container.resources.*part);
    Amounts sidecars;
    Amounts initializing;
    for (const auto& container : spec.initContainers) {
        const auto& own = container.resources.*part;
        auto moment = sidecars;
        add(moment, own);
        if (container.restartPolicy == "Always") {
            add(running, own);
            sidecars = moment;
        }
        raiseTo(initializing, moment);
    }
    raiseTo(running, initializing);
    return running;
}

} // namespace

void add(Amounts& to, const Amounts& more)
{
    for (const auto& [name, amount] : more)
        to[name] = to[name] + amount;
}

void raiseTo(Amounts& to, const Amounts& other)
{
    for (const auto& [name, amount] : other) {
        const auto [place, added] = to.emplace(name, amount);
        if (!added && place->second < amount)
            place->second = amount;
    }
}

std::string text(const Amounts& amounts)
{
    std::string text;
    for (const auto& [name, amount] : amounts)
        text += fmt::format("{}{}={}", text.empty() ? "" : ",", name, amount.text());
    return text;
}

PodAmounts containerAmounts(const api::PodSpec& spec)
{
    return {.requests = sumOf(spec, &api::ResourceRequirements::requests),
            .limits = sumOf(spec, &api::ResourceRequirements::limits)};
}

PodAmounts podAmounts(const api::PodSpec& spec)
{
    auto amounts = containerAmounts(spec);
    add(amounts.requests, spec.overhead);
    for (const auto& [name, amount] : spec.overhead) {
        const auto limit = amounts.limits.find(name);
        if (limit != amounts.limits.end() && !limit->second.isZero())
            limit->second = limit->second + amount;
    }
    return amounts;
}

} // namespace keelson::quota
