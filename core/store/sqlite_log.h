// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/file_lock.h"
#include "store/log.h"
#include "store/sqlite_connection.h"

#include <mutex>
#include <optional>
#include <vector>

namespace keelson::store {

/// The log as a table of an SQLite database in WAL mode with synchronous=FULL. Rows carry a checksum.
class SqliteLog : public Log {
public:
    /// Makes the database when there is none. `Conflict`: another process uses it. `Forbidden`: the folder cannot be
    /// written. `ServiceUnavailable`: damaged, of a newer version, or the disk fails; the message says what to do.
    static Result<std::unique_ptr<SqliteLog>> open(std::string path);
    ~SqliteLog() override;

    Result<Done> append(std::span<const LogRow> rows, std::span<const RowId> forgotten, Revision compacted) override;
    Result<std::unique_ptr<LogSnapshot>> snapshot() override;
    Result<std::string> value(RowId id) override;
    Result<Revision> compacted() override;

private:
    friend class SqliteSnapshot;
    /// A connection that reads; used by one thread at a time.
    struct Reader {
        std::unique_ptr<SqliteConnection> connection;
        SqliteStatement value;
        SqliteStatement rows;

        Result<std::string> readValue(RowId id);
    };

    SqliteLog(FileLock lock, std::unique_ptr<SqliteConnection> writer);
    Result<Done> prepare();
    Result<Done> appendInTransaction(std::span<const LogRow> rows, std::span<const RowId> forgotten,
                                     Revision compacted);
    Result<Done> run(SqliteStatement& statement);
    void checkpointWhenDue();
    Result<std::unique_ptr<Reader>> takeReader();
    void giveBack(std::unique_ptr<Reader> reader);

    const FileLock m_lock;
    const std::unique_ptr<SqliteConnection> m_writer;
    SqliteStatement m_begin;
    SqliteStatement m_insert;
    SqliteStatement m_delete;
    SqliteStatement m_compact;
    SqliteStatement m_commit;
    Revision m_compacted = 0; ///< As on the disk.
    bool m_written = false;
    bool m_failing = false; ///< The last write failed: told once in the log.
    int m_walPages = 0;     ///< In the write-ahead log since the last checkpoint.

    std::mutex m_readersMutex;
    std::vector<std::unique_ptr<Reader>> m_idleReaders;
};

} // namespace keelson::store
