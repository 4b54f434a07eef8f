// SPDX-License-Identifier: GPL-3.0-or-later
#include "document/tree.h"

#include "api/yaml_scalar.h"

#include <algorithm>

namespace keelson::document {

namespace {

std::string keyOf(const Node& node)
{
    if (node.kind == NodeKind::Alias)
        return "*" + node.text;
    if (node.kind != NodeKind::Scalar)
        return {};
    if (node.isText)
        return node.text;
    const auto value = api::resolveYamlScalar(node.text);
    if (const auto* text = value.if_string())
        return {text->data(), text->size()};
    return value.is_null() ? "null" : api::writeJson(value);
}

} // namespace

std::string Tree::keyText(const Member& member) const
{
    return member.key == noNode ? std::string("null") : keyOf(m_nodes[member.key]);
}

api::Value Tree::outline() const
{
    return m_root == noNode ? api::Value(nullptr) : outline(m_root);
}

api::Value Tree::outline(NodeId id) const
{
    const auto& node = m_nodes[id];
    switch (node.kind) {
    case NodeKind::Alias:
        return api::Object{{"*", node.text}};
    case NodeKind::Scalar:
        return node.isText ? api::Value(node.text) : api::resolveYamlScalar(node.text);
    case NodeKind::Sequence: {
        api::Array array;
        for (const auto& member : node.members)
            array.push_back(outline(member.value));
        return array;
    }
    case NodeKind::Map: {
        api::Object object;
        for (const auto& member : node.members)
            object.insert_or_assign(keyText(member), outline(member.value));
        return object;
    }
    }
    return nullptr;
}

NodeId Tree::child(NodeId map, std::string_view key) const
{
    const auto& node = m_nodes[map];
    if (node.kind != NodeKind::Map)
        return noNode;
    for (auto i = node.members.size(); i-- > 0;)
        if (keyText(node.members[i]) == key)
            return node.members[i].value;
    return noNode;
}

NodeId Tree::find(const Path& path) const
{
    auto id = m_root;
    for (const auto& step : path) {
        if (id == noNode)
            return noNode;
        const auto& node = m_nodes[id];
        if (const auto* index = std::get_if<std::size_t>(&step))
            id = node.kind == NodeKind::Sequence && *index < node.members.size() ? node.members[*index].value : noNode;
        else
            id = child(id, std::get<std::string>(step));
    }
    return id;
}

std::optional<std::size_t> Tree::memberIndex(NodeId map, NodeId value) const
{
    const auto& members = m_nodes[map].members;
    const auto found = std::ranges::find(members, value, &Member::value);
    if (found == members.end())
        return std::nullopt;
    return static_cast<std::size_t>(found - members.begin());
}

Path Tree::pathOf(NodeId id) const
{
    Path path;
    while (id != noNode && m_nodes[id].parent != noNode) {
        const auto parent = m_nodes[id].parent;
        const auto index = memberIndex(parent, id);
        if (!index)
            break; // a key: its path is that of its map
        if (m_nodes[parent].kind == NodeKind::Sequence)
            path.emplace_back(*index);
        else
            path.emplace_back(keyText(m_nodes[parent].members[*index]));
        id = parent;
    }
    std::ranges::reverse(path);
    return path;
}

std::size_t Tree::memberEnd(const Member& member) const
{
    return m_nodes[member.value].content.end;
}

NodeId Tree::at(std::size_t offset) const
{
    auto id = m_root;
    while (id != noNode) {
        const auto& members = m_nodes[id].members;
        const auto after = std::ranges::upper_bound(members, offset, {}, &Member::begin);
        if (after == members.begin())
            break;
        const auto& member = *std::prev(after);
        const bool isLast = after == members.end();
        if (isLast && offset > memberEnd(member) && m_nodes[id].style == NodeStyle::Flow)
            break;
        id = member.value;
    }
    return id;
}

} // namespace keelson::document
