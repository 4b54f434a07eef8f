// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/loop.h"
#include "store/log.h"
#include "store/version_index.h"

#include <atomic>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <shared_mutex>

namespace keelson::store {

/// The store's logic over a `Log`: expectations, group commit, history and watches.
///
/// Group commit: the first caller that finds nobody committing commits for all that have gathered in the queue, as one
/// append to the log, then hands the queue on and tells watches and callers while the next append already runs. So a
/// lone writer needs no second thread, and many share the price of a disk flush. Where the next in the queue does not
/// wait, a thread of the store's own leads.
class VersionedStore : public Store {
public:
    /// How many revisions of the past are kept without being asked; older ones are forgotten a little with each commit.
    static constexpr Revision historyDefault = 20'000;

    ~VersionedStore() override;
    VersionedStore(const VersionedStore&) = delete;
    VersionedStore& operator=(const VersionedStore&) = delete;

    Result<Record> get(std::string_view key) override;
    Result<Page> list(const ListOptions& options) override;
    std::vector<Result<Revision>> commitEach(std::vector<Transaction> transactions) override;
    void commitEach(std::vector<Transaction> transactions, Committed done) override;
    Result<std::unique_ptr<Watch>> watch(std::string prefix, Revision after, WatchHandler handler) override;
    Result<Done> compact(Revision revision) override;
    Revision revision() const override { return m_revision; }
    Revision compactedRevision() const override { return m_compacted; }

protected:
    /// `history` 0: nothing is forgotten without `compact`.
    VersionedStore(std::unique_ptr<Log> log, Revision history);
    /// Reads the index from the log; call once, before anything else.
    Result<Done> load();

private:
    struct Request;
    struct Group;
    struct Watcher;
    class WatchHandle;

    void carryOut(const std::shared_ptr<Request>& request);
    void lead(std::unique_lock<std::mutex>& lock);
    void handOn();
    void plan(Group& group, Request& request);
    Result<Done> check(const Group& group, const Transaction& transaction) const;
    Version newest(const Group& group, std::string_view key) const;
    void write(Group& group);
    static void refuse(Group& group, const Error& error);
    Result<Done> forget(Revision compacted, std::size_t rowsMax);
    Revision compactionTarget(Revision revision) const;
    void publish();
    void remove(const Watcher* watcher);

    const std::unique_ptr<Log> m_log;
    const Revision m_history;
    std::atomic<Revision> m_revision = 0;
    std::atomic<Revision> m_compacted = 0;

    std::mutex m_queueMutex; ///< Guards the next two.
    std::deque<std::shared_ptr<Request>> m_queue;
    bool m_leading = false; ///< A caller commits at present; only it changes the index.

    mutable std::shared_mutex m_indexMutex; ///< Exclusive: the leader, for moments, never while the disk works.
    VersionIndex m_index;

    std::mutex m_unpublishedMutex;
    std::deque<std::vector<Event>> m_unpublished; ///< In order of revision.
    std::mutex m_publishMutex;                    ///< Held while handlers run; guards the next two.
    std::vector<std::shared_ptr<Watcher>> m_watchers;
    Revision m_published = 0;

    /// Leads where nobody waits: one appends while the other tells. Its threads end first.
    ThreadExecutor m_committers{"commit", 2};
};

} // namespace keelson::store
