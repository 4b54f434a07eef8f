// SPDX-License-Identifier: Apache-2.0
#include "apiserver/http_reply_reader.h"

#include "apiserver/limited_parser.h"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/buffer_body.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace keelson::apiserver {
namespace {

namespace http = boost::beast::http;
using Code = boost::system::error_code;

constexpr std::size_t pieceBytes = std::size_t{16} * 1024;

/// The parser waits for a whole line: of what can become none it would say nothing until the connection ends.
constexpr std::string_view replyStart = "HTTP/1.";

std::string firstLine(std::string_view text)
{
    constexpr std::size_t lengthMax = 64;
    std::string line(text.substr(0, std::min(text.find_first_of("\r\n"), lengthMax)));
    std::ranges::replace_if(line, [](char each) { return each < ' ' || each > '~'; }, '?');
    return line;
}

/// Of a reply before the reply: 100 Continue, 103 Early Hints. Behind 101 Switching Protocols no other comes.
bool isInterim(unsigned status)
{
    constexpr unsigned switching = 101;
    return status / 100 == 1 && status != switching;
}

} // namespace

struct HttpReplyReader::Data {
    explicit Data(bool noBody) : headOnly(noBody) { restart(); }
    void restart()
    {
        begun = false;
        parser.emplace();
        parser->body_limit(boost::none);
        parser->eager(true);
        parser->skip(headOnly);
    }

    const bool headOnly;
    std::optional<LimitedParser<false, http::buffer_body>> parser;
    bool begun = false; ///< It is a reply, by its first bytes.
    std::string unread;
    std::string body;
    std::array<char, pieceBytes> piece{};
};

HttpReplyReader::HttpReplyReader(bool headOnly) : m_data(std::make_unique<Data>(headOnly)) {}

HttpReplyReader::~HttpReplyReader() = default;

Result<Done> HttpReplyReader::take(std::string_view bytes)
{
    auto& [headOnly, reading, begun, unread, body, piece] = *m_data;
    unread += bytes;
    while (!unread.empty() && !reading->is_done()) {
        auto& parser = *reading;
        if (!begun && !unread.starts_with(replyStart.substr(0, unread.size())))
            return fail(Reason::InternalError, fmt::format("malformed HTTP response \"{}\"", firstLine(unread)));
        if (!begun && unread.size() < replyStart.size())
            break;
        begun = true;
        auto& sink = parser.get().body();
        sink.data = piece.data();
        sink.size = piece.size();
        sink.more = true;
        Code failure;
        const auto used = parser.put(boost::asio::buffer(unread), failure);
        unread.erase(0, used);
        body.append(piece.data(), piece.size() - sink.size);
        if (failure == http::error::need_more)
            break;
        if (failure && failure != http::error::need_buffer)
            return fail(Reason::InternalError, failure.message());
        if (parser.is_done() && isInterim(parser.get().result_int()))
            m_data->restart();
    }
    return Done{};
}

Result<Done> HttpReplyReader::end()
{
    auto& parser = *m_data->parser;
    if (parser.is_done())
        return Done{};
    if (!m_data->begun)
        return fail(Reason::InternalError, m_data->unread.empty() ? "EOF" : "unexpected EOF");
    Code failure;
    parser.put_eof(failure);
    if (failure)
        return fail(Reason::InternalError, "unexpected EOF");
    return Done{};
}

bool HttpReplyReader::hasHead() const
{
    return m_data->parser->is_header_done();
}

Response HttpReplyReader::head() const
{
    const auto& message = m_data->parser->get();
    const bool switching = message.result() == http::status::switching_protocols;
    Response head;
    head.status = message.result_int();
    for (const auto& field : message) {
        const std::string_view name = field.name_string();
        if (equalIgnoringCase(name, "Content-Type"))
            head.contentType = field.value();
        else if (equalIgnoringCase(name, "Content-Length") ? m_data->headOnly
                 : isConnectionHeader(name)                ? switching
                                                           : !equalIgnoringCase(name, "Date"))
            head.headers.add(name, std::string(field.value()));
    }
    return head;
}

std::string HttpReplyReader::takeBody()
{
    return std::exchange(m_data->body, {});
}

std::string HttpReplyReader::takeRest()
{
    return std::exchange(m_data->unread, {});
}

bool HttpReplyReader::complete() const
{
    return m_data->parser->is_done();
}

bool isConnectionHeader(std::string_view name)
{
    constexpr std::array<std::string_view, 10> names{
        "Connection",          "Content-Length",   "Keep-Alive", "Proxy-Authenticate",
        "Proxy-Authorization", "Proxy-Connection", "TE",         "Trailer",
        "Transfer-Encoding",   "Upgrade"};
    return std::ranges::any_of(names, [&](std::string_view one) { return equalIgnoringCase(one, name); });
}

} // namespace keelson::apiserver
