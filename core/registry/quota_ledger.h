// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "quota/object_counts.h"
#include "registry/watch_cache.h"

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>

namespace keelson::registry {

/// What the objects of each namespace with ResourceQuotas use of them, exact at every moment: what is committed, told
/// by the store's watch, and what writes on their way to the store claim.
///
/// An object counts with the larger of what it uses and of what any claim on it would use. So a claim whose write has
/// been committed counts once, whether or not it has ended, and of writes that compete for one name only one counts.
///
/// Threads: `start` before the first write; `changed` on the store's watch; `claim` and the end of claims anywhere.
class QuotaLedger {
public:
    explicit QuotaLedger(const api::Catalog& catalog);

    /// Reads the quotas that are there. The cache outlives the ledger.
    void start(const WatchCache& cache);
    /// An object that the store holds, held or no longer holds, before the cache shows it.
    void changed(const Kind& kind, const StoredObjectPtr& before, const StoredObjectPtr& after);

    /// Whether a write there has to ask at all.
    bool concerns(const Kind& kind, const std::string& nameSpace) const;
    /// Keeps room for the object as it would be stored, until what is returned ends. The error is why there is none, in
    /// Kubernetes' words, `Forbidden` without the object's name.
    Result<std::shared_ptr<void>> claim(const Kind& kind, const ObjectKey& key, const Value& object);

private:
    struct Quota {
        std::string name;
        api::ResourceQuotaSpec spec;
        quota::Amounts used;
    };
    struct Entry {
        std::optional<quota::Counted> stored;
        std::map<std::uint64_t, quota::Counted> claims;
        std::vector<quota::Amounts> shares; ///< What it takes of each quota now.
    };
    using EntryKey = std::pair<std::string, std::string>; ///< Resource ("widgets.example.org") and name.
    struct Space {
        std::vector<Quota> quotas;   ///< By name.
        std::set<const Kind*> kinds; ///< Built-in ones that count; custom kinds come and go.
        std::map<EntryKey, Entry> entries;
    };

    void quotaChanged(const StoredObjectPtr& before, const StoredObjectPtr& after);
    void rebuild(const std::string& nameSpace, Space& space);
    static bool counts(const Space& space, const Kind& kind);
    static quota::Counted read(const Kind& kind, const StoredObject& object);
    static void settle(Space& space, const EntryKey& key);
    static std::string exceeded(const Quota& quota, const quota::Amounts& wanted, const quota::Amounts& present);
    void release(const std::string& nameSpace, const EntryKey& entryKey, std::uint64_t id);

    const Kind& m_quotas;
    const WatchCache* m_cache = nullptr;
    std::atomic<std::size_t> m_spaceCount = 0;          ///< Most clusters have no quota: they pay for this alone.
    mutable std::mutex m_mutex;                         ///< Guards the rest.
    std::map<std::string, Space, std::less<>> m_spaces; ///< Of the namespaces that have quotas.
    std::uint64_t m_lastClaim = 0;
};

} // namespace keelson::registry
