// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace keelson::store {

/// The position of a commit in the store's history: 1 for the first commit, then one more for each. 0: before all.
using Revision = std::int64_t;

/// A key's value and the commits that made it.
struct Record {
    std::string key;
    std::string value;
    Revision createRevision = 0; ///< The commit that created the key (anew, if it was deleted before).
    Revision modRevision = 0;    ///< The commit that wrote this value.
    bool operator==(const Record&) const = default;
};

/// Holds when `key` was last written by `modRevision`; 0: when the key does not exist.
struct Expectation {
    std::string key;
    Revision modRevision = 0;
};

struct Operation {
    enum class Type { Put, Delete };
    Type type = Type::Put;
    std::string key;
    std::string value; ///< Empty for Delete. Deleting a key that is not there does nothing.
};

/// Most operations of one transaction.
inline constexpr std::size_t transactionOperationsMax = 65'535;

/// All operations or none; none when an expectation does not hold. No key is written twice in one transaction.
struct Transaction {
    std::vector<Expectation> expectations;
    std::vector<Operation> operations;
};

/// One change of one key. Changes of one commit share its revision.
struct Event {
    enum class Type { Put, Delete };
    Type type = Type::Put;
    /// For Put: createRevision equals modRevision when the change created the key. For Delete: the key and the revision
    /// of the deletion; value empty.
    Record record;
};

struct ListOptions {
    std::string prefix;     ///< Keys that begin with it, in byte order.
    std::string startAfter; ///< Only keys behind this one; empty: from the first.
    std::size_t limit = 0;  ///< At most this many records; 0: all.
    Revision revision = 0;  ///< As of that commit; 0: now. `Expired` when compacted, `Invalid` when not yet there.
};

struct Page {
    std::vector<Record> records;
    Revision revision = 0; ///< The state of the store that the page shows.
    bool more = false;     ///< Records follow behind the last one.
};

/// Ends the watch when destroyed; after that the handler does not run any more. Not to be destroyed inside the handler.
class Watch {
public:
    virtual ~Watch() = default;
};

/// An ordered, versioned map that remembers its recent past.
///
/// It knows nothing of Kubernetes: it sees keys, bytes and revisions. Every implementation passes the same conformance
/// test (tests/store/store_conformance.h).
///
/// Threads: any thread may call any method. A watch handler runs on a thread that commits (the store elects one among
/// the callers), one call at a time, in revision order, and must not block or call the store back. A commit is
/// acknowledged after the handlers of all watches have seen it. Errors: `ServiceUnavailable` when the disk fails (the
/// message names the file and the cause, such as a full disk); others only where a method names them.
class Store {
public:
    /// All events of one commit, of keys under the watched prefix; and the commit's revision. Not called for
    /// commits that touch no such key.
    using WatchHandler = std::function<void(std::span<const Event> events, Revision revision)>;

    virtual ~Store() = default;

    /// The record, or `NotFound`. Linearizable: sees every write acknowledged before the call.
    virtual Result<Record> get(std::string_view key) = 0;
    virtual Result<Page> list(const ListOptions& options) = 0;

    /// The revision of the commit, once it is on disk (on a majority, when replicated). `Conflict` when an expectation
    /// does not hold; then nothing was written. `Invalid` for a malformed transaction. One that changes nothing takes
    /// no revision and answers the latest. Concurrent calls are grouped into one transaction of the disk.
    Result<Revision> commit(Transaction transaction)
    {
        std::vector<Transaction> one;
        one.push_back(std::move(transaction));
        return std::move(commitEach(std::move(one)).front());
    }
    /// As many independent commits, in this order, for the price of one disk transaction; a result for each.
    virtual std::vector<Result<Revision>> commitEach(std::vector<Transaction> transactions) = 0;
    /// Receives the results of `commitEach`. Must not block; may call the store.
    using Committed = std::move_only_function<void(std::vector<Result<Revision>> results)>;
    /// The same for who does not wait: `done` is called once, on a thread that commits, which may be the caller's,
    /// inside this call. The store ends only after all have been told.
    virtual void commitEach(std::vector<Transaction> transactions, Committed done) = 0;

    /// Calls `handler` for each commit behind `after` (0: from now on; then the first call is for the commit behind
    /// `revision()` at the time of the call). `Expired` when what follows `after` is compacted, `Invalid` when `after`
    /// is not yet there. The past is told inside this call, on its thread. Events come from the commit path: no
    /// polling, and no event before its commit is durable.
    virtual Result<std::unique_ptr<Watch>> watch(std::string prefix, Revision after, WatchHandler handler) = 0;

    /// Forgets superseded values older than `revision`. `Invalid` when that lies in the future.
    virtual Result<Done> compact(Revision revision) = 0;
    /// The latest durable commit.
    virtual Revision revision() const = 0;
    /// The oldest revision that `list` and `watch` can still go back to.
    virtual Revision compactedRevision() const = 0;
};

} // namespace keelson::store
