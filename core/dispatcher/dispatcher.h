// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/loop.h"
#include "client/client.h"
#include "client/pod_streams.h"
#include "trace/recorder.h"

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace keelson::dispatcher {

struct Options {
    std::string listen = "127.0.0.1:0"; ///< HOST:PORT; port 0 picks a free one.
    std::string certificate;            ///< Of this server, PEM.
    std::string key;                    ///< PEM.
    std::string authority;              ///< Signs the agents' certificates, PEM.
    std::string podCidr = "10.244.0.0/16";
    std::string serviceCidr = "10.96.0.0/16";
    std::string clusterDomain = "cluster.local";
    std::string dnsAddress = "10.96.0.10";
    int heartbeatSeconds = 10;
    /// Whether a join token's secret is right. Any thread.
    std::function<bool(std::string_view secret)> checkToken;
    /// Signs a node's certificate request (PEM) for CN system:node:NODE. Any thread.
    std::function<Result<std::string>(std::string_view request, const std::string& node)> sign;
    /// Answers a TokenRequest (authentication.k8s.io/v1) for a service account: the document with its status. Any
    /// thread; may take a while. Null: pods get no tokens.
    std::function<Result<api::Value>(const api::ObjectKey& account, api::Value request)> issueToken;
    trace::Recorder* trace = nullptr; ///< Is told of the agents' steps; null: nobody. Outlives the dispatcher.
};

/// The server end of the agents' sessions: sends each node its pods with what they name, and writes what the agents
/// report: nodes, leases, pods' statuses, events.
///
/// A node's session is told by its client certificate (CN system:node:NAME); a second session of a node replaces the
/// first. A node gets its pods, the ConfigMaps and Secrets that they name, and (when it serves Services) all Services,
/// EndpointSlices and the nodes' addresses, and tokens of its pods' accounts that are bound to these pods: never more.
///
/// Threads: its state lives on `loop`; blocking writes run on `executor`, and statuses and events are written in
/// batches. `PodStreams` calls may be called from any thread. `loop` and `executor` outlive it; it is destroyed on the
/// loop, or after the loop has ended.
class Dispatcher : public client::PodStreams {
public:
    /// `InternalError` when it cannot listen there.
    static Result<std::unique_ptr<Dispatcher>> create(Options options, client::Client& client, Loop& loop,
                                                      Executor& executor);
    ~Dispatcher() override = default;

    /// Where it listens, HOST:PORT.
    virtual const std::string& address() const = 0;
    /// Ends all sessions; idempotent. Not on the loop.
    virtual void stop() = 0;
};

} // namespace keelson::dispatcher
