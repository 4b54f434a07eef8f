// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/catalog.h"
#include "api/codec.h"
#include "base/loop.h"
#include "client/cached_object.h"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace keelson::client {

/// resourceVersions of our own stores are numbers that grow with every write of any kind; 0 when it is not one.
std::uint64_t parseRevision(std::string_view resourceVersion);

/// A live copy of all objects of one kind: lists, watches, and lists again when the watch ends. The typed face is
/// `Informer<T>`.
///
/// Threads: construct, `addIndex` and `onChange` before `start`. `start` and `stop` on any thread. The copy changes
/// only on the loop, where the handlers run too; reading it (`find`, `all`, `select`, ...) is for any thread. Life:
/// destroyed on the loop, or after the loop has ended.
class InformerBase {
public:
    /// The values under which an object is found again.
    using IndexFunction = std::function<std::vector<std::string>(const CachedObject&)>;
    using IndexId = std::size_t;
    /// `before` is null for a new object, `now` for one that is gone.
    using Handler = std::function<void(const CachedPtr& before, const CachedPtr& now)>;

    /// The indexes that every informer has.
    static constexpr IndexId byOwnerUid = 0;

    /// Objects that another informer over the same server has decoded so are shared, when the client knows them.
    InformerBase(Client& client, Loop& loop, const Kind& kind, ListOptions options, Decode decode);
    virtual ~InformerBase();
    InformerBase(const InformerBase&) = delete;
    InformerBase& operator=(const InformerBase&) = delete;

    IndexId addIndex(IndexFunction values);
    void onChange(Handler handler);
    /// Runs on the loop after each batch of events and once the first list is in; for who waits for a revision.
    void onProgress(std::function<void()> progressed);

    void start();
    /// Ends the watch. What is queued on the loop is dropped.
    void stop();

    const Kind& kind() const { return m_kind; }
    /// The first list is in the copy, and its handlers have run.
    bool synced() const { return m_synced; }
    /// The copy shows at least every write up to here.
    std::uint64_t revision() const { return m_revision; }

    /// Null when there is none.
    CachedPtr find(const ObjectKey& key) const;
    std::vector<CachedPtr> all() const;
    std::vector<CachedPtr> inNamespace(std::string_view nameSpace) const;
    /// In the order of namespace and name.
    std::vector<CachedPtr> select(IndexId index, std::string_view value) const;
    std::size_t size() const;

private:
    struct Inbox;
    struct TextHash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
    };
    struct ByKey {
        using is_transparent = void;
        bool operator()(const CachedPtr& a, const CachedPtr& b) const { return a->key < b->key; }
        bool operator()(const CachedPtr& a, const ObjectKey& b) const { return a->key < b; }
        bool operator()(const ObjectKey& a, const CachedPtr& b) const { return a < b->key; }
    };
    using Objects = std::set<CachedPtr, ByKey>;
    using IndexMap = std::unordered_map<std::string, Objects, TextHash, std::equal_to<>>;
    struct Index {
        IndexFunction values;
        IndexMap entries;
    };

    void list();
    void watch(const std::string& resourceVersion);
    void relistLater(const Error& why);
    void replaceAll(const List& list);
    void drain(const std::shared_ptr<Inbox>& inbox);
    void apply(const WatchEvent& event);
    void put(CachedPtr now);
    void drop(const ObjectKey& key, CachedPtr last);
    void replaceIndexed(const CachedPtr& before, const CachedPtr& now);
    void notify(const CachedPtr& before, const CachedPtr& now);
    void progressed();

    Client& m_client;
    Loop& m_loop;
    const Kind& m_kind;
    const ListOptions m_options;
    const Decode m_decode;
    std::vector<Handler> m_handlers;
    std::vector<std::function<void()>> m_progress;

    mutable std::shared_mutex m_mutex; ///< Of the objects and indexes: written on the loop only.
    Objects m_objects;
    std::vector<Index> m_indexes;

    std::atomic<bool> m_synced = false;
    std::atomic<std::uint64_t> m_revision = 0;
    std::atomic<bool> m_stopped = false;
    std::mutex m_watchMutex;
    std::unique_ptr<Watch> m_watch;
    std::shared_ptr<Inbox> m_inbox; ///< Of the present watch. Loop only.
    int m_failures = 0;             ///< Lists and watches that failed in a row. Loop only.
    std::shared_ptr<char> m_alive;
};

/// As `decodeTyped`, for a kind without a struct, or for who needs no more. Of most objects that is the key and the
/// uid: see `CachedObject::meta`.
Result<CachedObject> decodeMetadata(const Encoded& encoded);

/// What the cache needs to know of an object.
template <typename T>
CachedObject cachedFrom(T read)
{
    auto object = std::make_shared<const T>(std::move(read));
    CachedObject cached;
    cached.key = {object->metadata.namespace_, object->metadata.name};
    cached.uid = object->metadata.uid;
    cached.revision = parseRevision(object->metadata.resourceVersion);
    cached.deleting = object->metadata.deletionTimestamp.has_value();
    for (const auto& owner : object->metadata.ownerReferences)
        cached.ownerUids.push_back(owner.uid);
    cached.meta = std::shared_ptr<const api::ObjectMeta>(object, &object->metadata);
    cached.object = std::move(object);
    return cached;
}

/// The object as a document, without its managedFields: informers have no use for these, and they are half of many
/// objects.
Result<Value> readEncoded(const Encoded& encoded);

/// Reads an object's JSON into the typed struct.
template <typename T>
Result<CachedObject> decodeTyped(const Encoded& encoded)
{
    TRY_ASSIGN(const auto document, readEncoded(encoded));
    TRY_ASSIGN(auto read, api::fromJson<T>(document));
    return cachedFrom(std::move(read));
}

/// The live copy of one kind as typed objects. See `InformerBase` for threads and life.
template <typename T>
class Informer : public InformerBase {
public:
    using Ptr = std::shared_ptr<const T>;

    Informer(Client& client, Loop& loop, ListOptions options = {})
        : InformerBase(client, loop, api::kindOf<T>(), std::move(options), decodeTyped<T>)
    {
    }

    static Ptr typed(const CachedPtr& cached)
    {
        return cached ? std::static_pointer_cast<const T>(cached->object) : nullptr;
    }

    IndexId addIndex(std::function<std::vector<std::string>(const T&)> values)
    {
        return InformerBase::addIndex([values = std::move(values)](const CachedObject& cached) {
            return values(*static_cast<const T*>(cached.object.get()));
        });
    }
    void onChange(std::function<void(const Ptr& before, const Ptr& now)> handler)
    {
        InformerBase::onChange([handler = std::move(handler)](const CachedPtr& before, const CachedPtr& now) {
            handler(typed(before), typed(now));
        });
    }

    /// Null when there is none.
    Ptr find(const ObjectKey& key) const { return typed(InformerBase::find(key)); }
    std::vector<Ptr> all() const { return typedAll(InformerBase::all()); }
    std::vector<Ptr> inNamespace(std::string_view nameSpace) const
    {
        return typedAll(InformerBase::inNamespace(nameSpace));
    }
    std::vector<Ptr> select(IndexId index, std::string_view value) const
    {
        return typedAll(InformerBase::select(index, value));
    }
    std::vector<Ptr> ownedBy(std::string_view uid) const { return select(byOwnerUid, uid); }

private:
    static std::vector<Ptr> typedAll(const std::vector<CachedPtr>& cached)
    {
        std::vector<Ptr> objects;
        objects.reserve(cached.size());
        for (const auto& one : cached)
            objects.push_back(typed(one));
        return objects;
    }
};

/// Reading alone: what a reconciler gets of an informer. Cheap to copy; any thread; lives as long as the informer.
template <typename T>
class Lister {
public:
    using Ptr = std::shared_ptr<const T>;

    explicit Lister(const Informer<T>& informer) : m_informer(&informer) {}
    Ptr find(const ObjectKey& key) const { return m_informer->find(key); }
    std::vector<Ptr> all() const { return m_informer->all(); }
    std::vector<Ptr> inNamespace(std::string_view nameSpace) const { return m_informer->inNamespace(nameSpace); }
    std::vector<Ptr> ownedBy(std::string_view uid) const { return m_informer->ownedBy(uid); }
    std::vector<Ptr> select(InformerBase::IndexId index, std::string_view value) const
    {
        return m_informer->select(index, value);
    }

private:
    const Informer<T>* m_informer;
};

} // namespace keelson::client
