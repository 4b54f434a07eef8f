// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "design/layout.h"

#include <set>
#include <string>

namespace keelson::design {

/// Cards that somebody put together by hand, so that they are moved and folded together. It is of the canvas alone:
/// no manifest knows of it.
struct Group {
    std::set<CardId> cards;
    bool isFolded = false; ///< Drawn as one box.
    bool operator==(const Group&) const = default;
};
/// By name. A card is in one group at most; a group without cards is none.
using Groups = std::map<std::string, Group, std::less<>>;

/// How things stand on the canvas.
struct Arrangement {
    Places places;
    Groups groups;
    bool operator==(const Arrangement&) const = default;
};

/// The group that holds the card; the end when none does.
Groups::const_iterator groupOf(const Groups& groups, CardId card);
/// The cards leave the groups in which they are, and make up, or join, the one of that name. Pure.
Groups grouped(Groups groups, const std::set<CardId>& cards, const std::string& name);
/// Another name for a group; nothing happens when it is taken. Pure.
Groups renamed(Groups groups, const std::string& from, const std::string& to);
/// Without cards that `isThere` does not know. Pure.
Groups withoutOthers(Groups groups, const std::set<CardId>& isThere);
/// "Group 1", or the first such name that is free. `word`: "Group".
std::string freshGroupName(const Groups& groups, const std::string& word);

} // namespace keelson::design
