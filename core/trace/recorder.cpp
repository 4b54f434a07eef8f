// SPDX-License-Identifier: Apache-2.0
#include "trace/recorder.h"

#include <array>

namespace keelson::trace {
namespace {

/// A span that is there already.
class ReadySpan : public SpanSource {
public:
    explicit ReadySpan(Span span) : m_span(std::move(span)) {}

    std::string_view uid() const override { return m_span.subject->uid; }
    std::string_view owner() const override { return m_span.subject->owner; }
    std::span<const std::string> related() const override { return m_span.related; }
    WallTime begin() const override { return m_span.begin; }
    std::vector<Span> spans() const override { return {m_span}; }
    std::size_t bytes() const override
    {
        // Subjects are shared by a few spans each; half of one is near enough.
        auto bytes =
            sizeof(*this) + sizeof(Subject) / 2 + m_span.actor.size() + m_span.summary.size() + m_span.details.size();
        for (const auto& uid : m_span.related)
            bytes += sizeof(std::string) + uid.size();
        return bytes;
    }

private:
    const Span m_span;
};

} // namespace

std::string_view nameOf(Step step)
{
    constexpr std::array<std::string_view, 12> names{"authentication", "authorization", "admission", "store",
                                                     "controller",     "scheduling",    "sandbox",   "image",
                                                     "container",      "probe",         "proxy",     "dns"};
    return names[static_cast<std::size_t>(step)];
}

void Recorder::record(Span span)
{
    record(std::make_shared<const ReadySpan>(std::move(span)));
}

void SpanStore::record(SpanSourcePtr source)
{
    std::vector<SpanSourcePtr> dropped; // freed outside of the lock
    const std::scoped_lock lock(m_mutex);
    m_bytes += source->bytes();
    m_sources.push_back(std::move(source));
    while (m_bytes > m_bytesMax && !m_sources.empty()) {
        m_bytes -= m_sources.front()->bytes();
        m_droppedUntil = m_sources.front()->begin();
        dropped.push_back(std::move(m_sources.front()));
        m_sources.pop_front();
    }
}

std::vector<SpanSourcePtr> SpanStore::sources() const
{
    const std::scoped_lock lock(m_mutex);
    return {m_sources.begin(), m_sources.end()};
}

std::optional<WallTime> SpanStore::droppedUntil() const
{
    const std::scoped_lock lock(m_mutex);
    return m_droppedUntil;
}

std::size_t SpanStore::bytes() const
{
    const std::scoped_lock lock(m_mutex);
    return m_bytes;
}

} // namespace keelson::trace
