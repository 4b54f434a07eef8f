// SPDX-License-Identifier: Apache-2.0
#include "apiserver/proxy_links.h"

#include "apiserver/http_message.h"

#include <algorithm>
#include <array>
#include <utility>

namespace keelson::apiserver {
namespace {

constexpr std::size_t markupBytesMax = std::size_t{64} * 1024;
constexpr std::string_view spaces = " \t\r\n\f";
constexpr auto none = std::string_view::npos;

/// Attributes that hold a URL, by element.
constexpr std::array<std::pair<std::string_view, std::string_view>, 35> urlAttributes{{
    {"a", "href"},          {"applet", "codebase"},  {"area", "href"},       {"audio", "src"},
    {"base", "href"},       {"blockquote", "cite"},  {"body", "background"}, {"button", "formaction"},
    {"command", "icon"},    {"del", "cite"},         {"embed", "src"},       {"form", "action"},
    {"frame", "longdesc"},  {"frame", "src"},        {"head", "profile"},    {"html", "manifest"},
    {"iframe", "longdesc"}, {"iframe", "src"},       {"img", "longdesc"},    {"img", "src"},
    {"img", "usemap"},      {"input", "formaction"}, {"input", "src"},       {"input", "usemap"},
    {"ins", "cite"},        {"link", "href"},        {"object", "classid"},  {"object", "codebase"},
    {"object", "data"},     {"object", "usemap"},    {"q", "cite"},          {"script", "src"},
    {"source", "src"},      {"video", "poster"},     {"video", "src"},
}};
constexpr std::array<std::string_view, 7> rawElements{"script", "style",    "textarea", "title",
                                                      "xmp",    "noframes", "iframe"};

bool isLetter(char each)
{
    return (each >= 'a' && each <= 'z') || (each >= 'A' && each <= 'Z');
}

bool startsWithName(std::string_view text, std::string_view name)
{
    return equalIgnoringCase(text.substr(0, name.size()), name);
}

/// Behind the mark; `none` when it is not there.
std::size_t behind(std::string_view text, std::string_view mark, std::size_t from)
{
    const auto at = text.find(mark, from);
    return at == none ? none : at + mark.size();
}

/// Behind the ">" that ends a tag; those in quotes do not.
std::size_t endOfTag(std::string_view text)
{
    char quote = '\0';
    for (std::size_t at = 1; at < text.size(); ++at) {
        const char each = text[at];
        if (quote != '\0')
            quote = each == quote ? '\0' : quote;
        else if ((each == '"' || each == '\'') && text.find_last_not_of(spaces, at - 1) != none &&
                 text[text.find_last_not_of(spaces, at - 1)] == '=')
            quote = each;
        else if (each == '>')
            return at + 1;
    }
    return none;
}

} // namespace

std::string ProxyLinks::rewritten(std::string_view url) const
{
    auto rest = url;
    std::string_view host;
    const auto colon = rest.find_first_of(":/?#");
    if (colon != none && rest[colon] == ':')
        rest.remove_prefix(colon + 1);
    if (rest.starts_with("//")) {
        rest.remove_prefix(2);
        const auto end = std::min(rest.find_first_of("/?#"), rest.size());
        host = rest.substr(0, end);
        rest.remove_prefix(end);
    }
    const bool own = host.empty() ? rest.size() == url.size() : host == upstreamHost || host == clientHost;
    if (!own || !rest.starts_with('/'))
        return std::string(url);
    return std::string(rest.starts_with(base) ? "" : base).append(rest);
}

std::size_t PageRewriter::endOfMarkup(std::string_view text) const
{
    if (text.starts_with("<!--"))
        return behind(text, "-->", 4);
    if (text.size() < 4 && std::string_view("<!--").starts_with(text))
        return none;
    const bool tag = isLetter(text[1]) || (text[1] == '/' && text.size() > 2 && isLetter(text[2]));
    return tag ? endOfTag(text) : text[1] == '!' || text[1] == '?' ? behind(text, ">", 0) : 1;
}

std::string PageRewriter::rewrittenTag(std::string_view tag)
{
    const auto nameEnd = std::min(tag.find_first_of(" \t\r\n\f/>", 1), tag.size());
    const auto name = lowered(tag.substr(1, nameEnd - 1));
    if (std::ranges::find(rawElements, name) != rawElements.end())
        m_rawName = name;
    std::string out(tag.substr(0, nameEnd));
    auto at = nameEnd;
    const auto copyTo = [&](std::size_t end) {
        out += tag.substr(at, end - at);
        at = end;
    };
    while (at < tag.size()) {
        copyTo(std::min(tag.find_first_not_of(" \t\r\n\f/", at), tag.size()));
        const auto attributeEnd = std::min(tag.find_first_of(" \t\r\n\f/>=", at), tag.size());
        const auto attribute = lowered(tag.substr(at, attributeEnd - at));
        copyTo(std::max(attributeEnd, std::min(at + (attribute.empty() ? 1 : 0), tag.size())));
        const auto equals = tag.find_first_not_of(spaces, at);
        if (attribute.empty() || equals == none || tag[equals] != '=')
            continue;
        copyTo(std::min(tag.find_first_not_of(spaces, equals + 1), tag.size()));
        const bool quoted = at < tag.size() && (tag[at] == '"' || tag[at] == '\'');
        const char quote = quoted ? tag[at] : '\0';
        copyTo(at + (quoted ? 1 : 0));
        const auto end = std::min(quoted ? tag.find(quote, at) : tag.find_first_of(" \t\r\n\f>", at), tag.size());
        const auto value = tag.substr(at, end - at);
        const std::pair<std::string_view, std::string_view> place{name, attribute};
        out += std::ranges::find(urlAttributes, place) != urlAttributes.end() ? m_links.rewritten(value)
                                                                              : std::string(value);
        at = end;
        if (quoted)
            copyTo(std::min(at + 1, tag.size()));
    }
    return out;
}

std::string PageRewriter::take(std::string_view bytes)
{
    m_kept += bytes;
    std::string out;
    std::string_view rest = m_kept;
    while (!rest.empty()) {
        const auto open = std::min(rest.find('<'), rest.size());
        out += rest.substr(0, open);
        rest.remove_prefix(open);
        if (rest.empty())
            break;
        if (!m_rawName.empty()) {
            const bool decided = rest.size() >= m_rawName.size() + 2;
            if (!decided && rest.size() < markupBytesMax)
                break;
            if (rest[1] == '/' && startsWithName(rest.substr(2), m_rawName)) {
                m_rawName.clear();
                continue;
            }
            out += '<';
            rest.remove_prefix(1);
            continue;
        }
        const auto end = rest.size() < 2 ? none : endOfMarkup(rest);
        if (end == none && rest.size() < markupBytesMax)
            break;
        const auto markup = rest.substr(0, end);
        out += end != none && isLetter(markup[markup.size() > 1 ? 1 : 0]) ? rewrittenTag(markup) : std::string(markup);
        rest.remove_prefix(markup.size());
    }
    m_kept = std::string(rest);
    return out;
}

} // namespace keelson::apiserver
