// SPDX-License-Identifier: GPL-3.0-or-later
#include "manifests/cursor_place.h"

#include "document/scan.h"
#include "manifests/flow_place.h"

#include <algorithm>
#include <optional>
#include <vector>

namespace keelson::manifests {

namespace {

using document::columnOf;
using document::lineBegin;
using document::lineEnd;
using document::skipSpaces;

/// What one line holds: "- - key: value".
struct Line {
    std::size_t begin = 0;
    std::size_t end = 0;
    bool isEmpty = true;             ///< Blank, a comment or a marker.
    std::vector<std::size_t> dashes; ///< Columns.
    std::size_t content = 0;         ///< Offset of what follows the dashes.
    std::optional<std::size_t> colon;
    std::string key;
    std::size_t value = 0; ///< Offset of what follows the colon.

    std::size_t column() const { return content - begin; }
    std::size_t firstColumn() const { return dashes.empty() ? column() : dashes.front(); }
};

bool isBreak(std::string_view text, std::size_t at, std::size_t end)
{
    return at >= end || text[at] == ' ' || text[at] == '\t';
}

void readKey(std::string_view text, Line& line)
{
    auto at = line.content;
    if (at < line.end && (text[at] == '{' || text[at] == '['))
        return;
    if (at < line.end && (text[at] == '"' || text[at] == '\'')) {
        const auto close = std::min(document::quotedEnd(text, at), line.end);
        const auto colon = skipSpaces(text, close);
        if (close > at + 1 && colon < line.end && text[colon] == ':') {
            line.colon = colon;
            line.key = std::string(text.substr(at + 1, close - at - 2));
        }
    } else {
        for (; at < line.end && !line.colon; ++at) {
            if (text[at] == '#' && at > line.content && text[at - 1] == ' ')
                return;
            if (text[at] == ':' && isBreak(text, at + 1, line.end))
                line.colon = at;
        }
        if (line.colon) {
            line.key = std::string(text.substr(line.content, *line.colon - line.content));
            while (!line.key.empty() && line.key.back() == ' ')
                line.key.pop_back();
        }
    }
    if (line.colon)
        line.value = skipSpaces(text, *line.colon + 1);
}

Line lineAt(std::string_view text, std::size_t offset)
{
    Line line;
    line.begin = lineBegin(text, offset);
    line.end = lineEnd(text, line.begin);
    auto at = skipSpaces(text, line.begin);
    const auto rest = text.substr(line.begin, line.end - line.begin);
    line.content = std::min(at, line.end);
    if (at >= line.end || text[at] == '#' || rest.starts_with("---") || rest.starts_with("..."))
        return line;
    line.isEmpty = false;
    while (at < line.end && text[at] == '-' && isBreak(text, at + 1, line.end)) {
        line.dashes.push_back(at - line.begin);
        at = std::min(skipSpaces(text, at + 1), line.end);
    }
    line.content = at;
    readKey(text, line);
    return line;
}

/// What stands in "key: here", without quotes and comments.
std::string plainValue(std::string_view text, const Line& line)
{
    auto value = text.substr(line.value, line.end - std::min(line.end, line.value));
    if (const auto comment = value.find(" #"); comment != value.npos)
        value = value.substr(0, comment);
    while (value.ends_with(' ') || value.ends_with('\r'))
        value.remove_suffix(1);
    if (value.size() > 1 && (value.front() == '"' || value.front() == '\'') && value.back() == value.front())
        value = value.substr(1, value.size() - 2);
    return std::string(value);
}

/// Climbs from an entry to the root by indentation.
class Climb {
public:
    Climb(std::string_view text, std::size_t column) : m_text(text), m_column(column) {}

    /// Through the tokens of one line, from its right end. False once the parent is a text of several lines.
    bool over(const Line& line, bool isOwn)
    {
        if (!isOwn && line.colon && isParent(line.column(), false)) {
            if (!m_hasParent && line.value < line.end && (m_text[line.value] == '|' || m_text[line.value] == '>'))
                return false;
            leave();
            m_steps.emplace_back(line.key);
            m_column = line.column();
            m_isItem = false;
            m_hasParent = true;
        }
        for (auto dash = line.dashes.rbegin(); dash != line.dashes.rend(); ++dash) {
            if (isParent(*dash, true)) {
                leave();
                m_column = *dash;
                m_isItem = true;
                m_hasParent = true;
            } else if (m_isItem && *dash == m_column && !isOwn) {
                ++m_index;
            }
        }
        return true;
    }

    /// Nothing further up can be a parent.
    bool isAtRoot() const { return m_column == 0 && !m_isItem; }

    document::Path path()
    {
        leave();
        return {m_steps.rbegin(), m_steps.rend()};
    }

private:
    bool isParent(std::size_t column, bool isDash) const
    {
        return column < m_column || (column == m_column && m_isItem && !isDash);
    }
    void leave()
    {
        if (m_isItem)
            m_steps.emplace_back(m_index);
        m_index = 0;
        m_isItem = false;
    }

    std::string_view m_text;
    std::size_t m_column;
    bool m_isItem = false;
    bool m_hasParent = false;
    std::size_t m_index = 0;
    std::vector<document::Step> m_steps;
};

void addSibling(std::string_view text, const Line& line, CursorPlace& place)
{
    if (line.colon && line.column() == place.column)
        place.siblings.emplace(line.key, plainValue(text, line));
}

void readSiblings(std::string_view text, const Line& own, CursorPlace& place)
{
    const auto column = place.column;
    if (own.dashes.empty())
        for (auto begin = own.begin; begin > 0;) {
            const auto line = lineAt(text, begin - 1);
            begin = line.begin;
            if (line.isEmpty || line.firstColumn() > column)
                continue;
            addSibling(text, line, place);
            if (line.firstColumn() < column || !line.dashes.empty())
                break;
        }
    for (auto next = document::nextLine(text, own.begin); next < text.size(); next = document::nextLine(text, next)) {
        const auto line = lineAt(text, next);
        if (line.isEmpty || line.firstColumn() > column)
            continue;
        if (line.firstColumn() < column || !line.dashes.empty())
            break;
        addSibling(text, line, place);
    }
}

/// The kind that an object says; its keys stand in `column`, from the line at `at` on.
void readKind(std::string_view text, std::size_t at, std::size_t column, CursorPlace& place)
{
    for (const auto first = at; at < text.size(); at = document::nextLine(text, at)) {
        if (column == 0 && at != first && std::string_view(" \n\r#-").contains(text[at]))
            continue; // most lines of a document: they are not read
        const auto line = lineAt(text, at);
        if (line.isEmpty || line.column() != column) {
            if (!line.isEmpty && at != first && line.firstColumn() < column)
                return;
            continue;
        }
        if (at != first && !line.dashes.empty())
            return; // the next item
        if (line.key == "apiVersion")
            place.apiVersion = plainValue(text, line);
        else if (line.key == "kind")
            place.kind = plainValue(text, line);
    }
}

/// The line where the item with that index of the document's `items` begins.
std::optional<Line> itemLine(std::string_view text, std::size_t index)
{
    std::optional<std::size_t> dash; ///< The column of the items.
    bool isInside = false;
    for (std::size_t at = 0; at < text.size(); at = document::nextLine(text, at)) {
        auto line = lineAt(text, at);
        if (line.isEmpty)
            continue;
        if (line.dashes.empty() && line.column() == 0) {
            isInside = line.key == "items";
        } else if (isInside && !line.dashes.empty() && line.dashes.front() == dash.value_or(line.dashes.front())) {
            dash = line.dashes.front();
            if (index-- == 0)
                return line;
        }
    }
    return std::nullopt;
}

/// The index when the place lies in an item of a List, or is one.
std::optional<std::size_t> listItem(const CursorPlace& place)
{
    const auto* items = place.path.empty() ? nullptr : std::get_if<std::string>(&place.path[0]);
    const auto* index = place.path.size() < 2 ? nullptr : std::get_if<std::size_t>(&place.path[1]);
    return items && *items == "items" && index && place.kind.ends_with("List") ? std::optional(*index) : std::nullopt;
}

void leaveList(CursorPlace& place)
{
    place.object.assign(place.path.begin(), place.path.begin() + 2);
    place.path.erase(place.path.begin(), place.path.begin() + 2);
}

/// In an item of a List the place is one of that item. False when it is not there.
bool enterItem(std::string_view text, CursorPlace& place)
{
    const auto index = listItem(place);
    const auto line = index ? itemLine(text, *index) : std::nullopt;
    if (!line)
        return false;
    place.apiVersion.clear();
    place.kind.clear();
    readKind(text, line->begin, line->column(), place);
    leaveList(place);
    return true;
}

/// Sets word and span: what is typed between `begin` and `end`, as seen from the cursor.
bool takeWord(std::string_view text, std::size_t begin, std::size_t end, std::size_t offset, CursorPlace& place)
{
    while (end > begin && (text[end - 1] == ' ' || text[end - 1] == '\r'))
        --end;
    begin = std::min(begin, offset);
    place.word = std::string(text.substr(begin, offset - begin));
    place.span = {begin, std::max(end, offset)};
    place.token = withoutQuotes(text.substr(place.span.begin, place.span.size()));
    if (place.word.starts_with('"') || place.word.starts_with('\'')) {
        place.style = place.word.front() == '"' ? document::NodeStyle::DoubleQuoted : document::NodeStyle::SingleQuoted;
        if (place.word.size() > 1 && place.word.ends_with(place.word.front()))
            return false; // behind the closing quote
        place.word.erase(0, 1);
    }
    return !place.word.contains(" #") && !place.word.starts_with('#') &&
           !std::string_view("{[|>&*!").contains(place.word.empty() ? '.' : place.word.front());
}

/// The place as one of the document, in block style.
CursorPlace blockPlaceAt(std::string_view text, std::size_t offset)
{
    CursorPlace place;
    const auto own = lineAt(text, offset);
    const bool isTyped = own.content < own.end;
    if (isTyped && offset < own.content)
        return place;
    if (isTyped && text[own.content] == '#')
        return place;
    place.isBlank = own.isEmpty;
    place.column = isTyped ? own.column() : offset - own.begin;
    place.isItem = !own.dashes.empty();
    const bool isValue = own.colon && offset > *own.colon;
    if (isValue && offset < own.value && own.value < own.end)
        return place;
    const bool isWord =
        isValue ? takeWord(text, own.value, own.end, offset, place)
                : takeWord(text, isTyped ? own.content : offset, own.colon.value_or(own.end), offset, place);
    if (!isWord)
        return place;
    Climb climb(text, place.column);
    climb.over(own, true);
    for (auto begin = own.begin; begin > 0;) {
        const auto line = lineAt(text, begin - 1);
        begin = line.begin;
        if (!line.isEmpty && !climb.over(line, false))
            return place;
        if (climb.isAtRoot())
            break;
    }
    place.path = climb.path();
    if (isValue)
        place.path.emplace_back(own.key);
    place.hasColon = own.colon.has_value();
    readSiblings(text, own, place);
    place.what = isValue ? CursorPlace::What::Value : CursorPlace::What::Entry;
    return place;
}

/// Where a collection between brackets begins.
struct Opening {
    std::size_t entry = 0;      ///< Of its value, with anchor and tag.
    std::size_t bracket = 0;    ///< The bracket itself.
    std::ptrdiff_t column = -1; ///< Of the entry that holds it.
};

/// That of one line's value, where it has one.
std::optional<Opening> openingOf(std::string_view text, const Line& line)
{
    Opening opening;
    opening.entry = line.colon ? line.value : line.content;
    opening.column = line.colon            ? static_cast<std::ptrdiff_t>(line.column())
                     : line.dashes.empty() ? -1
                                           : static_cast<std::ptrdiff_t>(line.dashes.back());
    auto at = opening.entry;
    while (at < line.end && (text[at] == '&' || text[at] == '!'))
        at = skipSpaces(text, std::min(text.find(' ', at), line.end));
    opening.bracket = at;
    return at < line.end && (text[at] == '{' || text[at] == '[') ? std::optional(opening) : std::nullopt;
}

/// Where the text behind a line goes on that is no entry of a block itself: after quotes and literals.
std::size_t afterValue(std::string_view text, const Line& line)
{
    const auto at = line.colon ? line.value : line.content;
    if (at >= line.end)
        return document::nextLine(text, line.begin);
    const auto column = line.colon || line.dashes.empty() ? line.column() : line.dashes.back();
    if (text[at] == '|' || text[at] == '>')
        return document::nextLine(text, document::blockScalarEnd(text, at, static_cast<std::ptrdiff_t>(column)));
    return document::nextLine(text, line.begin);
}

struct FoundFlow {
    Opening opening;
    FlowPlace place;
};

/// Whether brackets or a literal may begin on the line. Most lines are not read further.
bool mayOpen(std::string_view text, std::size_t line)
{
    const auto end = document::lineEnd(text, line);
    return std::any_of(text.begin() + static_cast<std::ptrdiff_t>(line),
                       text.begin() + static_cast<std::ptrdiff_t>(end),
                       [](char c) { return c == '{' || c == '[' || c == '|' || c == '>'; });
}

/// The brackets that the offset stands between.
std::optional<FoundFlow> flowAround(std::string_view text, std::size_t offset)
{
    for (std::size_t at = 0; at < offset;) {
        if (!mayOpen(text, at)) {
            at = document::nextLine(text, at);
            continue;
        }
        const auto line = lineAt(text, at);
        const auto opening = line.isEmpty ? std::nullopt : openingOf(text, line);
        if (!opening) {
            at = line.isEmpty ? document::nextLine(text, at) : afterValue(text, line);
            continue;
        }
        if (offset <= opening->bracket)
            return std::nullopt;
        auto end = opening->bracket;
        if (auto place = flowPlaceAt(text, opening->bracket, offset, opening->column, end))
            return FoundFlow{*opening, *std::move(place)};
        at = lineBegin(text, end) == end ? end : document::nextLine(text, end);
    }
    return std::nullopt;
}

/// The kind that a map between braces says.
void readKind(const FlowLevel& level, CursorPlace& place)
{
    const auto said = [&](std::string_view name) {
        const auto found = level.entries.find(name);
        return found == level.entries.end() ? std::string() : found->second;
    };
    place.apiVersion = said("apiVersion");
    place.kind = said("kind");
}

CursorPlace flowPlace(std::string_view text, const FoundFlow& found)
{
    const auto& flow = found.place;
    auto place = blockPlaceAt(text, found.opening.entry);
    if (place.what == CursorPlace::What::None || flow.what == FlowPlace::What::None)
        return {};
    const auto base = place.path.size();
    const auto& own = flow.levels.back();
    for (const auto& level : flow.levels) {
        if (!level.isMap)
            place.path.emplace_back(level.index);
        else if (&level != &own || flow.what == FlowPlace::What::Value)
            place.path.emplace_back(level.key);
    }
    place.what = flow.what == FlowPlace::What::Value ? CursorPlace::What::Value : CursorPlace::What::Entry;
    place.word = flow.word;
    place.span = flow.span;
    place.token = flow.token;
    place.style = flow.style;
    place.isFlow = true;
    place.isJson = flow.isJson;
    place.isItem = !own.isMap;
    place.hasColon = flow.hasColon;
    place.siblings = own.entries;
    place.siblings.erase(own.key);
    if (place.what == CursorPlace::What::Entry)
        place.siblings.erase(flow.token);
    if (base == 0)
        readKind(flow.levels.front(), place);
    else
        readKind(text, 0, 0, place);
    // The item of a List may begin between the brackets, or in the block around them.
    constexpr std::size_t itemDepth = 2;
    if (base > itemDepth) {
        enterItem(text, place);
    } else if (listItem(place) && itemDepth - base < flow.levels.size()) {
        readKind(flow.levels[itemDepth - base], place);
        leaveList(place);
    }
    return place;
}

} // namespace

CursorPlace placeAt(std::string_view text, std::size_t offset)
{
    offset = std::min(offset, text.size());
    if (const auto flow = flowAround(text, offset))
        return flowPlace(text, *flow);
    auto place = blockPlaceAt(text, offset);
    if (place.what == CursorPlace::What::None)
        return {};
    readKind(text, 0, 0, place);
    enterItem(text, place);
    return place;
}

} // namespace keelson::manifests
