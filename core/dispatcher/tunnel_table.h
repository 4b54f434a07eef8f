// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "client/pod_streams.h"
#include "dispatcher/session.h"

#include <atomic>
#include <map>
#include <memory>
#include <mutex>

namespace keelson::dispatcher {

/// All open tunnels, by number. Bytes pass straight between gRPC's threads and the sinks.
///
/// Threads: any; `received` and `closed` for one session come one at a time.
class TunnelTable : public std::enable_shared_from_this<TunnelTable> {
public:
    /// Opens a tunnel through the session; `open` lacks only its number.
    std::unique_ptr<client::PodStream> open(const std::shared_ptr<Session>& session, wire::OpenTunnel open,
                                            std::shared_ptr<client::PodStreamSink> sink);
    void received(const std::shared_ptr<Session>& session, wire::TunnelData data);
    /// Ends all tunnels of a session that is gone.
    void closed(const std::shared_ptr<Session>& session);

private:
    friend class TableTunnel;
    struct Entry {
        std::shared_ptr<Session> session;
        std::shared_ptr<client::PodStreamSink> sink;
    };

    /// The entry, taken out. Empty when it is gone.
    Entry take(std::int64_t id);

    std::mutex m_mutex;
    std::map<std::int64_t, Entry> m_entries;
    std::atomic<std::int64_t> m_lastId = 0;
};

} // namespace keelson::dispatcher
