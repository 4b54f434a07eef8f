// SPDX-License-Identifier: Apache-2.0
#include "docker/http.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cstring>

namespace keelson::docker {
namespace {

std::unexpected<Error> broken(std::string_view what)
{
    return fail(Reason::ServiceUnavailable, fmt::format("the container engine's reply cannot be read: {}", what));
}

bool sameWord(std::string_view left, std::string_view right)
{
    return std::ranges::equal(left, right, [](char a, char b) {
        return std::tolower(static_cast<unsigned char>(a)) == std::tolower(static_cast<unsigned char>(b));
    });
}

std::string_view trimmed(std::string_view text)
{
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t'))
        text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t'))
        text.remove_suffix(1);
    return text;
}

template <typename Number>
bool parseNumber(std::string_view text, Number& number, int base = 10)
{
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
    return error == std::errc{} && end == text.data() + text.size() && number >= 0;
}

} // namespace

Result<std::size_t> HttpReply::readRaw(char* into, std::size_t size)
{
    if (m_offset == m_buffer.size())
        return m_source(into, size);
    const auto count = std::min(size, m_buffer.size() - m_offset);
    std::memcpy(into, m_buffer.data() + m_offset, count);
    m_offset += count;
    return count;
}

Result<std::string> HttpReply::readLine()
{
    for (;;) {
        const auto end = m_buffer.find("\r\n", m_offset);
        if (end != std::string::npos) {
            auto line = m_buffer.substr(m_offset, end - m_offset);
            m_offset = end + 2;
            return line;
        }
        if (m_buffer.size() - m_offset > headBytesMax)
            return broken("a line of its head has no end");
        m_buffer.erase(0, m_offset);
        m_offset = 0;
        std::array<char, 4096> bytes{};
        TRY_ASSIGN(const auto count, m_source(bytes.data(), bytes.size()));
        if (count == 0)
            return broken("it breaks off");
        m_buffer.append(bytes.data(), count);
    }
}

Result<HttpHead> HttpReply::readHead()
{
    TRY_ASSIGN(const auto status, readLine());
    if (!status.starts_with("HTTP/1.") || status.size() < 12 ||
        !parseNumber(std::string_view(status).substr(9, 3), m_head.status))
        return broken("it is no HTTP");
    std::size_t total = 0;
    for (;;) {
        TRY_ASSIGN(const auto line, readLine());
        if (line.empty())
            break;
        total += line.size();
        if (total > headBytesMax)
            return broken("its head is too long");
        const auto colon = line.find(':');
        if (colon == std::string::npos)
            return broken("a header without a colon");
        const auto name = std::string_view(line).substr(0, colon);
        const auto value = trimmed(std::string_view(line).substr(colon + 1));
        if (sameWord(name, "content-type"))
            m_head.contentType = value;
        else if (sameWord(name, "transfer-encoding"))
            m_head.chunked = sameWord(value, "chunked");
        else if (sameWord(name, "content-length") && !parseNumber(value, m_head.contentLength))
            return broken("its length is no number");
    }
    const bool bodiless = m_head.status == 204 || m_head.status == 304;
    m_left = bodiless ? 0 : m_head.contentLength;
    m_ended = m_left == 0 && !m_head.chunked;
    if (m_head.chunked)
        m_left = 0;
    return m_head;
}

Result<Done> HttpReply::nextChunk()
{
    if (!m_firstChunk)
        TRY_OK(readLine()); // the line end behind the chunk before
    m_firstChunk = false;
    TRY_ASSIGN(const auto line, readLine());
    const auto size = std::string_view(line).substr(0, line.find(';'));
    if (!parseNumber(trimmed(size), m_left, 16))
        return broken("a chunk without a size");
    if (m_left > 0)
        return Done{};
    m_ended = true;
    for (;;) {
        TRY_ASSIGN(const auto trailer, readLine());
        if (trailer.empty())
            return Done{};
    }
}

Result<std::size_t> HttpReply::readBody(char* into, std::size_t size)
{
    if (!m_ended && m_head.chunked && m_left == 0)
        TRY_OK(nextChunk());
    if (m_ended)
        return 0;
    const auto wanted = m_left < 0 ? size : std::min(size, static_cast<std::size_t>(m_left));
    TRY_ASSIGN(const auto count, readRaw(into, wanted));
    if (count == 0) {
        if (m_left > 0)
            return broken("it breaks off");
        m_ended = true;
        return 0;
    }
    if (m_left > 0) {
        m_left -= static_cast<std::int64_t>(count);
        m_ended = m_left == 0 && !m_head.chunked;
    }
    return count;
}

Result<std::string> HttpReply::readAll(std::size_t sizeMax)
{
    std::string body;
    std::array<char, 16384> bytes{};
    for (;;) {
        TRY_ASSIGN(const auto count, readBody(bytes.data(), bytes.size()));
        if (count == 0)
            return body;
        if (body.size() + count > sizeMax)
            return fail(Reason::RequestEntityTooLarge,
                        fmt::format("the container engine's reply is over {} bytes", sizeMax));
        body.append(bytes.data(), count);
    }
}

std::string httpText(const HttpRequest& request)
{
    std::string text =
        fmt::format("{} {} HTTP/1.1\r\nHost: docker\r\nUser-Agent: keelson-agent\r\n", request.method, request.target);
    if (request.upgrade)
        text += "Connection: Upgrade\r\nUpgrade: tcp\r\n";
    else
        text += "Connection: close\r\n";
    if (!request.registryAuth.empty())
        text += fmt::format("X-Registry-Auth: {}\r\n", request.registryAuth);
    if (!request.contentType.empty())
        text += fmt::format("Content-Type: {}\r\n", request.contentType);
    if (!request.body.empty() || request.method == "POST")
        text += fmt::format("Content-Length: {}\r\n", request.body.size());
    return text + "\r\n" + request.body;
}

std::string percentEncoded(std::string_view text)
{
    std::string encoded;
    for (const char each : text) {
        if (std::isalnum(static_cast<unsigned char>(each)) != 0 ||
            std::string_view("-._~").find(each) != std::string_view::npos)
            encoded += each;
        else
            encoded += fmt::format("%{:02X}", static_cast<unsigned char>(each));
    }
    return encoded;
}

} // namespace keelson::docker
