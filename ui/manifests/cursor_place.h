// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "document/path.h"
#include "document/tree.h"

#include <map>
#include <string>
#include <string_view>

namespace keelson::manifests {

/// Where a cursor stands in a document that may be half typed, told by indentation, and between braces and brackets by
/// these: text that is being written is seldom YAML. The object is that of the document, or the item of its List.
struct CursorPlace {
    enum class What {
        None,  ///< In a comment, in a text of several lines.
        Entry, ///< Where a key of a map, or a value behind "- ", would stand.
        Value, ///< Behind "key:".
    };
    What what = What::None;
    document::Path object; ///< Where it stands in the document: empty, or an item of its List.
    document::Path path;   ///< In the object. Entry: of the map or item that it belongs to. Value: of the value.
    std::string word;      ///< What is typed of it before the cursor, without its quote.
    document::Span span;   ///< What is typed of it, also behind the cursor, quotes included.
    std::string token;     ///< The same, without quotes.
    document::NodeStyle style = document::NodeStyle::Plain; ///< How it is quoted.
    bool isFlow = false;                                    ///< Between braces or brackets.
    bool isJson = false;                                    ///< Where keys stand in quotes.
    std::size_t column = 0;                                 ///< Where it begins.
    bool isBlank = false;                                   ///< Nothing else stands on the line.
    bool isItem = false;   ///< Entry: directly behind "- ", or an item between brackets.
    bool hasColon = false; ///< Entry: a ':' follows.
    /// The other entries of the same map: names, and values where they are on the same line.
    std::map<std::string, std::string, std::less<>> siblings;
    std::string apiVersion; ///< As far as it says.
    std::string kind;
};

/// Pure; offsets are bytes within the document.
CursorPlace placeAt(std::string_view document, std::size_t offset);

} // namespace keelson::manifests
