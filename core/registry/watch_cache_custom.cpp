// SPDX-License-Identifier: Apache-2.0
#include "registry/watch_cache.h"

#include "base/log.h"
#include "customresources/custom_kind.h"

#include <algorithm>

namespace keelson::registry {
namespace {

std::string prefixOf(std::string_view definition)
{
    const auto dot = definition.find('.');
    const auto group = dot == std::string_view::npos ? std::string_view{} : definition.substr(dot + 1);
    return std::string(storeRoot).append(group).append("/").append(definition.substr(0, dot)).append("/");
}

/// Reads the objects of one cache as those of others.
void readAnew(const KindCache& source, KindCache& cache)
{
    source.snapshot().objects.visit(nullptr, [&](const StoredObjectPtr& object) {
        auto made = cache.codec().decode(source.codec().storedBytes(*object), object->revision);
        if (made)
            cache.load(*std::move(made));
        else
            log::error("registry", "{}: {}", object->key.text(), made.error().message);
        return true;
    });
}

} // namespace

std::shared_ptr<const api::Catalog> WatchCache::catalog() const
{
    const std::scoped_lock lock(m_customMutex);
    return m_catalog;
}

/// What an established definition makes, with an empty cache; nothing when it makes nothing.
std::optional<WatchCache::CustomResource> WatchCache::resourceOf(const StoredObject& definition) const
{
    const auto document = api::parseJson(definition.json);
    if (!document)
        return std::nullopt;
    auto served = customresources::servedDefinition(*document, m_webhooks);
    if (!served.stored)
        return std::nullopt;
    std::vector<const Kind*> others;
    for (const auto& kind : served.kinds)
        if (kind != served.stored)
            others.push_back(kind.get());
    return CustomResource{std::move(served.fingerprint), std::move(served.kinds),
                          std::make_shared<KindCache>(std::move(served.stored), others)};
}

Result<Done> WatchCache::loadCustom(store::Store& store, Revision& at)
{
    const auto definitions = m_definitions ? of(*m_definitions) : nullptr;
    if (!definitions)
        return Done{};
    std::vector<StoredObjectPtr> all;
    definitions->snapshot().objects.visit(nullptr, [&](const StoredObjectPtr& object) {
        all.push_back(object);
        return true;
    });
    for (const auto& object : all) {
        auto resource = resourceOf(*object);
        if (!resource)
            continue;
        TRY_OK(load(store, *resource->cache, at));
        m_custom.emplace(prefixOf(object->key.name), *std::move(resource));
    }
    publishCatalog();
    return Done{};
}

/// A key behind the first one of each prefix that belongs to nobody is enough to find it.
Result<Done> WatchCache::loadOrphans(store::Store& store, Revision& at)
{
    store::ListOptions next{.prefix = std::string(storeRoot), .startAfter = {}, .limit = 1, .revision = at};
    while (true) {
        TRY_ASSIGN(const auto first, store.list(next));
        if (first.records.empty())
            return Done{};
        next.startAfter = first.records.front().key;
        std::string prefix(prefixIn(next.startAfter));
        if (prefix.empty())
            continue;
        if (!owner(prefix)) {
            TRY_ASSIGN(const auto all, store.list({.prefix = prefix, .startAfter = {}, .limit = 0, .revision = at}));
            for (const auto& record : all.records)
                m_orphans[prefix].emplace(record.key, record);
        }
        prefix.back() = '/' + 1; // behind all keys of the prefix
        next.startAfter = std::move(prefix);
    }
}

/// Keeps what lies in a cache that ends.
void WatchCache::orphan(const KindCache& cache)
{
    cache.snapshot().objects.visit(nullptr, [&](const StoredObjectPtr& object) {
        store::Record record{.key = storeKey(cache.kind(), object->key),
                             .value = cache.codec().storedBytes(*object),
                             .createRevision = 0,
                             .modRevision = object->revision};
        m_orphans[storePrefix(cache.kind())].insert_or_assign(record.key, std::move(record));
        if (m_observer)
            m_observer(cache.kind(), object, nullptr);
        return true;
    });
}

/// Gives a cache that begins what a definition of the same name has left. What was in namespaces before and is not now,
/// or the other way, stays where it is.
void WatchCache::adopt(const std::string& prefix, KindCache& cache)
{
    const auto found = m_orphans.find(prefix);
    if (found == m_orphans.end())
        return;
    std::erase_if(found->second, [&](const auto& item) {
        const auto& record = item.second;
        const bool inNamespace = record.key.find('/', prefix.size()) != std::string::npos;
        if (inNamespace != cache.kind().namespaced)
            return false;
        auto object = cache.codec().decode(record.value, record.modRevision);
        if (!object) {
            log::error("registry", "{}: {}", record.key, object.error().message);
            return false;
        }
        if (m_observer)
            m_observer(cache.kind(), nullptr, *object);
        cache.load(*std::move(object));
        return true;
    });
    if (found->second.empty())
        m_orphans.erase(found);
}

/// A write that began while there was a definition may come after its end.
void WatchCache::orphanChanged(store::Event::Type type, const store::Record& record)
{
    const auto prefix = prefixIn(record.key);
    if (prefix.empty())
        return;
    if (type == store::Event::Type::Put)
        m_orphans[std::string(prefix)].insert_or_assign(record.key, record);
    else if (const auto found = m_orphans.find(prefix); found != m_orphans.end())
        found->second.erase(record.key);
}

/// On the store's watch. `object` null: the definition is gone, and with it, before, its objects, unless somebody took
/// its finalizer off.
void WatchCache::definitionChanged(const std::string& name, const StoredObject* object, Revision revision)
{
    const auto prefix = prefixOf(name);
    const auto known = m_custom.find(prefix);
    if (!object) {
        if (known == m_custom.end())
            return;
        orphan(*known->second.cache);
        replaceCustom(prefix, std::nullopt);
        return;
    }
    auto resource = resourceOf(*object);
    // Once established, a definition stays so until it is gone.
    if (!resource || (known != m_custom.end() && known->second.fingerprint == resource->fingerprint))
        return;
    if (known != m_custom.end())
        readAnew(*known->second.cache, *resource->cache);
    else
        adopt(prefix, *resource->cache);
    resource->cache->loaded(revision);
    replaceCustom(prefix, std::move(resource));
}

void WatchCache::replaceCustom(const std::string& prefix, std::optional<CustomResource> resource)
{
    std::shared_ptr<KindCache> old; // Its watches end, and it dies, outside the lock.
    {
        const std::scoped_lock lock(m_customMutex);
        auto& place = m_custom[prefix];
        old = std::move(place.cache);
        if (resource)
            place = *std::move(resource);
        else
            m_custom.erase(prefix);
    }
    publishCatalog();
    if (old)
        old->close(makeError(Reason::Expired, "the kind was defined anew; list again"));
}

void WatchCache::publishCatalog()
{
    std::unordered_map<const Kind*, Present> byKind;
    std::vector<std::shared_ptr<const Kind>> kinds;
    for (const auto& [prefix, resource] : m_custom) {
        for (const auto& kind : resource.kinds) {
            byKind.emplace(kind.get(), Present{kind, resource.cache});
            kinds.push_back(kind);
        }
    }
    auto catalog = std::make_shared<const api::Catalog>(api::Catalog::extended(m_builtIn, std::move(kinds)));
    const std::scoped_lock lock(m_customMutex);
    m_customByKind.swap(byKind);
    m_catalog.swap(catalog);
}

} // namespace keelson::registry
