// SPDX-License-Identifier: Apache-2.0
#include "apiserver/connection_exchange.h"
#include "apiserver/connection_lane.h"
#include "apiserver/limited_parser.h"
#include "apiserver/web_socket_tunnel.h"
#include "base/log.h"

#include <boost/asio/write.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <optional>
#include <utility>

namespace keelson::apiserver {
namespace {

namespace beast = boost::beast;
namespace http = beast::http;
using Code = boost::system::error_code;

constexpr std::size_t sendBufferBytes = std::size_t{64} * 1024;
constexpr SteadyTime never = SteadyTime::max();
constexpr int noContent = 204;
constexpr int notModified = 304;

/// One client. All state belongs to the lane's thread.
class Connection : public LaneMember, public ConnectionPort, public std::enable_shared_from_this<Connection> {
public:
    Connection(std::shared_ptr<Lane> lane, asio::ip::tcp::socket socket)
        : m_lane(std::move(lane)), m_stream(std::move(socket), m_lane->core->tls)
    {
        ++m_lane->core->connections;
        Code ignored;
        const auto remote = m_stream.next_layer().remote_endpoint(ignored);
        m_remote = fmt::format("{}:{}", remote.address().to_string(ignored), remote.port());
        m_stream.next_layer().set_option(asio::ip::tcp::no_delay(true), ignored);
    }
    ~Connection() override { --m_lane->core->connections; }

    void start();
    void sweep(SteadyTime now) override;
    void stop(bool hard) override;

    bool here() override { return m_lane->here(); }
    void post(Task work) override { m_lane->post(std::move(work)); }
    void answer(Response response) override;
    void beginStream(const Response& head, std::shared_ptr<StreamQueue> queue,
                     std::shared_ptr<StreamEvents> events) override;
    void pump() override;
    void beginWebSocket(std::string protocol, std::shared_ptr<TunnelEvents> events) override;
    void beginBytes(const Headers& headers, std::shared_ptr<TunnelEvents> events) override;
    void tunnelSend(std::string message) override;
    void tunnelReceive() override;
    void tunnelClose() override;

private:
    enum class State { Handshake, Idle, Reading, Working, Sending, Streaming, Tunnel, Closing, Closed };

    SteadyTime now() const { return m_lane->core->options.clock->steady(); }
    void enter(State state, Duration limit)
    {
        m_state = state;
        m_deadline = now() + limit;
    }
    void handshakeFailed(const Code& failure);
    void readRequest();
    void headerRead();
    void bodyRead();
    void readFailed(const Code& failure);
    /// Whether a part of a request has come and the rest has not.
    bool isBegun() const
    {
        return m_state == State::Reading || (m_state == State::Idle && !m_readPending && m_parser->got_some());
    }
    void refuse(int status, std::string_view text);
    void dispatch();
    std::shared_ptr<const Result<auth::User>> peer();
    std::string headText(const Response& response, std::optional<std::size_t> length) const;
    void sendMore();
    void answered();
    /// Takes what still comes and drops it: a connection closed over unread bytes would lose the answer on its way.
    void linger();
    void watchForEnd();
    void shutDown();
    void close();

    std::shared_ptr<Lane> m_lane;
    TlsStream m_stream;
    beast::flat_buffer m_buffer{headerBytesMax + bodyBytesMax};
    std::optional<LimitedParser<true, http::string_body>> m_parser;
    BodyClaim m_bodyClaim{*m_lane->core};
    std::string m_remote;
    std::string m_out;
    Response m_response; ///< Under way.
    std::size_t m_nextChunk = 0;
    std::size_t m_chunkOffset = 0;
    std::shared_ptr<StreamQueue> m_queue;
    std::shared_ptr<StreamEvents> m_events;
    std::shared_ptr<TunnelEvents> m_tunnelEvents;
    std::deque<std::string> m_tunnelQueue;
    std::shared_ptr<const Result<auth::User>> m_peer;
    SteadyTime m_peerChecked{};
    SteadyTime m_deadline = never;
    State m_state = State::Handshake;
    bool m_keepAlive = true;
    bool m_headOnly = false;
    bool m_lingering = false; ///< The request was refused before all of it had come.
    bool m_late = false;      ///< The request takes too long to come.
    bool m_writing = false;
    bool m_readPending = false;
    bool m_chunked = true;
    bool m_terminated = false; ///< The last chunk of a stream is on its way.
    bool m_tunnelClosing = false;
};

// --------------------------------------------------------------------------------------------- connections

void Connection::start()
{
    m_lane->add(shared_from_this());
    enter(State::Handshake, handshakeTime);
    m_stream.async_handshake(asio::ssl::stream_base::server, [self = shared_from_this()](const Code& failure) {
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
    m_bodyClaim.release();
    m_parser->body_limit(bodyBytesMax);
    enter(State::Idle, idleTime);
    http::async_read_header(m_stream, m_buffer, *m_parser,
                            [self = shared_from_this()](const Code& failure, std::size_t) {
                                if (failure)
                                    self->readFailed(failure);
                                else
                                    self->headerRead();
                            });
}

void Connection::headerRead()
{
    if (m_parser->is_done())
        return dispatch();
    enter(State::Reading, requestTime);
    if (!m_bodyClaim.take(std::min(m_parser->content_length().value_or(bodyBytesMax), std::uint64_t{bodyBytesMax})))
        return refuse(429, "too many large requests are under way, please try again later");
    if (beast::iequals(m_parser->get()[http::field::expect], "100-continue")) {
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
    if (m_late)
        return refuse(408, "the request did not come to its end in time");
    if (isBegun() && (failure == http::error::partial_message || failure == asio::ssl::error::stream_truncated))
        return refuse(400, "the request was cut off: it ends before its length");
    if (failure == http::error::header_limit || failure == http::error::buffer_overflow)
        return refuse(431, "the header of the request is larger than 64 KiB");
    if (failure == http::error::body_limit)
        return refuse(413, "the body of the request is larger than 3 MiB");
    if (failure.category() == http::make_error_code(http::error::bad_method).category() &&
        failure != http::error::end_of_stream && failure != http::error::partial_message)
        return refuse(400, "the request is no HTTP: " + failure.message());
    close();
}

void Connection::refuse(int status, std::string_view text)
{
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

void Connection::dispatch()
{
    auto& message = m_parser->get();
    m_keepAlive = message.keep_alive();
    m_headOnly = message.method() == http::verb::head;
    Request request;
    request.method = std::string(message.method_string());
    request.target = std::string(message.target());
    const std::string_view target = request.target;
    const auto question = target.find('?');
    request.path = percentDecoded(target.substr(0, question));
    if (question != std::string_view::npos)
        request.query = Query::parse(target.substr(question + 1));
    for (const auto& field : message)
        request.headers.add(std::string_view(field.name_string()), std::string(field.value()));
    request.body = std::move(message.body());
    request.remoteAddress = m_remote;
    request.peer = peer();
    m_state = State::Working;
    m_deadline = never;
    m_late = false;
    m_lane->core->options.handler(makeExchange(shared_from_this(), std::move(request)));
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
    if (!m_keepAlive && response.status != 101)
        text += "Connection: close\r\n";
    text += fmt::format("Date: {}\r\n", m_lane->date);
    return text;
}

void Connection::answer(Response response)
{
    if (m_state == State::Closed)
        return;
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
    if (m_keepAlive)
        return readRequest();
    if (!m_lingering)
        return shutDown();
    enter(State::Sending, stopGrace);
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

// ------------------------------------------------------------------------------------- streams and upgrades

void Connection::beginStream(const Response& head, std::shared_ptr<StreamQueue> queue,
                             std::shared_ptr<StreamEvents> events)
{
    m_queue = std::move(queue);
    m_events = std::move(events);
    if (m_state == State::Closed || m_lane->core->stopping)
        return close();
    m_chunked = m_parser->get().version() >= 11;
    m_keepAlive = m_keepAlive && m_chunked;
    m_terminated = false;
    m_out = headText(head, std::nullopt) + (m_chunked ? "Transfer-Encoding: chunked\r\n\r\n" : "\r\n");
    m_state = State::Streaming;
    m_deadline = never;
    watchForEnd();
    m_writing = true;
    m_deadline = now() + sendTime;
    asio::async_write(m_stream, asio::buffer(m_out), [self = shared_from_this()](const Code& failure, std::size_t) {
        self->m_writing = false;
        if (failure)
            return self->close();
        self->m_deadline = never;
        self->pump();
    });
}

void Connection::watchForEnd()
{
    if (m_readPending)
        return;
    constexpr std::size_t readBytes = 4096;
    m_readPending = true;
    m_stream.async_read_some(m_buffer.prepare(readBytes),
                             [self = shared_from_this()](const Code& failure, std::size_t bytes) {
                                 self->m_readPending = false;
                                 if (failure)
                                     return self->close();
                                 self->m_buffer.commit(bytes);
                                 if (self->m_state == State::Idle)
                                     self->readRequest();
                             });
}

void Connection::pump()
{
    if (m_state != State::Streaming || m_writing || !m_queue)
        return;
    m_out.clear();
    std::string body;
    m_queue->take(body, sendBufferBytes);
    const auto taken = body.size();
    if (m_chunked && taken > 0)
        m_out = fmt::format("{:x}\r\n{}\r\n", taken, body);
    else
        m_out = std::move(body);
    if (!m_terminated && m_queue->atEnd()) {
        if (m_queue->isBroken() && m_out.empty())
            return close();
        m_terminated = !m_queue->isBroken();
        if (m_chunked && m_terminated)
            m_out += "0\r\n\r\n";
    }
    if (m_out.empty() && !m_terminated)
        return;
    m_writing = true;
    m_deadline = now() + sendTime;
    asio::async_write(m_stream, asio::buffer(m_out),
                      [self = shared_from_this(), taken](const Code& failure, std::size_t) {
                          self->m_writing = false;
                          if (failure || self->m_state != State::Streaming)
                              return self->close();
                          self->m_deadline = never;
                          if (taken > 0)
                              self->m_events->sent(taken);
                          if (!self->m_terminated)
                              return self->pump();
                          self->m_queue->abandon();
                          self->m_queue.reset();
                          std::exchange(self->m_events, nullptr)->closed();
                          self->answered();
                      });
}

void Connection::beginWebSocket(std::string protocol, std::shared_ptr<TunnelEvents> events)
{
    if (m_state == State::Closed || m_lane->core->stopping) {
        events->closed();
        return close();
    }
    m_lane->remove(*this);
    m_state = State::Closed;
    startWebSocket(m_lane, std::move(m_stream), m_parser->release(), std::move(protocol), std::move(events));
}

void Connection::beginBytes(const Headers& headers, std::shared_ptr<TunnelEvents> events)
{
    m_tunnelEvents = std::move(events);
    if (m_state == State::Closed || m_lane->core->stopping)
        return close();
    Response head;
    head.status = 101;
    head.headers = headers;
    m_state = State::Tunnel;
    m_deadline = never;
    m_tunnelQueue.push_front(headText(head, std::nullopt) + "\r\n");
    m_tunnelEvents->opened(makeTunnel(shared_from_this()));
    tunnelSend({});
}

void Connection::tunnelSend(std::string message)
{
    if (m_state != State::Tunnel)
        return;
    if (!message.empty())
        m_tunnelQueue.push_back(std::move(message));
    if (m_writing)
        return;
    if (m_tunnelQueue.empty()) {
        if (m_tunnelClosing)
            shutDown();
        return;
    }
    m_out.clear();
    while (!m_tunnelQueue.empty() && m_out.size() < sendBufferBytes) {
        m_out += m_tunnelQueue.front();
        m_tunnelQueue.pop_front();
    }
    m_writing = true;
    m_deadline = now() + sendTime;
    asio::async_write(m_stream, asio::buffer(m_out),
                      [self = shared_from_this()](const Code& failure, std::size_t bytes) {
                          self->m_writing = false;
                          if (failure || self->m_state != State::Tunnel)
                              return self->close();
                          self->m_deadline = never;
                          self->m_tunnelEvents->sent(bytes);
                          self->tunnelSend({});
                      });
}

void Connection::tunnelReceive()
{
    if (m_state != State::Tunnel || m_readPending)
        return;
    if (m_buffer.size() > 0) { // Came with the request.
        std::string early = beast::buffers_to_string(m_buffer.data());
        m_buffer.consume(m_buffer.size());
        return m_tunnelEvents->received(std::move(early));
    }
    m_readPending = true;
    constexpr std::size_t readBytes = std::size_t{32} * 1024;
    m_stream.async_read_some(m_buffer.prepare(readBytes),
                             [self = shared_from_this()](const Code& failure, std::size_t bytes) {
                                 self->m_readPending = false;
                                 if (failure || self->m_state != State::Tunnel)
                                     return self->close();
                                 self->m_buffer.commit(bytes);
                                 self->tunnelReceive();
                             });
}

void Connection::tunnelClose()
{
    m_tunnelClosing = true;
    tunnelSend({});
}

// ------------------------------------------------------------------------------------------------- endings

void Connection::sweep(SteadyTime now)
{
    if (now <= m_deadline)
        return;
    if (!isBegun())
        return close();
    m_late = true;
    m_deadline = now + stopGrace;
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
    if (m_state == State::Closed && !m_queue && !m_tunnelEvents)
        return;
    m_state = State::Closed;
    m_deadline = never;
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
}

} // namespace

void startConnection(std::shared_ptr<Lane> lane, asio::ip::tcp::socket socket)
{
    std::make_shared<Connection>(std::move(lane), std::move(socket))->start();
}

} // namespace keelson::apiserver
