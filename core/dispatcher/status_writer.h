// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/loop.h"
#include "client/client.h"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace keelson::dispatcher {

/// Writes statuses in batches: one batch is under way, the next gathers meanwhile; of several statuses of one object
/// the newest is written.
///
/// Threads: the loop's; writes run on the executor. Both outlive it.
class StatusWriter {
public:
    using Done = std::function<void(const Result<keelson::Done>&)>;

    StatusWriter(client::Client& client, Loop& loop, Executor& executor, const api::Kind& kind);

    /// `object`: the whole document, of which only `status` counts. `done` runs on the loop.
    void write(const api::ObjectKey& key, api::Value object, Done done);

private:
    struct Pending {
        api::Value object;
        std::vector<Done> waiting;
    };
    struct State {
        std::map<api::ObjectKey, Pending> pending;
        bool writing = false;
    };

    static void flush(const std::shared_ptr<State>& state, client::Client& client, Loop& loop, Executor& executor,
                      const api::Kind& kind);

    client::Client& m_client;
    Loop& m_loop;
    Executor& m_executor;
    const api::Kind& m_kind;
    std::shared_ptr<State> m_state = std::make_shared<State>();
};

} // namespace keelson::dispatcher
