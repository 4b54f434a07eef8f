// SPDX-License-Identifier: Apache-2.0
#include "document/edit_invariants.h"

#include "document/scan.h"

#include <algorithm>
#include <map>

namespace keelson::document {

namespace {

using Sources = std::map<std::string, std::string, std::less<>>;

/// The raw text of every scalar and alias outside the place that is edited, by path.
Sources sources(const Tree& tree, std::string_view text, const Path& place)
{
    Sources all;
    for (NodeId id = 0; tree.root() != noNode && id < tree.size(); ++id) {
        const auto& node = tree.node(id);
        const auto path = tree.pathOf(id);
        const bool isInside = path.size() >= place.size() && std::equal(place.begin(), place.end(), path.begin());
        const bool isValue = node.parent == noNode || tree.memberIndex(node.parent, id);
        if (!isInside && isValue && (node.kind == NodeKind::Scalar || node.kind == NodeKind::Alias))
            all[pathText(path)] = text.substr(node.begin, node.content.end - std::min(node.begin, node.content.end));
    }
    return all;
}

/// Where the lines of a place begin, those of its entry and of comments right above it among them: these may move.
std::size_t linesBegin(const Tree& tree, std::string_view text, NodeId id)
{
    const auto& node = tree.node(id);
    auto from = lineBegin(text, node.begin);
    while (from > 0) {
        const auto line = lineBegin(text, from - 1);
        const auto first = skipSpaces(text, line);
        if (first >= text.size() || text[first] != '#')
            break;
        from = line;
    }
    if (node.parent != noNode)
        if (const auto index = tree.memberIndex(node.parent, id))
            from = std::min(from, lineBegin(text, tree.node(node.parent).members[*index].begin));
    return from;
}

} // namespace

Path placeOf(const Edit& edit)
{
    struct Place {
        static Path above(const Path& path) { return path.empty() ? path : Path(path.begin(), path.end() - 1); }
        Path operator()(const SetValue& e) const { return e.path; }
        Path operator()(const InsertKey& e) const { return e.map; }
        Path operator()(const RemoveKey& e) const { return above(e.path); }
        Path operator()(const RenameKey& e) const { return above(e.path); }
        Path operator()(const InsertItem& e) const { return e.list; }
        Path operator()(const RemoveItem& e) const { return above(e.path); }
        Path operator()(const MoveItem& e) const { return e.list; }
    };
    return std::visit(Place{}, edit);
}

std::string brokenBy(const Edit& edit, const Tree& tree, std::string_view before, std::string_view after)
{
    const auto reread = Tree::read(after);
    if (reread.error())
        return "the text is no YAML any more: " + reread.error()->message;
    const auto wanted = applied(tree.outline(), edit);
    if (!wanted)
        return "it should have been refused: " + wanted.error().message;
    if (reread.outline() != *wanted)
        return "it means " + api::writeJson(reread.outline()) + " and not " + api::writeJson(*wanted);
    const auto place = placeOf(edit);
    if (const auto id = tree.find(place); id != noNode) {
        const auto from = linesBegin(tree, before, id);
        const auto rest = before.size() - nextLine(before, tree.node(id).content.end);
        if (after.substr(0, from) != before.substr(0, from))
            return "the text before " + pathText(place) + " has changed";
        if (after.size() < rest || after.substr(after.size() - rest) != before.substr(before.size() - rest))
            return "the text after " + pathText(place) + " has changed";
    }
    const auto now = sources(reread, after, place);
    for (const auto& [path, source] : sources(tree, before, place))
        if (const auto same = now.find(path); same == now.end() || same->second != source)
            return path + " has changed from " + source + " to " + (same == now.end() ? "nothing" : same->second);
    return {};
}

} // namespace keelson::document
