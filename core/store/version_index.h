// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "store/log.h"

#include <deque>
#include <map>
#include <string>
#include <vector>

namespace keelson::store {

/// A value that a key has or had.
struct Version {
    RowId id;
    Revision created = 0; ///< 0: the key was deleted.

    bool live() const { return created != 0; }
};

/// Which row of the log holds the value of which key at which revision. Keeps no values.
/// Not synchronized: its owner locks.
class VersionIndex {
public:
    struct Found {
        std::string key;
        Version version;
    };

    /// Adds the newest version of a key; ids must come in growing order.
    void add(std::string_view key, Version version);
    /// Drops the first `count` rows that `superseded` gave.
    void forget(std::size_t count);

    /// The newest version, also when it is a deletion; a default one when the key was never there.
    Version newest(std::string_view key) const;
    /// The live keys at `revision`, as `options` asks; sets `more`.
    std::vector<Found> list(const ListOptions& options, Revision revision, bool& more) const;
    /// Up to `countMax` rows that nobody can ask for when nothing before `compacted` can be asked for, oldest first.
    std::vector<RowId> superseded(Revision compacted, std::size_t countMax) const;

private:
    struct Entry {
        Version newest;
        std::vector<Version> older; ///< Oldest first.
        std::size_t forgotten = 0;  ///< So many at the front of `older` are gone.

        void forgetOldest();
        Version at(Revision revision) const;
    };
    using Entries = std::map<std::string, Entry, std::less<>>;
    struct Superseded {
        Revision by; ///< The commit after which the row is of the past.
        RowId id;
        Entries::iterator entry;
    };

    Entries m_entries;
    std::deque<Superseded> m_superseded; ///< In order of `by`.
};

} // namespace keelson::store
