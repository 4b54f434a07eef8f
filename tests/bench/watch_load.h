// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bench/http_reply.h"
#include "bench/tls_client.h"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <thread>
#include <vector>

namespace keelson::bench {

/// Many watches from one thread, each over a TLS connection of its own. It counts their events and notes when each
/// came, by the number in the object's member "n" (`numberedConfigMap`).
class WatchLoad {
public:
    struct Arrival {
        std::uint64_t number = 0;
        std::chrono::steady_clock::time_point at;
    };

    /// Connects and asks; `makeRequest` gives the n-th watch's request. Returns when all have the head of their reply.
    /// Throws std::runtime_error.
    WatchLoad(const Target& target, std::size_t watches, const std::function<std::string(std::size_t)>& makeRequest);
    ~WatchLoad();
    WatchLoad(const WatchLoad&) = delete;
    WatchLoad& operator=(const WatchLoad&) = delete;

    /// Waits until so many events have come, or `limit` is over; says whether they have.
    bool await(std::uint64_t events, std::chrono::seconds limit) const;
    std::uint64_t events() const { return m_events; }
    /// Ends the watches. What came, in that order. Throws std::runtime_error when the server had ended one.
    std::vector<Arrival> finish();

private:
    struct Line {
        TlsConnection connection;
        ChunkedBody body;
        std::string rest; ///< An event that has come in part.
        std::string last; ///< The server's word on why it ends the watch.
    };
    void read();
    bool receive(Line& line);
    void note(const std::string& body, Line& line);

    TlsContext m_context;
    std::vector<Line> m_lines;
    std::vector<Arrival> m_arrivals; ///< The thread's, until it has ended.
    std::atomic<std::uint64_t> m_events = 0;
    std::atomic<bool> m_ending = false;
    std::atomic<bool> m_broken = false;
    std::string m_why; ///< It is broken.
    std::thread m_thread;
};

} // namespace keelson::bench
