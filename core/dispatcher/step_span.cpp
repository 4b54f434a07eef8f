// SPDX-License-Identifier: Apache-2.0
#include "dispatcher/step_span.h"

#include <algorithm>

namespace keelson::dispatcher {
namespace {

constexpr int relatedMax = 256; ///< Uids that one report may name.
constexpr std::size_t summaryBytesMax = 1024;

std::optional<trace::Step> stepOf(const agent::v1::StepReport& report)
{
    switch (report.step()) {
    case agent::v1::StepReport::SANDBOX:
        return trace::Step::Sandbox;
    case agent::v1::StepReport::IMAGE:
        return trace::Step::Image;
    case agent::v1::StepReport::CONTAINER:
        return trace::Step::Container;
    case agent::v1::StepReport::PROBE:
        return trace::Step::Probe;
    case agent::v1::StepReport::PROXY:
        return trace::Step::Proxy;
    case agent::v1::StepReport::DNS:
        return trace::Step::Dns;
    default: // of a newer agent
        return std::nullopt;
    }
}

trace::SubjectPtr subjectOf(const api::PodPtr& pod, const api::Node& node)
{
    const auto& meta = pod ? pod->metadata : node.metadata;
    trace::Subject subject{
        .kind = pod ? "Pod" : "Node", .nameSpace = meta.namespace_, .name = meta.name, .uid = meta.uid, .owner = {}};
    for (const auto& owner : meta.ownerReferences) {
        if (owner.controller.value_or(false))
            subject.owner = owner.uid;
    }
    return std::make_shared<const trace::Subject>(std::move(subject));
}

} // namespace

std::optional<trace::Span> spanOf(const agent::v1::StepReport& report, const api::PodPtr& pod, const api::NodePtr& node,
                                  WallTime now)
{
    const auto step = stepOf(report);
    if (!step || !node)
        return std::nullopt;
    const Duration length{std::max<std::int64_t>(0, report.nanoseconds())};
    trace::Span span{.step = *step,
                     .subject = subjectOf(pod, *node),
                     .actor = node->metadata.name,
                     .begin = now - length,
                     .length = length,
                     .failed = report.failed(),
                     .summary = report.summary().substr(0, summaryBytesMax)};
    for (int i = 0; i < std::min(report.pods_size(), relatedMax); ++i)
        span.related.push_back(report.pods(i));
    return span;
}

} // namespace keelson::dispatcher
