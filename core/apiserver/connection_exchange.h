// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apiserver/exchange.h"
#include "apiserver/stream_queue.h"
#include "base/loop.h"

#include <memory>
#include <string>

namespace keelson::apiserver {

/// A connection as its exchange sees it. All but `here`, `post` and `pumpSoon` run on the connection's thread only.
class ConnectionPort {
public:
    virtual ~ConnectionPort() = default;
    /// Whether the caller is on the connection's thread.
    virtual bool here() = 0;
    /// Runs on the connection's thread, never inside the call. Any thread. Dropped when the server has ended.
    virtual void post(Task work) = 0;

    virtual void watchRequest(std::shared_ptr<RequestEvents> events) = 0;
    virtual void bodyNext() = 0;
    virtual void answer(Response response) = 0;
    virtual void beginStream(const Response& head, std::shared_ptr<StreamQueue> queue,
                             std::shared_ptr<StreamEvents> events) = 0;
    /// The stream's queue has something to send. Any thread.
    virtual void pumpSoon() = 0;
    virtual void beginWebSocket(std::string protocol, std::shared_ptr<TunnelEvents> events) = 0;
    virtual void beginBytes(const Headers& headers, std::shared_ptr<TunnelEvents> events) = 0;
    virtual void tunnelSend(std::string message) = 0;
    virtual void tunnelReceive() = 0;
    virtual void tunnelClose() = 0;
};

/// One request of a connection; answers from any thread.
std::shared_ptr<Exchange> makeExchange(std::shared_ptr<ConnectionPort> connection, Request request);
/// The connection after a raw upgrade.
std::shared_ptr<Tunnel> makeTunnel(std::shared_ptr<ConnectionPort> connection);

} // namespace keelson::apiserver
