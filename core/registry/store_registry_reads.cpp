// SPDX-License-Identifier: Apache-2.0
#include "registry/store_registry.h"

#include "registry/scale_document.h"

#include <fmt/format.h>

#include <charconv>

namespace keelson::registry {
namespace {

constexpr std::size_t pageSize = 1000;

Result<Revision> parseVersion(std::string_view text)
{
    Revision revision = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), revision);
    if (error != std::errc{} || end != text.data() + text.size() || revision < 0)
        return fail(Reason::BadRequest,
                    fmt::format("Invalid value: \"{}\": resourceVersion is not a version of this server", text));
    return revision;
}

Result<Done> checkListOptions(const ListOptions& options)
{
    const auto& [version, match] = std::tie(options.resourceVersion, options.resourceVersionMatch);
    if (!match.empty() && match != "Exact" && match != "NotOlderThan")
        return fail(Reason::BadRequest,
                    fmt::format("resourceVersionMatch \"{}\" is neither Exact nor NotOlderThan", match));
    if (!match.empty() && !options.continueToken.empty())
        return fail(Reason::BadRequest, "resourceVersionMatch is forbidden when continue is provided");
    if (!match.empty() && version.empty())
        return fail(Reason::BadRequest, "resourceVersionMatch is forbidden unless resourceVersion is provided");
    if (match == "Exact" && version == "0")
        return fail(Reason::BadRequest, "resourceVersionMatch \"Exact\" is forbidden for resourceVersion \"0\"");
    if (!options.continueToken.empty() && !version.empty() && version != "0")
        return fail(Reason::BadRequest, "specifying resource version is not allowed when using continue");
    return Done{};
}

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
    std::int64_t count = 0;
    objects.visit(&last, [&](const StoredObjectPtr& object) {
        if (!options.nameSpace.empty() && object->key.nameSpace != options.nameSpace)
            return false;
        ++count;
        return true;
    });
    return count;
}

} // namespace

Result<KindCache*> StoreRegistry::cacheOf(const Kind& kind) const
{
    if (auto* const cache = m_cache->of(kind))
        return cache;
    return fail(Reason::MethodNotAllowed, fmt::format("objects of {} are not stored", kind.resourceName()));
}

Result<StoredObjectPtr> StoreRegistry::get(const Kind& kind, const ObjectKey& key)
{
    TRY_ASSIGN(const auto* const cache, cacheOf(kind));
    if (auto object = cache->find(key))
        return object;
    return fail(notFound(kind, key.name));
}

/// The objects at the revision that the options ask for.
Result<ObjectTree> StoreRegistry::stateOf(KindCache& cache, const ListOptions& options, Revision& revision)
{
    TRY_ASSIGN(const auto asked, parseVersion(options.resourceVersion.empty() ? "0" : options.resourceVersion));
    const auto shown = m_cache->revision(); // before the snapshot, which is then at least as new
    auto [objects, changed] = cache.snapshot();
    revision = std::max(shown, changed);
    if (asked > revision) {
        auto error =
            makeError(Reason::Timeout, fmt::format("Too large resource version: {}, current: {}", asked, revision));
        error.retryAfterSeconds = 1;
        return fail(std::move(error));
    }
    if (options.resourceVersionMatch != "Exact" || asked >= changed) {
        if (options.resourceVersionMatch == "Exact")
            revision = asked; // nothing changed since
        return objects;
    }
    revision = asked;
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
            return fail(Reason::Expired,
                        fmt::format("The resourceVersion for the provided list is too old: the state at {} is no "
                                    "longer kept. Start a new list without continue",
                                    revision));
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
    m_past.remember(cache.kind(), revision, objects);
    return objects;
}

Result<ObjectList> StoreRegistry::list(const Kind& kind, const ListOptions& options)
{
    TRY_ASSIGN(auto* const cache, cacheOf(kind));
    TRY_OK(checkFields(kind, options.fields));
    TRY_OK(checkListOptions(options));
    ObjectList list;
    ObjectTree objects;
    ObjectKey after{options.nameSpace, {}};
    if (options.continueToken.empty()) {
        TRY_ASSIGN(objects, stateOf(*cache, options, list.revision));
    } else {
        TRY_ASSIGN(auto token, ContinueToken::parse(options.continueToken));
        list.revision = token.revision;
        after = std::move(token.after);
        TRY_ASSIGN(objects, pastState(*cache, token.revision));
    }
    bool more = false;
    objects.visit(&after, [&](const StoredObjectPtr& object) {
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
        m_past.remember(kind, list.revision, objects);
    }
    return list;
}

Result<std::unique_ptr<client::Watch>> StoreRegistry::watch(const Kind& kind, const WatchOptions& options,
                                                            std::shared_ptr<WatchSink> sink)
{
    TRY_ASSIGN(auto* const cache, cacheOf(kind));
    return cache->watch(options, std::move(sink), m_cache->revision());
}

Result<Value> StoreRegistry::scale(const Kind& kind, const ObjectKey& key)
{
    if (!kind.scale)
        return fail(Reason::NotFound, fmt::format("{} have no subresource \"scale\"", kind.resourceName()));
    TRY_ASSIGN(const auto object, get(kind, key));
    TRY_ASSIGN(const auto document, api::parseJson(object->json));
    return scaleOf(kind, document);
}

} // namespace keelson::registry
