// SPDX-License-Identifier: Apache-2.0
#include "registry/kind_cache.h"

#include <fmt/format.h>

#include <algorithm>

namespace keelson::registry {
namespace {

/// How much of the past a watch can begin at.
constexpr std::size_t pastEventsMax = 8192;
constexpr std::size_t pastBytesMax = std::size_t{16} * 1024 * 1024;

using EventType = client::WatchEvent::Type;

Error tooOld(Revision asked, Revision oldest)
{
    return makeError(Reason::Expired, fmt::format("too old resource version: {} ({})", asked, oldest));
}

} // namespace

struct KindCache::Watcher {
    const Kind* kind = nullptr;
    WatchOptions options;
    std::shared_ptr<WatchSink> sink;
    Revision after = 0; ///< The next event to tell is behind it.
    bool gone = false;

    bool wants(const StoredObjectPtr& object) const
    {
        if (!object || (!options.nameSpace.empty() && object->key.nameSpace != options.nameSpace))
            return false;
        return (options.labels.empty() || options.labels.matches(object->labels)) &&
               (options.fields.empty() || matches(*kind, options.fields, *object));
    }

    /// False when the sink takes no more.
    bool tell(const Change& change)
    {
        if (change.revision <= after)
            return true;
        const auto did = wants(change.before);
        const auto does = !change.deleted && wants(change.object);
        if (!did && !does)
            return true;
        after = change.revision;
        const auto type = !did ? EventType::Added : does ? EventType::Modified : EventType::Deleted;
        return sink->event({type, change.object, change.revision, false});
    }
};

class KindCache::WatchHandle : public client::Watch {
public:
    WatchHandle(std::shared_ptr<KindCache> cache, std::shared_ptr<Watcher> watcher)
        : m_cache(std::move(cache)), m_watcher(std::move(watcher))
    {
    }
    ~WatchHandle() override { m_cache->end(m_watcher); }
    WatchHandle(const WatchHandle&) = delete;
    WatchHandle& operator=(const WatchHandle&) = delete;

private:
    const std::shared_ptr<KindCache> m_cache;
    const std::shared_ptr<Watcher> m_watcher;
};

KindCache::KindCache(std::shared_ptr<const Kind> kind) : m_kind(std::move(kind)), m_codec(*m_kind), m_fields(*m_kind) {}

KindCache::Snapshot KindCache::snapshot() const
{
    const std::scoped_lock lock(m_snapshotMutex);
    return m_snapshot;
}

void KindCache::load(StoredObjectPtr object)
{
    m_tree.set(std::move(object));
}

void KindCache::loaded(Revision revision)
{
    const std::scoped_lock lock(m_snapshotMutex, m_watchMutex);
    m_snapshot = {m_tree, revision};
    m_floor = revision;
}

void KindCache::apply(const ObjectKey& key, StoredObjectPtr object, Revision revision)
{
    if (object) {
        auto before = m_tree.set(object);
        m_unflushed.push_back({std::move(object), std::move(before), false, revision});
    } else if (auto before = m_tree.remove(key)) {
        m_unflushed.push_back({m_codec.withRevision(*before, revision), std::move(before), true, revision});
    }
}

void KindCache::flush()
{
    if (m_unflushed.empty())
        return;
    ObjectTree old; // ends outside the lock: it may be the last owner of much
    {
        const std::scoped_lock lock(m_snapshotMutex);
        old = std::exchange(m_snapshot.objects, m_tree);
        m_snapshot.revision = m_unflushed.back().revision;
    }
    const std::scoped_lock lock(m_watchMutex);
    for (auto& change : m_unflushed) {
        for (const auto& watcher : m_watchers) {
            if (!watcher->gone && !watcher->tell(change)) {
                watcher->gone = true;
                watcher->sink->ended(
                    makeError(Reason::Expired, "the watch is too slow: its client does not read its events"));
            }
        }
        m_pastBytes += change.object->json.size();
        m_past.push_back(std::move(change));
    }
    m_unflushed.clear();
    while (m_past.size() > pastEventsMax || m_pastBytes > pastBytesMax) {
        m_floor = m_past.front().revision;
        m_pastBytes -= m_past.front().object->json.size();
        m_past.pop_front();
    }
}

void KindCache::close(const Error& why)
{
    const std::scoped_lock lock(m_watchMutex);
    m_closed = why;
    for (const auto& watcher : m_watchers) {
        if (!std::exchange(watcher->gone, true))
            watcher->sink->ended(why);
    }
}

void KindCache::bookmark(Revision revision)
{
    const std::scoped_lock lock(m_watchMutex);
    for (const auto& watcher : m_watchers) {
        if (watcher->gone || !watcher->options.bookmarks || watcher->after >= revision)
            continue;
        watcher->after = revision;
        (void)watcher->sink->event(
            {EventType::Bookmark, nullptr, revision, false}); // a full sink meets its end with an event
    }
}

/// Tells what happened behind `after`. With `m_watchMutex`.
Result<Done> KindCache::replay(Watcher& watcher, Revision after)
{
    if (after < m_floor)
        return fail(tooOld(after, m_floor));
    watcher.after = after;
    for (const auto& change : m_past) {
        if (!watcher.tell(change))
            return fail(Reason::Expired, "the watch is too slow: its client does not read its events");
    }
    return Done{};
}

Result<std::unique_ptr<client::Watch>> KindCache::watch(const WatchOptions& options, std::shared_ptr<WatchSink> sink,
                                                        Revision now)
{
    TRY_OK(checkFields(kind(), options.fields));
    auto watcher = std::make_shared<Watcher>(&kind(), options, std::move(sink));
    const auto initial = (options.after == 0 && !options.fromNow) || options.sendInitialEvents;
    auto after = options.after == 0 ? now : options.after;
    if (initial) {
        const auto [objects, revision] = snapshot();
        after = std::max(revision, now);
        bool open = true;
        objects.visit(nullptr, [&](const StoredObjectPtr& object) {
            if (watcher->wants(object))
                open = watcher->sink->event({EventType::Added, object, object->revision, false});
            return open;
        });
        if (open && options.sendInitialEvents && options.bookmarks)
            open = watcher->sink->event({EventType::Bookmark, nullptr, after, true});
        if (!open)
            return fail(Reason::Expired, "the watch is too slow: its client does not read its events");
    }
    {
        const std::scoped_lock lock(m_watchMutex);
        if (m_closed)
            return fail(*m_closed);
        TRY_OK(replay(*watcher, after));
        m_watchers.push_back(watcher);
    }
    return std::make_unique<WatchHandle>(shared_from_this(), std::move(watcher));
}

void KindCache::end(const std::shared_ptr<Watcher>& watcher)
{
    const std::scoped_lock lock(m_watchMutex);
    std::erase(m_watchers, watcher);
}

} // namespace keelson::registry
