// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "registry/kind_cache.h"

#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <unordered_map>

namespace keelson::registry {

/// All stored kinds, kept equal to the store by one watch. When a commit is acknowledged, the cache shows it.
/// Threads: any.
class WatchCache {
public:
    /// Called for each change behind the start, on the store's watch: must not block. `after` null: deleted.
    using Observer = std::function<void(const Kind& kind, const StoredObjectPtr& before, const StoredObjectPtr& after)>;

    /// Reads the store; `InternalError` names an object that cannot be read.
    static Result<std::unique_ptr<WatchCache>> start(store::Store& store, const api::Catalog& catalog,
                                                     const Clock& clock, Observer observer);
    ~WatchCache();

    /// Null for kinds that are not stored (reviews and the like).
    KindCache* of(const Kind& kind) const;
    StoredObjectPtr find(const Kind& kind, const ObjectKey& key) const;
    /// Up to here every change of the store is shown. Read it before a snapshot: the snapshot is then at least as new.
    Revision revision() const { return m_revision; }

    /// What is about to be written: spares the cache to read the bytes again. `draft` becomes the cache's.
    void announce(const std::string& storeKey, std::string_view stored, std::shared_ptr<StoredObject> draft);
    /// The write is over, whether it succeeded or not.
    void forget(const std::string& storeKey);

private:
    struct Draft {
        std::string stored;
        std::shared_ptr<StoredObject> object;
    };

    WatchCache(const Clock& clock, Observer observer);
    Result<Done> load(store::Store& store, const api::Catalog& catalog);
    Result<Done> load(store::Store& store, KindCache& cache, Revision& at);
    void apply(std::span<const store::Event> events, Revision revision);
    KindCache* owner(std::string_view storeKey) const;
    StoredObjectPtr read(const KindCache& cache, const store::Record& record);
    std::shared_ptr<StoredObject> takeDraft(const store::Record& record);

    const Clock& m_clock;
    const Observer m_observer;
    std::map<std::string, std::shared_ptr<KindCache>, std::less<>>
        m_caches; ///< By prefix in the store; fixed after load.
    std::unordered_map<const Kind*, KindCache*> m_byKind;
    std::atomic<Revision> m_revision = 0;
    SteadyTime m_lastBookmark{}; ///< The store's watch alone.

    std::mutex m_draftsMutex;
    std::unordered_map<std::string, Draft> m_drafts; ///< By key in the store.

    std::unique_ptr<store::Watch> m_watch; ///< Ends first.
};

} // namespace keelson::registry
