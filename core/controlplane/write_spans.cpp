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

std::string detailsOf(const std::span<const registry::Mutation> mutations)
{
    api::Array list;
    for (const auto& mutation : mutations)
        list.push_back(api::Object{{"step", mutation.step}, {"changes", mutation.changes}});
    return api::writeJson(api::Object{{"mutations", std::move(list)}});
}

std::string summaryOf(const std::span<const registry::Mutation> mutations)
{
    std::vector<std::string_view> steps;
    for (const auto& mutation : mutations)
        steps.emplace_back(mutation.step);
    return fmt::format("completed by {}", fmt::join(steps, ", "));
}

/// What is known of a write; its spans are written out when somebody looks at a trace.
class WriteFacts : public trace::SpanSource {
public:
    WriteFacts(const CommittedWrite& write, WallTime now)
        : m_subject(subjectOf(write)),
          m_actor(write.context.user.name),
          m_story(write.context.story),
          m_related(podsIn(write)),
          m_planned(now - (write.committed - write.planned)),
          m_submitted(now - (write.committed - write.submitted)),
          m_committed(now),
          m_declares(declares(write)),
          m_admitted(write.admission > Duration::zero() && (write.context.story || !write.mutations.empty())),
          m_revision(static_cast<std::uint64_t>(write.object->revision)),
          m_subresource(write.subresource),
          m_verb(write.removed  ? "deleted"
                 : write.before ? "updated"
                                : "created")
    {
        if (!m_admitted || write.mutations.empty())
            return;
        m_admission = summaryOf(write.mutations);
        m_mutations = detailsOf(write.mutations);
    }

    const trace::Subject& subject() const override { return *m_subject; }
    std::span<const std::string> related() const override { return m_related; }
    WallTime begin() const override { return m_story ? m_story->received : m_planned; }
    std::size_t bytes() const override;
    std::vector<Span> spans() const override;

private:
    Span span(Step step, WallTime begin, Duration length, std::string summary) const
    {
        return {.step = step,
                .subject = m_subject,
                .actor = m_actor,
                .begin = begin,
                .length = length,
                .declares = m_declares,
                .summary = std::move(summary),
                .revision = m_revision,
                .request = m_story ? m_story->traceId : ""};
    }

    const trace::SubjectPtr m_subject;
    const std::string m_actor;
    const std::shared_ptr<const registry::RequestStory> m_story; ///< Null: one of our own parts wrote.
    const std::vector<std::string> m_related;
    const WallTime m_planned;
    const WallTime m_submitted;
    const WallTime m_committed;
    const bool m_declares;
    const bool m_admitted;
    const std::uint64_t m_revision;
    const std::string m_subresource;
    const std::string_view m_verb;
    std::string m_admission; ///< What it did; empty: nothing.
    std::string m_mutations; ///< JSON; empty: none.
};

std::size_t WriteFacts::bytes() const
{
    auto bytes = sizeof(*this) + sizeof(*m_subject) + m_subject->uid.size() + m_actor.size() + m_admission.size() +
                 m_mutations.size();
    if (m_story)
        bytes += sizeof(*m_story) + m_story->rule.size() + m_story->credential.size() + m_story->traceId.size();
    for (const auto& uid : m_related)
        bytes += sizeof(uid) + uid.size();
    return bytes;
}

std::vector<Span> WriteFacts::spans() const
{
    std::vector<Span> spans;
    if (m_story) {
        spans.push_back(span(Step::Authentication, m_story->received, m_story->authentication,
                             fmt::format("{}, by {}", m_actor, m_story->credential)));
        spans.push_back(span(Step::Authorization, m_story->received + m_story->authentication, m_story->authorization,
                             m_story->rule));
    }
    if (m_admitted) {
        spans.push_back(span(Step::Admission, m_planned, m_submitted - m_planned,
                             m_admission.empty() ? "accepted as it is" : m_admission));
        spans.back().details = m_mutations;
    }
    spans.push_back(span(Step::Store, m_submitted, m_committed - m_submitted,
                         m_subresource.empty() ? fmt::format("{} as revision {}", m_verb, m_revision)
                                               : fmt::format("{} of {} updated as revision {}", m_subresource,
                                                             m_subject->kind, m_revision)));
    spans.back().related = m_related;
    return spans;
}

} // namespace

void WriteSpans::written(const CommittedWrite& write)
{
    if (!isNoise(write))
        m_recorder.record(std::make_shared<const WriteFacts>(write, m_clock.wall()));
}

} // namespace keelson::controlplane
