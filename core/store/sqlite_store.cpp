// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite_store.h"

#include "store/sqlite_log.h"

namespace keelson::store {

Result<std::unique_ptr<SqliteStore>> SqliteStore::open(const Options& options)
{
    TRY_ASSIGN(auto log, SqliteLog::open(options.path));
    std::unique_ptr<SqliteStore> store(new SqliteStore(std::move(log), options.history));
    TRY_OK(store->load());
    return store;
}

} // namespace keelson::store
