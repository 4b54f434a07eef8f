// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "containers/container_runtime.h"

#include <functional>
#include <map>
#include <mutex>
#include <set>

namespace keelson::containers {

/// Plays containers: deterministic, on a given clock, without processes. Its containers understand shell scripts of
/// `echo WORDS [>&2]`, `sleep SECONDS`, `cat`, `true`, `false` and `exit CODE`, separated by `;`, as their command (`sh
/// -c SCRIPT`) and in exec; anything else runs for ever (as a command) or succeeds in silence (in exec). A script
/// without `sleep` and `exit` runs for ever too: most pods are servers.
///
/// Threads: any. `onChange` is called on the thread that made the change; an exit whose time has come shows in `list`
/// and is not announced.
class SimulatedRuntime : public ContainerRuntime {
public:
    struct Options {
        std::string addresses = "10.88.0.0/16"; ///< Where sandboxes get their addresses from (IPv4).
        int cpus = 32;
        std::int64_t memoryBytes = 256LL * 1024 * 1024 * 1024;
    };

    explicit SimulatedRuntime(const Clock& clock) : SimulatedRuntime(clock, Options{}) {}
    SimulatedRuntime(const Clock& clock, Options options);

    // What a test or a simulation does to it.

    /// New sandboxes get addresses of this range.
    void setAddresses(const std::string& cidr);
    /// Pulls of the image fail with that reason until it is empty.
    void failPulls(const std::string& image, const std::string& reason);
    /// Images count as absent until pulled (as at first) or as present.
    void setImagesPresent(bool present);
    /// The next calls of startContainer for this container name fail, until the message is empty.
    void failStarts(const std::string& container, const std::string& message);
    /// Ends a running container as if its process had ended. False when there is none.
    bool crash(const std::string& pod, const std::string& container, int exitCode);
    /// The user that an image names; all others have a number of their own, as nothing is known of them.
    void setImageUser(const std::string& image, const std::string& user);
    /// While set, every call fails with `ServiceUnavailable`, as if the engine were away.
    void setAway(bool away);
    /// All running containers end with 137, as after a restart of the engine's machine.
    void killAll();

    Result<RuntimeInfo> info() override;
    Result<std::vector<ContainerInfo>> list() override;
    Result<ContainerInfo> inspect(const std::string& id) override;
    Result<ContainerInfo> startSandbox(const SandboxSpec& spec) override;
    Result<std::string> createContainer(const std::string& sandboxId, const ContainerSpec& spec) override;
    Result<Done> startContainer(const std::string& id) override;
    Result<Done> stopContainer(const std::string& id, std::chrono::seconds grace) override;
    Result<Done> removeContainer(const std::string& id) override;
    Result<std::vector<ImageInfo>> images() override;
    Result<std::string> imageId(const std::string& image) override;
    Result<std::string> imageUser(const std::string& image) override;
    Result<std::string> pullImage(const std::string& image,
                                  const std::optional<RegistryCredentials>& credentials) override;
    Result<std::unique_ptr<Stream>> logs(const std::string& id, const LogOptions& options,
                                         StreamHandler handler) override;
    Result<std::unique_ptr<Stream>> exec(const std::string& id, const ExecOptions& options,
                                         StreamHandler handler) override;
    Result<std::unique_ptr<Stream>> attach(const std::string& id, const ExecOptions& options,
                                           StreamHandler handler) override;
    Result<OpenFile> networkOf(const std::string& sandboxId) override;
    Result<ContainerStats> stats(const std::string& id) override;
    void onChange(std::function<void()> changed) override;

private:
    struct Simulated {
        ContainerInfo info;
        ContainerSpec spec;             ///< Empty for a sandbox.
        std::optional<WallTime> endsAt; ///< When its script is through.
        int endsWith = 0;
    };

    Result<Simulated*> running(const std::string& id);
    Result<Simulated*> lookUp(const std::string& id);
    Result<Done> reachable() const;
    std::string nextId();
    std::string nextAddress();
    void settle(Simulated& container) const;
    void announce();

    const Clock& m_clock;
    mutable std::mutex m_mutex;
    Options m_options;
    std::map<std::string, Simulated> m_containers;
    std::set<std::string, std::less<>> m_images;
    std::map<std::string, std::string, std::less<>> m_pullFailures;
    std::map<std::string, std::string, std::less<>> m_startFailures;
    std::map<std::string, std::string, std::less<>> m_imageUsers;
    std::function<void()> m_changed;
    std::uint64_t m_lastId = 0;
    std::uint32_t m_lastAddress = 1;
    bool m_imagesPresent = false;
    bool m_away = false;
};

} // namespace keelson::containers
