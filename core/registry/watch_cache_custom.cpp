// SPDX-License-Identifier: Apache-2.0
#include "registry/watch_cache.h"

#include "base/log.h"
#include "customresources/custom_kind.h"

#include <algorithm>

namespace keelson::registry {
namespace {

using customresources::ServedDefinition;

std::string prefixOf(std::string_view definition)
{
    const auto dot = definition.find('.');
    const auto group = dot == std::string_view::npos ? std::string_view{} : definition.substr(dot + 1);
    return std::string("/registry/").append(group).append("/").append(definition.substr(0, dot)).append("/");
}

ServedDefinition servedBy(const StoredObject& object)
{
    const auto definition = api::parseJson(object.json);
    return definition ? customresources::servedDefinition(*definition) : ServedDefinition{};
}

/// Caches of all versions, empty; the stored version's first.
std::vector<std::shared_ptr<KindCache>> cachesFor(const ServedDefinition& served)
{
    std::vector<std::shared_ptr<KindCache>> caches{std::make_shared<KindCache>(served.stored)};
    for (const auto& kind : served.kinds)
        if (kind != served.stored)
            caches.push_back(std::make_shared<KindCache>(kind));
    return caches;
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

std::shared_ptr<KindCache> WatchCache::of(const Kind& kind) const
{
    if (const auto cache = m_byKind.find(&kind); cache != m_byKind.end())
        return cache->second;
    const std::scoped_lock lock(m_customMutex);
    if (const auto cache = m_customByKind.find(&kind); cache != m_customByKind.end())
        return cache->second;
    const auto* const present = m_catalog->findPlural(kind.groupVersion, kind.plural);
    const auto cache = m_customByKind.find(present);
    return cache == m_customByKind.end() ? nullptr : cache->second;
}

std::shared_ptr<const Kind> WatchCache::storedVersion(const Kind& kind) const
{
    const std::scoped_lock lock(m_customMutex);
    const auto resource = m_custom.find(storePrefix(kind));
    return resource == m_custom.end() ? nullptr : resource->second.caches.front()->sharedKind();
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
        const auto served = servedBy(*object);
        if (!served.stored)
            continue;
        CustomResource resource{served.fingerprint, served.kinds, cachesFor(served)};
        for (const auto& cache : resource.caches)
            TRY_OK(load(store, *cache, at));
        m_custom.emplace(prefixOf(object->key.name), std::move(resource));
    }
    publishCatalog();
    return Done{};
}

/// On the store's watch. `object` null: the definition is gone, and with it, before, its objects.
void WatchCache::definitionChanged(const std::string& name, const StoredObject* object, Revision revision)
{
    const auto prefix = prefixOf(name);
    const auto known = m_custom.find(prefix);
    if (!object) {
        if (known != m_custom.end())
            replaceCustom(prefix, std::nullopt);
        return;
    }
    const auto served = servedBy(*object);
    // Once established, a definition stays so until it is gone.
    if (!served.stored || (known != m_custom.end() && known->second.fingerprint == served.fingerprint))
        return;
    CustomResource resource{served.fingerprint, served.kinds, cachesFor(served)};
    for (const auto& cache : resource.caches) {
        if (known != m_custom.end())
            readAnew(*known->second.caches.front(), *cache);
        cache->loaded(revision);
    }
    replaceCustom(prefix, std::move(resource));
}

void WatchCache::replaceCustom(const std::string& prefix, std::optional<CustomResource> resource)
{
    std::vector<std::shared_ptr<KindCache>> old; // Their watches end, and they die, outside the lock.
    {
        const std::scoped_lock lock(m_customMutex);
        auto& place = m_custom[prefix];
        old = std::move(place.caches);
        if (resource)
            place = *std::move(resource);
        else
            m_custom.erase(prefix);
    }
    publishCatalog();
    for (const auto& cache : old)
        cache->close(makeError(Reason::Expired, "the kind was defined anew; list again"));
}

void WatchCache::publishCatalog()
{
    std::unordered_map<const Kind*, std::shared_ptr<KindCache>> byKind;
    std::vector<std::shared_ptr<const Kind>> kinds;
    for (const auto& [prefix, resource] : m_custom) {
        for (const auto& kind : resource.kinds) {
            const auto cache = std::ranges::find(resource.caches, kind, &KindCache::sharedKind);
            byKind.emplace(kind.get(), *cache);
            kinds.push_back(kind);
        }
    }
    auto catalog = std::make_shared<const api::Catalog>(api::Catalog::extended(m_builtIn, std::move(kinds)));
    const std::scoped_lock lock(m_customMutex);
    m_customByKind.swap(byKind);
    m_catalog.swap(catalog);
}

} // namespace keelson::registry
