// SPDX-License-Identifier: GPL-3.0-or-later
#include "design/arrangement.h"

#include <fmt/format.h>

#include <algorithm>

namespace keelson::design {

Groups::const_iterator groupOf(const Groups& groups, CardId card)
{
    return std::ranges::find_if(groups, [card](const auto& group) { return group.second.cards.contains(card); });
}

Groups grouped(Groups groups, const std::set<CardId>& cards, const std::string& name)
{
    if (cards.empty())
        return groups;
    for (auto& [other, group] : groups)
        std::erase_if(group.cards, [&cards](CardId card) { return cards.contains(card); });
    groups[name].cards.insert(cards.begin(), cards.end());
    std::erase_if(groups, [](const auto& group) { return group.second.cards.empty(); });
    return groups;
}

Groups renamed(Groups groups, const std::string& from, const std::string& to)
{
    if (to.empty() || groups.contains(to))
        return groups;
    if (auto node = groups.extract(from)) {
        node.key() = to;
        groups.insert(std::move(node));
    }
    return groups;
}

Groups withoutOthers(Groups groups, const std::set<CardId>& isThere)
{
    for (auto& [name, group] : groups)
        std::erase_if(group.cards, [&isThere](CardId card) { return !isThere.contains(card); });
    std::erase_if(groups, [](const auto& group) { return group.second.cards.empty(); });
    return groups;
}

std::string freshGroupName(const Groups& groups, const std::string& word)
{
    for (int number = 1;; ++number)
        if (auto name = fmt::format("{} {}", word, number); !groups.contains(name))
            return name;
}

} // namespace keelson::design
