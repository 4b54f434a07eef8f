// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/loop.h"
#include "containers/container_runtime.h"
#include "node/session_client.h"

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace keelson::node {

/// What each side may have under way on a tunnel before it is granted more; the server counts the same.
inline constexpr std::int64_t tunnelWindowBytes = std::int64_t{256} * 1024;

/// The agent's end of the tunnels of one session: logs, exec, attach and port-forward.
///
/// Threads: any; `open` and `received` do not block. Bytes are carried on the executor's and the streams' threads; a
/// stream whose receiver grants nothing waits.
class AgentTunnels {
public:
    /// Where a tunnel leads.
    struct Target {
        std::string containerId; ///< For port-forward the sandbox.
        std::string address;     ///< Of the pod.
    };
    using Send = std::function<void(wire::FromAgent)>;

    AgentTunnels(Executor& executor, containers::ContainerRuntime& runtime, Send send);
    /// Ends all tunnels.
    ~AgentTunnels();
    AgentTunnels(const AgentTunnels&) = delete;
    AgentTunnels& operator=(const AgentTunnels&) = delete;

    /// Starts what was asked for, or tells the server why not.
    void open(const wire::OpenTunnel& request, const Result<Target>& target);
    void received(const wire::TunnelData& data);

private:
    class Line;
    struct Table {
        std::mutex mutex;
        std::map<std::int64_t, std::shared_ptr<Line>> lines;
    };

    Executor& m_executor;
    containers::ContainerRuntime& m_runtime;
    Send m_send;
    std::shared_ptr<Table> m_table = std::make_shared<Table>();
};

} // namespace keelson::node
