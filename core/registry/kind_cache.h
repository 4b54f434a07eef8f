// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "fieldmanager/field_manager.h"
#include "registry/object_codec.h"
#include "registry/object_tree.h"

#include "base/clock.h"

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

namespace keelson::registry {

/// The watch cache of one kind: its objects as an immutable snapshot, the last events, and who watches.
///
/// Threads: `apply`, `flush` and `bookmark` are called by the store's watch alone, one at a time; everything else by
/// any thread. Readers copy a pointer under a lock that nobody holds for longer than that.
class KindCache : public std::enable_shared_from_this<KindCache> {
public:
    struct Snapshot {
        ObjectTree objects;
        Revision revision = 0; ///< Of the last change in it; later revisions of the store change nothing here.
    };

    /// `kind`: the version that objects are stored in. `others`: those that they are served in besides; live as long.
    explicit KindCache(std::shared_ptr<const Kind> kind, std::span<const Kind* const> others = {});

    const ObjectCodec& codec() const { return m_codec; }
    const fieldmanager::FieldManager& fields() const { return m_fields; }
    const Kind& kind() const { return *m_kind; }
    const std::shared_ptr<const Kind>& sharedKind() const { return m_kind; }
    Snapshot snapshot() const;
    StoredObjectPtr find(const ObjectKey& key) const { return snapshot().objects.find(key); }

    /// As the store held it at start, before the first `apply`.
    void load(StoredObjectPtr object);
    void loaded(Revision revision);
    /// One change; seen after `flush`. `object` null: the key was deleted.
    void apply(const ObjectKey& key, StoredObjectPtr object, Revision revision);
    /// Shows what was applied to readers, then to watches.
    void flush();
    /// Ends all watches and begins no more: another cache takes its place, or none.
    void close(const Error& why);
    /// Tells quiet watches that asked for it how far the store is.
    void bookmark(Revision revision);

    /// `now`: a revision up to which the cache has seen everything. `Expired` when `options.after` is too old.
    Result<std::unique_ptr<client::Watch>> watch(const WatchOptions& options, std::shared_ptr<WatchSink> sink,
                                                 Revision now);

private:
    struct Change {
        StoredObjectPtr object; ///< For a deletion: the last state under the revision of the deletion.
        StoredObjectPtr before; ///< Null: created.
        bool deleted = false;
        Revision revision = 0;
    };
    struct Pin;
    struct Watcher;
    class WatchHandle;
    using Watchers = std::vector<std::shared_ptr<Watcher>>;

    void tell(const Change& change);
    void forEachWatcher(const std::function<void(Watcher&)>& visit) const;
    void end(const std::shared_ptr<Watcher>& watcher);
    Result<Done> replay(Watcher& watcher, Revision after);

    const std::shared_ptr<const Kind> m_kind;
    const ObjectCodec m_codec;
    const fieldmanager::FieldManager m_fields;

    mutable std::mutex m_snapshotMutex; ///< Guards the next; held for a copy.
    Snapshot m_snapshot;

    ObjectTree m_tree; ///< The store's watch alone works on it.
    std::vector<Change> m_unflushed;

    std::mutex m_watchMutex; ///< Guards the rest; held while sinks are told.
    std::deque<Change> m_past;
    std::size_t m_pastBytes = 0;
    Revision m_floor = 0; ///< Events behind it are in `m_past`.
    Watchers m_watchers;  ///< Those that no pin narrows down; the others by part and value of theirs.
    std::map<std::size_t, std::unordered_map<std::string, Watchers>> m_pinned;
    std::optional<Error> m_closed;
};

} // namespace keelson::registry
