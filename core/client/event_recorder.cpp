// SPDX-License-Identifier: Apache-2.0
#include "client/event_recorder.h"

#include "api/catalog.h"
#include "base/log.h"

#include <algorithm>
#include <atomic>

namespace keelson::client {
namespace {

const Kind& eventKind()
{
    static const Kind& kind = *api::Catalog::builtIn().find({"", "v1"}, "Event");
    return kind;
}

std::string_view typeName(EventType type)
{
    return type == EventType::Normal ? "Normal" : "Warning";
}

} // namespace

EventRecorder::EventRecorder(Client& client, Loop& loop, Executor& executor, std::string component)
    : m_client(client),
      m_loop(loop),
      m_executor(executor),
      m_component(std::move(component)),
      m_state(std::make_shared<State>())
{
}

void EventRecorder::record(EventSubject subject, EventType type, std::string_view reason, std::string message)
{
    if (m_state->stopped)
        return;
    Pending event{
        .subject = std::move(subject), .type = type, .reason = std::string(reason), .message = std::move(message)};
    m_loop.post([this, event = std::move(event), state = std::weak_ptr(m_state)]() mutable {
        if (const auto alive = state.lock(); alive && !alive->stopped)
            enqueue(std::move(event));
    });
}

bool EventRecorder::takeToken(State& state, const std::string& key, SteadyTime now)
{
    if (state.budgets.size() >= rememberedMax && now >= state.nextSweep && !state.budgets.contains(key)) {
        std::erase_if(state.budgets, [&](const auto& entry) { return now - entry.second.filled > refill; });
        state.nextSweep = now + sweepPause;
    }
    if (state.budgets.size() >= rememberedMax && !state.budgets.contains(key))
        return true; // more objects speak than we can watch: hear them
    auto [place, added] = state.budgets.try_emplace(key);
    auto& budget = place->second;
    if (!added) {
        const auto passed = std::chrono::duration<double>(now - budget.filled) / std::chrono::duration<double>(refill);
        budget.tokens = std::min<double>(burstMax, budget.tokens + passed);
    }
    budget.filled = now;
    if (budget.tokens < 1)
        return false;
    budget.tokens -= 1;
    return true;
}

/// The key under which the event is counted. Too many messages of one reason become one event.
std::string EventRecorder::combine(State& state, Pending& event, SteadyTime now)
{
    const auto alike = event.subject.uid + "\n" + event.subject.kind + "\n" + event.subject.nameSpace + "/" +
                       event.subject.name + "\n" + std::string(typeName(event.type)) + "\n" + event.reason;
    if (state.similar.size() >= rememberedMax)
        std::erase_if(state.similar, [&](const auto& entry) { return now - entry.second.last > similarWindow; });
    if (state.similar.size() >= rememberedMax)
        state.similar.clear();
    auto& similar = state.similar[alike];
    if (now - similar.last > similarWindow)
        similar.messages.clear();
    similar.last = now;
    if (similar.messages.size() < similarMax)
        similar.messages.insert(event.message);
    if (similar.messages.contains(event.message))
        return alike + "\n" + event.message;
    event.message = "(combined from similar events): " + event.message;
    return alike;
}

void EventRecorder::enqueue(Pending event)
{
    if (m_state->pending.size() >= pendingMax) {
        log::debug("events", "dropped {} of {}", event.reason, event.subject.name);
        return;
    }
    const auto who =
        event.subject.kind + "/" + event.subject.nameSpace + "/" + event.subject.name + "/" + event.subject.uid;
    if (!takeToken(*m_state, who, m_loop.clock().steady()))
        return;
    m_state->pending.push_back(std::move(event));
    if (!m_state->writing)
        writeNext();
}

Value EventRecorder::eventObject(const Pending& event, const ObjectKey& key) const
{
    const auto now = formatTime(m_loop.clock().wall());
    return api::Object{
        {"apiVersion", "v1"},
        {"kind", "Event"},
        {"metadata", api::Object{{"name", key.name}, {"namespace", key.nameSpace}}},
        {"involvedObject", api::Object{{"kind", event.subject.kind},
                                       {"namespace", event.subject.nameSpace},
                                       {"name", event.subject.name},
                                       {"uid", event.subject.uid},
                                       {"apiVersion", event.subject.apiVersion},
                                       {"resourceVersion", event.subject.resourceVersion}}},
        {"reason", event.reason},
        {"message", event.message},
        {"source", api::Object{{"component", m_component}}},
        {"firstTimestamp", now},
        {"lastTimestamp", now},
        {"count", 1},
        {"type", typeName(event.type)},
        {"reportingComponent", m_component},
        {"reportingInstance", ""},
    };
}

void EventRecorder::addTo(Batch& batch, Pending event)
{
    auto& state = *m_state;
    const auto remembered = combine(state, event, m_loop.clock().steady());
    if (const auto found = state.remembered.find(remembered); found != state.remembered.end()) {
        state.recency.splice(state.recency.begin(), state.recency, found->second.recency);
        batch.patches.emplace_back(found->second.event,
                                   api::Object{{"count", ++found->second.count},
                                               {"message", event.message},
                                               {"lastTimestamp", formatTime(m_loop.clock().wall())}});
        return;
    }
    const auto nanos = static_cast<std::uint64_t>(m_loop.clock().wall().time_since_epoch().count());
    state.lastSerial = std::max(nanos, state.lastSerial + 1);
    const ObjectKey key{.nameSpace = event.subject.nameSpace.empty() ? "default" : event.subject.nameSpace,
                        .name = fmt::format("{}.{:x}", event.subject.name, state.lastSerial)};
    batch.creates.push_back(eventObject(event, key));
    state.recency.push_front(remembered);
    state.remembered.emplace(remembered, Remembered{.event = key, .count = 1, .recency = state.recency.begin()});
    if (state.remembered.size() > rememberedMax) {
        state.remembered.erase(state.recency.back());
        state.recency.pop_back();
    }
}

void EventRecorder::writeNext()
{
    auto batch = std::make_shared<Batch>();
    for (std::size_t i = 0; i < batchMax && !m_state->pending.empty(); ++i) {
        addTo(*batch, std::move(m_state->pending.front()));
        m_state->pending.pop_front();
    }
    m_state->writing = !batch->creates.empty() || !batch->patches.empty();
    if (!m_state->writing)
        return;
    m_executor.run([this, batch, weak = std::weak_ptr(m_state)] {
        if (const auto state = weak.lock(); !state || state->stopped)
            return;
        for (const auto& created : m_client.createEach(eventKind(), std::move(batch->creates))) {
            if (!created)
                log::debug("events", "not written: {}", created.error().message);
        }
        for (const auto& [key, patch] : batch->patches) {
            if (const auto patched = m_client.patch(eventKind(), key, api::PatchType::Merge, patch); !patched)
                log::debug("events", "not counted: {}", patched.error().message);
        }
        m_loop.post([this, weak] {
            if (const auto state = weak.lock(); state && !state->stopped)
                writeNext();
        });
    });
}

} // namespace keelson::client
