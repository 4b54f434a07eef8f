// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "trace/span.h"

#include <deque>
#include <mutex>
#include <optional>
#include <span>
#include <string_view>

namespace keelson::trace {

/// What spans are made of when somebody asks for them: most are dropped unasked, so whoever records often notes the
/// facts alone. Immutable; any thread.
class SpanSource {
public:
    virtual ~SpanSource() = default;
    /// Of the subject of all its spans: its uid, and that of the object that controls it.
    virtual std::string_view uid() const = 0;
    virtual std::string_view owner() const = 0;
    /// Uids of objects that one of them concerns besides.
    virtual std::span<const std::string> related() const = 0;
    virtual WallTime begin() const = 0;
    virtual std::size_t bytes() const = 0;
    virtual std::vector<Span> spans() const = 0;
};
using SpanSourcePtr = std::shared_ptr<const SpanSource>;

/// Takes spans. Threads: any; does not block for longer than a copy.
class Recorder {
public:
    virtual ~Recorder() = default;
    virtual void record(SpanSourcePtr source) = 0;
    void record(Span span);
};

/// Keeps the latest spans in memory, within a number of bytes: the oldest go first.
class SpanStore : public Recorder {
public:
    static constexpr std::size_t bytesDefault = std::size_t{32} << 20;

    explicit SpanStore(std::size_t bytesMax = bytesDefault) : m_bytesMax(bytesMax) {}
    using Recorder::record;
    void record(SpanSourcePtr source) override;

    /// What is kept, the oldest first.
    std::vector<SpanSourcePtr> sources() const;
    /// Up to when spans have been dropped; empty: all are there.
    std::optional<WallTime> droppedUntil() const;
    std::size_t bytes() const;

private:
    const std::size_t m_bytesMax;
    mutable std::mutex m_mutex;
    std::deque<SpanSourcePtr> m_sources;
    std::size_t m_bytes = 0;
    std::optional<WallTime> m_droppedUntil;
};

} // namespace keelson::trace
