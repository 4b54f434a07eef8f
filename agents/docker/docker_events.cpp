// SPDX-License-Identifier: Apache-2.0
// How the runtime learns that something changed: the engine's stream of events, followed on a thread of its own.
#include "base/log.h"
#include "base/loop.h"
#include "docker/docker_runtime.h"
#include "docker/reports.h"
#include "docker/requests.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <array>

namespace keelson::docker {
namespace {

namespace json = boost::json;

constexpr std::chrono::seconds reconnectDelay{1};

} // namespace

void DockerRuntime::onChange(std::function<void()> changed)
{
    const std::scoped_lock lock(m_mutex);
    m_changed = std::move(changed);
    if (!m_events.joinable())
        m_events = std::thread([this] { followEvents(); });
}

void DockerRuntime::followEvents()
{
    nameThread("docker-events");
    while (!m_stopping) {
        readEvents();
        std::function<void()> changed;
        {
            std::unique_lock lock(m_mutex);
            m_following = false;
            m_known.clear();
            m_eventConnection.reset();
            m_wake.wait_for(lock, reconnectDelay, [this] { return m_stopping.load(); });
            changed = m_changed;
        }
        if (!m_stopping && changed)
            changed();
    }
}

void DockerRuntime::readEvents()
{
    const json::object filters{{"type", json::array{"container"}},
                               {"label", ownerFilter(m_owner)},
                               {"event", json::array{"create", "start", "die", "oom", "destroy", "stop", "kill",
                                                     "rename", "pause", "unpause"}}};
    auto call = m_engine.open(
        {.method = "GET", .target = "/events?filters=" + percentEncoded(json::serialize(json::value(filters)))});
    if (!call)
        return;
    std::function<void()> changed;
    {
        const std::scoped_lock lock(m_mutex);
        if (m_stopping)
            return;
        m_eventConnection = std::move(call->connection);
        m_following = true;
        changed = m_changed;
    }
    if (changed)
        changed();
    std::string pending;
    std::array<char, 16384> bytes{};
    for (;;) {
        const auto count = call->reply->readBody(bytes.data(), bytes.size());
        if (!count || *count == 0)
            return;
        pending.append(bytes.data(), *count);
        std::unique_lock lock(m_mutex);
        for (auto end = pending.find('\n'); end != std::string::npos; end = pending.find('\n')) {
            json::error_code error;
            const auto event = json::parse(json::string_view(pending.data(), end), error);
            pending.erase(0, end + 1);
            if (error)
                continue;
            ++m_changes;
            m_known.erase(std::string(textAt(event, {"Actor", "ID"})));
        }
        changed = m_changed;
        lock.unlock();
        if (changed)
            changed();
    }
}

} // namespace keelson::docker
