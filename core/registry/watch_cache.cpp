// SPDX-License-Identifier: Apache-2.0
#include "registry/watch_cache.h"

#include "base/log.h"
#include "customresources/custom_kind.h"

#include <algorithm>

namespace keelson::registry {
namespace {

constexpr std::size_t loadPageSize = 500;
constexpr std::chrono::seconds bookmarkInterval{10};

/// Of a built-in kind, which nobody owns.
std::shared_ptr<const Kind> shared(const Kind& kind)
{
    return {std::shared_ptr<const void>(), &kind};
}

bool isStored(const Kind& kind)
{
    const auto has = [&](std::string_view verb) { return std::ranges::find(kind.verbs, verb) != kind.verbs.end(); };
    return has("get") && has("create");
}

/// The other versions that objects of the kind are served in.
std::vector<const Kind*> otherVersions(const api::Catalog& catalog, const Kind& kind)
{
    std::vector<const Kind*> versions;
    std::ranges::copy_if(catalog.kinds(), std::back_inserter(versions),
                         [&](const Kind* one) { return one->storedAs == &kind; });
    return versions;
}

} // namespace

WatchCache::WatchCache(const api::Catalog& catalog, const Clock& clock, Observer observer,
                       customresources::ConversionWebhooks webhooks)
    : m_builtIn(catalog),
      m_definitions(catalog.find({"apiextensions.k8s.io", "v1"}, "CustomResourceDefinition")),
      m_clock(clock),
      m_observer(std::move(observer)),
      m_webhooks(std::move(webhooks)),
      m_catalog(std::shared_ptr<const void>(), &catalog),
      m_lastBookmark(clock.steady())
{
}

WatchCache::~WatchCache() = default;

Result<std::unique_ptr<WatchCache>> WatchCache::start(store::Store& store, const api::Catalog& catalog,
                                                      const Clock& clock, Observer observer,
                                                      customresources::ConversionWebhooks webhooks)
{
    std::unique_ptr<WatchCache> cache(new WatchCache(catalog, clock, std::move(observer), std::move(webhooks)));
    TRY_OK(cache->load(store));
    auto* const raw = cache.get();
    TRY_ASSIGN(cache->m_watch, store.watch(std::string(storeRoot), cache->m_revision,
                                           [raw](std::span<const store::Event> events, Revision revision) {
                                               raw->apply(events, revision);
                                           }));
    return cache;
}

Result<Done> WatchCache::load(store::Store& store)
{
    auto at = store.revision();
    for (const auto* const kind : m_builtIn.kinds()) {
        if (!isStored(*kind))
            continue;
        const auto& stored = kind->storedAs ? *kind->storedAs : *kind;
        auto& cache = m_caches[storePrefix(stored)];
        if (!cache) {
            cache = std::make_shared<KindCache>(shared(stored), otherVersions(m_builtIn, stored));
            TRY_OK(load(store, *cache, at));
        }
        m_byKind.emplace(kind, cache);
    }
    TRY_OK(loadCustom(store, at));
    TRY_OK(loadOrphans(store, at));
    m_revision = at;
    return Done{};
}

Result<Done> WatchCache::load(store::Store& store, KindCache& cache, Revision& at)
{
    store::ListOptions options{
        .prefix = storePrefix(cache.kind()), .startAfter = {}, .limit = loadPageSize, .revision = at};
    for (bool more = true; more;) {
        TRY_ASSIGN(const auto page, store.list(options));
        for (const auto& record : page.records) {
            TRY_ASSIGN(auto object, cache.codec().decode(record.value, record.modRevision));
            if (m_observer)
                m_observer(cache.kind(), nullptr, object);
            cache.load(std::move(object));
        }
        more = page.more;
        if (more)
            options.startAfter = page.records.back().key;
    }
    cache.loaded(at);
    return Done{};
}

StoredObjectPtr WatchCache::find(const Kind& kind, const ObjectKey& key) const
{
    const auto cache = of(kind);
    return cache ? cache->find(key) : nullptr;
}

WatchCache::Present WatchCache::present(const Kind& kind) const
{
    if (const auto cache = m_byKind.find(&kind); cache != m_byKind.end())
        return {shared(kind), cache->second};
    const std::scoped_lock lock(m_customMutex);
    auto found = m_customByKind.find(&kind);
    if (found == m_customByKind.end())
        found = m_customByKind.find(m_catalog->findPlural(kind.groupVersion, kind.plural));
    if (found != m_customByKind.end())
        return found->second;
    const auto stored = kind.custom ? m_custom.find(storePrefix(kind)) : m_custom.end();
    if (stored == m_custom.end() || stored->second.cache->kind().groupVersion != kind.groupVersion)
        return {};
    return {stored->second.cache->sharedKind(), stored->second.cache};
}

std::shared_ptr<KindCache> WatchCache::of(const Kind& kind) const
{
    return present(kind).cache;
}

std::shared_ptr<KindCache> WatchCache::owner(std::string_view storeKey) const
{
    const auto prefix = prefixIn(storeKey);
    if (const auto cache = m_caches.find(prefix); cache != m_caches.end())
        return cache->second;
    const auto custom = m_custom.find(prefix);
    return custom == m_custom.end() ? nullptr : custom->second.cache;
}

void WatchCache::apply(std::span<const store::Event> events, Revision revision)
{
    std::vector<std::shared_ptr<KindCache>> touched;
    for (const auto& [type, record] : events) {
        const auto cache = owner(record.key);
        if (!cache) {
            orphanChanged(type, record);
            continue;
        }
        const auto key = objectKey(cache->kind(), storePrefix(cache->kind()), record.key);
        StoredObjectPtr object;
        if (type == store::Event::Type::Put) {
            object = read(*cache, record);
            if (!object)
                continue;
        }
        if (m_observer)
            m_observer(cache->kind(), cache->find(key), object);
        if (&cache->kind() == m_definitions)
            definitionChanged(key.name, object.get(), revision);
        cache->apply(key, std::move(object), revision);
        if (std::ranges::count(touched, cache) == 0)
            touched.push_back(cache);
    }
    for (const auto& cache : touched)
        cache->flush();
    m_revision = revision;
    if (m_clock.steady() - m_lastBookmark < bookmarkInterval)
        return;
    m_lastBookmark = m_clock.steady();
    for (const auto& [prefix, cache] : m_caches)
        cache->bookmark(revision);
    for (const auto& [prefix, resource] : m_custom)
        resource.cache->bookmark(revision);
}

StoredObjectPtr WatchCache::read(const KindCache& cache, const store::Record& record)
{
    if (auto draft = takeDraft(record)) {
        cache.codec().finish(*draft, record.value, record.modRevision);
        return draft;
    }
    auto object = cache.codec().decode(record.value, record.modRevision);
    if (object)
        return *std::move(object);
    log::error("registry", "{}: {}", record.key, object.error().message);
    return nullptr;
}

std::shared_ptr<StoredObject> WatchCache::takeDraft(const store::Record& record)
{
    const std::scoped_lock lock(m_draftsMutex);
    const auto draft = m_drafts.find(record.key);
    if (draft == m_drafts.end() || draft->second.stored != record.value)
        return nullptr;
    auto object = std::move(draft->second.object);
    m_drafts.erase(draft);
    return object;
}

void WatchCache::announce(const std::string& storeKey, std::string_view stored, std::shared_ptr<StoredObject> draft)
{
    const std::scoped_lock lock(m_draftsMutex);
    m_drafts.insert_or_assign(storeKey, Draft{std::string(stored), std::move(draft)});
}

void WatchCache::forget(const std::string& storeKey)
{
    const std::scoped_lock lock(m_draftsMutex);
    m_drafts.erase(storeKey);
}

} // namespace keelson::registry
