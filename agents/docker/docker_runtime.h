// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "containers/container_runtime.h"
#include "docker/engine.h"
#include "docker/requests.h"

#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

namespace keelson::docker {

/// Runs pods on a Docker engine (API 1.41 or newer) of this machine.
///
/// Containers are told apart by labels: `io.keelson.cluster` and `io.keelson.node` say whose they are, so that several
/// agents share an engine. The sandbox's image is made by the engine from a program that this binary carries: no
/// registry is needed. Threads: any. A thread of its own follows the engine's events from the first `onChange` on;
/// while it does, `list` asks only for what changed.
class DockerRuntime : public containers::ContainerRuntime {
public:
    DockerRuntime(EngineAddress address, Owner owner, const Clock& clock);
    ~DockerRuntime() override;
    DockerRuntime(const DockerRuntime&) = delete;
    DockerRuntime& operator=(const DockerRuntime&) = delete;

    Result<containers::RuntimeInfo> info() override;
    Result<std::vector<containers::ContainerInfo>> list() override;
    Result<containers::ContainerInfo> inspect(const std::string& id) override;
    Result<containers::ContainerInfo> startSandbox(const containers::SandboxSpec& spec) override;
    Result<std::string> createContainer(const std::string& sandboxId, const containers::ContainerSpec& spec) override;
    Result<Done> startContainer(const std::string& id) override;
    Result<Done> stopContainer(const std::string& id, std::chrono::seconds grace) override;
    Result<Done> removeContainer(const std::string& id) override;
    Result<std::vector<containers::ImageInfo>> images() override;
    Result<std::string> imageId(const std::string& image) override;
    Result<std::string> imageUser(const std::string& image) override;
    Result<std::string> pullImage(const std::string& image,
                                  const std::optional<containers::RegistryCredentials>& credentials) override;
    Result<std::unique_ptr<containers::Stream>> logs(const std::string& id, const containers::LogOptions& options,
                                                     containers::StreamHandler handler) override;
    Result<std::unique_ptr<containers::Stream>> exec(const std::string& id, const containers::ExecOptions& options,
                                                     containers::StreamHandler handler) override;
    Result<std::unique_ptr<containers::Stream>> attach(const std::string& id, const containers::ExecOptions& options,
                                                       containers::StreamHandler handler) override;
    Result<containers::OpenFile> networkOf(const std::string& sandboxId) override;
    Result<containers::ContainerStats> stats(const std::string& id) override;
    void onChange(std::function<void()> changed) override;

private:
    Result<Done> ensureSandboxImage();
    Result<std::string> create(const std::string& name, const boost::json::value& body);
    Result<bool> terminalOf(const std::string& id);
    void forget(const std::string& id);
    void followEvents();
    void readEvents();

    Engine m_engine;
    Owner m_owner;
    const Clock& m_clock;

    std::mutex m_mutex;
    std::map<std::string, containers::ContainerInfo> m_known; ///< By id; only while events are followed.
    std::uint64_t m_changes = 0; ///< Counts what the events said, to notice a change during an inspection.
    bool m_following = false;
    std::function<void()> m_changed;
    std::shared_ptr<Connection> m_eventConnection;
    std::atomic<bool> m_stopping{false};
    std::condition_variable m_wake;
    std::thread m_events;
};

} // namespace keelson::docker
