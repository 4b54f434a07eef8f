// SPDX-License-Identifier: Apache-2.0
#include "registry/store_registry.h"

#include "api/conversion.h"
#include "registry/list_rules.h"
#include "registry/scale_document.h"

#include <fmt/format.h>

namespace keelson::registry {
namespace {

constexpr std::size_t pageSize = 1000;

bool wants(const Kind& kind, const ListOptions& options, const StoredObject& object)
{
    return (options.labels.empty() || options.labels.matches(object.labels)) &&
           (options.fields.empty() || matches(kind, options.fields, object));
}

/// How many objects follow behind `last`, as far as that is known without looking at each.
std::optional<std::int64_t> countBehind(const ObjectTree& objects, const ObjectKey& last, const ListOptions& options)
{
    if (!options.labels.empty() || !options.fields.empty())
        return std::nullopt;
    constexpr char least = '\0'; // no name has it: the key lies behind all of the namespace, before all others
    const auto end = options.nameSpace.empty() ? objects.size() : objects.countUpTo({options.nameSpace + least, {}});
    return static_cast<std::int64_t>(end - objects.countUpTo(last));
}

} // namespace

Result<WatchCache::Present> StoreRegistry::resourceOf(const Kind& kind) const
{
    if (auto present = m_cache->present(kind); present.cache)
        return present;
    return fail(Reason::MethodNotAllowed, fmt::format("objects of {} are not stored", kind.resourceName()));
}

Result<StoredObjectPtr> StoreRegistry::get(const Kind& kind, const ObjectKey& key)
{
    TRY_ASSIGN(const auto resource, resourceOf(kind));
    if (auto object = resource.cache->find(key))
        return object;
    return fail(notFound(kind, key.name));
}

Result<Done> StoreRegistry::reached(std::string_view resourceVersion)
{
    TRY_ASSIGN(const auto asked, parseVersion(resourceVersion));
    const auto now = m_cache->revision();
    if (asked > now)
        return fail(tooLargeVersion(asked, now));
    return Done{};
}

/// The objects at the revision that the options ask for.
Result<ObjectTree> StoreRegistry::stateOf(KindCache& cache, const ListOptions& options, Revision& revision)
{
    TRY_ASSIGN(const auto asked, parseVersion(options.resourceVersion));
    const auto shown = m_cache->revision(); // before the snapshot, which is then at least as new
    auto [objects, changed] = cache.snapshot();
    revision = std::max(shown, changed);
    if (asked > revision)
        return fail(tooLargeVersion(asked, revision));
    if (listState(options) == ListState::Latest)
        return objects;
    revision = asked;
    if (asked >= changed) // nothing changed since
        return objects;
    return pastState(cache, asked);
}

Result<ObjectTree> StoreRegistry::pastState(KindCache& cache, Revision revision)
{
    if (auto known = m_past.find(cache.kind(), revision))
        return *std::move(known);
    ObjectTree objects;
    store::ListOptions options{
        .prefix = storePrefix(cache.kind()), .startAfter = {}, .limit = pageSize, .revision = revision};
    for (bool more = true; more;) {
        auto page = m_store.list(options);
        if (!page && page.error().reason == Reason::Expired)
            return fail(Reason::Expired, "The resourceVersion for the provided list is too old.");
        if (!page)
            return fail(std::move(page).error());
        for (const auto& record : page->records) {
            TRY_ASSIGN(auto object, cache.codec().decode(record.value, record.modRevision));
            objects.set(std::move(object));
        }
        more = page->more;
        if (more)
            options.startAfter = page->records.back().key;
    }
    m_past.remember(cache.sharedKind(), revision, objects);
    return objects;
}

/// The objects that a further page is taken from.
Result<ObjectTree> StoreRegistry::continuedState(KindCache& cache, Revision from, Revision& revision)
{
    if (from == ContinueToken::present)
        return stateOf(cache, {}, revision);
    revision = from;
    auto objects = pastState(cache, from);
    if (!objects && objects.error().reason == Reason::Expired)
        return fail(Reason::Expired,
                    "The provided continue parameter is too old to display a consistent list result. You can start a "
                    "new list without the continue parameter, or use the continue token in this response to retrieve "
                    "the remainder of the results. Continuing with the provided token results in an inconsistent "
                    "list - objects that were created, modified, or deleted between the time the first chunk was "
                    "returned and now may show up in the list.");
    return objects;
}

std::string StoreRegistry::inconsistentContinue(const std::string& continueToken) const
{
    auto token = ContinueToken::parse(continueToken);
    if (!token)
        return {};
    token->revision = ContinueToken::present;
    return token->text();
}

Result<ObjectList> StoreRegistry::list(const Kind& kind, const ListOptions& options)
{
    TRY_ASSIGN(const auto resource, resourceOf(kind));
    const auto& cache = resource.cache;
    TRY_OK(checkFields(kind, options.fields));
    TRY_OK(checkListOptions(options));
    ObjectList list;
    ObjectTree objects;
    ObjectKey after{options.nameSpace, {}};
    if (options.continueToken.empty()) {
        TRY_ASSIGN(objects, stateOf(*cache, options, list.revision));
    } else {
        TRY_ASSIGN(auto token, ContinueToken::parse(options.continueToken));
        after = std::move(token.after);
        TRY_ASSIGN(objects, continuedState(*cache, token.revision, list.revision));
    }
    bool more = false;
    const auto traits = traitsOf(kind, options.labels, options.fields);
    objects.visit(&after, traits, [&](const StoredObjectPtr& object) {
        if (!options.nameSpace.empty() && object->key.nameSpace != options.nameSpace)
            return false;
        if (!wants(kind, options, *object))
            return true;
        more = options.limit > 0 && list.objects.size() == options.limit;
        if (!more)
            list.objects.push_back(object);
        return !more;
    });
    if (more) {
        const auto& last = list.objects.back()->key;
        list.continueToken = ContinueToken{list.revision, last}.text();
        list.remaining = countBehind(objects, last, options);
        m_past.remember(cache->sharedKind(), list.revision, objects);
    }
    return list;
}

Result<std::unique_ptr<client::Watch>> StoreRegistry::watch(const Kind& kind, const WatchOptions& options,
                                                            std::shared_ptr<WatchSink> sink)
{
    TRY_ASSIGN(const auto resource, resourceOf(kind));
    const auto now = m_cache->revision();
    if (options.sendInitialEvents && options.after > now)
        return fail(tooLargeVersion(options.after, now));
    return resource.cache->watch(options, std::move(sink), now);
}

Result<Value> StoreRegistry::scale(const Kind& kind, const ObjectKey& key)
{
    if (!kind.scale)
        return fail(Reason::NotFound, fmt::format("{} have no subresource \"scale\"", kind.resourceName()));
    TRY_ASSIGN(const auto object, get(kind, key));
    return scaleIn(kind, *object);
}

/// The paths of a Scale are those of the kind's version.
Result<Value> StoreRegistry::scaleIn(const Kind& kind, const StoredObject& object)
{
    TRY_ASSIGN(auto document, api::parseJson(object.json));
    TRY_ASSIGN(const auto shown, api::convert(std::move(document), kind));
    return scaleOf(kind, shown);
}

} // namespace keelson::registry
