// SPDX-License-Identifier: GPL-3.0-or-later
#include "document/edit.h"
#include "document/scan.h"

#include <algorithm>

namespace keelson::document {

namespace {

/// In place of the blanks and line endings before `at`.
Splice lineBefore(std::string_view text, std::size_t at, const Habits& habits, std::size_t depth)
{
    auto from = at;
    while (from > 0 && std::string_view(" \t\r\n").contains(text[from - 1]))
        --from;
    return {from, at - from, habits.lineEnding + std::string(depth * habits.step, ' ')};
}

void breakLines(const Tree& tree, std::string_view text, NodeId id, const Habits& habits, std::size_t depth,
                std::vector<Splice>& splices)
{
    const auto& node = tree.node(id);
    if (node.style != NodeStyle::Flow || node.members.empty())
        return;
    for (const auto& member : node.members) {
        splices.push_back(lineBefore(text, member.begin, habits, depth + 1));
        breakLines(tree, text, member.value, habits, depth + 1, splices);
    }
    splices.push_back(lineBefore(text, node.content.end - 1, habits, depth));
}

} // namespace

std::string brokenIntoLines(const Tree& tree, std::string_view text)
{
    if (tree.root() == noNode || !tree.isExact())
        return std::string(text);
    std::vector<Splice> splices;
    breakLines(tree, text, tree.root(), Habits::of(tree, text), 0, splices);
    return spliced(text, splices);
}

} // namespace keelson::document
