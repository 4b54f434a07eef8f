// SPDX-License-Identifier: Apache-2.0
#include "apiserver/http_reply_reader.h"
#include "apiserver/limited_parser.h"
#include "fuzz/fuzzing.h"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/string_body.hpp>

#include <string>

// HTTP as others send it. Input: a byte with the length of the pieces in which it comes, whose highest bit makes it the
// reply to a HEAD, then bytes: read as the reply of another server, and as the head and body of a request. In pieces or
// whole, a reply that is one says the same; a header is never longer than is allowed.

namespace {

using namespace keelson;

struct Reply {
    bool isOne = true;
    int status = 0;
    bool isComplete = false;
    std::string body;
    std::string rest;
    bool operator==(const Reply&) const = default;
};

Reply replyOf(std::string_view input, std::size_t piece, bool headOnly)
{
    apiserver::HttpReplyReader reader(headOnly);
    Reply reply;
    while (!input.empty() && reply.isOne) {
        const auto bytes = input.substr(0, piece);
        input.remove_prefix(bytes.size());
        reply.isOne = reader.take(bytes).has_value();
        reply.body += reader.takeBody();
    }
    reply.isOne = reply.isOne && reader.end();
    reply.isComplete = reader.complete();
    if (reply.isComplete)
        reply.rest = reader.takeRest();
    if (reader.hasHead())
        reply.status = reader.head().status;
    return reply;
}

void readRequest(std::string_view input, std::size_t piece)
{
    apiserver::LimitedParser<true, boost::beast::http::string_body> parser;
    std::string unread;
    boost::beast::error_code error;
    while (!input.empty() && !parser.is_done()) {
        unread += input.substr(0, piece);
        input.remove_prefix(std::min(piece, input.size()));
        const auto used = parser.put(boost::asio::buffer(unread), error);
        unread.erase(0, used);
        if (error && error != boost::beast::http::error::need_more)
            return;
    }
    if (!parser.is_header_done())
        return;
    std::size_t bytes = 0;
    for (const auto& field : parser.get())
        bytes += field.name_string().size() + field.value().size();
    fuzz::check(bytes <= apiserver::headerBytesMax);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    constexpr unsigned head = 0x80;
    auto input = fuzz::textOf(data, size);
    const auto choice = fuzz::takeChoice(input);
    const std::size_t piece = 1 + choice % head;
    const bool headOnly = (choice & head) != 0;
    const auto whole = replyOf(input, input.size(), headOnly);
    const auto pieces = replyOf(input, piece, headOnly);
    if (whole.isOne && pieces.isOne)
        fuzz::check(whole == pieces);
    readRequest(input, piece);
    return 0;
}
