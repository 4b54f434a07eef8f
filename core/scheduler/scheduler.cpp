// SPDX-License-Identifier: Apache-2.0
#include "scheduler/scheduler.h"

#include "base/log.h"
#include "client/event_recorder.h"
#include "client/informer.h"
#include "scheduler/node_cache.h"
#include "scheduler/scheduling_queue.h"
#include "scheduler/scheduling_span.h"

#include <algorithm>
#include <atomic>
#include <unordered_set>

namespace keelson::scheduler {
namespace {

constexpr std::size_t podsPerTaskMax = 128; ///< Scheduled before the loop gets to other things.
constexpr std::size_t conditionsPerTaskMax = 256;
constexpr Milliseconds nodesGather{50}; ///< From a node's coming to another try of pods that fitted nowhere.

bool isFinished(const api::Pod& pod)
{
    return pod.status.phase == "Succeeded" || pod.status.phase == "Failed";
}

} // namespace

class Scheduler::Impl {
    /// The task, unless the scheduler is gone when it runs.
    template <typename F>
    auto guarded(F task)
    {
        return [task = std::move(task), alive = std::weak_ptr(m_alive)]() mutable {
            if (alive.lock())
                task();
        };
    }

public:
    Impl(client::Client& client, Loop& loop, Executor& executor, Random& random, Options options)
        : m_client(client),
          m_loop(loop),
          m_executor(executor),
          m_options(std::move(options)),
          m_pods(client, loop),
          m_nodes(client, loop),
          m_events(client, loop, executor, m_options.name),
          m_queue({.backoffInitial = m_options.backoffInitial,
                   .backoffMax = m_options.backoffMax,
                   .unschedulableMax = m_options.unschedulableMax}),
          m_search(placement::defaultPlugins(), m_options.percentOfNodes, random)
    {
        m_nodes.onChange([this](const auto& before, const auto& now) { nodeChanged(before, now); });
        m_pods.onChange([this](const auto& before, const auto& now) { podChanged(before, now); });
        m_nodes.onProgress(guarded([this] { pump(); }));
        m_pods.onProgress(guarded([this] { pump(); }));
        if (m_options.gate != nullptr)
            m_options.gate->onChange(guarded([this] { m_loop.post(guarded([this] { pump(); })); }));
    }

    void start()
    {
        m_started = true;
        m_nodes.start();
        m_pods.start();
    }

    void stop()
    {
        m_started = false;
        m_events.stop();
        m_pods.stop();
        m_nodes.stop();
    }

    bool synced() const { return m_pods.synced() && m_nodes.synced(); }

    Counters counters() const
    {
        return {.bound = m_bound, .unschedulable = m_unschedulable, .bindErrors = m_bindErrors, .waiting = m_waiting};
    }

private:
    struct Batch {
        std::vector<client::Client::Binding> bindings;
        std::vector<api::PodPtr> pods;
    };
    struct Condition {
        api::PodPtr pod;
        std::string message;
    };

    bool isOurs(const api::Pod& pod) const
    {
        return (pod.spec.schedulerName.empty() || pod.spec.schedulerName == m_options.name) &&
               !pod.metadata.deletionTimestamp && pod.spec.schedulingGates.empty();
    }

    void nodeChanged(const api::NodePtr& before, const api::NodePtr& now)
    {
        if (!now)
            m_cache.removeNode(before->metadata.name);
        else if (m_cache.putNode(now))
            wakeSoon();
    }

    /// Nodes come in flocks: the pods that waited are spread over all of them instead of filling the first.
    void wakeSoon()
    {
        if (std::exchange(m_waking, true))
            return;
        m_loop.after(nodesGather, guarded([this] {
                         m_waking = false;
                         m_queue.wakeAll(m_loop.clock().steady());
                         pump();
                     }));
    }

    void podChanged(const api::PodPtr& before, const api::PodPtr& now)
    {
        if (before && (!now || now->metadata.uid != before->metadata.uid))
            forget(before->metadata.uid);
        if (!now)
            return;
        const auto& uid = now->metadata.uid;
        if (isFinished(*now))
            return forget(uid);
        if (!now->spec.nodeName.empty()) {
            m_queue.remove(uid);
            const auto* counted = m_cache.nodeOf(uid);
            if (counted == nullptr || *counted != now->spec.nodeName)
                m_cache.addPod(std::make_shared<const placement::PodInfo>(now), now->spec.nodeName);
        } else if (!isOurs(*now)) {
            m_queue.remove(uid);
        } else if (m_cache.nodeOf(uid) == nullptr || m_queue.contains(uid)) {
            m_queue.put(now, m_loop.clock().steady());
        }
    }

    void forget(const std::string& uid)
    {
        m_queue.remove(uid);
        if (m_cache.removePod(uid))
            m_queue.wakeAll(m_loop.clock().steady()); // there is room now
    }

    bool mayRun() const { return m_started && synced() && (m_options.gate == nullptr || m_options.gate->leads()); }

    /// Schedules what is active, as far as bindings may be under way.
    void pump()
    {
        if (!mayRun())
            return;
        flushQueue();
        Batch batch;
        for (std::size_t i = 0; i < podsPerTaskMax && m_bindsInFlight < m_options.bindsInFlightMax; ++i) {
            const auto pod = m_queue.take();
            if (!pod)
                break;
            schedule(pod, batch);
        }
        for (auto& binding : batch.bindings)
            m_ready.bindings.push_back(std::move(binding));
        std::ranges::move(batch.pods, std::back_inserter(m_ready.pods));
        const bool more = m_queue.hasActive() && m_bindsInFlight < m_options.bindsInFlightMax;
        if (m_ready.bindings.size() >= m_options.bindBatchMax || (!more && !m_ready.bindings.empty()))
            bind(std::exchange(m_ready, {}));
        writeConditions();
        m_waiting = m_queue.size();
        if (more && !std::exchange(m_pumpPosted, true)) {
            m_loop.post(guarded([this] {
                m_pumpPosted = false;
                pump();
            }));
        }
    }

    void flushQueue()
    {
        const auto now = m_loop.clock().steady();
        const auto next = m_queue.flush(now);
        if (!next || (m_flushAt > now && m_flushAt <= *next))
            return;
        m_flushAt = *next;
        m_loop.after(*next - now, guarded([this] { pump(); }));
    }

    void schedule(const api::PodPtr& pod, Batch& batch)
    {
        const auto info = std::make_shared<const placement::PodInfo>(pod);
        const auto choice = search(*info);
        if (choice.node == nullptr) {
            ++m_unschedulable;
            m_queue.putUnschedulable(pod->metadata.uid, m_loop.clock().steady());
            m_events.record(*pod, client::EventType::Warning, "FailedScheduling", choice.refusal);
            m_conditions.push_back({.pod = pod, .message = choice.refusal});
            return;
        }
        m_cache.addPod(info, choice.node->name());
        batch.bindings.push_back({.pod = {pod->metadata.namespace_, pod->metadata.name},
                                  .uid = pod->metadata.uid,
                                  .node = choice.node->name()});
        batch.pods.push_back(pod);
    }

    Choice search(const placement::PodInfo& pod)
    {
        if (m_options.trace == nullptr)
            return m_search.choose(pod, m_cache);
        const auto begin = m_loop.clock().wall();
        const auto since = m_loop.clock().steady();
        Reasons reasons;
        auto choice = m_search.choose(pod, m_cache, &reasons);
        m_options.trace->record(schedulingSpan(*pod.pod, choice, reasons, begin, m_loop.clock().steady() - since));
        return choice;
    }

    void bind(Batch ready)
    {
        ++m_bindsInFlight;
        auto batch = std::make_shared<Batch>(std::move(ready));
        m_executor.run([this, batch] {
            auto results = std::make_shared<std::vector<Result<Done>>>();
            if (m_started)
                *results = m_client.bindEach(batch->bindings);
            m_loop.post(guarded([this, batch, results] {
                --m_bindsInFlight;
                for (std::size_t i = 0; i < results->size(); ++i)
                    bindEnded(batch->bindings[i], batch->pods[i], (*results)[i]);
                pump();
            }));
        });
    }

    void bindEnded(const client::Client::Binding& binding, const api::PodPtr& pod, const Result<Done>& result)
    {
        if (result) {
            ++m_bound;
            m_queue.remove(binding.uid);
            m_events.record(*pod, client::EventType::Normal, "Scheduled",
                            fmt::format("Successfully assigned {} to {}", binding.pod.text(), binding.node));
            return;
        }
        if (const auto shown = m_pods.find(binding.pod);
            shown && shown->metadata.uid == binding.uid && !shown->spec.nodeName.empty())
            return; // bound by somebody else, and counted there
        ++m_bindErrors;
        log::warning("scheduler", "{}: not bound to {}: {}", binding.pod.text(), binding.node, result.error().message);
        m_cache.removePod(binding.uid);
        if (result.error().reason == Reason::NotFound)
            m_queue.remove(binding.uid);
        else
            m_queue.putBack(binding.uid, m_loop.clock().steady());
    }

    static api::Value conditionPatch(const Condition& condition, std::string_view version, WallTime now)
    {
        return api::Object{
            {"metadata", api::Object{{"resourceVersion", version}}},
            {"status", api::Object{{"conditions", api::Array{api::Object{{"type", "PodScheduled"},
                                                                         {"status", "False"},
                                                                         {"reason", "Unschedulable"},
                                                                         {"message", condition.message},
                                                                         {"lastTransitionTime", formatTime(now)}}}}}}};
    }

    /// Only to a pod that has no node still: it may have been bound meanwhile, and its condition is true then.
    void writeCondition(const Condition& condition)
    {
        constexpr int attemptsMax = 3;
        const auto& meta = condition.pod->metadata;
        const api::ObjectKey key{meta.namespace_, meta.name};
        auto version = meta.resourceVersion;
        for (int attempt = 0; attempt < attemptsMax; ++attempt) {
            const auto written = m_client.patch(m_pods.kind(), key, api::PatchType::Strategic,
                                                conditionPatch(condition, version, m_loop.clock().wall()), "status");
            if (written || written.error().reason == Reason::NotFound)
                return;
            if (written.error().reason != Reason::Conflict) {
                log::debug("scheduler", "{}: its condition is not written: {}", meta.name, written.error().message);
                return;
            }
            const auto fresh = m_client.get(m_pods.kind(), key);
            if (!fresh || api::stringAt(*fresh, {"metadata", "uid"}) != meta.uid ||
                !api::stringAt(*fresh, {"spec", "nodeName"}).empty())
                return;
            version = api::stringAt(*fresh, {"metadata", "resourceVersion"});
        }
    }

    static bool saysAlready(const Condition& condition)
    {
        return std::ranges::any_of(condition.pod->status.conditions, [&](const auto& present) {
            return present.type == "PodScheduled" && present.status == "False" && present.message == condition.message;
        });
    }

    /// One write task at a time; of one pod only the last word counts.
    void writeConditions()
    {
        if (m_writingConditions || m_conditions.empty())
            return;
        auto batch = std::make_shared<std::vector<Condition>>();
        std::unordered_set<std::string> seen;
        while (!m_conditions.empty() && batch->size() < conditionsPerTaskMax) {
            auto condition = std::move(m_conditions.back());
            m_conditions.pop_back();
            if (seen.insert(condition.pod->metadata.uid).second && !saysAlready(condition))
                batch->push_back(std::move(condition));
        }
        if (batch->empty())
            return;
        m_writingConditions = true;
        m_executor.run([this, batch] {
            for (const auto& condition : *batch) {
                if (!m_started)
                    break;
                writeCondition(condition);
            }
            m_loop.post(guarded([this] {
                m_writingConditions = false;
                writeConditions();
            }));
        });
    }

    client::Client& m_client;
    Loop& m_loop;
    Executor& m_executor;
    const Options m_options;
    client::Informer<api::Pod> m_pods;
    client::Informer<api::Node> m_nodes;
    client::EventRecorder m_events;
    SchedulingQueue m_queue;
    NodeCache m_cache;
    NodeSearch m_search;
    Batch m_ready;                       ///< Decided, not yet sent.
    std::vector<Condition> m_conditions; ///< To be written.
    bool m_writingConditions = false;
    bool m_pumpPosted = false;
    bool m_waking = false;
    SteadyTime m_flushAt;
    std::size_t m_bindsInFlight = 0;
    std::atomic<bool> m_started = false;
    std::atomic<std::uint64_t> m_bound = 0;
    std::atomic<std::uint64_t> m_unschedulable = 0;
    std::atomic<std::uint64_t> m_bindErrors = 0;
    std::atomic<std::size_t> m_waiting = 0;
    std::shared_ptr<char> m_alive = std::make_shared<char>();
};

Scheduler::Scheduler(client::Client& client, Loop& loop, Executor& executor, Random& random, Options options)
    : m_impl(std::make_unique<Impl>(client, loop, executor, random, std::move(options)))
{
}

Scheduler::~Scheduler() = default;

void Scheduler::start()
{
    m_impl->start();
}

void Scheduler::stop()
{
    m_impl->stop();
}

bool Scheduler::synced() const
{
    return m_impl->synced();
}

Counters Scheduler::counters() const
{
    return m_impl->counters();
}

} // namespace keelson::scheduler
