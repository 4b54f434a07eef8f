// SPDX-License-Identifier: Apache-2.0
#include "registry/affinity_labels.h"

#include "api/rules.h"

#include <string>

namespace keelson::registry {

using api::Value;

namespace {

void require(Value& term, std::string_view keys, std::string_view byOperator, const Value& pod)
{
    for (const auto& key : api::itemsAt(term, {keys})) {
        const auto* const label = api::find(pod, {"metadata", "labels", api::textOf(key)});
        if (!label)
            continue;
        auto& expressions = api::objectAt(term, {"labelSelector"})["matchExpressions"];
        if (!expressions.is_array())
            expressions.emplace_array();
        expressions.get_array().push_back(
            {{"key", key}, {"operator", api::Value(byOperator)}, {"values", api::Array{*label}}});
    }
}

void complete(Value& term, const Value& pod)
{
    if (!api::find(term, {"labelSelector"}))
        return; // Selects nothing anyway.
    require(term, "matchLabelKeys", "In", pod);
    require(term, "mismatchLabelKeys", "NotIn", pod);
}

} // namespace

void selectByOwnLabels(Value& pod)
{
    for (const auto* const affinity : {"podAffinity", "podAntiAffinity"}) {
        const std::string_view form = affinity;
        if (auto* const terms =
                api::find(pod, {"spec", "affinity", form, "requiredDuringSchedulingIgnoredDuringExecution"});
            terms && terms->is_array())
            for (auto& term : terms->get_array())
                complete(term, pod);
        if (auto* const terms =
                api::find(pod, {"spec", "affinity", form, "preferredDuringSchedulingIgnoredDuringExecution"});
            terms && terms->is_array())
            for (auto& weighted : terms->get_array())
                if (auto* const term = api::find(weighted, {"podAffinityTerm"}))
                    complete(*term, pod);
    }
}

} // namespace keelson::registry
