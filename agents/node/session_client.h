// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "node/identity.h"
#include "protocol/agent.grpc.pb.h"

#include <functional>
#include <memory>
#include <string>

namespace keelson::node {

namespace wire = keelson::agent::v1;

/// Asks a control plane for the node's certificate. Blocks for at most ten seconds.
/// `Unauthorized` for a wrong token, `ServiceUnavailable` naming the server when nobody answers there, or who answers
/// is not of the token's authority.
Result<Identity> join(const std::string& server, const JoinToken& token, const std::string& node);

/// The agent's end of a session: one stream, with a queue of what is to be written.
///
/// Threads: any for `send` and `close`. Callbacks run on gRPC's threads, one at a time; `ended` is the last, and comes
/// in any case. Destroying it ends the session; no callback runs after that.
class SessionClient {
public:
    struct Callbacks {
        std::function<void(wire::ToAgent)> received;
        /// Why: `ServiceUnavailable`, `Unauthorized`, `Conflict` (another session has replaced it).
        std::function<void(Error)> ended;
    };

    static std::unique_ptr<SessionClient> connect(const std::string& server, const Identity& identity,
                                                  Callbacks callbacks);
    ~SessionClient();
    SessionClient(const SessionClient&) = delete;
    SessionClient& operator=(const SessionClient&) = delete;

    void send(wire::FromAgent message);

private:
    class Reactor;
    explicit SessionClient(std::shared_ptr<Reactor> reactor) : m_reactor(std::move(reactor)) {}
    std::shared_ptr<Reactor> m_reactor;
};

} // namespace keelson::node
