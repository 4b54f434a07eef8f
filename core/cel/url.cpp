// SPDX-License-Identifier: Apache-2.0
#include "cel/url.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace keelson::cel {
namespace {

bool isHex(char letter)
{
    return std::isxdigit(static_cast<unsigned char>(letter)) != 0;
}

/// `plus`: a plus sign stands for a space, as in queries.
std::string decoded(std::string_view text, bool plus)
{
    std::string plain;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] == '%' && at + 2 < text.size() && isHex(text[at + 1]) && isHex(text[at + 2])) {
            plain += static_cast<char>(std::stoi(std::string(text.substr(at + 1, 2)), nullptr, 16));
            at += 2;
        } else {
            plain += plus && text[at] == '+' ? ' ' : text[at];
        }
    }
    return plain;
}

std::string schemeOf(std::string_view text)
{
    const auto colon = text.find(':');
    if (colon == text.npos || colon == 0 || std::isalpha(static_cast<unsigned char>(text[0])) == 0)
        return {};
    const auto scheme = text.substr(0, colon);
    const bool good = std::ranges::all_of(scheme, [](unsigned char letter) {
        return std::isalnum(letter) != 0 || letter == '+' || letter == '-' || letter == '.';
    });
    std::string lower(good ? scheme : std::string_view{});
    std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return lower;
}

/// What is wrong with it; nothing: it may be one.
std::string wrongText(std::string_view text)
{
    if (text.empty())
        return "empty url";
    if (std::ranges::any_of(text, [](unsigned char letter) { return letter < 0x20 || letter == 0x7F; }))
        return "net/url: invalid control character in URL";
    for (auto at = text.find('%'); at != text.npos; at = text.find('%', at + 1)) {
        if (at + 2 >= text.size() || !isHex(text[at + 1]) || !isHex(text[at + 2]))
            return fmt::format("invalid URL escape \"{}\"", text.substr(at, 3));
    }
    return {};
}

bool isPort(std::string_view port)
{
    return std::ranges::all_of(port, [](unsigned char letter) { return std::isdigit(letter) != 0; });
}

std::string wrongHost(std::string_view host)
{
    const auto bracket = host.find(']');
    if (host.starts_with('[') && bracket == host.npos)
        return "missing ']' in host";
    const auto colon = host.find(':', bracket == host.npos ? 0 : bracket);
    if (colon != host.npos && !isPort(host.substr(colon + 1)))
        return fmt::format("invalid port \"{}\" after host", host.substr(colon));
    if (const auto bad = host.find_first_of(" <>\"\\^`{}|"); bad != host.npos)
        return fmt::format("invalid character \"{}\" in host name", host[bad]);
    return {};
}

} // namespace

std::string Url::hostName() const
{
    if (host.starts_with('['))
        return host.substr(1, host.find(']') - 1);
    return host.substr(0, host.find(':'));
}

std::string Url::port() const
{
    const auto bracket = host.find(']');
    const auto colon = host.find(':', bracket == host.npos ? 0 : bracket);
    return colon == host.npos ? std::string() : host.substr(colon + 1);
}

std::vector<std::pair<std::string, std::string>> Url::parameters() const
{
    std::vector<std::pair<std::string, std::string>> found;
    std::string_view rest = query;
    while (!rest.empty()) {
        const auto end = std::min(rest.find('&'), rest.size());
        const auto part = rest.substr(0, end);
        rest.remove_prefix(std::min(end + 1, rest.size()));
        if (part.empty())
            continue;
        const auto equals = part.find('=');
        found.emplace_back(decoded(part.substr(0, equals), true),
                           equals == part.npos ? std::string() : decoded(part.substr(equals + 1), true));
    }
    return found;
}

Result<Url> readUrl(std::string_view text)
{
    const auto wrong = [&](std::string_view why) {
        return fail(Reason::Invalid, fmt::format("parse \"{}\": {}", text, why));
    };
    if (const auto why = wrongText(text); !why.empty())
        return wrong(why);
    Url url{.text = std::string(text), .scheme = schemeOf(text), .host = {}, .escapedPath = {}, .query = {}};
    auto rest = url.scheme.empty() ? text : text.substr(url.scheme.size() + 1);
    if (rest.starts_with(':'))
        return wrong("missing protocol scheme");
    if (!rest.starts_with('/'))
        return wrong("invalid URI for request");
    const auto question = rest.find('?');
    if (question != rest.npos)
        url.query = rest.substr(question + 1);
    rest = rest.substr(0, question);
    if (!url.scheme.empty() && rest.starts_with("//")) {
        rest.remove_prefix(2);
        const auto slash = std::min(rest.find('/'), rest.size());
        auto host = rest.substr(0, slash);
        host = host.substr(host.rfind('@') == host.npos ? 0 : host.rfind('@') + 1);
        if (const auto why = wrongHost(host); !why.empty())
            return wrong(why);
        url.host = decoded(host, false);
        rest.remove_prefix(slash);
    }
    url.escapedPath = rest;
    for (auto at = url.escapedPath.find(' '); at != std::string::npos; at = url.escapedPath.find(' ', at))
        url.escapedPath.replace(at, 1, "%20");
    return url;
}

} // namespace keelson::cel
