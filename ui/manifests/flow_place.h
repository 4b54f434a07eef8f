// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "document/tree.h"

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace keelson::manifests {

/// One of the collections between brackets that the cursor is in.
struct FlowLevel {
    bool isMap = true;
    std::string key;       ///< Map: of the entry that the cursor is in; empty while it has none.
    std::size_t index = 0; ///< Sequence: of the item that the cursor is in.
    std::map<std::string, std::string, std::less<>> entries; ///< All keys of a map, with values that are scalars.
};

/// Where a cursor stands between braces or brackets, in text that may be half typed.
struct FlowPlace {
    enum class What { None, Entry, Value };
    What what = What::None;                                 ///< Entry: of a key, or of an item. Value: behind "key:".
    std::vector<FlowLevel> levels;                          ///< The outermost first.
    std::string word;                                       ///< What is typed before the cursor, without its quote.
    document::Span span;                                    ///< What is typed, quotes included.
    std::string token;                                      ///< The same, without quotes.
    document::NodeStyle style = document::NodeStyle::Plain; ///< How it is quoted.
    bool hasColon = false;
    bool isJson = false; ///< Keys stand in quotes here.
};

/// 'text' without its quotes, also where the second one is not typed yet.
std::string withoutQuotes(std::string_view typed);

/// Reads on from the opening bracket at `open` to its end, and tells of `offset`, which lies behind it. Null when the
/// brackets end before. A bracket that is never closed ends where the block around it goes on: at a line with an entry
/// that is indented by no more than `parentColumn` (-1: never). `end`: where it ends. Pure.
std::optional<FlowPlace> flowPlaceAt(std::string_view text, std::size_t open, std::size_t offset,
                                     std::ptrdiff_t parentColumn, std::size_t& end);

} // namespace keelson::manifests
