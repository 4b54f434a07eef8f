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
    return std::string("/registry/").append(group).append("/").append(definition.substr(0, dot)).append("/");
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
    auto resource = resourceOf(*object);
    // Once established, a definition stays so until it is gone.
    if (!resource || (known != m_custom.end() && known->second.fingerprint == resource->fingerprint))
        return;
    if (known != m_custom.end())
        readAnew(*known->second.cache, *resource->cache);
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
