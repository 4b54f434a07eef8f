// SPDX-License-Identifier: GPL-3.0-or-later
#include "document/edit.h"

#include "api/yaml_scalar.h"
#include "document/edit_block.h"
#include "document/edit_flow.h"
#include "document/scan.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace keelson::document {

namespace {

std::size_t lineNumber(std::string_view text, std::size_t offset)
{
    return static_cast<std::size_t>(std::ranges::count(text.substr(0, offset), '\n')) + 1;
}

/// Finds the places of an edit, and refuses what an edit by path cannot do without touching something else.
class Planner {
public:
    Planner(const Tree& tree, std::string_view text) : m_tree(tree), m_text(text), m_habits(Habits::of(tree, text)) {}

    Result<std::vector<Splice>> operator()(const SetValue& edit) const
    {
        TRY_OK(checkWay(edit.path, edit.path.size()));
        if (edit.path.empty())
            return setRoot(edit.value);
        if (const auto id = m_tree.find(edit.path); id != noNode) {
            TRY_OK(checkFree(id, id));
            return replaceValue(id, edit.value);
        }
        const Path parent(edit.path.begin(), edit.path.end() - 1);
        const auto id = m_tree.find(parent);
        const bool isRootMissing = parent.empty() && m_tree.root() == noNode;
        if (id == noNode && !isRootMissing) // the parent is made with the value inside
            return (*this)(SetValue{parent, wrapped(edit.path.back(), edit.value)});
        if (const auto* key = std::get_if<std::string>(&edit.path.back()))
            return (*this)(InsertKey{parent, *key, edit.value});
        return (*this)(InsertItem{parent, std::get<std::size_t>(edit.path.back()), edit.value});
    }

    Result<std::vector<Splice>> operator()(const InsertKey& edit) const
    {
        TRY_OK(checkWay(edit.map, edit.map.size()));
        const auto id = m_tree.find(edit.map);
        if (id == noNode)
            return (*this)(SetValue{edit.map, api::Object{{edit.key, edit.value}}});
        const auto& map = m_tree.node(id);
        if (isEmpty(map))
            return replaceValue(id, api::Object{{edit.key, edit.value}});
        if (map.kind == NodeKind::Alias)
            return ofAnchor(id);
        if (map.kind != NodeKind::Map)
            return fail(Reason::Invalid, pathText(edit.map) + " is no map");
        if (m_tree.child(id, edit.key) != noNode)
            return fail(Reason::AlreadyExists, pathText(edit.map / edit.key) + " exists already");
        const auto position = std::min(edit.position.value_or(map.members.size()), map.members.size());
        if (map.style == NodeStyle::Flow)
            return FlowEditor{m_tree, m_text, m_habits}.insert(id, position, &edit.key, edit.value);
        return BlockEditor{m_tree, m_text, m_habits}.insert(id, position, &edit.key, edit.value);
    }

    Result<std::vector<Splice>> operator()(const RemoveKey& edit) const { return removeMember(edit.path, true); }
    Result<std::vector<Splice>> operator()(const RemoveItem& edit) const { return removeMember(edit.path, false); }

    Result<std::vector<Splice>> operator()(const RenameKey& edit) const
    {
        TRY_OK(checkWay(edit.path, edit.path.size()));
        const auto id = m_tree.find(edit.path);
        if (id == noNode || edit.path.empty() || !std::holds_alternative<std::string>(edit.path.back()))
            return notThere(edit.path);
        const auto parent = m_tree.node(id).parent;
        const auto& members = m_tree.node(parent).members;
        if (std::get<std::string>(edit.path.back()) == edit.key)
            return std::vector<Splice>{};
        if (m_tree.child(parent, edit.key) != noNode)
            return fail(Reason::AlreadyExists, edit.key + " exists already beside " + pathText(edit.path));
        const auto key = members[*m_tree.memberIndex(parent, id)].key;
        const auto& node = m_tree.node(key);
        if (node.kind != NodeKind::Scalar || node.style == NodeStyle::Empty || node.style == NodeStyle::Literal)
            return fail(Reason::Invalid, "this key is no word that can be renamed; change it in the text");
        const bool isFlow = m_tree.node(parent).style == NodeStyle::Flow;
        return std::vector<Splice>{{node.content.begin, node.content.size(),
                                    renderInline(api::Value(edit.key), m_habits, isFlow, node.style)}};
    }

    Result<std::vector<Splice>> operator()(const InsertItem& edit) const
    {
        TRY_OK(checkWay(edit.list, edit.list.size()));
        const auto id = m_tree.find(edit.list);
        if (id == noNode && edit.index == 0)
            return (*this)(SetValue{edit.list, api::Array{edit.value}});
        if (id == noNode)
            return notThere(edit.list);
        const auto& list = m_tree.node(id);
        if (isEmpty(list) && edit.index == 0 && !(list.kind == NodeKind::Map))
            return replaceValue(id, api::Array{edit.value});
        if (list.kind == NodeKind::Alias)
            return ofAnchor(id);
        if (list.kind != NodeKind::Sequence || edit.index > list.members.size())
            return fail(Reason::Invalid, pathText(edit.list / edit.index) + " is no place in a list");
        if (list.style == NodeStyle::Flow)
            return FlowEditor{m_tree, m_text, m_habits}.insert(id, edit.index, nullptr, edit.value);
        return BlockEditor{m_tree, m_text, m_habits}.insert(id, edit.index, nullptr, edit.value);
    }

    Result<std::vector<Splice>> operator()(const MoveItem& edit) const
    {
        TRY_OK(checkWay(edit.list, edit.list.size()));
        const auto id = m_tree.find(edit.list);
        if (id == noNode || m_tree.node(id).kind != NodeKind::Sequence ||
            std::max(edit.from, edit.to) >= m_tree.node(id).members.size())
            return notThere(edit.list / std::max(edit.from, edit.to));
        if (edit.from == edit.to)
            return std::vector<Splice>{};
        TRY_OK(checkAnchorsOnce());
        if (m_tree.node(id).style == NodeStyle::Flow)
            return FlowEditor{m_tree, m_text, m_habits}.move(id, edit.from, edit.to);
        return BlockEditor{m_tree, m_text, m_habits}.move(id, edit.from, edit.to);
    }

private:
    static api::Value wrapped(const Step& step, const api::Value& value)
    {
        if (const auto* key = std::get_if<std::string>(&step))
            return api::Object{{*key, value}};
        return api::Array{value};
    }

    static bool isEmpty(const Node& node)
    {
        if (node.kind == NodeKind::Scalar)
            return !node.isText && api::resolveYamlScalar(node.text).is_null();
        return node.kind != NodeKind::Alias && node.members.empty();
    }

    static std::unexpected<Error> notThere(const Path& path)
    {
        return fail(Reason::NotFound, "there is no " + pathText(path) + " in the document");
    }

    std::unexpected<Error> ofAnchor(NodeId alias) const
    {
        const auto& node = m_tree.node(alias);
        const auto line = node.target == noNode ? 0 : lineNumber(m_text, m_tree.node(node.target).begin);
        return fail(Reason::Conflict,
                    fmt::format("{} is taken from the anchor &{} on line {}, which others may use too; change it there",
                                pathText(m_tree.pathOf(alias)), node.text, line));
    }

    /// No alias and no key that occurs twice may lie on the way.
    Result<Done> checkWay(const Path& path, std::size_t steps) const
    {
        auto id = m_tree.root();
        for (std::size_t i = 0; i < steps && id != noNode; ++i) {
            const auto& node = m_tree.node(id);
            if (node.kind == NodeKind::Alias)
                return ofAnchor(id);
            const auto* key = std::get_if<std::string>(&path[i]);
            if (key && node.kind == NodeKind::Map)
                TRY_OK(checkOnce(node, *key));
            const bool isValue = node.kind == NodeKind::Scalar && !isEmpty(node);
            const bool isWrong = (key && node.kind == NodeKind::Sequence) || (!key && node.kind == NodeKind::Map);
            if (isValue || (isWrong && !node.members.empty()))
                return fail(Reason::Invalid,
                            fmt::format("{} on line {} is no {}, so {} has no place there", pathText(m_tree.pathOf(id)),
                                        lineNumber(m_text, node.begin), key ? "map" : "list", pathText(path)));
            id = m_tree.find({path.begin(), path.begin() + static_cast<std::ptrdiff_t>(i) + 1});
        }
        return Done{};
    }

    Result<Done> checkOnce(const Node& map, std::string_view key) const
    {
        std::vector<std::size_t> lines;
        for (const auto& member : map.members)
            if (m_tree.keyText(member) == key)
                lines.push_back(lineNumber(m_text, member.begin));
        if (lines.size() > 1)
            return fail(Reason::Conflict,
                        fmt::format("{} stands on lines {} and {}; remove one of them first", key, lines[0], lines[1]));
        return Done{};
    }

    /// Nothing outside `id` may need an anchor inside it. `kept`: its own anchor stays where it is.
    Result<Done> checkFree(NodeId id, NodeId kept) const
    {
        TRY_OK(checkAnchorsOnce());
        const auto isInside = [&](NodeId node) {
            while (node != noNode && node != id)
                node = m_tree.node(node).parent;
            return node == id;
        };
        for (NodeId alias = 0; alias < m_tree.size(); ++alias) {
            const auto& node = m_tree.node(alias);
            if (node.kind != NodeKind::Alias || node.target == noNode || node.target == kept)
                continue;
            if (isInside(node.target) && !isInside(alias))
                return fail(Reason::Conflict,
                            fmt::format("the anchor &{} in it is used on line {}; change that place first", node.text,
                                        lineNumber(m_text, node.begin)));
        }
        return Done{};
    }

    /// Of an anchor that is set twice, aliases take the one before them: taking away or moving one changes what they
    /// mean.
    Result<Done> checkAnchorsOnce() const
    {
        std::map<std::string_view, NodeId> known;
        for (NodeId id = 0; id < m_tree.size(); ++id) {
            const auto& anchor = m_tree.node(id).anchor;
            if (anchor.empty())
                continue;
            if (const auto [first, isNew] = known.emplace(anchor, id); !isNew)
                return fail(Reason::Conflict,
                            fmt::format("the anchor &{} is set on lines {} and {}; rename one of them first", anchor,
                                        lineNumber(m_text, m_tree.node(first->second).begin),
                                        lineNumber(m_text, m_tree.node(id).begin)));
        }
        return Done{};
    }

    Result<std::vector<Splice>> removeMember(const Path& path, bool isKey) const
    {
        TRY_OK(checkWay(path, path.size()));
        const auto id = m_tree.find(path);
        if (id == noNode || path.empty() || std::holds_alternative<std::string>(path.back()) != isKey)
            return notThere(path);
        TRY_OK(checkFree(id, noNode));
        const auto parent = m_tree.node(id).parent;
        const auto& holder = m_tree.node(parent);
        if (holder.style == NodeStyle::Flow)
            return FlowEditor{m_tree, m_text, m_habits}.remove(parent, *m_tree.memberIndex(parent, id));
        if (holder.members.size() == 1)
            return replaceValue(parent, isKey ? api::Value(api::Object{}) : api::Value(api::Array{}));
        return BlockEditor{m_tree, m_text, m_habits}.remove(parent, *m_tree.memberIndex(parent, id));
    }

    std::vector<Splice> replaceValue(NodeId id, const api::Value& value) const
    {
        const auto parent = m_tree.node(id).parent;
        bool isFlow = m_habits.isJson;
        for (auto holder = parent; holder != noNode; holder = m_tree.node(holder).parent)
            isFlow = isFlow || m_tree.node(holder).style == NodeStyle::Flow;
        if (isFlow)
            return FlowEditor{m_tree, m_text, m_habits}.replace(id, value);
        return BlockEditor{m_tree, m_text, m_habits}.replace(id, value);
    }

    Result<std::vector<Splice>> setRoot(const api::Value& value) const
    {
        if (m_tree.root() == noNode)
            return BlockEditor{m_tree, m_text, m_habits}.appendRoot(value);
        TRY_OK(checkFree(m_tree.root(), m_tree.root()));
        return replaceValue(m_tree.root(), value);
    }

    const Tree& m_tree;
    std::string_view m_text;
    Habits m_habits;
};

} // namespace

std::string spliced(std::string_view text, const std::vector<Splice>& splices)
{
    std::string out;
    std::size_t at = 0;
    for (const auto& splice : splices) {
        out += text.substr(at, splice.offset - at);
        out += splice.text;
        at = splice.offset + splice.length;
    }
    out += text.substr(at);
    return out;
}

Result<std::vector<Splice>> planEdit(const Tree& tree, std::string_view text, const Edit& edit)
{
    if (tree.error())
        return fail(Reason::Invalid, fmt::format("line {} is not read as YAML ({}); mend the text first",
                                                 tree.error()->line + 1, tree.error()->message));
    if (!tree.isExact())
        return fail(Reason::Invalid, "this document is written in a way that is only edited as text");
    return std::visit(Planner(tree, text), edit);
}

} // namespace keelson::document
