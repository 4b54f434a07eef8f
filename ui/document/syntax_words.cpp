// SPDX-License-Identifier: GPL-3.0-or-later
#include "document/syntax_words.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace keelson::document {
namespace {

/// `{}` of a message is the character where the error stands.
struct Row {
    std::string_view error; ///< A part of the parser's own words.
    std::string_view message;
    std::string_view advice;
};

constexpr std::string_view quoteIt = "A text that begins with {} must stand in quotes.";

constexpr auto rows = std::to_array<Row>({
    {"end of sequence flow", "The [ that opens here is never closed",
     "Close it with ], or put each item on a line of its own that begins with -."},
    {"end of map flow", "The { that opens here is never closed",
     "Close it with }, or put each entry on a line of its own."},
    {"flow end", "The bracket {} closes none that is open here",
     "Take it out, or open one before it; a text with brackets in it must stand in quotes."},
    {"quote that opens", "The quote that opens here is never closed",
     "Close it with another {}; until then all that follows is part of the text."},
    {"EOF in scalar", "The text ends between quotes", "Close the quote that opens above."},
    {"document indicator in scalar", "The document ends between quotes", "Close the quote that opens above."},
    {"more than one was given", "The object has ended above, and text follows it",
     "Put --- on a line of its own before the next object, or indent these lines as the entries above."},
    {"illegal map value", "A value cannot begin at this colon",
     "A text with ': ' in it must stand in quotes; else an entry is indented too far."},
    {"end of map", "This fits neither the entry before it nor the entries around it",
     "Indent the line like the entries that it belongs to; a text with quotes in it must stand in quotes as a whole."},
    {"end of sequence", "This line is no item of the list above it",
     "Begin items with -, all of them equally indented, and indent the entries of an item equally."},
    {"block entry", "An item that begins with - cannot stand here",
     "Begin the list on the next line; a text that begins with - must stand in quotes."},
    {"map key", "A key cannot stand here", "Begin each entry on a line of its own."},
    {"unknown token", "A text cannot begin with {}", quoteIt},
    {"referenced anchor", "No anchor has the name that * asks for here",
     "An alias needs its anchor (&name) further up in the same document; a text that begins with * must stand in "
     "quotes."},
    {"not found after", "A name must follow & and * at once",
     "Name the anchor (&name); a text that begins with & or * must stand in quotes."},
    {"scanning alias", "The name of an alias has a character that may not be in it", "Use letters and digits."},
    {"scanning anchor", "The name of an anchor has a character that may not be in it", "Use letters and digits."},
    {"multiple anchors", "This value has two anchors", "Keep one of them."},
    {"multiple tags", "This value has two tags", "Keep one of them."},
    {"aliases can't", "An alias has something before it", "Take out the anchor or the tag before the *."},
    {"tag", "The tag that begins with ! is not complete",
     "Take it out; a text that begins with ! must stand in quotes."},
    {"unknown escape", "Between double quotes, \\ begins an escape, and this one does not exist",
     "Write \\\\ for a backslash, or use single quotes."},
    {"scanning hex", "The number behind \\x, \\u or \\U is not complete",
     "Write as many digits as it takes (2, 4, 8)."},
    {"invalid unicode", "The number behind \\u or \\U is no character", "Write the character itself."},
    {"character in block scalar", "The text of a block begins on the line behind | or >",
     "Leave the rest of this line empty, and indent the text below it."},
    {"zero indentation", "A block cannot be indented by 0", "Take the 0 out."},
    {"illegal tab", "A tab indents this line", "YAML is indented with spaces only."},
    {"directive", "A line that begins with % is a directive, and this is none that is known", "Take the line out."},
    {"YAML version", "This version of YAML is not read here", "Take the line that begins with % out."},
    {"YAML major version", "This version of YAML is not read here", "Take the line that begins with % out."},
    {"deeper", "", "No cluster takes objects that are nested so deep."},
});

std::string filled(std::string_view words, std::string_view text, std::size_t offset)
{
    std::string out(words);
    if (const auto at = out.find("{}"); at != std::string::npos)
        out.replace(at, 2, text.substr(std::min(offset, text.size()), 1));
    return out;
}

} // namespace

SyntaxWords syntaxWords(std::string_view error, std::string_view text, std::size_t offset)
{
    const auto row = std::ranges::find_if(rows, [&](const Row& each) { return error.contains(each.error); });
    if (row == rows.end())
        return {fmt::format("Not YAML: {}", error),
                "Check the indentation and the punctuation of this line and of the one above."};
    return {row->message.empty() ? std::string(error) : filled(row->message, text, offset),
            filled(row->advice, text, offset)};
}

} // namespace keelson::document
