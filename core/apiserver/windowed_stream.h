// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "client/pod_streams.h"

#include <memory>
#include <mutex>
#include <string>

namespace keelson::apiserver {

/// A pod's stream that takes any number of bytes at once and passes them on as the window of the other end allows.
/// Whoever writes waits with the next bytes until `taken` has told of these. Threads: as `PodStream`.
class WindowedStream : public client::PodStream {
public:
    explicit WindowedStream(std::unique_ptr<client::PodStream> stream) : m_stream(std::move(stream)) {}

    void write(std::string bytes) override;
    /// The other end sees it behind all that was written.
    void closeInput() override;
    void resize(int columns, int rows) override { m_stream->resize(columns, rows); }
    void grant(std::size_t bytes) override { m_stream->grant(bytes); }

    /// What `PodStreamSink::taken` says.
    void taken(std::size_t bytes);

private:
    void pass();

    const std::unique_ptr<client::PodStream> m_stream;
    std::mutex m_mutex; ///< Guards the rest.
    std::string m_waiting;
    std::size_t m_passed = 0; ///< So much of what waits has left.
    std::size_t m_underWay = 0;
    bool m_ends = false;
    bool m_ended = false;
    bool m_passing = false;
};

} // namespace keelson::apiserver
