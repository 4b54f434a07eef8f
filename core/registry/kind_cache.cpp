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

/// What a watch of few objects demands: one value of a name, a field or a namespace. Such watches are found by it, so
/// that thousands of them (each node's agent has some) cost a write nothing.
struct KindCache::Pin {
    enum Part : std::size_t { Name, NameSpace, Field }; ///< Field + i: kind.fieldSelectors[i].
    std::size_t part = 0;
    std::string value;

    static std::optional<Pin> of(const Kind& kind, const WatchOptions& options)
    {
        for (const auto& [field, value, equal] : options.fields.requirements()) {
            const auto place = std::ranges::find(kind.fieldSelectors, field);
            if (equal && field == "metadata.name")
                return Pin{Name, value};
            if (equal && place != kind.fieldSelectors.end())
                return Pin{Field + static_cast<std::size_t>(place - kind.fieldSelectors.begin()), value};
        }
        return options.nameSpace.empty() ? std::nullopt : std::optional(Pin{NameSpace, options.nameSpace});
    }

    static const std::string& valueIn(const StoredObject& object, std::size_t part)
    {
        return part == Name ? object.key.name : part == NameSpace ? object.key.nameSpace : object.fields[part - Field];
    }
};

struct KindCache::Watcher {
    const Kind* kind = nullptr;
    WatchOptions options;
    std::optional<Pin> pin;
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
        return sink->event({type, change.object, change.revision, false, change.before ? &change.before : nullptr});
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

KindCache::KindCache(std::shared_ptr<const Kind> kind, std::span<const Kind* const> others)
    : m_kind(std::move(kind)), m_codec(*m_kind), m_fields(*m_kind, others)
{
}

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
        tell(change);
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

/// With `m_watchMutex`.
void KindCache::tell(const Change& change)
{
    const auto tellEach = [&](const Watchers& watchers) {
        for (const auto& watcher : watchers) {
            if (watcher->gone || watcher->tell(change))
                continue;
            watcher->gone = true;
            watcher->sink->ended(
                makeError(Reason::Expired, "the watch is too slow: its client does not read its events"));
        }
    };
    tellEach(m_watchers);
    for (const auto& [part, watchers] : m_pinned) {
        const auto tellPinned = [&, &byValue = watchers](const std::string& value) {
            if (const auto found = byValue.find(value); found != byValue.end())
                tellEach(found->second);
        };
        const auto& now = Pin::valueIn(*change.object, part);
        tellPinned(now);
        if (change.before && Pin::valueIn(*change.before, part) != now)
            tellPinned(Pin::valueIn(*change.before, part));
    }
}

void KindCache::forEachWatcher(const std::function<void(Watcher&)>& visit) const
{
    for (const auto& watcher : m_watchers)
        visit(*watcher);
    for (const auto& [part, byValue] : m_pinned) {
        for (const auto& [value, watchers] : byValue) {
            for (const auto& watcher : watchers)
                visit(*watcher);
        }
    }
}

void KindCache::close(const Error& why)
{
    const std::scoped_lock lock(m_watchMutex);
    m_closed = why;
    forEachWatcher([&](Watcher& watcher) {
        if (!std::exchange(watcher.gone, true))
            watcher.sink->ended(why);
    });
}

void KindCache::bookmark(Revision revision)
{
    const std::scoped_lock lock(m_watchMutex);
    forEachWatcher([&](Watcher& watcher) {
        if (watcher.gone || !watcher.options.bookmarks || watcher.after >= revision)
            return;
        watcher.after = revision;
        (void)watcher.sink->event(
            {EventType::Bookmark, nullptr, revision, false}); // a full sink meets its end with an event
    });
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
    auto watcher = std::make_shared<Watcher>(&kind(), options, Pin::of(kind(), options), std::move(sink));
    const auto initial = (options.after == 0 && !options.fromNow) || options.sendInitialEvents;
    auto after = options.after == 0 ? now : options.after;
    if (initial) {
        const auto [objects, revision] = snapshot();
        after = std::max(revision, now);
        bool open = true;
        objects.visit(nullptr, traitsOf(kind(), options.labels, options.fields), [&](const StoredObjectPtr& object) {
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
        (watcher->pin ? m_pinned[watcher->pin->part][watcher->pin->value] : m_watchers).push_back(watcher);
    }
    return std::make_unique<WatchHandle>(shared_from_this(), std::move(watcher));
}

void KindCache::end(const std::shared_ptr<Watcher>& watcher)
{
    const std::scoped_lock lock(m_watchMutex);
    if (!watcher->pin) {
        std::erase(m_watchers, watcher);
        return;
    }
    auto& byValue = m_pinned[watcher->pin->part];
    const auto found = byValue.find(watcher->pin->value);
    if (found == byValue.end() || std::erase(found->second, watcher) == 0 || !found->second.empty())
        return;
    byValue.erase(found);
    if (byValue.empty())
        m_pinned.erase(watcher->pin->part);
}

} // namespace keelson::registry
