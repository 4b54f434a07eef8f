// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "registry/object_traits.h"

#include <cstddef>
#include <functional>
#include <memory>

namespace keelson::registry {

/// The objects of a kind by namespace and name: a persistent B-tree. A copy is one pointer and never changes; a change
/// copies the few nodes on its path, so a write among 100,000 objects costs a microsecond or two and readers keep what
/// they have.
///
/// Threads: copies may be read by any thread; `set` and `remove` work on this copy alone.
class ObjectTree {
public:
    /// Of this object's key; null when there is none.
    StoredObjectPtr find(const ObjectKey& key) const;
    /// Calls `visit` with the objects behind `after` (null: from the first), in order, while it answers true.
    void visit(const ObjectKey* after, const std::function<bool(const StoredObjectPtr&)>& visit) const;
    /// The same with those objects alone that may have all of `traits`.
    void visit(const ObjectKey* after, Traits traits, const std::function<bool(const StoredObjectPtr&)>& visit) const;
    std::size_t size() const;
    /// How many objects are not behind `key`; costs no more than `find`.
    std::size_t countUpTo(const ObjectKey& key) const;

    /// Adds or replaces. The object that was there before; null when it is new.
    StoredObjectPtr set(StoredObjectPtr object);
    /// The object that was there; null when there was none.
    StoredObjectPtr remove(const ObjectKey& key);

private:
    struct Node;
    using NodePtr = std::shared_ptr<const Node>;

    static const ObjectKey& firstKey(const Node& node);
    static std::size_t childFor(const Node& node, const ObjectKey& key);
    static std::vector<NodePtr> set(const Node& node, StoredObjectPtr& object);
    static NodePtr remove(const Node& node, const ObjectKey& key, StoredObjectPtr& removed);
    static std::vector<NodePtr> split(std::shared_ptr<Node> node);
    static bool visit(const Node& node, const ObjectKey* after, Traits traits,
                      const std::function<bool(const StoredObjectPtr&)>& visit);

    NodePtr m_root;
};

} // namespace keelson::registry
