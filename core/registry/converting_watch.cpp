// SPDX-License-Identifier: Apache-2.0
#include "registry/converting_watch.h"

#include "api/conversion.h"

#include <mutex>
#include <utility>

namespace keelson::registry {
namespace {

using EventType = client::WatchEvent::Type;

/// Events that wait for their conversion; the present state at the begin of a watch is among them.
constexpr std::size_t waitingEventsMax = 100'000;

/// An event, or the end.
struct Waiting {
    WatchEvent event;
    StoredObjectPtr before; ///< Only where fields are selected.
    std::optional<Error> end;
};

class ConvertingSink : public WatchSink, public std::enable_shared_from_this<ConvertingSink> {
public:
    ConvertingSink(const Kind& kind, api::FieldSelector fields, std::shared_ptr<WatchSink> sink, Executor* executor)
        : m_view(kind), m_fields(std::move(fields)), m_sink(std::move(sink)), m_executor(executor)
    {
    }

    bool event(const WatchEvent& event) override
    {
        auto before = event.before && !m_fields.empty() ? *event.before : nullptr;
        auto kept = event;
        kept.before = nullptr;
        return take({std::move(kept), std::move(before), {}});
    }
    void ended(const Error& error) override { (void)take({{EventType::Bookmark, nullptr, 0, false}, nullptr, error}); }

private:
    bool take(Waiting one)
    {
        std::vector<Waiting> now;
        {
            const std::scoped_lock lock(m_mutex);
            if (m_over || m_waiting.size() >= waitingEventsMax)
                return false;
            m_over = one.end.has_value();
            if (!m_executor) {
                now.push_back(std::move(one));
            } else {
                m_waiting.push_back(std::move(one));
                if (std::exchange(m_working, true))
                    return true;
            }
        }
        if (m_executor) {
            m_executor->run([self = shared_from_this()] { self->work(); });
            return true;
        }
        return tell(std::move(now));
    }

    void work()
    {
        for (;;) {
            std::vector<Waiting> some;
            {
                const std::scoped_lock lock(m_mutex);
                if (m_waiting.empty()) {
                    m_working = false;
                    return;
                }
                some.swap(m_waiting);
            }
            (void)tell(std::move(some)); // When it fails the next event ends the watch.
        }
    }

    /// False when that was the end before its time, of which the sink is told.
    bool tell(std::vector<Waiting> waiting)
    {
        auto failure = tellEach(std::move(waiting));
        if (!failure)
            return true;
        {
            const std::scoped_lock lock(m_mutex);
            m_over = true;
            m_waiting.clear();
        }
        m_sink->ended(*failure);
        return false;
    }

    std::optional<Error> tellEach(std::vector<Waiting> waiting)
    {
        std::vector<StoredObjectPtr> objects;
        for (const auto& [event, before, end] : waiting) {
            objects.push_back(event.object);
            objects.push_back(before);
        }
        auto shown = m_view.showEach(std::move(objects));
        if (!shown)
            return std::move(shown).error();
        for (std::size_t i = 0; i < waiting.size(); ++i) {
            auto& [event, before, end] = waiting[i];
            event.object = std::move((*shown)[2 * i]);
            if (end)
                m_sink->ended(*end);
            else if (select(event, (*shown)[2 * i + 1]) && !m_sink->event(event))
                return makeError(Reason::Expired, "the watch is too slow: its client does not read its events");
        }
        return std::nullopt;
    }

    /// Whether the event is one to those who see the selected objects alone; makes it what it is to them.
    bool select(WatchEvent& event, const StoredObjectPtr& before) const
    {
        if (m_fields.empty() || !event.object)
            return true;
        const bool did = before && matches(m_view.kind(), m_fields, *before);
        const bool does = event.type != EventType::Deleted && matches(m_view.kind(), m_fields, *event.object);
        if (!before && event.type == EventType::Added)
            return does;
        event.type = !did ? EventType::Added : does ? EventType::Modified : EventType::Deleted;
        return did || does;
    }

    const VersionView m_view;
    const api::FieldSelector m_fields;
    const std::shared_ptr<WatchSink> m_sink;
    Executor* const m_executor; ///< Null: on the thread that tells the event.

    std::mutex m_mutex; ///< Guards the next.
    std::vector<Waiting> m_waiting;
    bool m_working = false; ///< The executor is at it.
    bool m_over = false;
};

} // namespace

std::shared_ptr<WatchSink> convertingSink(const Kind& kind, api::FieldSelector fields, std::shared_ptr<WatchSink> sink,
                                          Executor* executor)
{
    return std::make_shared<ConvertingSink>(kind, std::move(fields), std::move(sink),
                                            kind.conversion->blocks() ? executor : nullptr);
}

} // namespace keelson::registry
