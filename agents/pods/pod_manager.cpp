// SPDX-License-Identifier: Apache-2.0
#include "pods/pod_manager.h"

#include "base/log.h"

#include <charconv>

namespace keelson::pods {
namespace {

constexpr std::chrono::seconds relistPeriod{10};
constexpr std::chrono::seconds relistAfterFailure{1};

} // namespace

PodManager::PodManager(Loop& loop, Executor& executor, containers::ContainerRuntime& runtime, PodVolumes& volumes,
                       Prober& prober, std::shared_ptr<const NodeSettings> settings, PodManagerCallbacks callbacks)
    : m_loop(loop),
      m_executor(executor),
      m_runtime(runtime),
      m_volumes(volumes),
      m_actions(runtime, volumes, prober, loop.clock()),
      m_callbacks(std::move(callbacks)),
      m_environment{.loop = loop,
                    .executor = executor,
                    .actions = m_actions,
                    .prober = prober,
                    .settings = std::move(settings),
                    .objects = m_callbacks.objects,
                    .report = m_callbacks.report,
                    .event = m_callbacks.event,
                    .stepEnded = m_callbacks.stepEnded,
                    .gone =
                        [this](const api::Pod& pod) {
                            m_callbacks.gone(pod);
                            forget(pod.metadata.uid);
                        },
                    .requestList = [this] { return requestList(); }}
{
}

PodManager::~PodManager()
{
    m_loop.cancel(m_relistTimer);
    m_runtime.onChange({});
}

void PodManager::start()
{
    m_runtime.onChange([this, alive = std::weak_ptr(m_alive), &loop = m_loop] {
        loop.post([this, alive] {
            if (!alive.expired())
                requestList();
        });
    });
    requestList();
}

void PodManager::setPod(api::PodPtr pod)
{
    const auto& uid = pod->metadata.uid;
    if (const auto found = m_workers.find(uid); found != m_workers.end()) {
        found->second->setPod(std::move(pod));
        return;
    }
    auto worker = std::make_shared<PodWorker>(m_environment, pod);
    m_workers.emplace(uid, worker);
    if (m_newestList > 0)
        worker->observe(m_seen[uid], m_newestList);
    worker->setPod(std::move(pod));
}

void PodManager::removePod(const std::string& nameSpace, const std::string& name)
{
    for (const auto& [uid, worker] : std::map(m_workers)) {
        const auto& meta = worker->pod()->metadata;
        if (meta.namespace_ == nameSpace && meta.name == name)
            worker->remove();
    }
}

void PodManager::objectsChanged(const std::string& nameSpace)
{
    for (const auto& [uid, worker] : std::map(m_workers)) {
        if (worker->pod()->metadata.namespace_ == nameSpace)
            worker->objectsChanged();
    }
}

void PodManager::allKnown()
{
    m_allKnown = true;
    clearStrayVolumes();
    requestList();
}

void PodManager::setSettings(std::shared_ptr<const NodeSettings> settings)
{
    m_environment.settings = std::move(settings);
}

const PodWorker* PodManager::find(const std::string& nameSpace, const std::string& name, const std::string& uid) const
{
    for (const auto& [each, worker] : m_workers) {
        const auto& meta = worker->pod()->metadata;
        if (uid.empty() ? meta.namespace_ == nameSpace && meta.name == name : each == uid)
            return worker.get();
    }
    return nullptr;
}

void PodManager::reportAll() const
{
    for (const auto& [uid, worker] : m_workers) {
        if (!worker->status().phase.empty())
            m_callbacks.report(*worker->pod(), worker->status());
    }
}

std::uint64_t PodManager::requestList()
{
    m_listWanted = true;
    if (!m_listing) {
        m_loop.post([this, alive = std::weak_ptr(m_alive)] {
            if (!alive.expired() && !m_listing && m_listWanted)
                beginList();
        });
    }
    return m_listsBegun + 1;
}

void PodManager::beginList()
{
    m_listWanted = false;
    m_listing = true;
    const auto number = ++m_listsBegun;
    m_executor.run([this, alive = std::weak_ptr(m_alive), &runtime = m_runtime, &loop = m_loop, number] {
        auto list = runtime.list();
        loop.post([this, alive, number, list = std::move(list)]() mutable {
            if (!alive.expired())
                listDone(std::move(list), number);
        });
    });
}

void PodManager::listDone(Result<std::vector<containers::ContainerInfo>> list, std::uint64_t number)
{
    m_listing = false;
    if (!list) {
        const bool news = m_health.has_value();
        m_health = fail(list.error());
        if (news) {
            log::error("pods", "{}", list.error().message);
            m_callbacks.healthChanged();
        }
        m_loop.cancel(m_relistTimer);
        m_relistTimer = m_loop.after(relistAfterFailure, [this] { requestList(); });
        return;
    }
    if (!m_health) {
        log::info("pods", "the container engine answers again");
        m_health = Done{};
        m_callbacks.healthChanged();
    }
    m_newestList = number;
    m_seen.clear();
    for (auto& each : *list)
        m_seen[each.pod.uid].push_back(std::move(each));
    if (m_allKnown) {
        for (const auto& [uid, containers] : m_seen) {
            if (!uid.empty() && !m_workers.contains(uid))
                adoptStray(containers.front());
        }
    }
    for (const auto& [uid, worker] : std::map(m_workers)) {
        const auto seen = m_seen.find(uid);
        worker->observe(seen != m_seen.end() ? seen->second : std::vector<containers::ContainerInfo>{}, number);
    }
    if (m_listWanted)
        requestList();
    relistLater();
}

void PodManager::relistLater()
{
    m_loop.cancel(m_relistTimer);
    m_relistTimer = m_loop.after(relistPeriod, [this] { requestList(); });
}

void PodManager::adoptStray(const containers::ContainerInfo& info)
{
    api::Pod pod;
    pod.metadata.name = info.pod.name;
    pod.metadata.namespace_ = info.pod.nameSpace;
    pod.metadata.uid = info.pod.uid;
    std::int64_t grace = 30;
    if (const auto found = info.annotations.find(std::string(graceAnnotation)); found != info.annotations.end())
        std::from_chars(found->second.data(), found->second.data() + found->second.size(), grace);
    pod.spec.terminationGracePeriodSeconds = grace;
    log::info("pods", "{}/{} ({}) is not this node's pod any more: ending it", info.pod.nameSpace, info.pod.name,
              info.pod.uid);
    auto worker = std::make_shared<PodWorker>(m_environment, std::make_shared<const api::Pod>(std::move(pod)));
    m_workers.emplace(info.pod.uid, worker);
    worker->remove();
}

void PodManager::clearStrayVolumes()
{
    std::set<std::string> known;
    for (const auto& [uid, worker] : m_workers)
        known.insert(uid);
    for (const auto& [uid, containers] : m_seen)
        known.insert(uid);
    m_executor.run([known = std::move(known), &volumes = m_volumes] {
        for (const auto& uid : volumes.known()) {
            if (known.contains(uid))
                continue;
            if (const auto removed = volumes.remove(uid); !removed)
                log::warning("pods", "volumes of {}: {}", uid, removed.error().message);
        }
    });
}

void PodManager::forget(const std::string& uid)
{
    m_loop.post([this, alive = std::weak_ptr(m_alive), uid] {
        if (alive.expired())
            return;
        m_workers.erase(uid);
        m_seen.erase(uid);
    });
}

} // namespace keelson::pods
