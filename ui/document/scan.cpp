// SPDX-License-Identifier: GPL-3.0-or-later
#include "document/scan.h"

#include <algorithm>

namespace keelson::document {

namespace {

bool isBlank(char c)
{
    return c == ' ' || c == '\t';
}

bool isBreak(char c)
{
    return c == '\n' || c == '\r';
}

bool isBlankOrBreakAt(std::string_view text, std::size_t at)
{
    return at >= text.size() || isBlank(text[at]) || isBreak(text[at]);
}

bool isBlankLine(std::string_view text, std::size_t at)
{
    const auto first = skipSpaces(text, at);
    return first >= text.size() || isBreak(text[first]);
}

/// Whether a plain scalar stops before the byte at `at`.
bool endsPlain(std::string_view text, std::size_t at, bool isFlow)
{
    const char c = text[at];
    if (c == ':') {
        if (isBlankOrBreakAt(text, at + 1))
            return true;
        return isFlow && std::string_view(",[]{}").find(text[at + 1]) != std::string_view::npos;
    }
    if (isFlow && std::string_view(",?[]{}").find(c) != std::string_view::npos)
        return true;
    return c == '#' && at > 0 && isBlank(text[at - 1]);
}

} // namespace

std::size_t lineBegin(std::string_view text, std::size_t at)
{
    if (at == 0)
        return 0;
    const auto before = text.rfind('\n', at - 1);
    return before == std::string_view::npos ? 0 : before + 1;
}

std::size_t lineEnd(std::string_view text, std::size_t at)
{
    auto end = std::min(text.find('\n', at), text.size());
    if (end > at && end < text.size() && text[end - 1] == '\r')
        --end;
    return end;
}

std::size_t nextLine(std::string_view text, std::size_t at)
{
    const auto end = text.find('\n', at);
    return end == std::string_view::npos ? text.size() : end + 1;
}

std::size_t columnOf(std::string_view text, std::size_t at)
{
    return at - lineBegin(text, at);
}

bool isFirstOnLine(std::string_view text, std::size_t at)
{
    return skipSpaces(text, lineBegin(text, at)) >= at;
}

std::size_t skipSpaces(std::string_view text, std::size_t at)
{
    while (at < text.size() && isBlank(text[at]))
        ++at;
    return at;
}

std::size_t skipBlanksAndComments(std::string_view text, std::size_t at)
{
    while (at < text.size()) {
        if (isBlank(text[at]) || isBreak(text[at]))
            ++at;
        else if (text[at] == '#')
            at = lineEnd(text, at);
        else
            break;
    }
    return at;
}

bool hasComment(std::string_view text, std::size_t from, std::size_t to)
{
    return text.substr(0, to).find('#', from) != std::string_view::npos;
}

bool isMarker(std::string_view text, std::size_t line, std::string_view marker)
{
    const auto rest = text.substr(line);
    return rest.starts_with(marker) && (rest.size() == 3 || std::string_view(" \t\r\n").contains(rest[3]));
}

std::size_t quotedEnd(std::string_view text, std::size_t at)
{
    const char quote = text[at];
    for (++at; at < text.size(); ++at) {
        if (quote == '"' && text[at] == '\\') {
            ++at;
        } else if (text[at] == quote) {
            if (quote == '"' || at + 1 >= text.size() || text[at + 1] != '\'')
                return at + 1;
            ++at;
        }
    }
    return text.size();
}

std::size_t plainEnd(std::string_view text, std::size_t at, std::ptrdiff_t parentColumn, bool isFlow)
{
    auto end = at;
    while (at < text.size()) {
        if (isBreak(text[at])) {
            auto line = nextLine(text, at);
            while (line < text.size() && isBlankLine(text, line))
                line = nextLine(text, line);
            const auto first = skipSpaces(text, line);
            const bool isIndented = isFlow || static_cast<std::ptrdiff_t>(first - line) > parentColumn;
            if (first >= text.size() || !isIndented || text[first] == '#' || isMarker(text, line, "..."))
                return end;
            at = first;
            continue;
        }
        if (endsPlain(text, at, isFlow))
            return end;
        ++at;
        if (!isBlank(text[at - 1]))
            end = at;
    }
    return end;
}

std::size_t blockScalarEnd(std::string_view text, std::size_t at, std::ptrdiff_t parentColumn)
{
    const auto headerEnd = lineEnd(text, at);
    auto header = text.substr(at, headerEnd - at);
    header = header.substr(0, header.find('#'));
    const bool keeps = header.find('+') != std::string_view::npos;
    std::ptrdiff_t indent = -1;
    if (const auto digit = header.find_first_of("123456789"); digit != std::string_view::npos)
        indent = std::max<std::ptrdiff_t>(parentColumn, 0) + (header[digit] - '0');
    auto end = headerEnd;
    for (auto line = nextLine(text, headerEnd); line < text.size(); line = nextLine(text, line)) {
        const auto stop = lineEnd(text, line);
        if (isBlankLine(text, line)) {
            const bool isInside = indent >= 0 && static_cast<std::ptrdiff_t>(stop - line) > indent;
            if (keeps || isInside) // deeper blanks are text, fewer are only lines
                end = stop;
            continue;
        }
        auto first = line;
        while (text[first] == ' ')
            ++first;
        const auto column = static_cast<std::ptrdiff_t>(first - line);
        if (indent < 0 && column > parentColumn)
            indent = column;
        if (indent < 0 || column < indent || isMarker(text, line, "..."))
            break;
        end = stop;
    }
    return end;
}

} // namespace keelson::document
