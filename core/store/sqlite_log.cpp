// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite_log.h"

#include "base/log.h"
#include "store/wal_check.h"

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bit>
#include <cerrno>
#include <cstring>
#include <utility>

namespace keelson::store {
namespace {

/// "Keel", so that `file` and we ourselves know our databases from others.
constexpr std::int64_t applicationId = 0x4b65656c;
constexpr std::int64_t schemaVersion = 1;
/// SQLite's caches; the operating system caches the file anyway.
constexpr const char* writerPragmas = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=OFF;"
                                      "PRAGMA wal_autocheckpoint=0; PRAGMA cache_size=-2048; PRAGMA temp_store=MEMORY";
constexpr const char* readerPragmas = "PRAGMA query_only=ON; PRAGMA cache_size=-256; PRAGMA temp_store=MEMORY";
constexpr std::size_t idleReadersMax = 4;
/// The write-ahead log is carried over into the database when it has so many pages (16 MiB).
constexpr int checkpointPages = 4096;

constexpr const char* schemaSql = R"(
    BEGIN IMMEDIATE;
    CREATE TABLE log (id INTEGER PRIMARY KEY, created INTEGER NOT NULL, checksum INTEGER NOT NULL,
                      key BLOB NOT NULL, value BLOB NOT NULL);
    CREATE TABLE horizon (id INTEGER PRIMARY KEY CHECK (id = 0), compacted INTEGER NOT NULL);
    INSERT INTO horizon VALUES (0, 0);
    PRAGMA application_id = 1264936300;
    PRAGMA user_version = 1;
    COMMIT;
)";
static_assert(applicationId == 1264936300 && schemaVersion == 1);

std::uint64_t mix(std::uint64_t sum, std::uint64_t word)
{
    constexpr std::uint64_t golden = 0x9e3779b97f4a7c15;
    sum = (sum ^ word) * golden;
    return sum ^ (sum >> 32);
}

std::uint64_t mixBytes(std::uint64_t sum, std::string_view bytes)
{
    sum = mix(sum, bytes.size());
    for (; bytes.size() >= sizeof(std::uint64_t); bytes.remove_prefix(sizeof(std::uint64_t))) {
        std::uint64_t word = 0;
        std::memcpy(&word, bytes.data(), sizeof word);
        sum = mix(sum, word);
    }
    std::uint64_t rest = 0;
    if (!bytes.empty()) // of nothing there may be no address
        std::memcpy(&rest, bytes.data(), bytes.size());
    return mix(sum, rest);
}

/// Not against an adversary, but against a disk that forgets.
std::int64_t checksum(const LogRow& row)
{
    auto sum = mix(static_cast<std::uint64_t>(row.id.number()), static_cast<std::uint64_t>(row.created));
    sum = mixBytes(sum, row.key);
    return std::bit_cast<std::int64_t>(mixBytes(sum, row.value));
}

/// The row of a statement that selects id, created, checksum, key, value; `ServiceUnavailable` when it is damaged.
Result<LogRow> readRow(const SqliteStatement& statement, const std::string& path)
{
    const LogRow row{RowId::fromNumber(statement.number(0)), statement.number(1), statement.bytes(3),
                     statement.bytes(4)};
    if (statement.number(2) != checksum(row))
        return fail(damagedError(path, fmt::format("the checksum of revision {} is wrong", row.id.revision())));
    return row;
}

Result<Done> checkIdentity(SqliteConnection& connection)
{
    TRY_ASSIGN(const auto tables, connection.queryNumber("SELECT count(*) FROM sqlite_schema"));
    TRY_ASSIGN(const auto own,
               connection.queryNumber("SELECT count(*) FROM sqlite_schema WHERE name IN ('log', 'horizon')"));
    TRY_ASSIGN(const auto application, connection.queryNumber("PRAGMA application_id"));
    TRY_ASSIGN(const auto version, connection.queryNumber("PRAGMA user_version"));
    if (tables == 0 && application == 0)
        return connection.execute(schemaSql);
    if (application != applicationId)
        return fail(Reason::ServiceUnavailable,
                    fmt::format("{} is an SQLite database of another program, not a Keelson store", connection.path()));
    if (version > schemaVersion)
        return fail(
            Reason::ServiceUnavailable,
            fmt::format("the database {} has version {} and this program reads up to {}: it was written by a newer "
                        "keelsond; use that or a later one",
                        connection.path(), version, schemaVersion));
    if (own != 2)
        return fail(damagedError(connection.path(), "a table is missing"));
    return Done{};
}

/// Secrets are in the file: only its owner may read it. The files that SQLite puts beside it get the same permissions.
/// Not while a connection is open: to close the file would end SQLite's locks.
Result<Done> makePrivate(const std::string& path)
{
    constexpr mode_t ownerOnly = S_IRUSR | S_IWUSR;
    const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, ownerOnly);
    if (file < 0)
        return fail(Reason::ServiceUnavailable,
                    fmt::format("cannot open the database {}: {}", path, std::strerror(errno)));
    struct stat status{};
    if (::fstat(file, &status) == 0 && (status.st_mode & (S_IRWXG | S_IRWXO)) != 0)
        (void)::fchmod(file, ownerOnly); // of another owner: then it is theirs to say
    ::close(file);
    return Done{};
}

} // namespace

/// A read transaction on a reader's connection.
class SqliteSnapshot : public LogSnapshot {
public:
    SqliteSnapshot(SqliteLog& log, std::unique_ptr<SqliteLog::Reader> reader) : m_log(log), m_reader(std::move(reader))
    {
    }
    ~SqliteSnapshot() override
    {
        if (m_reader->connection->execute("COMMIT"))
            m_log.giveBack(std::move(m_reader));
    }
    SqliteSnapshot(const SqliteSnapshot&) = delete;
    SqliteSnapshot& operator=(const SqliteSnapshot&) = delete;

    Result<std::string> value(RowId id) override { return m_reader->readValue(id); }

    Result<Done> visit(Revision after, Revision until, const std::function<void(const LogRow&)>& visit) override
    {
        auto& statement = m_reader->rows;
        statement.bind(1, RowId(after + 1, 0).number());
        auto result = visitRows(statement, until, visit);
        statement.reset();
        return result;
    }

private:
    Result<Done> visitRows(SqliteStatement& statement, Revision until, const std::function<void(const LogRow&)>& visit)
    {
        for (;;) {
            const auto code = statement.step();
            if (code == SQLITE_DONE)
                return Done{};
            if (code != SQLITE_ROW)
                return fail(m_reader->connection->error(code, "read"));
            TRY_ASSIGN(const auto row, readRow(statement, m_reader->connection->path()));
            if (row.id.revision() > until)
                return Done{};
            visit(row);
        }
    }

    SqliteLog& m_log;
    std::unique_ptr<SqliteLog::Reader> m_reader;
};

Result<std::string> SqliteLog::Reader::readValue(RowId id)
{
    value.bind(1, id.number());
    const auto code = value.step();
    Result<std::string> text = fail(Reason::NotFound, "the row was forgotten");
    if (code == SQLITE_ROW) {
        const auto row = readRow(value, connection->path());
        text = row ? Result<std::string>(std::string(row->value)) : fail(row.error());
    } else if (code != SQLITE_DONE) {
        text = fail(connection->error(code, "read"));
    }
    value.reset();
    return text;
}

SqliteLog::SqliteLog(FileLock lock, std::unique_ptr<SqliteConnection> writer)
    : m_lock(std::move(lock)), m_writer(std::move(writer))
{
}

SqliteLog::~SqliteLog()
{
    if (m_written) // so it is sound, and the file alone shall hold all of it
        sqlite3_db_config(m_writer->handle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, nullptr);
}

Result<std::unique_ptr<SqliteLog>> SqliteLog::open(std::string path)
{
    auto lock = FileLock::acquire(path + ".lock");
    if (!lock && lock.error().reason == Reason::Conflict)
        return fail(Reason::Conflict,
                    fmt::format("the database {} is used by another keelsond: {}", path, lock.error().message));
    if (!lock)
        return fail(lock.error());
    TRY_OK(checkWriteAheadLog(path));
    TRY_OK(makePrivate(path));
    TRY_ASSIGN(auto writer, SqliteConnection::open(path));
    TRY_OK(checkIdentity(*writer));
    TRY_OK(writer->execute(writerPragmas));
    std::unique_ptr<SqliteLog> log(new SqliteLog(*std::move(lock), std::move(writer)));
    TRY_OK(log->prepare());
    return log;
}

Result<Done> SqliteLog::prepare()
{
    TRY_ASSIGN(m_begin, m_writer->prepare("BEGIN IMMEDIATE"));
    TRY_ASSIGN(m_insert, m_writer->prepare("INSERT INTO log VALUES (?, ?, ?, ?, ?)"));
    TRY_ASSIGN(m_delete, m_writer->prepare("DELETE FROM log WHERE id = ?"));
    TRY_ASSIGN(m_compact, m_writer->prepare("UPDATE horizon SET compacted = ?"));
    TRY_ASSIGN(m_commit, m_writer->prepare("COMMIT"));
    TRY_ASSIGN(m_compacted, m_writer->queryNumber("SELECT compacted FROM horizon"));
    sqlite3_wal_hook(
        m_writer->handle(),
        [](void* pages, sqlite3*, const char*, int count) {
            *static_cast<int*>(pages) = count;
            return SQLITE_OK;
        },
        &m_walPages);
    return Done{};
}

Result<Done> SqliteLog::run(SqliteStatement& statement)
{
    const auto code = statement.step();
    Result<Done> result = Done{};
    if (code != SQLITE_DONE)
        result = fail(m_writer->error(code, "write"));
    statement.reset();
    return result;
}

Result<Done> SqliteLog::append(std::span<const LogRow> rows, std::span<const RowId> forgotten, Revision compacted)
{
    if (rows.empty() && forgotten.empty() && compacted == m_compacted)
        return Done{};
    if (auto written = appendInTransaction(rows, forgotten, compacted); !written) {
        if (m_writer->inTransaction())
            (void)m_writer->execute("ROLLBACK"); // fails only when SQLite has already rolled back
        if (!std::exchange(m_failing, true))
            log::error("store", "{}", written.error().message);
        return written;
    }
    if (std::exchange(m_failing, false))
        log::info("store", "the database {} can be written again", m_writer->path());
    m_compacted = compacted;
    m_written = true;
    checkpointWhenDue();
    return Done{};
}

Result<Done> SqliteLog::appendInTransaction(std::span<const LogRow> rows, std::span<const RowId> forgotten,
                                            Revision compacted)
{
    TRY_OK(run(m_begin));
    for (const auto& row : rows) {
        m_insert.bind(1, row.id.number())
            .bind(2, row.created)
            .bind(3, checksum(row))
            .bind(4, row.key)
            .bind(5, row.value);
        TRY_OK(run(m_insert));
    }
    for (const auto id : forgotten) {
        m_delete.bind(1, id.number());
        TRY_OK(run(m_delete));
    }
    if (compacted != m_compacted) {
        m_compact.bind(1, compacted);
        TRY_OK(run(m_compact));
    }
    return run(m_commit);
}

/// A checkpoint that fails loses nothing: the write-ahead log keeps what it holds, and the next one tries again.
void SqliteLog::checkpointWhenDue()
{
    if (m_walPages < checkpointPages)
        return;
    const auto code =
        sqlite3_wal_checkpoint_v2(m_writer->handle(), nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
    if (code != SQLITE_OK)
        log::warning("store", "{}", m_writer->error(code, "checkpoint").message);
}

Result<std::unique_ptr<SqliteLog::Reader>> SqliteLog::takeReader()
{
    {
        const std::scoped_lock lock(m_readersMutex);
        if (!m_idleReaders.empty()) {
            auto reader = std::move(m_idleReaders.back());
            m_idleReaders.pop_back();
            return reader;
        }
    }
    auto reader = std::make_unique<Reader>();
    TRY_ASSIGN(reader->connection, SqliteConnection::open(m_writer->path()));
    TRY_OK(reader->connection->execute(readerPragmas));
    TRY_ASSIGN(reader->value,
               reader->connection->prepare("SELECT id, created, checksum, key, value FROM log WHERE id = ?"));
    TRY_ASSIGN(reader->rows, reader->connection->prepare(
                                 "SELECT id, created, checksum, key, value FROM log WHERE id >= ? ORDER BY id"));
    return reader;
}

void SqliteLog::giveBack(std::unique_ptr<Reader> reader)
{
    const std::scoped_lock lock(m_readersMutex);
    if (m_idleReaders.size() < idleReadersMax)
        m_idleReaders.push_back(std::move(reader));
}

Result<std::unique_ptr<LogSnapshot>> SqliteLog::snapshot()
{
    TRY_ASSIGN(auto reader, takeReader());
    // The first read begins the view; BEGIN alone does not.
    TRY_OK(reader->connection->execute("BEGIN; SELECT compacted FROM horizon"));
    return std::make_unique<SqliteSnapshot>(*this, std::move(reader));
}

Result<std::string> SqliteLog::value(RowId id)
{
    TRY_ASSIGN(auto reader, takeReader());
    auto value = reader->readValue(id);
    giveBack(std::move(reader));
    return value;
}

Result<Revision> SqliteLog::compacted()
{
    return m_compacted;
}

} // namespace keelson::store
