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

namespace keelson::dispatcher {

/// Which container of which pod, and the node whose session leads there.
struct TunnelTarget {
    std::string nameSpace;
    std::string pod;
    std::string uid;
    std::string node;
    std::string container; ///< Empty only for port-forward.
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

enum class TunnelChannel { Output, Error };

/// What each side may have under way on a tunnel before it is granted more.
inline constexpr std::size_t tunnelWindowBytes = std::size_t{256} * 1024;

/// Receives what comes through a tunnel. Calls come one at a time, on threads of the session; none may block.
class TunnelSink {
public:
    virtual ~TunnelSink() = default;
    virtual void data(TunnelChannel channel, std::string bytes) = 0;
    /// The other end has taken so many bytes of `Tunnel::write`.
    virtual void taken(std::size_t bytes) = 0;
    /// The last call, once: the exit code (0 for logs and port-forward), or why the tunnel failed.
    virtual void ended(Result<int> exitCode) = 0;
};

/// One open tunnel. Any thread; no call blocks; nothing happens after `ended`. Destroying it closes the tunnel; only a
/// call of the sink that has already begun may still finish after that.
class Tunnel {
public:
    virtual ~Tunnel() = default;
    virtual void write(std::string bytes) = 0;
    virtual void closeInput() = 0;
    virtual void resize(int columns, int rows) = 0;
    /// So many bytes more may come.
    virtual void grant(std::size_t bytes) = 0;
};

/// Ways to the pods through the agents' sessions: logs, exec, attach and port-forward. The shape is that of the API
/// server's `PodStreams`, which this module may not know.
///
/// Threads: any; calls do not block. They fail at once only when the node is not connected (`ServiceUnavailable`,
/// naming the node); all else is told through `TunnelSink::ended`.
class Tunnels {
public:
    virtual ~Tunnels() = default;
    virtual Result<std::unique_ptr<Tunnel>> logs(const TunnelTarget& target, const LogOptions& options,
                                                 std::shared_ptr<TunnelSink> sink) = 0;
    /// With an empty command: attach.
    virtual Result<std::unique_ptr<Tunnel>> exec(const TunnelTarget& target, const ExecOptions& options,
                                                 std::shared_ptr<TunnelSink> sink) = 0;
    /// One TCP connection to a port of the pod.
    virtual Result<std::unique_ptr<Tunnel>> portForward(const TunnelTarget& target, std::uint16_t port,
                                                        std::shared_ptr<TunnelSink> sink) = 0;
};

} // namespace keelson::dispatcher
