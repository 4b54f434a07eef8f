// SPDX-License-Identifier: Apache-2.0
#include "trace/recorder.h"

#include <array>

namespace keelson::trace {
namespace {

/// What a span costs: itself and its longer texts.
std::size_t bytesOf(const Span& span)
{
    // Subjects are shared by a few spans each; half of one is near enough.
    auto bytes = sizeof(Span) + sizeof(Subject) / 2 + span.actor.size() + span.summary.size() + span.details.size();
    for (const auto& uid : span.related)
        bytes += sizeof(std::string) + uid.size();
    return bytes;
}

} // namespace

std::string_view nameOf(Step step)
{
    constexpr std::array<std::string_view, 12> names{"authentication", "authorization", "admission", "store",
                                                     "controller",     "scheduling",    "sandbox",   "image",
                                                     "container",      "probe",         "proxy",     "dns"};
    return names[static_cast<std::size_t>(step)];
}

void SpanStore::record(std::vector<Span> spans)
{
    std::size_t more = 0;
    for (const auto& span : spans)
        more += bytesOf(span);
    std::vector<Span> dropped; // freed outside of the lock
    const std::scoped_lock lock(m_mutex);
    m_bytes += more;
    for (auto& span : spans)
        m_spans.push_back(std::move(span));
    while (m_bytes > m_bytesMax && !m_spans.empty()) {
        m_bytes -= bytesOf(m_spans.front());
        m_droppedUntil = m_spans.front().begin;
        dropped.push_back(std::move(m_spans.front()));
        m_spans.pop_front();
    }
}

void SpanStore::visit(const std::function<void(const Span&)>& visit) const
{
    const std::scoped_lock lock(m_mutex);
    for (const auto& span : m_spans)
        visit(span);
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
