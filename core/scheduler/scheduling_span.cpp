// SPDX-License-Identifier: Apache-2.0
#include "scheduler/scheduling_span.h"

#include "api/value.h"

#include <fmt/format.h>

#include <algorithm>

namespace keelson::scheduler {
namespace {

std::string detailsOf(const Reasons& reasons)
{
    api::Array refused;
    for (const auto& [node, why] : reasons.refused)
        refused.push_back(api::Object{{"node", node}, {"why", why}});
    api::Array scored;
    for (const auto& each : reasons.scored) {
        api::Object byRule;
        for (const auto& [rule, score] : each.byRule)
            byRule[std::string(rule)] = score;
        scored.push_back(api::Object{{"node", each.node}, {"score", each.total}, {"rules", std::move(byRule)}});
    }
    return api::writeJson(api::Object{{"looked", reasons.looked},
                                      {"fitting", reasons.fitting},
                                      {"refused", std::move(refused)},
                                      {"scored", std::move(scored)}});
}

} // namespace

trace::Span schedulingSpan(const api::Pod& pod, const Choice& choice, const Reasons& reasons, WallTime begin,
                           Duration length)
{
    trace::Subject subject{.kind = "Pod",
                           .nameSpace = pod.metadata.namespace_,
                           .name = pod.metadata.name,
                           .uid = pod.metadata.uid,
                           .owner = {}};
    for (const auto& owner : pod.metadata.ownerReferences) {
        if (owner.controller.value_or(false))
            subject.owner = owner.uid;
    }
    trace::Span span{.step = trace::Step::Scheduling,
                     .subject = std::make_shared<const trace::Subject>(std::move(subject)),
                     .actor = "default-scheduler",
                     .begin = begin,
                     .length = length};
    span.failed = choice.node == nullptr;
    span.summary = span.failed ? choice.refusal
                               : fmt::format("{} is the best of {} nodes that fit, of {} looked at",
                                             choice.node->name(), reasons.fitting, reasons.looked);
    if (reasons.fitting == 1)
        span.summary =
            fmt::format("{} is the only node that fits, of {} looked at", choice.node->name(), reasons.looked);
    span.details = detailsOf(reasons);
    return span;
}

} // namespace keelson::scheduler
