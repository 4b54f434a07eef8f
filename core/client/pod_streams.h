// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.h"
#include "base/result.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace keelson::client {

/// Which container of which pod, and where it runs. The API server has read the pod and checked that the container
/// exists and that the pod has a node.
struct PodTarget {
    std::string nameSpace;
    std::string pod;
    std::string uid;
    std::string node;
    std::string container; ///< Empty only for port-forward.
    /// Port-forward: as the pod's neighbours reach it, at its address, not at the loopback inside.
    bool atAddress = false;
};

struct LogOptions {
    bool follow = false;
    bool previous = false;
    bool timestamps = false;
    std::optional<std::int64_t> tailLines;
    std::optional<std::int64_t> sinceSeconds;
    std::optional<WallTime> sinceTime;
    std::optional<std::int64_t> limitBytes;
};

struct ExecOptions {
    std::vector<std::string> command; ///< Empty: attach to the container's own process.
    bool input = false;
    bool output = true;
    bool error = true;
    bool terminal = false;
};

enum class PodChannel { Output, Error };

/// What each side may have under way on a stream before it is granted more.
inline constexpr std::size_t podStreamWindowBytes = std::size_t{256} * 1024;

/// Receives what a container says. Calls come one at a time, on threads of the implementation or inside a call of
/// `PodStream`; none may block.
class PodStreamSink {
public:
    virtual ~PodStreamSink() = default;
    /// Logs and port-forward use Output alone. At most the window and what was granted since comes in all.
    virtual void data(PodChannel channel, std::string bytes) = 0;
    /// The other end has taken so many bytes of `PodStream::write`: as many more may be written.
    virtual void taken(std::size_t bytes) = 0;
    /// The last call, once: the exit code (0 for logs and port-forward), or why the stream failed. `NotFound`,
    /// `BadRequest` (a container that does not run), `ServiceUnavailable` (the node is away), `InternalError`.
    virtual void ended(Result<int> exitCode) = 0;
};

/// One open tunnel to a pod. Any thread may call; no call blocks; nothing happens after `ended`.
/// Destroying it closes the tunnel and ends the process that exec started; of the sink's calls only one that has
/// already begun may still finish after that (the implementation keeps the sink alive as long as it needs it).
class PodStream {
public:
    virtual ~PodStream() = default;
    /// Standard input, or bytes toward the port. The caller never has more than the window under way.
    virtual void write(std::string bytes) = 0;
    /// End of input (half close). Idempotent.
    virtual void closeInput() = 0;
    /// The client's terminal has another size. Ignored without a terminal.
    virtual void resize(int columns, int rows) = 0;
    /// The sink has dealt with so many bytes: as many more may come.
    virtual void grant(std::size_t bytes) = 0;
};

/// The way to the nodes: logs, exec, attach and port-forward, as the dispatcher's tunnels carry them.
///
/// Threads: any thread; calls do not block. They fail at once only when the node is not connected
/// (`ServiceUnavailable`, naming the node); all else is told through `PodStreamSink::ended`, which may run
/// before the call returns.
class PodStreams {
public:
    virtual ~PodStreams() = default;
    virtual Result<std::unique_ptr<PodStream>> logs(const PodTarget& target, const LogOptions& options,
                                                    std::shared_ptr<PodStreamSink> sink) = 0;
    /// With an empty command: attach.
    virtual Result<std::unique_ptr<PodStream>> exec(const PodTarget& target, const ExecOptions& options,
                                                    std::shared_ptr<PodStreamSink> sink) = 0;
    /// One TCP connection to a port of the pod.
    virtual Result<std::unique_ptr<PodStream>> portForward(const PodTarget& target, std::uint16_t port,
                                                           std::shared_ptr<PodStreamSink> sink) = 0;
};

} // namespace keelson::client
