// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/loop.h"
#include "client/client.h"

#include <atomic>
#include <deque>
#include <list>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace keelson::client {

/// The object that an event is about.
struct EventSubject {
    std::string apiVersion; ///< "apps/v1"
    std::string kind;
    std::string nameSpace; ///< Empty for a cluster-scoped object; its events live in "default".
    std::string name;
    std::string uid;
    std::string resourceVersion; ///< May be empty.
};

template <typename T>
EventSubject subjectOf(const T& object)
{
    return {.apiVersion =
                T::group.empty() ? std::string(T::version) : std::string(T::group) + "/" + std::string(T::version),
            .kind = std::string(T::kindName),
            .nameSpace = object.metadata.namespace_,
            .name = object.metadata.name,
            .uid = object.metadata.uid,
            .resourceVersion = object.metadata.resourceVersion};
}

enum class EventType { Normal, Warning };

/// Writes core/v1 Events, in the background and at low cost: what repeats is counted in one Event, what is alike but
/// for its message is combined, and who says too much about one object is not heard for a while.
///
/// Threads: `record` on any thread; it returns at once, and nothing that goes wrong with an event reaches the caller.
/// State lives on the loop, writes run on the executor, a batch at a time. Life: destroyed on the loop, or after loop
/// and executor have ended. `record` after `stop` is ignored.
class EventRecorder {
public:
    static constexpr std::size_t pendingMax = 4096;    ///< Events waiting to be written; more are dropped.
    static constexpr std::size_t batchMax = 256;       ///< Events in one write.
    static constexpr std::size_t rememberedMax = 4096; ///< Events whose count can still grow.
    static constexpr int burstMax = 25;                ///< Events of one object at once; then one in `refill`.
    static constexpr Duration refill = std::chrono::minutes{5};
    static constexpr Duration sweepPause =
        std::chrono::seconds{10};                 ///< Between searches for budgets that are full again.
    static constexpr std::size_t similarMax = 10; ///< Messages of one reason that are kept apart.
    static constexpr Duration similarWindow = std::chrono::minutes{10};

    EventRecorder(Client& client, Loop& loop, Executor& executor, std::string component);
    EventRecorder(const EventRecorder&) = delete;
    EventRecorder& operator=(const EventRecorder&) = delete;

    void record(EventSubject subject, EventType type, std::string_view reason, std::string message);
    template <typename T>
    void record(const T& object, EventType type, std::string_view reason, std::string message)
    {
        record(subjectOf(object), type, reason, std::move(message));
    }
    void stop() { m_state->stopped = true; }

private:
    struct Pending {
        EventSubject subject;
        EventType type = EventType::Normal;
        std::string reason;
        std::string message;
    };
    struct Remembered {
        ObjectKey event;
        int count = 1;
        std::list<std::string>::iterator recency;
    };
    struct Similar {
        std::set<std::string, std::less<>> messages;
        SteadyTime last;
    };
    struct Budget {
        double tokens = burstMax;
        SteadyTime filled;
    };
    struct State {
        std::atomic<bool> stopped = false;
        std::deque<Pending> pending;
        bool writing = false;
        std::uint64_t lastSerial = 0;
        std::map<std::string, Remembered, std::less<>> remembered;
        std::list<std::string> recency; ///< Keys of `remembered`, the latest first.
        std::map<std::string, Similar, std::less<>> similar;
        std::map<std::string, Budget, std::less<>> budgets;
        SteadyTime nextSweep;
    };
    struct Batch {
        std::vector<Value> creates;
        std::vector<std::pair<ObjectKey, Value>> patches;
    };

    static bool takeToken(State& state, const std::string& key, SteadyTime now);
    static std::string combine(State& state, Pending& event, SteadyTime now);
    void enqueue(Pending event);
    void writeNext();
    void addTo(Batch& batch, Pending event);
    Value eventObject(const Pending& event, const ObjectKey& key) const;

    Client& m_client;
    Loop& m_loop;
    Executor& m_executor;
    const std::string m_component;
    std::shared_ptr<State> m_state; ///< Loop only, but for `stopped`.
};

} // namespace keelson::client
