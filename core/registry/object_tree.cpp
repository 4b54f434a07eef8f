// SPDX-License-Identifier: Apache-2.0
#include "registry/object_tree.h"

#include <algorithm>
#include <iterator>

namespace keelson::registry {
namespace {

/// Small enough to copy quickly, large enough for three levels at 100,000 objects.
constexpr std::size_t nodeSizeMax = 64;

bool before(const StoredObjectPtr& object, const ObjectKey& key)
{
    return object->key < key;
}

/// The place of the first object behind the key.
std::size_t firstBehind(const std::vector<StoredObjectPtr>& objects, const ObjectKey& key)
{
    const auto place = std::ranges::upper_bound(objects, key, {},
                                                [](const StoredObjectPtr& at) -> const ObjectKey& { return at->key; });
    return static_cast<std::size_t>(place - objects.begin());
}

} // namespace

/// Either leaves (objects) or inner nodes (children), never both; never empty.
struct ObjectTree::Node {
    std::vector<StoredObjectPtr> objects;
    std::vector<Traits> traits; ///< Of the objects, in their order.
    std::vector<NodePtr> children;
    std::size_t size = 0;

    void count()
    {
        size = objects.size();
        for (const auto& child : children)
            size += child->size;
    }
};

const ObjectKey& ObjectTree::firstKey(const Node& node)
{
    const auto* leaf = &node;
    while (leaf->objects.empty())
        leaf = leaf->children.front().get();
    return leaf->objects.front()->key;
}

std::size_t ObjectTree::childFor(const Node& node, const ObjectKey& key)
{
    const auto behind =
        std::upper_bound(node.children.begin() + 1, node.children.end(), key,
                         [](const ObjectKey& at, const NodePtr& child) { return at < firstKey(*child); });
    return static_cast<std::size_t>(behind - node.children.begin()) - 1;
}

StoredObjectPtr ObjectTree::find(const ObjectKey& key) const
{
    const auto* node = m_root.get();
    while (node && node->objects.empty())
        node = node->children[childFor(*node, key)].get();
    if (!node)
        return nullptr;
    const auto found = std::lower_bound(node->objects.begin(), node->objects.end(), key, before);
    return found != node->objects.end() && (*found)->key == key ? *found : nullptr;
}

std::size_t ObjectTree::size() const
{
    return m_root ? m_root->size : 0;
}

std::size_t ObjectTree::countUpTo(const ObjectKey& key) const
{
    std::size_t count = 0;
    const auto* node = m_root.get();
    while (node && node->objects.empty()) {
        const auto child = childFor(*node, key);
        for (std::size_t i = 0; i < child; ++i)
            count += node->children[i]->size;
        node = node->children[child].get();
    }
    return node ? count + firstBehind(node->objects, key) : count;
}

bool ObjectTree::visit(const Node& node, const ObjectKey* after, Traits traits,
                       const std::function<bool(const StoredObjectPtr&)>& visitor)
{
    if (!node.objects.empty()) {
        for (auto i = after ? firstBehind(node.objects, *after) : 0; i < node.objects.size(); ++i) {
            if (mayMatch(node.traits[i], traits) && !visitor(node.objects[i]))
                return false;
        }
        return true;
    }
    for (auto child = after ? childFor(node, *after) : 0; child < node.children.size(); ++child) {
        if (!visit(*node.children[child], after, traits, visitor))
            return false;
        after = nullptr;
    }
    return true;
}

void ObjectTree::visit(const ObjectKey* after, Traits traits,
                       const std::function<bool(const StoredObjectPtr&)>& visitor) const
{
    if (m_root)
        visit(*m_root, after, traits, visitor);
}

void ObjectTree::visit(const ObjectKey* after, const std::function<bool(const StoredObjectPtr&)>& visitor) const
{
    visit(after, 0, visitor);
}

std::vector<ObjectTree::NodePtr> ObjectTree::split(std::shared_ptr<Node> node)
{
    if (std::max(node->objects.size(), node->children.size()) <= nodeSizeMax) {
        node->count();
        return {std::move(node)};
    }
    const auto right = std::make_shared<Node>();
    const auto cut = [](auto& from, auto& to) {
        const auto middle = from.begin() + static_cast<std::ptrdiff_t>(from.size() / 2);
        to.assign(std::make_move_iterator(middle), std::make_move_iterator(from.end()));
        from.erase(middle, from.end());
    };
    cut(node->objects, right->objects);
    cut(node->traits, right->traits);
    cut(node->children, right->children);
    node->count();
    right->count();
    return {std::move(node), right};
}

/// The one or two nodes that stand for `node` with the object; `object` becomes what was there before.
std::vector<ObjectTree::NodePtr> ObjectTree::set(const Node& node, StoredObjectPtr& object)
{
    auto copy = std::make_shared<Node>(node);
    if (!node.objects.empty()) {
        const auto place = std::lower_bound(copy->objects.begin(), copy->objects.end(), object->key, before);
        const auto traits = copy->traits.begin() + (place - copy->objects.begin());
        if (place != copy->objects.end() && (*place)->key == object->key) {
            *traits = traitsOf(*object);
            std::swap(*place, object);
        } else {
            copy->traits.insert(traits, traitsOf(*object));
            copy->objects.insert(place, std::move(object));
            object = nullptr;
        }
        return split(std::move(copy));
    }
    const auto child = childFor(node, object->key);
    auto nodes = set(*node.children[child], object);
    copy->children[child] = std::move(nodes.front());
    if (nodes.size() > 1)
        copy->children.insert(copy->children.begin() + static_cast<std::ptrdiff_t>(child) + 1, std::move(nodes.back()));
    return split(std::move(copy));
}

StoredObjectPtr ObjectTree::set(StoredObjectPtr object)
{
    if (!m_root) {
        const auto leaf = std::make_shared<Node>();
        leaf->traits.push_back(traitsOf(*object));
        leaf->objects.push_back(std::move(object));
        leaf->count();
        m_root = leaf;
        return nullptr;
    }
    auto nodes = set(*m_root, object);
    if (nodes.size() == 1) {
        m_root = std::move(nodes.front());
    } else {
        const auto root = std::make_shared<Node>();
        root->children = std::move(nodes);
        root->count();
        m_root = root;
    }
    return object;
}

/// The node without the object; null when nothing is left of it.
ObjectTree::NodePtr ObjectTree::remove(const Node& node, const ObjectKey& key, StoredObjectPtr& removed)
{
    auto copy = std::make_shared<Node>(node);
    if (!node.objects.empty()) {
        const auto place = std::lower_bound(copy->objects.begin(), copy->objects.end(), key, before);
        removed = *place;
        copy->traits.erase(copy->traits.begin() + (place - copy->objects.begin()));
        copy->objects.erase(place);
        if (copy->objects.empty())
            return nullptr;
    } else {
        const auto child = childFor(node, key);
        if (auto rest = remove(*node.children[child], key, removed))
            copy->children[child] = std::move(rest);
        else
            copy->children.erase(copy->children.begin() + static_cast<std::ptrdiff_t>(child));
        if (copy->children.empty())
            return nullptr;
        if (copy->children.size() == 1)
            return copy->children.front();
    }
    copy->count();
    return copy;
}

StoredObjectPtr ObjectTree::remove(const ObjectKey& key)
{
    if (!find(key))
        return nullptr;
    StoredObjectPtr removed;
    m_root = remove(*m_root, key, removed);
    return removed;
}

} // namespace keelson::registry
