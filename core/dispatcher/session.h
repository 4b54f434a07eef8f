// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "protocol/agent.grpc.pb.h"

#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

namespace keelson::dispatcher {

namespace wire = keelson::agent::v1;

/// The server end of one agent's stream. A gRPC write queue: messages go out in the order of `send`.
///
/// Threads: any for `send` and `close`. The callbacks run on gRPC's threads, one at a time; `closed` is the last.
class Session : public grpc::ServerBidiReactor<wire::FromAgent, wire::ToAgent>,
                public std::enable_shared_from_this<Session> {
public:
    struct Callbacks {
        std::function<void(const std::shared_ptr<Session>&, wire::FromAgent)> received;
        std::function<void(const std::shared_ptr<Session>&)> closed;
    };

    /// Starts reading; the session keeps itself alive until gRPC is done with it.
    static std::shared_ptr<Session> start(std::string node, Callbacks callbacks);

    const std::string& node() const { return m_node; }
    void send(wire::ToAgent message);
    /// Ends the session with that status.
    void close(grpc::Status status);

private:
    Session(std::string node, Callbacks callbacks);
    void OnReadDone(bool ok) override;
    void OnWriteDone(bool ok) override;
    void OnDone() override;
    void endUnlessWriting();

    const std::string m_node;
    Callbacks m_callbacks;
    wire::FromAgent m_incoming;
    std::shared_ptr<Session> m_self;

    std::mutex m_mutex;
    std::deque<wire::ToAgent> m_outgoing; ///< The front is being written while `m_writing`.
    bool m_writing = false;
    bool m_ending = false; ///< Nothing new is written.
    bool m_finished = false;
    grpc::Status m_status = grpc::Status::OK;
};

} // namespace keelson::dispatcher
