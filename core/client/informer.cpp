// SPDX-License-Identifier: Apache-2.0
#include "client/informer.h"

#include "api/json_text.h"
#include "base/log.h"
#include "client/decoded_objects.h"

#include <algorithm>
#include <charconv>
#include <unordered_set>

namespace keelson::client {
namespace {

constexpr Duration retryInitial = Milliseconds{50};
constexpr int retryDoublingsMax = 7; // 6.4 s
constexpr std::size_t eventsPerTaskMax = 1024;

} // namespace

std::uint64_t parseRevision(std::string_view resourceVersion)
{
    std::uint64_t revision = 0;
    const auto* const end = resourceVersion.data() + resourceVersion.size();
    const auto [stop, error] = std::from_chars(resourceVersion.data(), end, revision);
    return error == std::errc{} && stop == end ? revision : 0;
}

Result<Value> readEncoded(const Encoded& encoded)
{
    return api::parseJson(api::withoutManagedFields(*encoded));
}

Result<CachedObject> decodeMetadata(const Encoded& encoded)
{
    struct Object {
        api::ObjectMeta metadata;
    };
    static const auto nothing = std::make_shared<const api::ObjectMeta>();
    TRY_ASSIGN(const auto document, readEncoded(encoded));
    Object object;
    if (const auto* metadata = api::find(document, {"metadata"})) {
        TRY_ASSIGN(object.metadata, api::fromJson<api::ObjectMeta>(*metadata));
    }
    auto cached = cachedFrom(std::move(object));
    if (!cached.deleting && cached.ownerUids.empty() && cached.meta->finalizers.empty()) {
        cached.meta = nothing; // which is half a kilobyte for each of the thousands of objects that are like that
        cached.object = nothing;
    }
    return cached;
}

/// Where a watch leaves its events until the loop fetches them.
struct InformerBase::Inbox {
    std::mutex mutex;
    std::deque<WatchEvent> events;
    std::optional<Error> ended;
    bool posted = false; ///< A task that drains it is on its way.
};

InformerBase::InformerBase(Client& client, Loop& loop, const Kind& kind, ListOptions options, Decode decode)
    : m_client(client),
      m_loop(loop),
      m_kind(kind),
      m_options(std::move(options)),
      m_decode(std::move(decode)),
      m_alive(std::make_shared<char>())
{
    m_indexes.push_back({.values = [](const CachedObject& cached) { return cached.ownerUids; }, .entries = {}});
}

InformerBase::~InformerBase()
{
    stop();
}

InformerBase::IndexId InformerBase::addIndex(IndexFunction values)
{
    m_indexes.push_back({.values = std::move(values), .entries = {}});
    return m_indexes.size() - 1;
}

void InformerBase::onChange(Handler handler)
{
    m_handlers.push_back(std::move(handler));
}

void InformerBase::onProgress(std::function<void()> progressed)
{
    m_progress.push_back(std::move(progressed));
}

void InformerBase::start()
{
    m_stopped = false;
    m_loop.post([this, alive = std::weak_ptr(m_alive)] {
        if (alive.lock())
            list();
    });
}

void InformerBase::stop()
{
    m_stopped = true;
    std::unique_ptr<Watch> ended; // its end waits for a handler that runs, so not under the lock
    {
        const std::scoped_lock lock(m_watchMutex);
        ended = std::move(m_watch);
    }
}

void InformerBase::list()
{
    if (m_stopped)
        return;
    m_inbox = nullptr; // what the last watch still says is older than this list
    {
        const std::scoped_lock lock(m_watchMutex);
        m_watch = nullptr;
    }
    const auto listed = m_client.list(m_kind, m_options);
    if (!listed)
        return relistLater(listed.error());
    replaceAll(*listed);
    m_revision = std::max<std::uint64_t>(m_revision, parseRevision(listed->resourceVersion));
    watch(listed->resourceVersion);
    m_synced = true;
    progressed();
}

void InformerBase::watch(const std::string& resourceVersion)
{
    const auto inbox = std::make_shared<Inbox>();
    m_inbox = inbox;
    const auto arrived = [this, inbox, alive = std::weak_ptr(m_alive)] {
        m_loop.post([this, inbox, alive] {
            if (alive.lock())
                drain(inbox);
        });
    };
    auto started = m_client.watch(
        m_kind, m_options, resourceVersion,
        [inbox, arrived](WatchEvent event) {
            {
                const std::scoped_lock lock(inbox->mutex);
                inbox->events.push_back(std::move(event));
                if (std::exchange(inbox->posted, true))
                    return;
            }
            arrived();
        },
        [inbox, arrived](Error error) {
            {
                const std::scoped_lock lock(inbox->mutex);
                inbox->ended = std::move(error);
                if (std::exchange(inbox->posted, true))
                    return;
            }
            arrived();
        });
    if (!started)
        return relistLater(started.error());
    m_failures = 0;
    const std::scoped_lock lock(m_watchMutex);
    if (!m_stopped)
        m_watch = *std::move(started);
}

void InformerBase::relistLater(const Error& why)
{
    const auto delay = retryInitial * (1 << std::min(m_failures++, retryDoublingsMax));
    log::debug("informer", "{}: {}; listing again", m_kind.resourceName(), why.message);
    m_loop.after(delay, [this, alive = std::weak_ptr(m_alive)] {
        if (alive.lock())
            list();
    });
}

void InformerBase::replaceAll(const List& list)
{
    std::unordered_map<const std::string*, ObjectKey>
        known; // by the shared encoding: what is unchanged needs no decoding
    std::set<ObjectKey> missing;
    for (const auto& cached : m_objects) {
        known.emplace(cached->encoded.get(), cached->key);
        missing.insert(cached->key);
    }
    for (const auto& encoded : list.objects) {
        if (const auto found = known.find(encoded.get()); found != known.end()) {
            missing.erase(found->second);
            continue;
        }
        const auto decoded = decodeOrShare(m_client.decodedObjects(), encoded, m_decode);
        if (!decoded) {
            log::error("informer", "{}: an object cannot be read: {}", m_kind.resourceName(), decoded.error().message);
            continue;
        }
        missing.erase((*decoded)->key);
        put(*decoded);
    }
    for (const auto& key : missing)
        drop(key, nullptr);
}

void InformerBase::drain(const std::shared_ptr<Inbox>& inbox)
{
    std::deque<WatchEvent> events;
    std::optional<Error> ended;
    {
        const std::scoped_lock lock(inbox->mutex);
        inbox->posted = false;
        if (inbox->events.size() <= eventsPerTaskMax) {
            events.swap(inbox->events);
            ended = inbox->ended;
        } else {
            const auto end = inbox->events.begin() + eventsPerTaskMax;
            events.assign(std::move_iterator(inbox->events.begin()), std::move_iterator(end));
            inbox->events.erase(inbox->events.begin(), end);
            inbox->posted = true;
        }
        if (inbox->posted) {
            m_loop.post([this, inbox, alive = std::weak_ptr(m_alive)] {
                if (alive.lock())
                    drain(inbox);
            });
        }
    }
    if (inbox != m_inbox || m_stopped)
        return; // of a watch before the last list
    for (const auto& event : events)
        apply(event);
    progressed();
    if (ended)
        relistLater(*ended);
}

void InformerBase::apply(const WatchEvent& event)
{
    if (event.type != WatchEvent::Type::Bookmark) {
        const auto decoded = decodeOrShare(m_client.decodedObjects(), event.object, m_decode);
        if (decoded) {
            const auto& now = *decoded;
            if (event.type == WatchEvent::Type::Deleted)
                drop(now->key, now);
            else
                put(now);
        } else {
            log::error("informer", "{}: an object cannot be read: {}", m_kind.resourceName(), decoded.error().message);
        }
    }
    if (const auto revision = parseRevision(event.resourceVersion); revision > m_revision)
        m_revision = revision;
}

void InformerBase::put(CachedPtr now)
{
    CachedPtr before;
    {
        const std::unique_lock lock(m_mutex);
        if (const auto found = m_objects.find(now->key); found != m_objects.end()) {
            auto node = m_objects.extract(found);
            before = std::exchange(node.value(), now);
            m_objects.insert(std::move(node));
        } else {
            m_objects.insert(now);
        }
        replaceIndexed(before, now);
    }
    if (before && before->revision == now->revision && before->uid == now->uid)
        return; // seen already
    notify(before, now);
}

void InformerBase::drop(const ObjectKey& key, CachedPtr last)
{
    CachedPtr before;
    {
        const std::unique_lock lock(m_mutex);
        const auto found = m_objects.find(key);
        if (found == m_objects.end())
            return;
        before = *found;
        m_objects.erase(found);
        replaceIndexed(before, nullptr);
    }
    notify(last ? last : before, nullptr);
}

void InformerBase::replaceIndexed(const CachedPtr& before, const CachedPtr& now)
{
    for (auto& index : m_indexes) {
        if (before) {
            for (const auto& value : index.values(*before)) {
                const auto found = index.entries.find(value);
                if (found == index.entries.end())
                    continue;
                found->second.erase(before);
                if (found->second.empty())
                    index.entries.erase(found);
            }
        }
        if (now) {
            for (const auto& value : index.values(*now))
                index.entries[value].insert(now);
        }
    }
}

void InformerBase::notify(const CachedPtr& before, const CachedPtr& now)
{
    for (const auto& handler : m_handlers)
        handler(before, now);
}

void InformerBase::progressed()
{
    for (const auto& callback : m_progress)
        callback();
}

CachedPtr InformerBase::find(const ObjectKey& key) const
{
    const std::shared_lock lock(m_mutex);
    const auto found = m_objects.find(key);
    return found == m_objects.end() ? nullptr : *found;
}

std::vector<CachedPtr> InformerBase::all() const
{
    const std::shared_lock lock(m_mutex);
    return {m_objects.begin(), m_objects.end()};
}

std::vector<CachedPtr> InformerBase::inNamespace(std::string_view nameSpace) const
{
    const std::shared_lock lock(m_mutex);
    std::vector<CachedPtr> objects;
    for (auto at = m_objects.lower_bound(ObjectKey{std::string(nameSpace), ""});
         at != m_objects.end() && (*at)->key.nameSpace == nameSpace; ++at)
        objects.push_back(*at);
    return objects;
}

std::vector<CachedPtr> InformerBase::select(IndexId index, std::string_view value) const
{
    const std::shared_lock lock(m_mutex);
    const auto& entries = m_indexes.at(index).entries;
    const auto found = entries.find(value);
    if (found == entries.end())
        return {};
    return {found->second.begin(), found->second.end()};
}

std::size_t InformerBase::size() const
{
    const std::shared_lock lock(m_mutex);
    return m_objects.size();
}

} // namespace keelson::client
