// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "store/versioned_store.h"

namespace keelson::store {

/// The cluster store in one file: an SQLite database in WAL mode, synchronous=FULL. A write that was acknowledged
/// survives a power cut.
class SqliteStore : public VersionedStore {
public:
    struct Options {
        std::string path; ///< The file; its folder must exist. Beside it: PATH-wal, PATH-shm, PATH.lock.
        Revision history = historyDefault;
    };

    /// Opens or makes the database and checks every row of it. `Conflict`: another process uses it. `Forbidden`: the
    /// folder cannot be written. `ServiceUnavailable`: damaged, of a newer version, or the disk fails. Messages name
    /// the file and what to do.
    static Result<std::unique_ptr<SqliteStore>> open(const Options& options);

private:
    using VersionedStore::VersionedStore;
};

} // namespace keelson::store
