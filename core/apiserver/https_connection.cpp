// SPDX-License-Identifier: Apache-2.0
#include "apiserver/https_connection.h"

#include "base/log.h"

#include <boost/asio/write.hpp>
#include <boost/beast/http/read.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace keelson::apiserver {
namespace {

namespace http = boost::beast::http;

constexpr int noContent = 204;
constexpr int notModified = 304;
constexpr int switchingProtocols = 101;

} // namespace

Connection::Connection(std::shared_ptr<Lane> lane, asio::ip::tcp::socket socket)
    : m_lane(std::move(lane)), m_stream(std::move(socket), m_lane->core->tls.native_handle())
{
    ++m_lane->core->connections;
    Code ignored;
    const auto remote = m_stream.next_layer().remote_endpoint(ignored);
    m_remote = fmt::format("{}:{}", remote.address().to_string(ignored), remote.port());
    m_stream.next_layer().set_option(asio::ip::tcp::no_delay(true), ignored);
}

void Connection::start()
{
    m_lane->add(shared_from_this());
    enter(State::Handshake, handshakeTime);
    m_stream.async_handshake([self = shared_from_this()](const Code& failure) {
        if (failure)
            self->handshakeFailed(failure);
        else
            self->readRequest();
    });
}

void Connection::handshakeFailed(const Code& failure)
{
    if (m_state != State::Closed && failure.category() == asio::error::get_ssl_category() &&
        ERR_GET_REASON(static_cast<unsigned long>(failure.value())) == SSL_R_HTTP_REQUEST) {
        constexpr std::string_view words = "HTTP/1.0 400 Bad Request\r\nContent-Type: text/plain\r\n\r\n"
                                           "This server speaks HTTPS; the request came as plain HTTP.\n";
        Code ignored;
        m_stream.next_layer().non_blocking(true, ignored);
        m_stream.next_layer().send(asio::buffer(words), 0, ignored);
    }
    close();
}

void Connection::readRequest()
{
    if (m_lane->core->stopping)
        return shutDown();
    if (m_readPending) { // The read that watched a stream's client goes on; it brings the next request.
        enter(State::Idle, idleTime);
        return;
    }
    m_parser.emplace();
    m_body.reset();
    m_bodyClaim.release();
    m_parser->body_limit(boost::none); // Which one holds, the header says.
    m_buffer.max_size(headerBytesMax + bodyBytesMax);
    enter(State::Idle, idleTime);
    http::async_read_header(m_stream, m_buffer, *m_parser,
                            [self = shared_from_this()](const Code& failure, std::size_t) {
                                if (failure)
                                    self->readFailed(failure);
                                else
                                    self->headerRead();
                            });
}

bool Connection::claim(std::size_t bytes)
{
    const auto& senderOf = m_lane->core->options.senderOf;
    return m_bodyClaim.take(senderOf ? senderOf(m_request) : std::string(), bytes);
}

void Connection::headerRead()
{
    takeHeader();
    if (m_parser->is_done())
        return dispatch();
    const auto& takesPieces = m_lane->core->options.takesPieces;
    if (takesPieces && takesPieces(m_request))
        return dispatchBeforeBody();
    enter(State::Reading, requestTime);
    const auto length = m_parser->content_length().value_or(bodyBytesMax);
    if (length > bodyBytesMax)
        return readFailed(http::error::body_limit);
    m_parser->body_limit(bodyBytesMax);
    if (length > shortBodyBytesMax && !claim(length))
        return refuse({429, "too many large requests are under way, please try again later"});
    if (boost::beast::iequals(m_parser->get()[http::field::expect], "100-continue")) {
        m_out = "HTTP/1.1 100 Continue\r\n\r\n";
        asio::async_write(m_stream, asio::buffer(m_out), [self = shared_from_this()](const Code& failure, std::size_t) {
            if (failure)
                self->close();
            else
                self->bodyRead();
        });
        return;
    }
    bodyRead();
}

void Connection::bodyRead()
{
    http::async_read(m_stream, m_buffer, *m_parser, [self = shared_from_this()](const Code& failure, std::size_t) {
        if (failure)
            self->readFailed(failure);
        else
            self->dispatch();
    });
}

void Connection::readFailed(const Code& failure)
{
    if (m_state == State::Closed)
        return;
    if (const auto refusal = refusalOf(failure, isBegun()))
        refuse(*refusal);
    else
        close();
}

std::optional<Refusal> Connection::refusalOf(const Code& failure, bool begun) const
{
    if (m_late)
        return Refusal{408, "the request did not come to its end in time"};
    if (begun && (failure == http::error::partial_message || failure == asio::ssl::error::stream_truncated))
        return Refusal{400, "the request was cut off: it ends before its length"};
    if (failure == http::error::header_limit || failure == http::error::buffer_overflow)
        return Refusal{431, "the header of the request is larger than 64 KiB"};
    if (failure == http::error::body_limit)
        return Refusal{413, "the body of the request is larger than 3 MiB"};
    if (failure.category() == http::make_error_code(http::error::bad_method).category() &&
        failure != http::error::end_of_stream && failure != http::error::partial_message)
        return Refusal{400, "the request is no HTTP: " + failure.message()};
    return std::nullopt;
}

void Connection::refuse(const Refusal& refusal)
{
    const auto& [status, text] = refusal;
    m_keepAlive = false;
    m_lingering = true;
    m_headOnly = false;
    const auto reason = reasonFromHttpStatus(status);
    auto response =
        Response::text(status, "application/json",
                       fmt::format(R"({{"kind":"Status","apiVersion":"v1","metadata":{{}},"status":"Failure",)"
                                   R"("message":"{}","reason":"{}","code":{}}})",
                                   text, reasonName(reason), status));
    if (reason == Reason::TooManyRequests)
        response.headers.add("Retry-After", "1");
    answer(std::move(response));
}

std::shared_ptr<const Result<auth::User>> Connection::peer()
{
    constexpr Duration believedFor = std::chrono::seconds{60}; // Certificates expire while connections live.
    const auto* const clients = m_lane->core->options.clients;
    const bool known = m_peerChecked != SteadyTime{};
    if (!clients || (known && (!m_peer || now() - m_peerChecked < believedFor)))
        return m_peer;
    m_peerChecked = now();
    X509* const certificate = SSL_get0_peer_certificate(m_stream.native_handle());
    if (!certificate)
        return m_peer;
    const auto der = [](X509* x509) {
        std::string bytes(static_cast<std::size_t>(std::max(i2d_X509(x509, nullptr), 0)), '\0');
        auto* end = reinterpret_cast<unsigned char*>(bytes.data());
        i2d_X509(x509, &end);
        return bytes;
    };
    std::vector<std::string> chain;
    const STACK_OF(X509)* const sent = SSL_get_peer_cert_chain(m_stream.native_handle());
    for (int i = 0; sent && i < sk_X509_num(sent); ++i)
        chain.push_back(der(sk_X509_value(sent, i)));
    m_peer = std::make_shared<const Result<auth::User>>(clients->authenticate(der(certificate), chain));
    if (!*m_peer) // kubectl knows only that credentials are wanted: the cause must be found here
        log::warning("apiserver", "{}: {}", m_remote, m_peer->error().message);
    return m_peer;
}

void Connection::takeHeader()
{
    constexpr unsigned first = 11; // HTTP/1.1
    const auto& message = m_parser->get();
    m_keepAlive = message.keep_alive();
    m_headOnly = message.method() == http::verb::head;
    m_knowsChunks = message.version() >= first;
    auto& request = m_request;
    request = {};
    request.method = std::string(message.method_string());
    request.target = std::string(message.target());
    const std::string_view target = request.target;
    const auto question = target.find('?');
    request.path = percentDecoded(target.substr(0, question));
    if (question != std::string_view::npos)
        request.query = Query::parse(target.substr(question + 1));
    for (const auto& field : message)
        request.headers.add(std::string_view(field.name_string()), std::string(field.value()));
    request.remoteAddress = m_remote;
    request.peer = peer();
}

void Connection::dispatch()
{
    if (!m_body)
        m_request.body = std::move(m_parser->get().body());
    m_state = State::Working;
    m_deadline = never;
    m_late = false;
    m_lane->core->options.handler(makeExchange(shared_from_this(), std::move(m_request)));
}

std::string Connection::headText(const Response& response, std::optional<std::size_t> length) const
{
    auto text = fmt::format("HTTP/1.1 {} {}\r\n", response.status, statusText(response.status));
    if (!response.contentType.empty())
        text += fmt::format("Content-Type: {}\r\n", response.contentType);
    for (const auto& [name, value] : response.headers.items())
        text += fmt::format("{}: {}\r\n", name, value);
    const bool lengthKnown = m_headOnly && response.headers.has("Content-Length"); // Of what a GET would answer.
    if (length && !lengthKnown && response.status != noContent && response.status != notModified)
        text += fmt::format("Content-Length: {}\r\n", *length);
    if (!m_keepAlive && response.status != switchingProtocols)
        text += "Connection: close\r\n";
    text += fmt::format("Date: {}\r\n", m_lane->date);
    return text;
}

void Connection::answer(Response response)
{
    if (m_state == State::Closed)
        return;
    if (m_continuing) {
        m_whenContinued = [this, response = std::move(response)]() mutable { answer(std::move(response)); };
        return;
    }
    m_keepAlive = m_keepAlive && !bodyOpen();
    m_pieceDeadline = never;
    m_response = std::move(response);
    m_out = headText(m_response, m_response.bodyBytes()) + "\r\n";
    m_nextChunk = m_headOnly ? m_response.body.size() : 0;
    m_chunkOffset = 0;
    enter(State::Sending, sendTime);
    sendMore();
}

void Connection::sendMore()
{
    const auto& body = m_response.body;
    while (m_nextChunk < body.size() && m_out.size() < sendBufferBytes) {
        const auto rest = body[m_nextChunk].bytes.substr(m_chunkOffset);
        const auto part = rest.substr(0, sendBufferBytes - m_out.size());
        m_out += part;
        m_chunkOffset += part.size();
        if (part.size() == rest.size()) {
            ++m_nextChunk;
            m_chunkOffset = 0;
        }
    }
    if (m_out.empty())
        return answered();
    asio::async_write(m_stream, asio::buffer(m_out), [self = shared_from_this()](const Code& failure, std::size_t) {
        if (failure || self->m_state == State::Closed)
            return self->close();
        self->m_out.clear();
        self->m_deadline = self->now() + sendTime;
        if (self->m_nextChunk < self->m_response.body.size())
            self->sendMore();
        else
            self->answered();
    });
}

void Connection::answered()
{
    m_response = {};
    std::string().swap(m_out);
    m_requestEvents.reset();
    if (m_keepAlive)
        return readRequest();
    if (!m_lingering && !bodyOpen())
        return shutDown();
    m_lingering = true;
    enter(State::Sending, stopGrace);
    if (!m_readPending) // Else it goes on when that has come.
        linger();
}

void Connection::linger()
{
    m_buffer.consume(m_buffer.size());
    m_stream.async_read_some(m_buffer.prepare(sendBufferBytes),
                             [self = shared_from_this()](const Code& failure, std::size_t) {
                                 if (failure)
                                     self->close();
                                 else
                                     self->linger();
                             });
}

void Connection::sweep(SteadyTime now)
{
    const bool pieceLate = now > m_pieceDeadline;
    if (now <= m_deadline && !pieceLate) {
        if (clientHasGone())
            close();
        return;
    }
    const bool isAnswered = isBegun() || (pieceLate && m_state == State::Working);
    if (!isAnswered)
        return close();
    m_late = true;
    (pieceLate ? m_pieceDeadline : m_deadline) = now + stopGrace;
    Code ignored;
    m_stream.next_layer().cancel(ignored); // The read ends with an error, and the client gets its answer.
}

void Connection::stop(bool hard)
{
    const bool working = m_state == State::Reading || m_state == State::Working || m_state == State::Sending;
    if (hard || !working)
        return close();
    m_keepAlive = false;
}

void Connection::shutDown()
{
    if (m_state == State::Closed || m_state == State::Closing)
        return;
    if (m_tunnelEvents)
        std::exchange(m_tunnelEvents, nullptr)->closed();
    enter(State::Closing, stopGrace);
    if (m_readPending) { // A read is under way: it ends when the client has taken what was sent and closes.
        Code ignored;
        m_stream.next_layer().shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
        return;
    }
    m_stream.async_shutdown([self = shared_from_this()](const Code&) { self->close(); });
}

void Connection::close()
{
    if (m_state == State::Closed && !m_queue && !m_tunnelEvents && !m_requestEvents)
        return;
    m_state = State::Closed;
    m_deadline = never;
    m_pieceDeadline = never;
    m_lane->remove(*this);
    Code ignored;
    m_stream.next_layer().shutdown(asio::ip::tcp::socket::shutdown_both, ignored);
    m_stream.next_layer().close(ignored);
    if (m_queue)
        std::exchange(m_queue, nullptr)->abandon();
    if (m_events)
        std::exchange(m_events, nullptr)->closed();
    if (m_tunnelEvents)
        std::exchange(m_tunnelEvents, nullptr)->closed();
    if (m_requestEvents)
        std::exchange(m_requestEvents, nullptr)->requestFailed(clientGone());
}

void startConnection(std::shared_ptr<Lane> lane, asio::ip::tcp::socket socket)
{
    std::make_shared<Connection>(std::move(lane), std::move(socket))->start();
}

} // namespace keelson::apiserver
