// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "trace/span.h"

#include <deque>
#include <functional>
#include <mutex>
#include <optional>

namespace keelson::trace {

/// Takes spans. Threads: any; does not block for longer than a copy.
class Recorder {
public:
    virtual ~Recorder() = default;
    virtual void record(std::vector<Span> spans) = 0;
    void record(Span span)
    {
        std::vector<Span> one;
        one.push_back(std::move(span));
        record(std::move(one));
    }
};

/// Keeps the latest spans in memory, within a number of bytes: the oldest go first.
class SpanStore : public Recorder {
public:
    static constexpr std::size_t bytesDefault = std::size_t{32} << 20;

    explicit SpanStore(std::size_t bytesMax = bytesDefault) : m_bytesMax(bytesMax) {}
    using Recorder::record;
    void record(std::vector<Span> spans) override;

    /// Calls `visit` for each span that is kept, the oldest first. Recording waits meanwhile.
    void visit(const std::function<void(const Span&)>& visit) const;
    /// Up to when spans have been dropped; empty: all are there.
    std::optional<WallTime> droppedUntil() const;
    std::size_t bytes() const;

private:
    const std::size_t m_bytesMax;
    mutable std::mutex m_mutex;
    std::deque<Span> m_spans;
    std::size_t m_bytes = 0;
    std::optional<WallTime> m_droppedUntil;
};

} // namespace keelson::trace
