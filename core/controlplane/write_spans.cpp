// SPDX-License-Identifier: Apache-2.0
#include "controlplane/write_spans.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace keelson::controlplane {
namespace {

using registry::CommittedWrite;
using trace::Span;
using trace::Step;

bool isNoise(const CommittedWrite& write)
{
    const auto& kind = write.kind.kind;
    return kind == "Event" || kind == "Lease" || (kind == "Node" && write.subresource == "status");
}

std::string controllerOf(const api::Value& document)
{
    const auto* const owners = api::find(document, {"metadata", "ownerReferences"});
    if (!owners || !owners->is_array())
        return {};
    for (const auto& owner : owners->get_array()) {
        if (api::boolAt(owner, {"controller"}))
            return std::string(api::stringAt(owner, {"uid"}));
    }
    return {};
}

trace::SubjectPtr subjectOf(const CommittedWrite& write)
{
    return std::make_shared<const trace::Subject>(trace::Subject{.group = write.kind.groupVersion.group,
                                                                 .kind = write.kind.kind,
                                                                 .nameSpace = write.object->key.nameSpace,
                                                                 .name = write.object->key.name,
                                                                 .uid = write.object->uid,
                                                                 .owner = controllerOf(write.document)});
}

/// The pods that an EndpointSlice leads to.
std::vector<std::string> podsIn(const CommittedWrite& write)
{
    std::vector<std::string> uids;
    if (write.kind.kind != "EndpointSlice")
        return uids;
    const auto* const endpoints = api::find(write.document, {"endpoints"});
    if (!endpoints || !endpoints->is_array())
        return uids;
    for (const auto& endpoint : endpoints->get_array()) {
        if (const auto uid = api::stringAt(endpoint, {"targetRef", "uid"}); !uid.empty())
            uids.emplace_back(uid);
    }
    return uids;
}

/// Whether it changed what is wanted. Kinds that count generations say so; others do by being created.
bool declares(const CommittedWrite& write)
{
    if (write.removed || !write.subresource.empty())
        return false;
    const auto generation = api::integerAt(write.document, {"metadata", "generation"});
    if (!write.before || generation == 0)
        return !write.before;
    return !write.before->json.contains(fmt::format("\"generation\":{},", generation));
}

std::string_view verbOf(const CommittedWrite& write)
{
    return write.removed ? "deleted" : write.before ? "updated" : "created";
}

std::string detailsOf(const std::span<const registry::Mutation> mutations)
{
    api::Array list;
    for (const auto& mutation : mutations)
        list.push_back(api::Object{{"step", mutation.step}, {"changes", mutation.changes}});
    return api::writeJson(api::Object{{"mutations", std::move(list)}});
}

std::string summaryOf(const std::span<const registry::Mutation> mutations)
{
    if (mutations.empty())
        return "accepted as it is";
    std::vector<std::string_view> steps;
    for (const auto& mutation : mutations)
        steps.emplace_back(mutation.step);
    return fmt::format("completed by {}", fmt::join(steps, ", "));
}

} // namespace

void WriteSpans::written(const CommittedWrite& write)
{
    if (isNoise(write))
        return;
    const auto subject = subjectOf(write);
    const auto& user = write.context.user.name;
    const auto now = m_clock.wall();
    const auto at = [&](SteadyTime time) { return now - (write.committed - time); };
    const bool isDeclaring = declares(write);
    std::vector<Span> spans;
    const auto add = [&](Step step, WallTime begin, Duration length, std::string summary) -> Span& {
        return spans.emplace_back(Span{.step = step,
                                       .subject = subject,
                                       .actor = user,
                                       .begin = begin,
                                       .length = length,
                                       .declares = isDeclaring,
                                       .summary = std::move(summary),
                                       .revision = static_cast<std::uint64_t>(write.object->revision),
                                       .request = write.context.story ? write.context.story->traceId : ""});
    };
    if (const auto& story = write.context.story) {
        add(Step::Authentication, story->received, story->authentication,
            fmt::format("{}, by {}", user, story->credential));
        add(Step::Authorization, story->received + story->authentication, story->authorization, story->rule);
    }
    if (write.admission > Duration::zero() && (write.context.story || !write.mutations.empty())) {
        auto& span =
            add(Step::Admission, at(write.planned), write.submitted - write.planned, summaryOf(write.mutations));
        if (!write.mutations.empty())
            span.details = detailsOf(write.mutations);
    }
    auto& commit = add(Step::Store, at(write.submitted), write.committed - write.submitted, {});
    commit.summary = write.subresource.empty() ? fmt::format("{} as revision {}", verbOf(write), commit.revision)
                                               : fmt::format("{} of {} updated as revision {}", write.subresource,
                                                             write.kind.kind, commit.revision);
    commit.related = podsIn(write);
    m_recorder.record(std::move(spans));
}

} // namespace keelson::controlplane
