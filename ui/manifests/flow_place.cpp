// SPDX-License-Identifier: GPL-3.0-or-later
#include "manifests/flow_place.h"

#include "document/scan.h"

#include <algorithm>

namespace keelson::manifests {

namespace {

using document::NodeStyle;
using document::Span;

bool isIndicator(char c)
{
    return std::string_view(",{}[]").contains(c);
}

class FlowReader {
public:
    FlowReader(std::string_view text, std::size_t open, std::size_t offset, std::ptrdiff_t parentColumn)
        : m_text(text), m_at(open), m_offset(offset), m_parentColumn(parentColumn)
    {
    }

    std::optional<FlowPlace> run(std::size_t& end)
    {
        do
            step();
        while (!m_open.empty() && m_at < m_text.size());
        if (!m_place && !m_open.empty())
            stopHere();
        end = m_at;
        while (!m_open.empty())
            close();
        return std::move(m_place);
    }

private:
    struct Level {
        FlowLevel told;
        bool isBehindColon = false;
        bool hasToken = false; ///< Of the entry: a key without its colon, or a value.
        std::string token;
        bool isJson = false;
    };

    void step()
    {
        const auto c = m_text[m_at];
        if (!m_open.empty() && !m_place && m_at >= m_offset && !isToken(c))
            stopHere();
        if (c == '{' || c == '[') {
            open(c == '{');
        } else if (c == '}' || c == ']') {
            close();
            ++m_at;
        } else if (c == ',') {
            takeEntry();
            ++m_open.back().told.index;
            ++m_at;
        } else if (c == '\n') {
            endLine();
        } else if (c == ' ' || c == '\t' || c == '\r') {
            ++m_at;
        } else if (c == '#' && isBlankBefore(m_at)) {
            readComment();
        } else if (c == ':' && endsKey(m_at)) {
            takeColon();
            ++m_at;
        } else {
            readToken();
        }
    }

    static bool isToken(char c) { return !isIndicator(c) && !std::string_view(" \t\r\n#:").contains(c); }
    bool isBlankBefore(std::size_t at) const { return at == 0 || std::string_view(" \t\n").contains(m_text[at - 1]); }
    /// A colon with a blank or an end behind it, or directly behind a key in quotes.
    bool endsKey(std::size_t at) const
    {
        const bool isQuoted = at > 0 && (m_text[at - 1] == '"' || m_text[at - 1] == '\'');
        return isQuoted || at + 1 >= m_text.size() || isIndicator(m_text[at + 1]) ||
               std::string_view(" \t\r\n").contains(m_text[at + 1]);
    }

    void open(bool isMap)
    {
        if (!m_open.empty())
            m_open.back().hasToken = true;
        Level level;
        level.told.isMap = isMap;
        m_open.push_back(std::move(level));
        ++m_at;
    }

    void close()
    {
        takeEntry();
        const auto depth = m_open.size() - 1;
        if (m_place && depth < m_place->levels.size())
            m_place->levels[depth].entries = std::move(m_open.back().told.entries);
        m_open.pop_back();
    }

    void takeEntry()
    {
        auto& level = m_open.back();
        if (level.told.isMap && !level.told.key.empty())
            level.told.entries[level.told.key] = level.isBehindColon ? level.token : "";
        else if (level.told.isMap && !level.token.empty())
            level.told.entries[level.token] = "";
        level.told.key.clear();
        level.token.clear();
        level.hasToken = false;
        level.isBehindColon = false;
    }

    void takeColon()
    {
        auto& level = m_open.back();
        level.told.key = std::exchange(level.token, {});
        level.hasToken = false;
        level.isBehindColon = true;
    }

    void endLine()
    {
        const auto line = ++m_at;
        const auto first = document::skipSpaces(m_text, line);
        if (first >= m_text.size() || static_cast<std::ptrdiff_t>(first - line) > m_parentColumn ||
            !isToken(m_text[first]))
            return;
        const auto end = document::lineEnd(m_text, first);
        const auto rest = m_text.substr(first, end - first);
        if (!rest.starts_with("- ") && !rest.contains(": ") && !rest.ends_with(':') && !rest.starts_with("---"))
            return;
        while (!m_open.empty()) // the block around it goes on: the closing bracket is missing
            close();
    }

    void readComment()
    {
        const auto end = document::lineEnd(m_text, m_at);
        if (!m_place && m_offset > m_at && m_offset <= end)
            m_place = placeHere(FlowPlace::What::None);
        m_at = end;
    }

    void readToken()
    {
        const auto begin = m_at;
        const bool isQuoted = m_text[begin] == '"' || m_text[begin] == '\'';
        auto end = isQuoted ? document::quotedEnd(m_text, begin) : plainEnd(begin);
        const bool isHere = !m_place && m_offset >= begin && m_offset <= end;
        if (isHere && isQuoted && !isClosedBehind(m_offset, end))
            end = std::max(m_offset, begin + 1); // it is being typed: what follows is not of it
        auto& level = m_open.back();
        if (isHere)
            stopAt({begin, end}, isQuoted);
        level.token = withoutQuotes(m_text.substr(begin, end - begin));
        level.isJson = level.isJson || (isQuoted && m_text[begin] == '"' && !level.isBehindColon);
        level.hasToken = true;
        m_at = end;
    }

    std::size_t plainEnd(std::size_t at) const
    {
        auto end = at + 1;
        for (++at; at < m_text.size() && m_text[at] != '\n' && m_text[at] != '\r' && !isIndicator(m_text[at]); ++at) {
            if ((m_text[at] == ':' && endsKey(at)) || (m_text[at] == '#' && isBlankBefore(at)))
                break;
            if (m_text[at] != ' ' && m_text[at] != '\t')
                end = at + 1;
        }
        return end;
    }

    /// Whether nothing but the rest of one word stands between the cursor and the closing quote.
    bool isClosedBehind(std::size_t at, std::size_t end) const
    {
        const auto rest = m_text.substr(at, end - at);
        return rest.empty() || (std::string_view("\"'").contains(rest.back()) &&
                                rest.substr(0, rest.size() - 1).find_first_of(" \t\r\n,:{}[]\"'") == rest.npos);
    }

    FlowPlace placeHere(FlowPlace::What what) const
    {
        FlowPlace place;
        place.what = what;
        for (const auto& level : m_open)
            place.levels.push_back(level.told);
        place.span = {m_offset, m_offset};
        place.isJson = m_open.front().isJson;
        return place;
    }

    FlowPlace::What whatHere() const
    {
        const auto& level = m_open.back();
        if (level.hasToken)
            return FlowPlace::What::None; // behind a value, or a key without its colon
        return level.told.isMap && level.isBehindColon ? FlowPlace::What::Value : FlowPlace::What::Entry;
    }

    /// The cursor stands between two tokens.
    void stopHere()
    {
        const auto next = document::skipSpaces(m_text, m_offset);
        const bool isFree = next >= m_text.size() || std::string_view(",}]#\r\n").contains(m_text[next]);
        m_place = placeHere(isFree ? whatHere() : FlowPlace::What::None);
    }

    /// The cursor stands in a token or at its end.
    void stopAt(const Span& token, bool isQuoted)
    {
        const bool isInside = m_offset > token.begin || !isQuoted;
        m_place = placeHere(isInside ? whatHere() : FlowPlace::What::None);
        m_place->span = token;
        m_place->token = withoutQuotes(m_text.substr(token.begin, token.size()));
        m_place->word = std::string(m_text.substr(token.begin, m_offset - token.begin));
        if (isQuoted) {
            m_place->style = m_text[token.begin] == '"' ? NodeStyle::DoubleQuoted : NodeStyle::SingleQuoted;
            m_place->word.erase(0, 1);
        }
        if (m_offset == token.end && isQuoted && token.size() > 1 && m_text[token.end - 1] == m_text[token.begin])
            m_place->what = FlowPlace::What::None; // behind the closing quote
        const auto next = document::skipSpaces(m_text, token.end);
        m_place->hasColon = next < m_text.size() && m_text[next] == ':' && !m_open.back().isBehindColon;
    }

    std::string_view m_text;
    std::size_t m_at;
    std::size_t m_offset;
    std::ptrdiff_t m_parentColumn;
    std::vector<Level> m_open;
    std::optional<FlowPlace> m_place;
};

} // namespace

std::string withoutQuotes(std::string_view typed)
{
    if (typed.empty() || (typed.front() != '"' && typed.front() != '\''))
        return std::string(typed);
    const bool isClosed = typed.size() > 1 && typed.back() == typed.front();
    return std::string(typed.substr(1, typed.size() - (isClosed ? 2 : 1)));
}

std::optional<FlowPlace> flowPlaceAt(std::string_view text, std::size_t open, std::size_t offset,
                                     std::ptrdiff_t parentColumn, std::size_t& end)
{
    return FlowReader(text, open, offset, parentColumn).run(end);
}

} // namespace keelson::manifests
