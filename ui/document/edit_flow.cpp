// SPDX-License-Identifier: GPL-3.0-or-later
#include "document/edit_flow.h"

#include "document/scan.h"

#include <algorithm>

namespace keelson::document {

std::string FlowEditor::gap(const Node& collection) const
{
    const auto first = collection.members.front().begin;
    const auto opening = collection.content.begin + 1;
    if (hasComment(text, opening, first))
        return habits.lineEnding + std::string(columnOf(text, first), ' ');
    const std::string between(text.substr(opening, first > opening ? first - opening : 0));
    return between.contains('\n') ? between : " ";
}

std::string FlowEditor::entry(const Node& collection, const std::string* key, const api::Value& value,
                              const std::string& gap) const
{
    const auto newline = gap.rfind('\n');
    const auto shown = newline == std::string::npos ? renderFlow(value, habits)
                                                    : renderFlowLines(value, habits, gap.size() - newline - 1);
    if (!key)
        return shown;
    std::string colon = ": ";
    if (!collection.members.empty()) {
        const auto& sibling = collection.members.front();
        const bool isTight = habits.isJson && sibling.separator && *sibling.separator + 1 < text.size() &&
                             text[*sibling.separator + 1] != ' ';
        if (isTight)
            colon = ":";
    }
    return renderKey(*key, habits, true) + colon + shown;
}

std::vector<Splice> FlowEditor::insert(NodeId collection, std::size_t position, const std::string* key,
                                       const api::Value& value) const
{
    const auto& node = tree.node(collection);
    if (node.members.empty())
        return {{node.content.begin + 1, 0, entry(node, key, value, " ")}};
    const auto between = gap(node);
    const auto added = entry(node, key, value, between);
    if (position == 0)
        return {{node.members.front().begin, 0, added + "," + between}};
    return {{tree.memberEnd(node.members[position - 1]), 0, "," + between + added}};
}

std::vector<Splice> FlowEditor::remove(NodeId collection, std::size_t index) const
{
    const auto& members = tree.node(collection).members;
    const auto begin = members[index].begin;
    const auto end = tree.memberEnd(members[index]);
    if (members.size() == 1) {
        const auto comma = skipBlanksAndComments(text, end);
        if (comma < text.size() && text[comma] == ',')
            return {{begin, end - begin, ""}, {comma, 1, ""}};
        return {{begin, end - begin, ""}};
    }
    if (index + 1 < members.size()) {
        const auto next = members[index + 1].begin;
        if (!hasComment(text, end, next))
            return {{begin, next - begin, ""}};
        const auto comma = skipBlanksAndComments(text, end);
        return {{begin, end - begin, ""}, {comma, 1, ""}};
    }
    const auto before = tree.memberEnd(members[index - 1]);
    if (!hasComment(text, before, begin))
        return {{before, end - before, ""}};
    return {{skipBlanksAndComments(text, before), 1, ""}, {begin, end - begin, ""}};
}

std::vector<Splice> FlowEditor::move(NodeId collection, std::size_t from, std::size_t to) const
{
    const auto& members = tree.node(collection).members;
    const auto low = std::min(from, to);
    const auto high = std::max(from, to);
    std::vector<std::string_view> chunks;
    for (auto i = low; i <= high; ++i)
        chunks.push_back(text.substr(members[i].begin, tree.memberEnd(members[i]) - members[i].begin));
    if (from < to)
        std::ranges::rotate(chunks, chunks.begin() + 1);
    else
        std::ranges::rotate(chunks, chunks.end() - 1);
    std::vector<Splice> splices;
    for (auto i = low; i <= high; ++i)
        splices.push_back(
            {members[i].begin, tree.memberEnd(members[i]) - members[i].begin, std::string(chunks[i - low])});
    return splices;
}

std::vector<Splice> FlowEditor::replace(NodeId id, const api::Value& value) const
{
    const auto& node = tree.node(id);
    std::string shown;
    if (value.is_string() && node.kind == NodeKind::Scalar)
        shown = renderInline(value, habits, true, node.style);
    else
        shown = renderFlow(value, habits);
    if (node.style == NodeStyle::Empty) {
        const auto parent = node.parent;
        const auto index = parent == noNode ? std::nullopt : tree.memberIndex(parent, id);
        const bool hasColon = !index || tree.node(parent).members[*index].separator;
        return {{node.content.begin, 0, (hasColon ? " " : ": ") + shown}};
    }
    if (node.hasTag) {
        const auto anchor = node.anchor.empty() ? std::string() : "&" + node.anchor + " ";
        return {{node.begin, node.content.end - node.begin, anchor + shown}};
    }
    return {{node.content.begin, node.content.size(), shown}};
}

} // namespace keelson::document
