// SPDX-License-Identifier: Apache-2.0
#include "controlplane/write_spans.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <optional>

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

enum Text {
    Group,
    Kind,
    NameSpace,
    Name,
    Uid,
    Owner,
    Actor,
    Credential,
    Rule,
    Request,
    Subresource,
    Admission, ///< What it did; empty: nothing.
    Mutations, ///< JSON; empty: none.
    TextCount
};

/// Many texts in one piece of memory: there are tens of thousands of such.
class Texts {
public:
    explicit Texts(const std::array<std::string_view, TextCount>& texts)
    {
        std::string all;
        for (std::size_t i = 0; i < texts.size(); ++i) {
            all += texts[i];
            m_ends[i] = static_cast<std::uint32_t>(all.size());
        }
        m_bytes = std::make_unique_for_overwrite<char[]>(all.size());
        all.copy(m_bytes.get(), all.size());
    }
    std::string_view operator[](Text text) const
    {
        const auto begin = text == 0 ? 0 : m_ends[static_cast<std::size_t>(text) - 1];
        return {m_bytes.get() + begin, m_ends[text] - begin};
    }
    std::string copy(Text text) const { return std::string((*this)[text]); }
    std::size_t bytes() const { return m_ends.back(); }

private:
    std::array<std::uint32_t, TextCount> m_ends{};
    std::unique_ptr<char[]> m_bytes;
};

Texts textsOf(const CommittedWrite& write, bool admitted)
{
    const auto* const story = write.context.story.get();
    const bool changed = admitted && !write.mutations.empty();
    const auto owner = controllerOf(write.document);
    const auto admission = changed ? summaryOf(write.mutations) : std::string();
    const auto mutations = changed ? detailsOf(write.mutations) : std::string();
    std::array<std::string_view, TextCount> texts;
    texts[Group] = write.kind.groupVersion.group;
    texts[Kind] = write.kind.kind;
    texts[NameSpace] = write.object->key.nameSpace;
    texts[Name] = write.object->key.name;
    texts[Uid] = write.object->uid;
    texts[Owner] = owner;
    texts[Actor] = write.context.user.name;
    texts[Subresource] = write.subresource;
    texts[Admission] = admission;
    texts[Mutations] = mutations;
    if (story) {
        texts[Credential] = story->credential;
        texts[Rule] = story->rule;
        texts[Request] = story->traceId;
    }
    return Texts(texts);
}

/// How a request came to its write.
struct Way {
    WallTime received;
    Duration authentication{0};
    Duration authorization{0};
};

std::optional<Way> wayOf(const CommittedWrite& write)
{
    const auto* const story = write.context.story.get();
    return story ? std::optional(Way{story->received, story->authentication, story->authorization}) : std::nullopt;
}

/// What is known of a write; its spans are written out when somebody looks at a trace.
class WriteFacts : public trace::SpanSource {
public:
    WriteFacts(const CommittedWrite& write, WallTime now)
        : m_admitted(write.admission > Duration::zero() && (write.context.story || !write.mutations.empty())),
          m_declares(declares(write)),
          m_texts(textsOf(write, m_admitted)),
          m_way(wayOf(write)),
          m_related(podsIn(write)),
          m_planned(now - (write.committed - write.planned)),
          m_submitted(now - (write.committed - write.submitted)),
          m_committed(now),
          m_revision(static_cast<std::uint64_t>(write.object->revision)),
          m_verb(write.removed  ? "deleted"
                 : write.before ? "updated"
                                : "created")
    {
    }

    std::string_view uid() const override { return m_texts[Uid]; }
    std::string_view owner() const override { return m_texts[Owner]; }
    std::span<const std::string> related() const override { return m_related; }
    WallTime begin() const override { return m_way ? m_way->received : m_planned; }
    std::size_t bytes() const override;
    std::vector<Span> spans() const override;

private:
    trace::SubjectPtr subject() const
    {
        return std::make_shared<const trace::Subject>(trace::Subject{.group = m_texts.copy(Group),
                                                                     .kind = m_texts.copy(Kind),
                                                                     .nameSpace = m_texts.copy(NameSpace),
                                                                     .name = m_texts.copy(Name),
                                                                     .uid = m_texts.copy(Uid),
                                                                     .owner = m_texts.copy(Owner)});
    }

    const bool m_admitted;
    const bool m_declares;
    const Texts m_texts;
    const std::optional<Way> m_way; ///< Empty: one of our own parts wrote.
    const std::vector<std::string> m_related;
    const WallTime m_planned;
    const WallTime m_submitted;
    const WallTime m_committed;
    const std::uint64_t m_revision;
    const std::string_view m_verb;
};

std::size_t WriteFacts::bytes() const
{
    auto bytes = sizeof(*this) + m_texts.bytes();
    for (const auto& uid : m_related)
        bytes += sizeof(uid) + uid.size();
    return bytes;
}

std::vector<Span> WriteFacts::spans() const
{
    std::vector<Span> spans;
    const auto add = [&, subject = subject()](Step step, WallTime begin, Duration length, std::string summary) {
        spans.push_back({.step = step,
                         .subject = subject,
                         .actor = m_texts.copy(Actor),
                         .begin = begin,
                         .length = length,
                         .declares = m_declares,
                         .summary = std::move(summary),
                         .revision = m_revision,
                         .request = m_texts.copy(Request)});
    };
    if (m_way) {
        add(Step::Authentication, m_way->received, m_way->authentication,
            fmt::format("{}, by {}", m_texts[Actor], m_texts[Credential]));
        add(Step::Authorization, m_way->received + m_way->authentication, m_way->authorization, m_texts.copy(Rule));
    }
    if (m_admitted) {
        add(Step::Admission, m_planned, m_submitted - m_planned,
            m_texts[Admission].empty() ? "accepted as it is" : m_texts.copy(Admission));
        spans.back().details = m_texts.copy(Mutations);
    }
    add(Step::Store, m_submitted, m_committed - m_submitted,
        m_texts[Subresource].empty()
            ? fmt::format("{} as revision {}", m_verb, m_revision)
            : fmt::format("{} of {} updated as revision {}", m_texts[Subresource], m_texts[Kind], m_revision));
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
