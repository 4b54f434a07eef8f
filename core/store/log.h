// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "store/store.h"

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

namespace keelson::store {

/// Names a row of the log: the commit's revision and the position of the operation in it. Ids grow with time.
class RowId {
public:
    RowId() = default;
    RowId(Revision revision, std::size_t index) : m_number((revision << indexBits) | static_cast<std::int64_t>(index))
    {
    }
    static RowId fromNumber(std::int64_t number)
    {
        RowId id;
        id.m_number = number;
        return id;
    }

    std::int64_t number() const { return m_number; }
    Revision revision() const { return m_number >> indexBits; }
    auto operator<=>(const RowId&) const = default;

private:
    static constexpr int indexBits = 16; ///< Room for `transactionOperationsMax`.
    std::int64_t m_number = 0;
};

/// A change of a key as the log keeps it.
struct LogRow {
    RowId id;
    Revision created = 0; ///< The commit that created the key; 0: this row deletes it.
    std::string_view key;
    std::string_view value;
};

/// A view of the log that does not change while it is held. One thread.
class LogSnapshot {
public:
    virtual ~LogSnapshot() = default;
    /// The value of a row; `NotFound` when it was forgotten, `ServiceUnavailable` when it cannot be read.
    virtual Result<std::string> value(RowId id) = 0;
    /// Calls `visit` with the rows behind `after` in order of id, up to the last one of `until`.
    virtual Result<Done> visit(Revision after, Revision until, const std::function<void(const LogRow&)>& visit) = 0;
};

/// Where a `VersionedStore` keeps what it must not lose: rows in the order of their ids, from which superseded ones are
/// forgotten.
///
/// Threads: `append` is called by one thread at a time; the others by any, at any time, also during `append`.
class Log {
public:
    virtual ~Log() = default;

    /// Adds `rows`, drops `forgotten` and remembers `compacted`: all of it, durable when it returns, or nothing.
    /// `ServiceUnavailable` when the disk fails; the next call may succeed.
    virtual Result<Done> append(std::span<const LogRow> rows, std::span<const RowId> forgotten, Revision compacted) = 0;
    virtual Result<std::unique_ptr<LogSnapshot>> snapshot() = 0;
    /// As the snapshot's `value`, of now.
    virtual Result<std::string> value(RowId id) = 0;
    /// What the last `append` remembered; 0 at first.
    virtual Result<Revision> compacted() = 0;
};

} // namespace keelson::store
