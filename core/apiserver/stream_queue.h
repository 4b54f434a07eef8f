// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apiserver/exchange.h"

#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

namespace keelson::apiserver {

/// What waits to be sent on a stream: written by any thread, emptied by the connection's.
class StreamQueue : public ResponseStream {
public:
    /// `wake` is called without a lock held, from any thread, when there is something to take after `take` has run.
    StreamQueue(std::function<void()> wake, std::size_t bytesMax) : m_wake(std::move(wake)), m_bytesMax(bytesMax) {}

    bool write(std::vector<Chunk> pieces) override;
    void end() override { finish(false); }
    void breakOff() override { finish(true); }

    /// What waits, in bytes. Only `take` makes it fewer.
    std::size_t size();
    /// Appends so many bytes of what waits to `out`.
    void take(std::string& out, std::size_t bytes);
    /// Ended, and all taken.
    bool atEnd();
    /// The end is no good one: to be asked once `atEnd`.
    bool isBroken();
    /// Nobody takes any more.
    void abandon();

private:
    std::function<void()> wakeOnce();
    void finish(bool broken);

    std::mutex m_mutex;
    std::deque<Chunk> m_chunks;
    std::size_t m_offset = 0; ///< Of the first chunk, already taken.
    std::size_t m_bytes = 0;
    bool m_ended = false;
    bool m_broken = false;
    bool m_abandoned = false;
    bool m_woken = false;
    std::function<void()> m_wake;
    std::size_t m_bytesMax;
};

} // namespace keelson::apiserver
