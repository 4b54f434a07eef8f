// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite_store.h"

#include "store/store_conformance.h"
#include "store/temporary_folder.h"
#include "support/as_nobody.h"

#include <gmock/gmock.h>
#include <sqlite3.h>

#include <csignal>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <fstream>

namespace keelson::store {
namespace {

using testing::HasSubstr;

std::unique_ptr<SqliteStore> opened(const std::string& path)
{
    auto store = SqliteStore::open({.path = path});
    EXPECT_TRUE(store) << store.error().message;
    return store ? *std::move(store) : nullptr;
}

std::string refusal(const std::string& path)
{
    const auto store = SqliteStore::open({.path = path});
    return store ? "opened" : fmt::format("{}: {}", reasonName(store.error().reason), store.error().message);
}

void query(const std::string& path, const char* sql)
{
    sqlite3* database = nullptr;
    ASSERT_EQ(sqlite3_open(path.c_str(), &database), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(database, sql, nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(database);
    sqlite3_close(database);
}

void overwrite(const std::string& path, std::streamoff at, const std::string& bytes)
{
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(at);
    file << bytes;
}

TEST(SqliteStore, isTheSameAfterReopening)
{
    const TemporaryFolder folder;
    {
        const auto store = opened(folder.file());
        for (int i = 0; i < 20; ++i)
            ASSERT_TRUE(store->commit(put(fmt::format("k{}", i % 3), std::to_string(i))));
        ASSERT_TRUE(store->commit(erase("k0")));
        ASSERT_TRUE(store->compact(19));
    }
    const auto store = opened(folder.file());
    EXPECT_EQ(store->revision(), 21);
    EXPECT_EQ(store->compactedRevision(), 19);
    EXPECT_EQ(text(store->list({})), "k1=19@20/2 k2=17@18/3");
    EXPECT_EQ(text(store->list({.revision = 19})), "k0=18@19/1 k1=16@17/2 k2=17@18/3");
    EXPECT_EQ(text(store->list({.revision = 18})), "Expired");
    Heard heard;
    const auto watch = store->watch("", 19, heard.handler());
    EXPECT_EQ(heard.text(), "20: k1=19; 21: k0-");
    EXPECT_EQ(outcome(store->commit(putIf("k0", 0, "new"))), "22");
}

TEST(SqliteStore, doesNotGrowWithWritesThatAreForgotten)
{
    const TemporaryFolder folder;
    const auto store = *SqliteStore::open({.path = folder.file(), .history = 100});
    const auto page = [&] {
        std::vector<Transaction> transactions;
        for (int i = 0; i < 1000; ++i)
            transactions.push_back(put(fmt::format("k{}", i % 10), std::string(1000, 'x')));
        for (const auto& result : store->commitEach(std::move(transactions)))
            ASSERT_TRUE(result);
    };
    for (int i = 0; i < 12; ++i)
        page();
    ASSERT_TRUE(store->compact(store->revision()));
    const auto before = std::filesystem::file_size(folder.file());
    for (int i = 0; i < 36; ++i)
        page();
    EXPECT_LE(std::filesystem::file_size(folder.file()), before + 8 * 1024 * 1024) << "36 MB were written";
}

/// Writes and tells each acknowledged revision until it is killed.
[[noreturn]] void writeForever(const std::string& path, int pipe)
{
    const auto store = SqliteStore::open({.path = path});
    if (!store)
        ::_exit(1);
    for (int i = 0;; ++i) {
        const auto revision = (*store)->commit(put(fmt::format("k{}", i), std::string(1000, 'v')));
        if (!revision || ::write(pipe, &*revision, sizeof(Revision)) != sizeof(Revision))
            ::_exit(1);
    }
}

TEST(SqliteStore, keepsWhatItAcknowledgedWhenKilled)
{
    const TemporaryFolder folder;
    for (int round = 0; round < 3; ++round) {
        const auto path = folder.file(fmt::format("{}.db", round));
        std::array<int, 2> pipe{};
        ASSERT_EQ(::pipe(pipe.data()), 0);
        const auto child = ::fork();
        if (child == 0)
            writeForever(path, pipe[1]);
        ::close(pipe[1]);
        Revision acknowledged = 0;
        for (int i = 0; i < 50 + 61 * round; ++i)
            ASSERT_EQ(::read(pipe[0], &acknowledged, sizeof acknowledged), sizeof acknowledged);
        ::kill(child, SIGKILL);
        while (::read(pipe[0], &acknowledged, sizeof acknowledged) == sizeof acknowledged) {
        }
        ::close(pipe[0]);
        ::waitpid(child, nullptr, 0);

        const auto store = opened(path);
        EXPECT_GE(store->revision(), acknowledged);
        EXPECT_LE(store->revision(), acknowledged + 1);
        for (Revision i = 0; i < acknowledged; ++i)
            EXPECT_EQ(store->get(fmt::format("k{}", i))->value, std::string(1000, 'v'));
    }
}

TEST(SqliteStore, isForOneProcess)
{
    const TemporaryFolder folder;
    const auto store = opened(folder.file());
    EXPECT_THAT(refusal(folder.file()),
                HasSubstr("Conflict: the database " + folder.file() + " is used by another keelsond"));
    EXPECT_THAT(refusal(folder.file()), HasSubstr(fmt::format("(process {})", ::getpid())));
}

TEST(SqliteStore, saysWhatIsWrongWithAFileThatItCannotUse)
{
    struct Row {
        const char* what;
        void (*damage)(const std::string& path);
        const char* refusal;
    };
    constexpr std::streamoff firstPageOfRows = 3 * 4096;
    for (const auto& [what, damage, expected] : {
             Row{"no database", [](const std::string& path) { std::ofstream(path) << std::string(9000, 'x'); },
                 "is damaged"},
             Row{"a header overwritten", [](const std::string& path) { overwrite(path, 0, "What is this"); },
                 "is damaged"},
             Row{"the end cut off", [](const std::string& path) { std::filesystem::resize_file(path, 40'000); },
                 "is damaged"},
             Row{"a page of zeros",
                 [](const std::string& path) { overwrite(path, firstPageOfRows + 4096, std::string(4096, 0)); },
                 "is damaged"},
             Row{"a byte of a value", [](const std::string& path) { overwrite(path, firstPageOfRows + 3000, "?"); },
                 "the checksum of revision"},
             Row{"from the future", [](const std::string& path) { query(path, "PRAGMA user_version = 2"); },
                 "written by a newer keelsond"},
             Row{"from somebody else", [](const std::string& path) { query(path, "PRAGMA application_id = 7"); },
                 "of another program"},
         }) {
        const TemporaryFolder folder;
        {
            const auto store = opened(folder.file());
            for (int i = 0; i < 100; ++i)
                ASSERT_TRUE(store->commit(put(fmt::format("k{}", i), std::string(1000, 'v'))));
        }
        ASSERT_FALSE(std::filesystem::exists(folder.file() + "-wal")) << "closing carries all over into the file";
        damage(folder.file());
        EXPECT_THAT(refusal(folder.file()), HasSubstr(expected)) << what;
        EXPECT_THAT(refusal(folder.file()), HasSubstr("ServiceUnavailable: ")) << what;
        EXPECT_THAT(refusal(folder.file()), HasSubstr(folder.file())) << what;
    }
}

/// A folder as a kill leaves it: 40 commits, all in the write-ahead log.
void copyOfAnOpenStore(const TemporaryFolder& from, const TemporaryFolder& to)
{
    const auto store = opened(from.file());
    for (int i = 0; i < 40; ++i)
        ASSERT_TRUE(store->commit(put(fmt::format("k{}", i), std::string(1000, 'v'))));
    std::filesystem::copy(from.file(), to.file());
    std::filesystem::copy(from.file("store.db-wal"), to.file("store.db-wal"));
}

TEST(SqliteStore, saysWhatIsWrongWithALogThatHasLostCommits)
{
    struct Row {
        const char* what;
        void (*damage)(const std::string& path);
        const char* expected;
    };
    for (const auto& [what, damage, expected] : {
             Row{"whole", [](const std::string&) {}, "opened"},
             Row{"a frame in the middle", [](const std::string& path) { overwrite(path + "-wal", 20'000, "????"); },
                 "is damaged (frame 5 of its write-ahead log"},
             Row{"the header of a frame",
                 [](const std::string& path) { overwrite(path + "-wal", 32, std::string(24, 'x')); },
                 "is damaged (frame 1 of its write-ahead log"},
             Row{"the header", [](const std::string& path) { overwrite(path + "-wal", 3, "????"); },
                 "the header of its write-ahead log"},
             Row{"the last frame torn, as a power cut leaves it",
                 [](const std::string& path) {
                     std::filesystem::resize_file(path + "-wal", std::filesystem::file_size(path + "-wal") - 100);
                 },
                 "opened"},
             Row{"the database gone", [](const std::string& path) { std::filesystem::remove(path); }, "it is missing"},
             Row{"the database empty", [](const std::string& path) { std::filesystem::resize_file(path, 0); },
                 "it is empty"},
         }) {
        const TemporaryFolder folder;
        const TemporaryFolder copy;
        copyOfAnOpenStore(folder, copy);
        damage(copy.file());
        EXPECT_THAT(refusal(copy.file()), HasSubstr(expected)) << what;
        if (std::string_view(expected) != "opened")
            EXPECT_TRUE(std::filesystem::exists(copy.file("store.db-wal"))) << what << ": it is left where it is";
    }
}

TEST(SqliteStore, isReadByItsOwnerAlone)
{
    const TemporaryFolder folder;
    std::ofstream(folder.file()).close(); // with the permissions of the process
    const auto store = opened(folder.file());
    ASSERT_TRUE(store->commit(put("k", "v")));
    for (const auto* const name : {"store.db", "store.db-wal", "store.db-shm", "store.db.lock"})
        EXPECT_EQ(std::filesystem::status(folder.file(name)).permissions(),
                  std::filesystem::perms::owner_read | std::filesystem::perms::owner_write)
            << name;
}

TEST(SqliteStore, needsAFolderThatItCanWrite)
{
    const TemporaryFolder folder;
    EXPECT_THAT(refusal(folder.file("no/store.db")), HasSubstr("no/store.db.lock: No such file or directory"));
    using std::filesystem::perms;
    std::filesystem::permissions(folder.path(),
                                 perms::owner_read | perms::owner_exec | perms::others_read | perms::others_exec);
    const support::AsNobody nobody;
    EXPECT_THAT(refusal(folder.file()), HasSubstr("Forbidden: cannot write to"));
}

/// Lets no file of this process grow beyond a size: writes fail as on a failing disk.
class FileSizeLimit {
public:
    explicit FileSizeLimit(rlim_t bytes)
    {
        m_signal = std::signal(SIGXFSZ, SIG_IGN);
        ::getrlimit(RLIMIT_FSIZE, &m_before);
        const rlimit limit{bytes, m_before.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &limit);
    }
    ~FileSizeLimit()
    {
        ::setrlimit(RLIMIT_FSIZE, &m_before);
        std::signal(SIGXFSZ, m_signal);
    }
    FileSizeLimit(const FileSizeLimit&) = delete;
    FileSizeLimit& operator=(const FileSizeLimit&) = delete;

private:
    rlimit m_before{};
    void (*m_signal)(int) = nullptr;
};

TEST(SqliteStore, refusesWritesWhileTheDiskFailsAndRecovers)
{
    const TemporaryFolder folder;
    auto store = opened(folder.file());
    ASSERT_TRUE(store->commit(put("a", "1")));
    Heard heard;
    auto watch = store->watch("", 0, heard.handler());
    {
        const FileSizeLimit limit(200'000);
        Transaction large{{{"a", 1}}, {{Operation::Type::Put, "a", "2"}}};
        for (int i = 0; i < 300; ++i)
            large.operations.push_back({Operation::Type::Put, fmt::format("k{}", i), std::string(1000, 'v')});
        const auto refused = store->commit(large);
        ASSERT_EQ(outcome(refused), "ServiceUnavailable");
        EXPECT_THAT(refused.error().message, HasSubstr("cannot write the database " + folder.file()));
        EXPECT_EQ(refused.error().retryAfterSeconds, 0) << "people must act first";
        EXPECT_EQ(text(store->list({})), "a=1@1/1") << "reads go on";
        EXPECT_EQ(outcome(store->commitEach({large, putIf("a", 1, "x")}).back()), "ServiceUnavailable")
            << "not Conflict with what was never written";
        EXPECT_EQ(outcome(commitCalledBack(*store, large)), "ServiceUnavailable");
    }
    EXPECT_EQ(outcome(store->commit(putIf("a", 1, "3"))), "2");
    EXPECT_EQ(heard.text(), "2: a=3");
    watch->reset();
    store.reset();
    EXPECT_EQ(text(opened(folder.file())->list({})), "a=3@2/1");
}

TEST(SqliteStore, saysThatTheDiskIsFull)
{
    const TemporaryFolder folder;
    if (::mount("keelson-test", folder.path().c_str(), "tmpfs", 0, "size=1m") != 0)
        GTEST_SKIP() << "only root can make a small disk";
    {
        const auto store = opened(folder.file());
        ASSERT_TRUE(store->commit(put("a", "1")));
        std::ofstream(folder.file("ballast")) << std::string(std::size_t{2} * 1024 * 1024, 'x');
        auto refused = store->commit(put("b", std::string(100'000, 'v')));
        ASSERT_EQ(outcome(refused), "ServiceUnavailable");
        EXPECT_THAT(refused.error().message, HasSubstr("the disk is full"));
        EXPECT_EQ(text(store->list({})), "a=1@1/1");
        std::filesystem::remove(folder.file("ballast"));
        EXPECT_EQ(outcome(store->commit(put("b", std::string(100'000, 'v')))), "2");
    }
    EXPECT_EQ(opened(folder.file())->revision(), 2);
    ::umount(folder.path().c_str());
}

} // namespace
} // namespace keelson::store
