// SPDX-License-Identifier: Apache-2.0
#include "store/versioned_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <ranges>
#include <unordered_map>
#include <unordered_set>

namespace keelson::store {
namespace {

/// What one append to the log may hold; what is queued beyond goes into the next.
constexpr std::size_t groupOperationsMax = 4096;
constexpr std::size_t groupBytesMax = std::size_t{16} * 1024 * 1024;
/// Rows forgotten with one append at most, and the step in which the horizon of the past moves.
constexpr std::size_t forgottenRowsMin = 64;
constexpr std::size_t forgottenRowsMax = 4096;
constexpr Revision compactionStep = 256;

Result<Done> checkShape(const Transaction& transaction)
{
    const auto& operations = transaction.operations;
    if (operations.size() > transactionOperationsMax)
        return fail(Reason::Invalid, fmt::format("a transaction of {} operations; at most {} are allowed",
                                                 operations.size(), transactionOperationsMax));
    std::unordered_set<std::string_view> keys;
    for (const auto& operation : operations) {
        if (operation.key.empty())
            return fail(Reason::Invalid, "a transaction with an empty key");
        if (operations.size() > 1 && !keys.insert(operation.key).second)
            return fail(Reason::Invalid, fmt::format("a transaction that writes \"{}\" twice", operation.key));
    }
    return Done{};
}

} // namespace

struct VersionedStore::Request {
    std::vector<Transaction> transactions;
    Revision compactTo = 0; ///< 0: none.
    std::vector<Result<Revision>> results;
    Result<Done> compacted = Done{};
    Committed committed; ///< Empty: the caller waits.

    std::mutex mutex; ///< Guards the rest.
    std::condition_variable wake;
    bool done = false;
    bool mayLead = false;

    void tell(bool Request::* what)
    {
        {
            const std::scoped_lock lock(mutex);
            this->*what = true;
        }
        wake.notify_one(); // outside: the waiter would wake only to wait for the mutex
    }
    void finish()
    {
        if (committed)
            std::exchange(committed, nullptr)(std::move(results));
        else
            tell(&Request::done);
    }
    bool waitUntilDone() ///< False: not done, but this caller is to lead.
    {
        std::unique_lock lock(mutex);
        wake.wait(lock, [this] { return done || mayLead; });
        return done;
    }
};

/// What one append to the log is made of.
struct VersionedStore::Group {
    std::vector<std::shared_ptr<Request>> requests;
    std::vector<LogRow> rows;                             ///< Their texts live in the requests.
    std::unordered_map<std::string_view, Version> newest; ///< Of the keys that `rows` write.
    Revision revision = 0;
    Revision compactTo = 0;
};

struct VersionedStore::Watcher {
    std::string prefix;
    Revision after = 0;
    WatchHandler handler;

    void tell(std::span<const Event> commit) const
    {
        const auto revision = commit.front().record.modRevision;
        if (revision <= after)
            return;
        const auto concerns = [this](const Event& event) { return event.record.key.starts_with(prefix); };
        if (std::ranges::all_of(commit, concerns))
            return handler(commit, revision);
        std::vector<Event> some;
        std::ranges::copy_if(commit, std::back_inserter(some), concerns);
        if (!some.empty())
            handler(some, revision);
    }

    /// `events`: whole commits one after the other.
    void tellEach(std::span<const Event> events) const
    {
        while (!events.empty()) {
            const auto revision = events.front().record.modRevision;
            const auto next = std::ranges::find_if(
                events, [revision](const Event& event) { return event.record.modRevision != revision; });
            const auto count = static_cast<std::size_t>(next - events.begin());
            tell(events.first(count));
            events = events.subspan(count);
        }
    }
};

class VersionedStore::WatchHandle : public Watch {
public:
    WatchHandle(VersionedStore& store, const Watcher* watcher) : m_store(store), m_watcher(watcher) {}
    ~WatchHandle() override { m_store.remove(m_watcher); }
    WatchHandle(const WatchHandle&) = delete;
    WatchHandle& operator=(const WatchHandle&) = delete;

private:
    VersionedStore& m_store;
    const Watcher* m_watcher;
};

VersionedStore::VersionedStore(std::unique_ptr<Log> log, Revision history) : m_log(std::move(log)), m_history(history)
{
}

VersionedStore::~VersionedStore() = default;

Result<Done> VersionedStore::load()
{
    TRY_ASSIGN(m_compacted, m_log->compacted());
    TRY_ASSIGN(const auto snapshot, m_log->snapshot());
    TRY_OK(snapshot->visit(0, RowId::fromNumber(INT64_MAX).revision(), [this](const LogRow& row) {
        m_index.add(row.key, {row.id, row.created});
        m_revision = row.id.revision();
    }));
    m_revision = std::max(m_revision.load(), m_compacted.load());
    m_published = m_revision;
    return Done{};
}

Result<Record> VersionedStore::get(std::string_view key)
{
    for (;;) {
        Version version;
        {
            const std::shared_lock lock(m_indexMutex);
            version = m_index.newest(key);
        }
        if (!version.live())
            return fail(Reason::NotFound, fmt::format("key \"{}\" not found", key));
        auto value = m_log->value(version.id);
        if (value)
            return Record{std::string(key), *std::move(value), version.created, version.id.revision()};
        if (value.error().reason != Reason::NotFound)
            return fail(std::move(value).error());
        // Superseded and forgotten between the two looks: look again.
    }
}

Result<Page> VersionedStore::list(const ListOptions& options)
{
    Page page;
    std::vector<VersionIndex::Found> found;
    std::unique_ptr<LogSnapshot> snapshot;
    {
        const std::shared_lock lock(m_indexMutex);
        page.revision = options.revision > 0 ? options.revision : m_revision.load();
        if (page.revision > m_revision)
            return fail(Reason::Invalid, fmt::format("revision {} is not there yet; the latest is {}", page.revision,
                                                     m_revision.load()));
        if (page.revision < m_compacted)
            return fail(Reason::Expired, fmt::format("revision {} has been compacted; the oldest is {}", page.revision,
                                                     m_compacted.load()));
        found = m_index.list(options, page.revision, page.more);
        // Taken under the lock: rows are forgotten only after the horizon moved, which needs the lock.
        TRY_ASSIGN(snapshot, m_log->snapshot());
    }
    page.records.reserve(found.size());
    for (auto& [key, version] : found) {
        TRY_ASSIGN(auto value, snapshot->value(version.id));
        page.records.push_back({std::move(key), std::move(value), version.created, version.id.revision()});
    }
    return page;
}

std::vector<Result<Revision>> VersionedStore::commitEach(std::vector<Transaction> transactions)
{
    const auto request = std::make_shared<Request>();
    request->transactions = std::move(transactions);
    carryOut(request);
    return std::move(request->results);
}

void VersionedStore::commitEach(std::vector<Transaction> transactions, Committed done)
{
    const auto request = std::make_shared<Request>();
    request->transactions = std::move(transactions);
    request->committed = std::move(done);
    std::unique_lock lock(m_queueMutex);
    m_queue.push_back(request);
    if (!std::exchange(m_leading, true))
        lead(lock);
}

Result<Done> VersionedStore::compact(Revision revision)
{
    if (revision > m_revision)
        return fail(Reason::Invalid,
                    fmt::format("cannot compact up to revision {}: the latest is {}", revision, m_revision.load()));
    const auto request = std::make_shared<Request>();
    request->compactTo = revision;
    carryOut(request);
    return request->compacted;
}

/// Returns when the request is done: by this caller or by another one.
void VersionedStore::carryOut(const std::shared_ptr<Request>& request)
{
    std::unique_lock lock(m_queueMutex);
    m_queue.push_back(request);
    if (m_leading) {
        lock.unlock();
        if (request->waitUntilDone())
            return;
        lock.lock();
    }
    m_leading = true;
    lead(lock);
}

/// Commits what is in the queue, the caller's own request first among it if it has one; then lets the next one lead.
void VersionedStore::lead(std::unique_lock<std::mutex>& lock)
{
    Group group;
    std::size_t operations = 0;
    std::size_t bytes = 0;
    while (!m_queue.empty() && operations < groupOperationsMax && bytes < groupBytesMax) {
        group.requests.push_back(std::move(m_queue.front()));
        m_queue.pop_front();
        for (const auto& transaction : group.requests.back()->transactions) {
            operations += transaction.operations.size();
            for (const auto& operation : transaction.operations)
                bytes += operation.key.size() + operation.value.size();
        }
    }
    lock.unlock();

    group.revision = m_revision;
    for (const auto& request : group.requests)
        plan(group, *request);
    write(group);

    handOn();
    publish();
    // The last look at this store: it may end as soon as all have been told.
    for (const auto& request : group.requests)
        request->finish();
}

/// Lets the next in the queue lead.
void VersionedStore::handOn()
{
    std::shared_ptr<Request> next;
    {
        const std::scoped_lock lock(m_queueMutex);
        m_leading = !m_queue.empty();
        if (m_leading)
            next = m_queue.front();
    }
    if (next && next->committed)
        m_committers.run([this] {
            std::unique_lock lock(m_queueMutex);
            lead(lock);
        });
    else if (next)
        next->tell(&Request::mayLead);
}

Version VersionedStore::newest(const Group& group, std::string_view key) const
{
    const auto planned = group.newest.find(key);
    return planned == group.newest.end() ? m_index.newest(key) : planned->second;
}

Result<Done> VersionedStore::check(const Group& group, const Transaction& transaction) const
{
    TRY_OK(checkShape(transaction));
    for (const auto& [key, modRevision] : transaction.expectations) {
        const auto version = newest(group, key);
        const auto actual = version.live() ? version.id.revision() : 0;
        if (actual != modRevision)
            return fail(Reason::Conflict,
                        fmt::format("key \"{}\" is at revision {}, not {}", key, actual, modRevision));
    }
    return Done{};
}

/// Decides what the request's transactions become: rows, or results at once.
void VersionedStore::plan(Group& group, Request& request)
{
    group.compactTo = std::max(group.compactTo, request.compactTo);
    request.results.reserve(request.transactions.size());
    for (const auto& transaction : request.transactions) {
        if (auto checked = check(group, transaction); !checked) {
            request.results.push_back(fail(std::move(checked).error()));
            continue;
        }
        const auto revision = group.revision + 1;
        std::size_t index = 0;
        for (const auto& [type, key, value] : transaction.operations) {
            const auto before = newest(group, key);
            const auto isDelete = type == Operation::Type::Delete;
            if (isDelete && !before.live())
                continue;
            const RowId id(revision, index++);
            const auto created = isDelete ? 0 : before.live() ? before.created : revision;
            group.rows.push_back({id, created, key, isDelete ? std::string_view{} : std::string_view(value)});
            group.newest[key] = {id, created};
        }
        if (index > 0)
            group.revision = revision;
        request.results.emplace_back(group.revision);
    }
}

Revision VersionedStore::compactionTarget(Revision revision) const
{
    const Revision oldest = m_compacted;
    if (m_history == 0 || revision - m_history < oldest + compactionStep)
        return oldest;
    return revision - m_history;
}

/// Nothing of the group was written. Also conflicts are void: they may have been with what was not written.
void VersionedStore::refuse(Group& group, const Error& error)
{
    for (const auto& request : group.requests) {
        for (auto& result : request->results) {
            if (result || result.error().reason == Reason::Conflict)
                result = fail(error);
        }
        request->compacted = fail(error);
    }
}

/// Appends the group to the log, then to the index and to what watches will be told.
void VersionedStore::write(Group& group)
{
    const auto compactTo = std::max(group.compactTo, compactionTarget(group.revision));
    std::vector<RowId> forgotten;
    {
        const std::scoped_lock lock(m_indexMutex); // before rows vanish: who lists the past must see the new horizon
        m_compacted = std::max(m_compacted.load(), std::min(compactTo, m_revision.load()));
        forgotten =
            m_index.superseded(m_compacted, std::clamp(group.rows.size() * 2, forgottenRowsMin, forgottenRowsMax));
    }
    if (!group.rows.empty()) {
        if (auto appended = m_log->append(group.rows, forgotten, m_compacted); !appended) {
            refuse(group, appended.error());
            return;
        }
        const std::scoped_lock lock(m_indexMutex);
        for (const auto& row : group.rows)
            m_index.add(row.key, {row.id, row.created});
        m_index.forget(forgotten.size());
        m_revision = group.revision;
    }
    std::vector<Event> events;
    events.reserve(group.rows.size());
    for (const auto& row : group.rows)
        events.push_back({row.created == 0 ? Event::Type::Delete : Event::Type::Put,
                          {std::string(row.key), std::string(row.value), row.created, row.id.revision()}});
    if (!events.empty()) {
        const std::scoped_lock lock(m_unpublishedMutex);
        m_unpublished.push_back(std::move(events));
    }
    if (group.compactTo > 0) {
        auto done = forget(group.compactTo, forgottenRowsMax);
        for (const auto& request : group.requests)
            request->compacted = done;
    }
}

/// Drops all rows that nobody can ask for any more.
Result<Done> VersionedStore::forget(Revision compacted, std::size_t rowsMax)
{
    for (;;) {
        const auto rows = m_index.superseded(compacted, rowsMax);
        TRY_OK(m_log->append({}, rows, m_compacted));
        if (rows.empty())
            return Done{};
        const std::scoped_lock lock(m_indexMutex);
        m_index.forget(rows.size());
    }
}

/// Tells the watches what has become durable, in order. Returns when all that was durable at the call is told.
void VersionedStore::publish()
{
    const std::scoped_lock lock(m_publishMutex);
    for (;;) {
        std::vector<Event> events;
        {
            const std::scoped_lock unpublished(m_unpublishedMutex);
            if (m_unpublished.empty())
                return;
            events = std::move(m_unpublished.front());
            m_unpublished.pop_front();
        }
        for (const auto& watcher : m_watchers)
            watcher->tellEach(events);
        m_published = events.back().record.modRevision;
    }
}

Result<std::unique_ptr<Watch>> VersionedStore::watch(std::string prefix, Revision after, WatchHandler handler)
{
    const Revision now = m_revision;
    if (after > now)
        return fail(Reason::Invalid, fmt::format("cannot watch from revision {}: the latest is {}", after, now));
    auto watcher = std::make_shared<Watcher>();
    watcher->prefix = std::move(prefix);
    watcher->after = after > 0 ? after : now;
    watcher->handler = std::move(handler);

    const std::scoped_lock lock(m_publishMutex);
    if (watcher->after < m_published) {
        std::unique_ptr<LogSnapshot> snapshot;
        {
            const std::shared_lock index(m_indexMutex);
            if (watcher->after < m_compacted)
                return fail(Reason::Expired, fmt::format("revision {} has been compacted; the oldest is {}",
                                                         watcher->after, m_compacted.load()));
            TRY_ASSIGN(snapshot, m_log->snapshot());
        }
        std::vector<Event> past;
        TRY_OK(snapshot->visit(watcher->after, m_published, [&](const LogRow& row) {
            if (row.key.starts_with(watcher->prefix))
                past.push_back({row.created == 0 ? Event::Type::Delete : Event::Type::Put,
                                {std::string(row.key), std::string(row.value), row.created, row.id.revision()}});
        }));
        watcher->tellEach(past);
    }
    m_watchers.push_back(watcher);
    return std::make_unique<WatchHandle>(*this, watcher.get());
}

void VersionedStore::remove(const Watcher* watcher)
{
    const std::scoped_lock lock(m_publishMutex);
    std::erase_if(m_watchers, [watcher](const auto& one) { return one.get() == watcher; });
}

} // namespace keelson::store
