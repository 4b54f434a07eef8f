// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite_connection.h"

#include <fmt/format.h>

#include <cstring>

namespace keelson::store {
namespace {

/// When a client may try again after it met another user of the file. A full or broken disk is for people to mend:
/// clients that wait for it by themselves (kubectl tries ten times) would keep the reason from them.
constexpr int busyRetrySeconds = 1;
/// Connections of one process meet for moments, such as when one opens while another begins the write-ahead log anew.
constexpr int busyTimeoutMs = 5'000;

} // namespace

SqliteStatement& SqliteStatement::bind(int position, std::int64_t number)
{
    sqlite3_bind_int64(m_statement.get(), position, number);
    return *this;
}

SqliteStatement& SqliteStatement::bind(int position, std::string_view bytes)
{
    // A null pointer would bind NULL instead of an empty text.
    sqlite3_bind_blob64(m_statement.get(), position, bytes.data() ? bytes.data() : "", bytes.size(), SQLITE_STATIC);
    return *this;
}

std::string_view SqliteStatement::bytes(int column) const
{
    const auto* const data = static_cast<const char*>(sqlite3_column_blob(m_statement.get(), column));
    const auto size = sqlite3_column_bytes(m_statement.get(), column);
    return data ? std::string_view(data, static_cast<std::size_t>(size)) : std::string_view{};
}

Result<std::unique_ptr<SqliteConnection>> SqliteConnection::open(std::string path)
{
    sqlite3* database = nullptr;
    const auto code = sqlite3_open_v2(path.c_str(), &database,
                                      SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
    std::unique_ptr<SqliteConnection> connection(new SqliteConnection(std::move(path), database));
    if (code != SQLITE_OK)
        return fail(connection->error(code, "open"));
    sqlite3_extended_result_codes(database, 1);
    sqlite3_busy_timeout(database, busyTimeoutMs);
    // A database that turns out to be damaged is left as it was found, with its log.
    sqlite3_db_config(database, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    return connection;
}

Result<Done> SqliteConnection::execute(const char* sql)
{
    const auto code = sqlite3_exec(m_database.get(), sql, nullptr, nullptr, nullptr);
    if (code != SQLITE_OK)
        return fail(error(code, "use"));
    return Done{};
}

Result<SqliteStatement> SqliteConnection::prepare(const char* sql)
{
    sqlite3_stmt* statement = nullptr;
    const auto code = sqlite3_prepare_v3(m_database.get(), sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
    if (code != SQLITE_OK)
        return fail(error(code, "use"));
    return SqliteStatement(statement);
}

Result<std::int64_t> SqliteConnection::queryNumber(const char* sql)
{
    TRY_ASSIGN(auto statement, prepare(sql));
    const auto code = statement.step();
    if (code == SQLITE_DONE)
        return 0;
    if (code != SQLITE_ROW)
        return fail(error(code, "read"));
    return statement.number(0);
}

Error damagedError(const std::string& path, std::string_view cause)
{
    return makeError(Reason::ServiceUnavailable,
                     fmt::format("the database {} is damaged ({}). Restore it from a backup, or move it and the files "
                                 "beside it that begin with its name away to start with an empty cluster",
                                 path, cause));
}

Error SqliteConnection::error(int code, std::string_view doing) const
{
    const auto primary = code & 0xff;
    const auto systemError = m_database ? sqlite3_system_errno(m_database.get()) : 0;
    if (primary == SQLITE_CORRUPT || primary == SQLITE_NOTADB)
        return damagedError(m_path, sqlite3_errstr(code));
    std::string cause = m_database ? sqlite3_errmsg(m_database.get()) : sqlite3_errstr(code);
    if (primary == SQLITE_FULL)
        cause = "the disk is full. Free some space and try again";
    else if (primary == SQLITE_BUSY || primary == SQLITE_LOCKED)
        cause = "it is used by another program";
    else if (systemError != 0)
        cause += fmt::format(" ({})", std::strerror(systemError));
    auto error =
        makeError(Reason::ServiceUnavailable, fmt::format("cannot {} the database {}: {}", doing, m_path, cause));
    if (primary == SQLITE_BUSY || primary == SQLITE_LOCKED)
        error.retryAfterSeconds = busyRetrySeconds;
    return error;
}

} // namespace keelson::store
