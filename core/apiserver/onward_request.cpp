// SPDX-License-Identifier: Apache-2.0
#include "apiserver/onward_request.h"

#include "apiserver/http_reply_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <vector>

namespace keelson::apiserver {
namespace {

/// Names in a list such as that of the header Connection, in lower case.
std::vector<std::string> listed(const Headers& headers, std::string_view name)
{
    std::vector<std::string> names;
    for (const auto item : headers.listed(name))
        names.push_back(lowered(item));
    return names;
}

bool contains(const std::vector<std::string>& names, std::string_view name)
{
    return std::ranges::find(names, name) != names.end();
}

/// Who the client is, it has told us alone; the rest of these nobody but we may say.
bool isOurs(std::string_view name)
{
    constexpr std::array<std::string_view, 8> names{
        "authorization",    "content-length",    "expect",         "host", "x-forwarded-for",
        "x-forwarded-host", "x-forwarded-proto", "x-forwarded-uri"};
    return name.starts_with("impersonate-") || name.starts_with("x-remote-") ||
           std::ranges::find(names, name) != names.end();
}

std::string forwardedFor(const Request& request)
{
    std::string all;
    for (const auto before : request.headers.all("X-Forwarded-For"))
        fmt::format_to(std::back_inserter(all), "{}, ", before);
    return all.append(request.remoteAddress.substr(0, request.remoteAddress.rfind(':')));
}

} // namespace

bool isUpgrade(const Request& request)
{
    return request.headers.has("Upgrade") && contains(listed(request.headers, "Connection"), "upgrade");
}

std::string onwardText(const Request& request, std::string_view target, std::string_view host, const Headers& added)
{
    const auto connection = listed(request.headers, "Connection");
    auto text = fmt::format("{} {} HTTP/1.1\r\nHost: {}\r\n", request.method, target, host);
    const auto out = std::back_inserter(text);
    if (isUpgrade(request))
        fmt::format_to(out, "Connection: Upgrade\r\nUpgrade: {}\r\n", request.headers.get("Upgrade"));
    else
        text += "Connection: close\r\n";
    // Pages are asked for as they are: their links have to be read.
    const bool page = request.headers.get("Accept").find("text/html") != std::string_view::npos;
    for (const auto& [name, value] : request.headers.items()) {
        const auto lower = lowered(name);
        if (isOurs(lower) || isConnectionHeader(name) || contains(connection, lower) || added.has(name) ||
            (page && lower == "accept-encoding"))
            continue;
        fmt::format_to(out, "{}: {}\r\n", name, value);
    }
    fmt::format_to(out, "X-Forwarded-For: {}\r\nX-Forwarded-Host: {}\r\nX-Forwarded-Proto: https\r\n",
                   forwardedFor(request), request.headers.get("Host"));
    fmt::format_to(out, "X-Forwarded-Uri: {}\r\n", request.target.substr(0, request.target.find('?')));
    for (const auto& [name, value] : added.items())
        fmt::format_to(out, "{}: {}\r\n", name, value);
    if (request.bodyComes && !request.bodyBytes)
        text += "Transfer-Encoding: chunked\r\n";
    else if (request.bodyComes)
        fmt::format_to(out, "Content-Length: {}\r\n", *request.bodyBytes);
    else if (!request.body.empty() || request.method == "POST" || request.method == "PUT" || request.method == "PATCH")
        fmt::format_to(out, "Content-Length: {}\r\n", request.body.size());
    return text + "\r\n" + request.body;
}

} // namespace keelson::apiserver
