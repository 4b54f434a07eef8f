// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/catalog.h"
#include "customresources/conversion_review.h"
#include "registry/kind_cache.h"

#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

namespace keelson::registry {

/// All stored kinds, kept equal to the store by one watch. When a commit is acknowledged, the cache shows it.
///
/// Custom kinds are what the stored CustomResourceDefinitions say: the same watch makes, changes and ends them, in the
/// order of the store. So a definition's kinds are there when the write that established it is acknowledged. When the
/// schema changes, the objects are read anew under it and the watches end with `Expired`. The version that objects are
/// stored in can be read and written here even when it is not served.
/// Threads: any.
class WatchCache {
public:
    /// Called for each change behind the start, on the store's watch: must not block. `after` null: deleted.
    using Observer = std::function<void(const Kind& kind, const StoredObjectPtr& before, const StoredObjectPtr& after)>;

    /// Reads the store; `InternalError` names an object that cannot be read. `webhooks` convert custom objects.
    static Result<std::unique_ptr<WatchCache>> start(store::Store& store, const api::Catalog& catalog,
                                                     const Clock& clock, Observer observer,
                                                     customresources::ConversionWebhooks webhooks = {});
    ~WatchCache();

    /// All kinds as they are now.
    std::shared_ptr<const api::Catalog> catalog() const;
    /// Of the version that objects of the kind are stored in. Null for kinds that are not stored (reviews and the
    /// like), and for custom kinds that are gone.
    std::shared_ptr<KindCache> of(const Kind& kind) const;
    /// The kind, or, when it is a custom one that has changed, what it is now; with its cache. Null when it is gone.
    struct Present {
        std::shared_ptr<const Kind> kind;
        std::shared_ptr<KindCache> cache;
    };
    Present present(const Kind& kind) const;
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

    /// The custom kinds whose objects lie under one prefix in the store.
    struct CustomResource {
        std::string fingerprint;
        std::vector<std::shared_ptr<const Kind>> kinds; ///< The served versions.
        std::shared_ptr<KindCache> cache;               ///< Of the stored one.
    };

    WatchCache(const api::Catalog& catalog, const Clock& clock, Observer observer,
               customresources::ConversionWebhooks webhooks);
    Result<Done> load(store::Store& store);
    Result<Done> loadCustom(store::Store& store, Revision& at);
    Result<Done> loadOrphans(store::Store& store, Revision& at);
    void orphan(const KindCache& cache);
    void adopt(const std::string& prefix, KindCache& cache);
    void orphanChanged(store::Event::Type type, const store::Record& record);
    void definitionChanged(const std::string& name, const StoredObject* object, Revision revision);
    void replaceCustom(const std::string& prefix, std::optional<CustomResource> resource);
    void publishCatalog();
    Result<Done> load(store::Store& store, KindCache& cache, Revision& at);
    void apply(std::span<const store::Event> events, Revision revision);
    std::shared_ptr<KindCache> owner(std::string_view storeKey) const;
    std::optional<CustomResource> resourceOf(const StoredObject& definition) const;
    StoredObjectPtr read(const KindCache& cache, const store::Record& record);
    std::shared_ptr<StoredObject> takeDraft(const store::Record& record);

    const api::Catalog& m_builtIn;
    const Kind* const m_definitions; ///< CustomResourceDefinition.
    const Clock& m_clock;
    const Observer m_observer;
    const customresources::ConversionWebhooks m_webhooks;
    std::map<std::string, std::shared_ptr<KindCache>, std::less<>>
        m_caches;                                                         ///< By prefix in the store; fixed after load.
    std::unordered_map<const Kind*, std::shared_ptr<KindCache>> m_byKind; ///< Of built-in kinds; fixed after load.

    mutable std::mutex m_customMutex; ///< Guards the next; only the store's watch changes them.
    std::map<std::string, CustomResource, std::less<>> m_custom; ///< By prefix in the store.
    std::unordered_map<const Kind*, Present> m_customByKind;
    std::shared_ptr<const api::Catalog> m_catalog;

    /// Objects whose definition is gone, by prefix and key in the store, as that holds them. They show again with a
    /// definition of that name. The store's watch alone.
    std::map<std::string, std::map<std::string, store::Record>, std::less<>> m_orphans;

    std::atomic<Revision> m_revision = 0;
    SteadyTime m_lastBookmark{}; ///< The store's watch alone.

    std::mutex m_draftsMutex;
    std::unordered_map<std::string, Draft> m_drafts; ///< By key in the store.

    std::unique_ptr<store::Watch> m_watch; ///< Ends first.
};

} // namespace keelson::registry
