// SPDX-License-Identifier: Apache-2.0
#include "apiserver/http_message.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace keelson::apiserver {
namespace {

int hexDigit(char letter)
{
    if (letter >= '0' && letter <= '9')
        return letter - '0';
    if (letter >= 'a' && letter <= 'f')
        return letter - 'a' + 10;
    if (letter >= 'A' && letter <= 'F')
        return letter - 'A' + 10;
    return -1;
}

char lower(char letter)
{
    return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

} // namespace

Chunk Chunk::own(std::string text)
{
    auto owner = std::make_shared<const std::string>(std::move(text));
    const std::string_view bytes = *owner;
    return {bytes, std::move(owner)};
}

bool equalIgnoringCase(std::string_view left, std::string_view right)
{
    return std::ranges::equal(left, right, [](char a, char b) { return lower(a) == lower(b); });
}

std::string lowered(std::string_view text)
{
    std::string result(text);
    std::ranges::transform(result, result.begin(), lower);
    return result;
}

std::string_view Headers::get(std::string_view name) const
{
    for (const auto& [key, value] : m_items) {
        if (equalIgnoringCase(key, name))
            return value;
    }
    return {};
}

bool Headers::has(std::string_view name) const
{
    return std::ranges::any_of(m_items, [&](const auto& item) { return equalIgnoringCase(item.first, name); });
}

std::vector<std::string_view> Headers::all(std::string_view name) const
{
    std::vector<std::string_view> values;
    for (const auto& [key, value] : m_items) {
        if (equalIgnoringCase(key, name))
            values.emplace_back(value);
    }
    return values;
}

std::vector<std::string_view> Headers::listed(std::string_view name) const
{
    constexpr std::string_view blanks = " \t";
    std::vector<std::string_view> items;
    for (auto list : all(name)) {
        while (!list.empty()) {
            const auto comma = std::min(list.find(','), list.size());
            auto one = list.substr(0, comma);
            list.remove_prefix(std::min(comma + 1, list.size()));
            one.remove_prefix(std::min(one.find_first_not_of(blanks), one.size()));
            one = one.substr(0, one.find_last_not_of(blanks) + 1);
            if (!one.empty())
                items.push_back(one);
        }
    }
    return items;
}

std::string percentDecoded(std::string_view text, bool plusIsSpace)
{
    std::string result;
    result.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%' && i + 2 < text.size() && hexDigit(text[i + 1]) >= 0 && hexDigit(text[i + 2]) >= 0) {
            result += static_cast<char>(hexDigit(text[i + 1]) * 16 + hexDigit(text[i + 2]));
            i += 2;
        } else {
            result += plusIsSpace && text[i] == '+' ? ' ' : text[i];
        }
    }
    return result;
}

Query Query::parse(std::string_view text)
{
    Query query;
    while (!text.empty()) {
        const auto end = text.find('&');
        const auto item = text.substr(0, end);
        text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
        if (item.empty())
            continue;
        const auto equals = item.find('=');
        const auto value = equals == std::string_view::npos ? std::string_view() : item.substr(equals + 1);
        query.m_items.emplace_back(percentDecoded(item.substr(0, equals), true), percentDecoded(value, true));
    }
    return query;
}

std::string_view Query::get(std::string_view name) const
{
    for (const auto& [key, value] : m_items) {
        if (key == name)
            return value;
    }
    return {};
}

bool Query::has(std::string_view name) const
{
    return std::ranges::any_of(m_items, [&](const auto& item) { return item.first == name; });
}

std::vector<std::string> Query::all(std::string_view name) const
{
    std::vector<std::string> values;
    for (const auto& [key, value] : m_items) {
        if (key == name)
            values.push_back(value);
    }
    return values;
}

bool Query::flag(std::string_view name) const
{
    if (!has(name))
        return false;
    const auto value = get(name);
    constexpr std::array<std::string_view, 4> noes{"0", "f", "false", "no"};
    return std::ranges::none_of(noes, [&](std::string_view no) { return equalIgnoringCase(value, no); });
}

Result<std::optional<std::int64_t>> Query::number(std::string_view name) const
{
    const auto text = get(name);
    if (text.empty())
        return std::optional<std::int64_t>();
    std::int64_t value = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (code != std::errc() || end != text.data() + text.size())
        return fail(Reason::BadRequest, fmt::format("the parameter {} must be a whole number, not \"{}\"", name, text));
    return std::optional(value);
}

Response Response::text(int status, std::string contentType, std::string body)
{
    Response response;
    response.status = status;
    response.contentType = std::move(contentType);
    response.body.push_back(Chunk::own(std::move(body)));
    return response;
}

std::size_t Response::bodyBytes() const
{
    std::size_t sum = 0;
    for (const auto& chunk : body)
        sum += chunk.bytes.size();
    return sum;
}

std::string_view statusText(int status)
{
    constexpr std::array<std::pair<int, std::string_view>, 25> texts{{{100, "Continue"},
                                                                      {101, "Switching Protocols"},
                                                                      {200, "OK"},
                                                                      {201, "Created"},
                                                                      {202, "Accepted"},
                                                                      {204, "No Content"},
                                                                      {301, "Moved Permanently"},
                                                                      {304, "Not Modified"},
                                                                      {400, "Bad Request"},
                                                                      {401, "Unauthorized"},
                                                                      {403, "Forbidden"},
                                                                      {404, "Not Found"},
                                                                      {405, "Method Not Allowed"},
                                                                      {406, "Not Acceptable"},
                                                                      {408, "Request Timeout"},
                                                                      {409, "Conflict"},
                                                                      {410, "Gone"},
                                                                      {413, "Request Entity Too Large"},
                                                                      {415, "Unsupported Media Type"},
                                                                      {422, "Unprocessable Entity"},
                                                                      {429, "Too Many Requests"},
                                                                      {431, "Request Header Fields Too Large"},
                                                                      {500, "Internal Server Error"},
                                                                      {503, "Service Unavailable"},
                                                                      {504, "Gateway Timeout"}}};
    const auto* found = std::ranges::find(texts, status, &std::pair<int, std::string_view>::first);
    return found == texts.end() ? "Status" : found->second;
}

} // namespace keelson::apiserver
