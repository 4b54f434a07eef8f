// SPDX-License-Identifier: Apache-2.0
#include "store/memory_store.h"
#include "store/sqlite_store.h"

#include "store/store_conformance.h"
#include "store/temporary_folder.h"

namespace keelson::store {
namespace {

struct MakeMemoryStore {
    std::unique_ptr<Store> make() { return std::make_unique<MemoryStore>(); }
};

struct MakeSqliteStore {
    TemporaryFolder folder;
    std::unique_ptr<Store> make() { return *SqliteStore::open({.path = folder.file()}); }
};

INSTANTIATE_TYPED_TEST_SUITE_P(Memory, StoreConformance, MakeMemoryStore);
INSTANTIATE_TYPED_TEST_SUITE_P(Sqlite, StoreConformance, MakeSqliteStore);

TEST(History, isForgottenByItselfBeyondItsLength)
{
    MemoryStore store(100);
    for (int i = 0; i < 1000; ++i)
        ASSERT_TRUE(store.commit(put("a", std::to_string(i))));
    EXPECT_GE(store.compactedRevision(), 600);
    EXPECT_LE(store.compactedRevision(), 900);
    EXPECT_EQ(text(store.list({.revision = 10})), "Expired");
    EXPECT_EQ(text(store.list({.revision = 950})), "a=949@950/1");
}

} // namespace
} // namespace keelson::store
