// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.h"

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace keelson::store {

/// A prepared statement. Same thread as its connection.
class SqliteStatement {
public:
    SqliteStatement() = default;
    explicit SqliteStatement(sqlite3_stmt* statement) : m_statement(statement) {}

    /// Texts must live until `reset`.
    SqliteStatement& bind(int position, std::int64_t number);
    SqliteStatement& bind(int position, std::string_view bytes);
    /// SQLITE_ROW, SQLITE_DONE or what went wrong.
    int step() { return sqlite3_step(m_statement.get()); }
    void reset() { sqlite3_reset(m_statement.get()); }
    std::int64_t number(int column) const { return sqlite3_column_int64(m_statement.get(), column); }
    /// Until the next `step` or `reset`.
    std::string_view bytes(int column) const;

private:
    struct Finalize {
        void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
    };
    std::unique_ptr<sqlite3_stmt, Finalize> m_statement;
};

/// One connection to a database file. One thread at a time.
class SqliteConnection {
public:
    /// Errors of this class: `ServiceUnavailable` when the disk fails or the file is damaged, in words for the
    /// operator.
    static Result<std::unique_ptr<SqliteConnection>> open(std::string path);

    Result<Done> execute(const char* sql);
    Result<SqliteStatement> prepare(const char* sql);
    Result<std::int64_t> queryNumber(const char* sql);
    /// The error for a result code that `doing` ("write", "read") met just now.
    Error error(int code, std::string_view doing) const;
    bool inTransaction() const { return sqlite3_get_autocommit(m_database.get()) == 0; }
    sqlite3* handle() const { return m_database.get(); }
    const std::string& path() const { return m_path; }

private:
    SqliteConnection(std::string path, sqlite3* database) : m_path(std::move(path)), m_database(database) {}

    struct Close {
        void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
    };
    std::string m_path;
    std::unique_ptr<sqlite3, Close> m_database;
};

/// The error for a file that is no sound database: what it means and what to do.
Error damagedError(const std::string& path, std::string_view cause);

} // namespace keelson::store
