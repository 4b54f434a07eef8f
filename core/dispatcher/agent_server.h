// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "dispatcher/dispatcher.h"
#include "dispatcher/session.h"

#include <memory>
#include <string>

namespace keelson::dispatcher {

/// Listens for agents over TLS: joins them, and starts their sessions. Callbacks run on gRPC's threads.
class AgentServer {
public:
    static Result<std::unique_ptr<AgentServer>> start(const Options& options, Session::Callbacks callbacks);
    ~AgentServer();
    AgentServer(const AgentServer&) = delete;
    AgentServer& operator=(const AgentServer&) = delete;

    const std::string& address() const { return m_address; }
    /// Ends every session and waits for it.
    void stop();

private:
    class Service;
    AgentServer();

    std::unique_ptr<Service> m_service;
    std::unique_ptr<grpc::Server> m_server;
    std::string m_address;
};

} // namespace keelson::dispatcher
