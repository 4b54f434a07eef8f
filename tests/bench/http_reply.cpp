// SPDX-License-Identifier: Apache-2.0
#include "bench/http_reply.h"

#include <algorithm>
#include <cctype>
#include <charconv>

namespace keelson::bench {
namespace {

constexpr std::size_t beginningMax = 4096;
constexpr std::string_view headEnd = "\r\n\r\n";
constexpr std::string_view lastChunk = "0\r\n\r\n";

} // namespace

const std::string& ChunkedBody::add(std::string_view bytes)
{
    m_rest += bytes;
    m_body.clear();
    if (!m_headRead) {
        const auto end = m_rest.find(headEnd);
        if (end == std::string::npos)
            return m_body;
        m_headRead = true;
        m_rest.erase(0, end + headEnd.size());
    }
    std::size_t at = 0;
    while (at < m_rest.size()) {
        if (m_lineEnd > 0) {
            const auto part = std::min(m_lineEnd, m_rest.size() - at);
            m_lineEnd -= part;
            at += part;
        } else if (m_left == 0) {
            const auto line = m_rest.find("\r\n", at);
            if (line == std::string::npos)
                break;
            std::from_chars(m_rest.data() + at, m_rest.data() + line, m_left, 16);
            at = line + 2;
        } else {
            const auto part = std::min(m_left, m_rest.size() - at);
            m_body.append(m_rest, at, part);
            m_left -= part;
            at += part;
            m_lineEnd = m_left == 0 ? 2 : 0;
        }
    }
    m_rest.erase(0, at);
    return m_body;
}

std::size_t ReplyReader::add(std::string_view bytes)
{
    std::size_t used = 0;
    if (!m_headRead) {
        const auto before = m_beginning.size();
        m_beginning += bytes;
        const auto end = m_beginning.find(headEnd, before - std::min(before, headEnd.size() - 1));
        if (end == std::string::npos)
            return bytes.size();
        used = end + headEnd.size() - before;
        m_beginning.resize(end + headEnd.size());
        readHead(end);
    }
    auto body = bytes.substr(used);
    if (!m_chunked) {
        body = body.substr(0, m_left);
        m_left -= body.size();
    } else {
        // A client sends its next request behind the reply, so nothing else comes after the last chunk.
        m_tail.append(body.substr(body.size() - std::min(body.size(), lastChunk.size())));
        m_tail.erase(0, m_tail.size() - std::min(m_tail.size(), lastChunk.size()));
        m_chunked = m_tail != lastChunk;
    }
    m_beginning += body.substr(0, beginningMax - std::min(beginningMax, m_beginning.size()));
    return used + body.size();
}

void ReplyReader::readHead(std::size_t end)
{
    m_headRead = true;
    auto fields = m_beginning.substr(0, end);
    std::ranges::transform(fields, fields.begin(), [](unsigned char c) { return std::tolower(c); });
    constexpr std::string_view lengthField = "content-length: ";
    const auto at = fields.find(lengthField);
    m_chunked = at == std::string::npos;
    if (!m_chunked)
        std::from_chars(fields.data() + at + lengthField.size(), fields.data() + fields.size(), m_left);
}

bool ReplyReader::succeeded() const
{
    constexpr std::size_t codeAt = 9; // behind "HTTP/1.1 "
    return m_beginning.size() > codeAt && m_beginning[codeAt] == '2';
}

} // namespace keelson::bench
