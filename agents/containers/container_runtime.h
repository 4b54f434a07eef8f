// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "containers/open_file.h"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace keelson::containers {

/// Which pod something belongs to; stands in labels on every container, so that an agent finds its own after a restart.
struct PodIdentity {
    std::string nameSpace;
    std::string name;
    std::string uid;
    auto operator<=>(const PodIdentity&) const = default;
};

struct PortMapping {
    std::uint16_t containerPort = 0;
    std::uint16_t hostPort = 0;
    std::string hostIp;
    std::string protocol = "TCP";
};

/// The pod's shell: what its containers share (network, IPC, host name).
struct SandboxSpec {
    PodIdentity pod;
    int attempt = 0; ///< Counts the sandboxes of the pod; 0 for the first.
    std::string hostName;
    bool hostNetwork = false;
    bool hostPid = false;
    bool hostIpc = false;
    std::string network; ///< The node's container network; the pod gets an address of its range.
    std::vector<std::string> dnsServers;
    std::vector<std::string> dnsSearches;
    std::vector<std::string> dnsOptions;
    std::vector<std::pair<std::string, std::string>> hostAliases; ///< address, name
    std::vector<PortMapping> ports;
    std::map<std::string, std::string> sysctls;
    std::map<std::string, std::string> annotations; ///< Kept with the sandbox and given back by `list`.
};

/// Whose processes a container sees.
enum class ProcessNamespace { Own, Sandbox, Host };

/// Which later mounts below a mount show on the other side.
enum class Propagation { None, HostToContainer, Bidirectional };

struct Mount {
    std::string source; ///< Path on the host.
    std::string target;
    bool readOnly = false;
    Propagation propagation = Propagation::None;
};

struct ContainerSpec {
    PodIdentity pod;
    std::string name;
    int attempt = 0;                  ///< Counts restarts; 0 for the first.
    std::string image;                ///< As in the pod; the runtime resolves it to what is present.
    std::vector<std::string> command; ///< Replaces the image's entry point; empty: the image's.
    std::vector<std::string> arguments;
    std::string workingDirectory;
    std::vector<std::pair<std::string, std::string>> environment;
    std::vector<Mount> mounts;
    std::int64_t cpuShares = 0;     ///< From requests; 0: the runtime's default.
    std::int64_t cpuLimitMilli = 0; ///< 0: unlimited.
    std::int64_t memoryLimitBytes = 0;
    std::optional<std::int64_t> runAsUser;
    std::optional<std::int64_t> runAsGroup;
    std::string imageUser; ///< The image's own, for a group without a user.
    std::vector<std::int64_t> supplementalGroups;
    ProcessNamespace processes = ProcessNamespace::Own;
    std::string processesOf; ///< A running container whose processes it sees, by id: goes before `processes`.
    bool hostIpc = false;
    bool privileged = false;
    bool noNewPrivileges = false;
    bool readOnlyRootFilesystem = false;
    std::string seccomp;  ///< "unconfined" or the profile as JSON; empty: the runtime's default.
    std::string appArmor; ///< "unconfined" or the name of a profile that the host has loaded; empty: the default.
    std::vector<std::string> addCapabilities;
    std::vector<std::string> dropCapabilities;
    bool terminal = false;
    bool openStdin = false;
    bool stdinOnce = false;                         ///< Standard input ends with the first client that is attached.
    std::map<std::string, std::string> annotations; ///< Kept with the container and given back by `list`.
};

enum class ContainerState { Created, Running, Exited, Unknown };

struct ContainerInfo {
    std::string id;
    PodIdentity pod;
    std::string name;      ///< Empty for a sandbox.
    std::string sandboxId; ///< Of the sandbox that a container was made in; empty for a sandbox.
    int attempt = 0;
    bool sandbox = false;
    ContainerState state = ContainerState::Unknown;
    std::string image;
    std::string imageId;
    int exitCode = 0;
    bool oomKilled = false;
    std::string error; ///< Why it could not start, in the runtime's words.
    std::optional<WallTime> createdAt;
    std::optional<WallTime> startedAt;
    std::optional<WallTime> finishedAt;
    std::string ip; ///< Sandboxes only; empty while there is none.
    std::map<std::string, std::string> annotations;
};

struct RuntimeInfo {
    std::string name;    ///< "docker"
    std::string version; ///< "20.10.24"
    std::string operatingSystem;
    std::string kernelVersion;
    std::string architecture; ///< "amd64"
    int cpus = 0;
    std::int64_t memoryBytes = 0;
};

/// An image that is present.
struct ImageInfo {
    std::vector<std::string> names; ///< With digests first (`web@sha256:12`), then with tags (`web:1`).
    std::int64_t sizeBytes = 0;     ///< 0: not known.
};

struct RegistryCredentials {
    std::string userName;
    std::string password;
    std::string server;
};

struct LogOptions {
    bool follow = false;
    bool timestamps = false;
    std::optional<std::int64_t> tailLines;
    std::optional<std::int64_t> sinceSeconds;
    std::optional<WallTime> sinceTime;
    std::optional<std::int64_t> limitBytes;
};

/// A running transfer: logs, exec, attach. Destroying it ends it, and no handler runs after that (except when it is
/// destroyed inside one); an exec's process is killed with all that it has started. `write` and `closeInput` only for
/// exec and attach. All calls may block while the other side does not read: they belong on an `Executor`, one at a
/// time.
class Stream {
public:
    virtual ~Stream() = default;
    virtual void write(std::string_view bytes) = 0;
    virtual void closeInput() = 0;
    virtual void resize(int columns, int rows) = 0;
};

/// What a stream calls, on the runtime's threads, in order, one at a time. A `data` that blocks holds the sender back.
struct StreamHandler {
    enum class Channel { Output, Error };
    std::function<void(Channel, std::string_view)> data;
    /// Once, last. For exec: the exit code; for logs 0.
    std::function<void(Result<int> exitCode)> ended;
};

struct ExecOptions {
    std::vector<std::string> command;
    bool input = false;
    bool terminal = false;
};

struct ContainerStats {
    std::uint64_t cpuNanoseconds = 0; ///< Since the container started.
    std::uint64_t memoryWorkingSetBytes = 0;
};

/// Runs containers. `DockerRuntime` and `SimulatedRuntime` pass one conformance test.
///
/// Threads: any thread; calls block (a start takes 0.1 s), so they belong on an `Executor`.
/// Errors: `NotFound` for an unknown container or image, `ServiceUnavailable` when the engine does not answer (the
/// message names its address), `Conflict` when a name or port is taken; else `InternalError` with the engine's words.
class ContainerRuntime {
public:
    virtual ~ContainerRuntime() = default;

    virtual Result<RuntimeInfo> info() = 0;
    /// Everything that carries this node's label, sandboxes and containers, running or not.
    virtual Result<std::vector<ContainerInfo>> list() = 0;
    virtual Result<ContainerInfo> inspect(const std::string& id) = 0;

    /// Makes and starts the sandbox; the info holds its IP.
    virtual Result<ContainerInfo> startSandbox(const SandboxSpec& spec) = 0;
    /// Makes a container in the sandbox without starting it.
    virtual Result<std::string> createContainer(const std::string& sandboxId, const ContainerSpec& spec) = 0;
    virtual Result<Done> startContainer(const std::string& id) = 0;
    /// SIGTERM (or the image's stop signal), then SIGKILL after `grace`. Success when it is not running any more.
    virtual Result<Done> stopContainer(const std::string& id, std::chrono::seconds grace) = 0;
    /// Removes a container or sandbox, running or not. Success when it is gone.
    virtual Result<Done> removeContainer(const std::string& id) = 0;

    /// All images that are present and have a name, whoever brought them, in any order.
    virtual Result<std::vector<ImageInfo>> images() = 0;
    /// The image's id, or `NotFound` when it is not present.
    virtual Result<std::string> imageId(const std::string& image) = 0;
    /// Whom the image, which is present, runs as without a word of the pod: a name or number; empty: root.
    virtual Result<std::string> imageUser(const std::string& image) = 0;
    /// Downloads the image. The message is the registry's reason; the caller knows of which image.
    virtual Result<std::string> pullImage(const std::string& image,
                                          const std::optional<RegistryCredentials>& credentials) = 0;

    virtual Result<std::unique_ptr<Stream>> logs(const std::string& id, const LogOptions& options,
                                                 StreamHandler handler) = 0;
    virtual Result<std::unique_ptr<Stream>> exec(const std::string& id, const ExecOptions& options,
                                                 StreamHandler handler) = 0;
    virtual Result<std::unique_ptr<Stream>> attach(const std::string& id, const ExecOptions& options,
                                                   StreamHandler handler) = 0;
    /// The network namespace of a running sandbox, for setns(2). `ServiceUnavailable` when it is not of this machine,
    /// or there is none.
    virtual Result<OpenFile> networkOf(const std::string& sandboxId) = 0;
    virtual Result<ContainerStats> stats(const std::string& id) = 0;

    /// Calls `changed` (on a thread of the runtime) whenever a container of this node may have changed: a hint to
    /// `list`.
    virtual void onChange(std::function<void()> changed) = 0;
};

} // namespace keelson::containers
