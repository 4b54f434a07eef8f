// SPDX-License-Identifier: Apache-2.0
// Requests whose owner takes the body as it comes, and hears when their client goes.
#include "apiserver/https_connection.h"

#include <boost/asio/write.hpp>
#include <boost/beast/http/read.hpp>
#include <poll.h>

#include <utility>

namespace keelson::apiserver {
namespace {

namespace http = boost::beast::http;

Error errorOf(const Refusal& refusal)
{
    auto error = makeError(reasonFromHttpStatus(refusal.status), refusal.words);
    error.told = ToldStatus{.code = refusal.status, .reason = std::string(reasonName(error.reason))};
    return error;
}

/// Whether no more will come, of this request or any.
bool isEnd(const boost::system::error_code& failure)
{
    return failure == http::error::partial_message ||
           (failure && failure.category() != http::make_error_code(http::error::partial_message).category());
}

} // namespace

Error clientGone()
{
    constexpr int clientClosedRequest = 499; // As other proxies log it.
    return errorOf({clientClosedRequest, "the client has gone"});
}

void Connection::dispatchBeforeBody()
{
    m_continueWanted = boost::beast::iequals(m_parser->get()[http::field::expect], "100-continue");
    m_request.bodyComes = true;
    if (const auto length = m_parser->content_length())
        m_request.bodyBytes = *length;
    m_buffer.max_size(2 * headerBytesMax); // What is read of it leaves at once.
    m_body = std::make_unique<BodyInPieces>(std::move(*m_parser));
    dispatch();
}

void Connection::watchRequest(std::shared_ptr<RequestEvents> events)
{
    if (m_state == State::Closed)
        return post([events = std::move(events)] { events->requestFailed(clientGone()); });
    m_requestEvents = std::move(events);
    if (!bodyOpen())
        watchForEnd();
}

void Connection::bodyNext()
{
    const bool wanted = m_state == State::Working || (m_state == State::Streaming && !m_continueWanted);
    if (!wanted || !m_requestEvents || !bodyOpen() || m_readPending)
        return;
    if (std::exchange(m_continueWanted, false))
        sayContinue();
    readPiece();
}

void Connection::sayContinue()
{
    static constexpr std::string_view words = "HTTP/1.1 100 Continue\r\n\r\n";
    m_continuing = true;
    asio::async_write(m_stream, asio::buffer(words), [self = shared_from_this()](const Code& failure, std::size_t) {
        self->m_continuing = false;
        if (failure)
            self->close();
        if (auto next = std::exchange(self->m_whenContinued, nullptr))
            next();
    });
}

void Connection::readPiece()
{
    m_readPending = true;
    m_pieceDeadline = now() + bodyPieceTime;
    auto& sink = m_body->parser.get().body();
    sink.data = m_body->piece.data();
    sink.size = m_body->piece.size();
    sink.more = true;
    http::async_read_some(m_stream, m_buffer, m_body->parser,
                          [self = shared_from_this()](const Code& failure, std::size_t) { self->pieceRead(failure); });
}

void Connection::pieceRead(const Code& failure)
{
    m_readPending = false;
    m_pieceDeadline = never;
    if (m_state == State::Closed)
        return;
    if (m_lingering)
        return isEnd(failure) ? close() : linger();
    if (!m_requestEvents || m_state == State::Sending) // The answer is on its way.
        return;
    if (failure && failure != http::error::need_buffer)
        return bodyFailed(failure);
    const auto& body = m_body->parser;
    const auto size = m_body->piece.size() - body.get().body().size;
    if (size == 0 && !body.is_done()) // The head of a chunk.
        return readPiece();
    if (body.is_done())
        watchForEnd();
    const auto events = m_requestEvents;
    events->bodyReceived(std::string(m_body->piece.data(), size), body.is_done());
}

void Connection::bodyFailed(const Code& failure)
{
    const auto refusal = refusalOf(failure, true);
    if (m_state != State::Working || !refusal)
        return close();
    m_late = false;
    std::exchange(m_requestEvents, nullptr)->requestFailed(errorOf(*refusal));
}

/// Of a client that is not being read from, since nobody takes more of its body: its goodbye lies behind that.
bool Connection::clientHasGone()
{
    const bool wanted = m_state == State::Working || m_state == State::Streaming;
    if (!wanted || !m_requestEvents || m_readPending)
        return false;
    pollfd asked{.fd = m_stream.next_layer().native_handle(), .events = POLLRDHUP, .revents = 0};
    return ::poll(&asked, 1, 0) > 0;
}

} // namespace keelson::apiserver
