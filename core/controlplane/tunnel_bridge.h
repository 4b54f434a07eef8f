// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apiserver/pod_streams.h"
#include "dispatcher/tunnels.h"

namespace keelson::controlplane {

/// Leads the API server's pod streams through the agents' tunnels: the same calls under the names of the other module.
/// Threads and errors as there. The tunnels outlive it.
class TunnelBridge : public apiserver::PodStreams {
public:
    explicit TunnelBridge(dispatcher::Tunnels& tunnels) : m_tunnels(tunnels) {}

    Result<std::unique_ptr<apiserver::PodStream>> logs(const apiserver::PodTarget& target,
                                                       const apiserver::LogOptions& options,
                                                       std::shared_ptr<apiserver::PodStreamSink> sink) override;
    Result<std::unique_ptr<apiserver::PodStream>> exec(const apiserver::PodTarget& target,
                                                       const apiserver::ExecOptions& options,
                                                       std::shared_ptr<apiserver::PodStreamSink> sink) override;
    Result<std::unique_ptr<apiserver::PodStream>> portForward(const apiserver::PodTarget& target, std::uint16_t port,
                                                              std::shared_ptr<apiserver::PodStreamSink> sink) override;

private:
    dispatcher::Tunnels& m_tunnels;
};

} // namespace keelson::controlplane
