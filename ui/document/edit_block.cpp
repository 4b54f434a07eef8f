// SPDX-License-Identifier: GPL-3.0-or-later
#include "document/edit_block.h"

#include "document/scan.h"

#include <algorithm>

namespace keelson::document {

namespace {

std::string blanks(std::ptrdiff_t count)
{
    return std::string(static_cast<std::size_t>(std::max<std::ptrdiff_t>(0, count)), ' ');
}

std::size_t skipSpacesBack(std::string_view text, std::size_t at)
{
    while (at > 0 && (text[at - 1] == ' ' || text[at - 1] == '\t'))
        --at;
    return at;
}

/// Splices at one place become one; those that do nothing go.
std::vector<Splice> joined(std::vector<Splice> splices)
{
    std::vector<Splice> out;
    for (auto& splice : splices) {
        if (splice.length == 0 && splice.text.empty())
            continue;
        if (!out.empty() && out.back().offset + out.back().length == splice.offset) {
            out.back().length += splice.length;
            out.back().text += splice.text;
        } else {
            out.push_back(std::move(splice));
        }
    }
    return out;
}

} // namespace

std::string BlockEditor::closed(std::size_t offset, std::string entry) const
{
    if (offset >= text.size() && entry.contains('|'))
        entry += habits.lineEnding;
    return entry;
}

std::vector<Splice> BlockEditor::insert(NodeId collection, std::size_t position, const std::string* key,
                                        const api::Value& value) const
{
    const auto& node = tree.node(collection);
    const auto entry = key ? renderEntry(*key, value, habits, node.column) : renderItem(value, habits, node.column);
    const std::string indent(node.column, ' ');
    if (position == 0)
        return {{node.members.front().begin, 0, entry + habits.lineEnding + indent}};
    const auto end = lineEnd(text, tree.memberEnd(node.members[position - 1]));
    return {{end, 0, closed(end, habits.lineEnding + indent + entry)}};
}

std::vector<Splice> BlockEditor::remove(NodeId collection, std::size_t index) const
{
    const auto& members = tree.node(collection).members;
    const auto begin = members[index].begin;
    const auto end = tree.memberEnd(members[index]);
    if (isFirstOnLine(text, begin)) {
        const auto from = lineBegin(text, begin);
        return {{from, nextLine(text, end) - from, ""}};
    }
    // The first entry, behind the dash of an item: the next one moves up, unless a comment stands between.
    const auto next = members[index + 1].begin;
    if (!hasComment(text, end, next))
        return {{begin, next - begin, ""}};
    const auto from = skipSpacesBack(text, begin);
    return {{from, lineEnd(text, end) - from, ""}};
}

std::size_t BlockEditor::chunkBegin(const Member& member) const
{
    auto begin = member.begin;
    const auto column = columnOf(text, begin);
    if (!isFirstOnLine(text, begin))
        return begin;
    for (auto line = lineBegin(text, begin); line > 0;) {
        line = lineBegin(text, line - 1);
        const auto first = skipSpaces(text, line);
        if (first >= text.size() || text[first] != '#' || first - line != column)
            break;
        begin = first;
    }
    return begin;
}

std::vector<Splice> BlockEditor::move(NodeId sequence, std::size_t from, std::size_t to) const
{
    const auto& members = tree.node(sequence).members;
    const auto low = std::min(from, to);
    const auto high = std::max(from, to);
    std::vector<Span> spans;
    std::vector<std::string_view> chunks;
    for (auto i = low; i <= high; ++i) {
        const auto begin = chunkBegin(members[i]);
        spans.push_back({begin, lineEnd(text, tree.memberEnd(members[i]))});
        chunks.push_back(text.substr(begin, spans.back().size()));
    }
    if (from < to)
        std::ranges::rotate(chunks, chunks.begin() + 1);
    else
        std::ranges::rotate(chunks, chunks.end() - 1);
    std::vector<Splice> splices;
    for (std::size_t i = 0; i < spans.size(); ++i)
        splices.push_back({spans[i].begin, spans[i].size(), std::string(chunks[i])});
    return splices;
}

bool BlockEditor::isItem(const Node& node) const
{
    return node.parent != noNode && tree.node(node.parent).kind == NodeKind::Sequence;
}

std::ptrdiff_t BlockEditor::parentColumn(const Node& node) const
{
    return node.parent == noNode ? -1 : static_cast<std::ptrdiff_t>(tree.node(node.parent).column);
}

std::size_t BlockEditor::propertiesEnd(NodeId id) const
{
    const auto& node = tree.node(id);
    std::size_t at = node.begin;
    if (node.anchor.empty() && !node.hasTag) {
        if (node.parent == noNode)
            return node.begin;
        const auto& member = tree.node(node.parent).members[*tree.memberIndex(node.parent, id)];
        return isItem(node) ? member.begin + 1 : member.separator.value_or(node.begin - 1) + 1;
    }
    auto end = at;
    while (at < text.size() && (text[at] == '&' || text[at] == '!')) {
        while (at < text.size() && !std::string_view(" \t\r\n,]}").contains(text[at]))
            ++at;
        end = at;
        at = skipSpaces(text, at);
    }
    return end;
}

BlockEditor::Written BlockEditor::written(const Node& old, const api::Value& value) const
{
    const bool isScalar = old.kind == NodeKind::Scalar;
    const bool isQuoted = old.style == NodeStyle::DoubleQuoted || old.style == NodeStyle::SingleQuoted;
    const bool staysQuoted = isScalar && old.style == NodeStyle::DoubleQuoted && value.is_string();
    if (!isBlockValue(value) || staysQuoted)
        return {renderInline(value, habits, false, isScalar && isQuoted ? old.style : NodeStyle::Plain), {}};
    auto column = parentColumn(old) + static_cast<std::ptrdiff_t>(isItem(old) ? 2 : habits.step);
    if (old.parent == noNode)
        column = value.is_string() ? static_cast<std::ptrdiff_t>(habits.step) : 0;
    const bool isListOfKey = value.is_array() && old.parent != noNode && !isItem(old);
    if (isListOfKey)
        column = parentColumn(old) + static_cast<std::ptrdiff_t>(habits.sequenceStep);
    if (const auto* string = value.if_string()) {
        if (old.style == NodeStyle::Literal) {
            const auto first = skipBlanksAndComments(text, lineEnd(text, old.content.begin));
            if (first<old.content.end&& static_cast<std::ptrdiff_t>(columnOf(text, first))> parentColumn(old))
                column = static_cast<std::ptrdiff_t>(columnOf(text, first));
        }
        auto literal = renderLiteral({string->data(), string->size()}, habits, static_cast<std::size_t>(column));
        const auto cut = literal.find(habits.lineEnding);
        return {literal.substr(0, cut), literal.substr(cut)};
    }
    return {{}, habits.lineEnding + blanks(column) + renderBlock(value, habits, static_cast<std::size_t>(column))};
}

std::vector<Splice> BlockEditor::replace(NodeId id, const api::Value& value) const
{
    const auto& node = tree.node(id);
    const bool isBlockCollection =
        node.style == NodeStyle::Block && (node.kind == NodeKind::Map || node.kind == NodeKind::Sequence);
    return isBlockCollection ? replaceBlock(id, value) : replaceOnLine(id, value);
}

std::vector<Splice> BlockEditor::replaceOnLine(NodeId id, const api::Value& value) const
{
    const auto& node = tree.node(id);
    const auto [head, lines] = written(node, value);
    const bool isEmptyStyle = node.style == NodeStyle::Empty;
    const auto end = node.content.end;
    const auto stop = lineEnd(text, end);
    const bool hasProperties = node.hasTag || !node.anchor.empty();
    const bool isCollection = head.empty() && !lines.empty();
    if (isCollection && node.parent == noNode && isFirstOnLine(text, node.content.begin) && !hasProperties)
        return {
            {node.content.begin, node.content.size(), renderBlock(value, habits, columnOf(text, node.content.begin))}};
    if (isCollection) {
        const bool isTrailed = skipSpaces(text, end) < stop;
        if (isItem(node) && !isTrailed && !hasProperties) { // "- key: value"
            const auto dash = static_cast<std::size_t>(parentColumn(node));
            const auto from = propertiesEnd(id);
            return {{from, end - from, closed(end, " " + renderBlock(value, habits, dash + 2))}};
        }
        const auto from = isEmptyStyle ? end : skipSpacesBack(text, node.content.begin);
        return joined({{from, end - from, ""}, {stop, 0, closed(stop, lines)}});
    }
    if (isEmptyStyle)
        return joined({{end, 0, " " + head}, {stop, 0, closed(stop, lines)}});
    auto begin = node.content.begin;
    auto shown = head;
    if (node.hasTag) {
        begin = node.begin;
        shown = (node.anchor.empty() ? "" : "&" + node.anchor + " ") + shown;
    }
    return joined({{begin, end - begin, shown}, {stop, 0, lines.empty() ? lines : closed(stop, lines)}});
}

std::vector<Splice> BlockEditor::replaceBlock(NodeId id, const api::Value& value) const
{
    const auto& node = tree.node(id);
    const auto& [begin, end] = node.content;
    const auto [head, lines] = written(node, value);
    const auto column = static_cast<std::ptrdiff_t>(node.column);
    if (head.empty()) { // a collection again, in its place
        const bool fits = column > parentColumn(node) || (value.is_array() && !isItem(node));
        const auto inner = static_cast<std::size_t>(fits ? column : column + static_cast<std::ptrdiff_t>(habits.step));
        return {{begin, end - begin,
                 closed(end, std::string(fits ? 0 : habits.step, ' ') + renderBlock(value, habits, inner))}};
    }
    const auto after = propertiesEnd(id);
    const bool isOnLine = lineBegin(text, after) == lineBegin(text, begin) || node.parent == noNode;
    if (isOnLine)
        return {{begin, end - begin, closed(end, head + lines)}};
    const auto stop = lineEnd(text, after);
    return joined({{after, 0, " " + head}, {stop, end - stop, lines.empty() ? lines : closed(end, lines)}});
}

std::vector<Splice> BlockEditor::appendRoot(const api::Value& value) const
{
    auto end = text.size();
    for (std::size_t line = 0; line < text.size(); line = nextLine(text, line))
        if (text.substr(line).starts_with("..."))
            end = line;
    const bool needsBreak = end > 0 && text[end - 1] != '\n';
    const auto shown =
        isBlockValue(value) && !value.is_string() ? renderBlock(value, habits, 0) : renderInline(value, habits, false);
    return {{end, 0, (needsBreak ? habits.lineEnding : "") + shown + habits.lineEnding}};
}

} // namespace keelson::document
