// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apiserver/connection_exchange.h"
#include "apiserver/connection_lane.h"
#include "apiserver/limited_parser.h"

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/string_body.hpp>

#include <array>
#include <deque>
#include <optional>

/// Holds Beast: included only by https_connection.cpp, connection_body.cpp and connection_streams.cpp.
namespace keelson::apiserver {

/// With what TLS adds it stays below the 64 KiB that the loopback sends at a time.
inline constexpr std::size_t sendBufferBytes = std::size_t{60} * 1024;

/// Why a request is not served, told before anybody has seen it whole.
struct Refusal {
    int status = 0;
    std::string words;
};

/// What is told when a client goes before it has its answer.
Error clientGone();

/// A body that its owner takes piece by piece.
struct BodyInPieces {
    static constexpr std::size_t pieceBytes = std::size_t{32} * 1024;
    explicit BodyInPieces(LimitedParser<true, boost::beast::http::string_body>&& head) : parser(std::move(head)) {}

    LimitedParser<true, boost::beast::http::buffer_body> parser;
    std::array<char, pieceBytes> piece{};
};

/// One client. All state belongs to the lane's thread.
class Connection : public LaneMember,
                   public ConnectionPort,
                   public StreamSender,
                   public std::enable_shared_from_this<Connection> {
public:
    using Code = boost::system::error_code;

    Connection(std::shared_ptr<Lane> lane, asio::ip::tcp::socket socket);
    ~Connection() override { --m_lane->core->connections; }

    void start();
    void sweep(SteadyTime now) override;
    void stop(bool hard) override;

    bool here() override { return m_lane->here(); }
    void post(Task work) override { m_lane->post(std::move(work)); }
    void watchRequest(std::shared_ptr<RequestEvents> events) override;
    void bodyNext() override;
    void answer(Response response) override;
    void beginStream(const Response& head, std::shared_ptr<StreamQueue> queue,
                     std::shared_ptr<StreamEvents> events) override;
    void pumpSoon() override { m_lane->streams.add(shared_from_this()); }
    void pump() override;
    void beginWebSocket(std::string protocol, std::shared_ptr<TunnelEvents> events) override;
    void beginBytes(const Headers& headers, std::shared_ptr<TunnelEvents> events) override;
    void tunnelSend(std::string message) override;
    void tunnelReceive() override;
    void tunnelClose() override;

private:
    enum class State { Handshake, Idle, Reading, Working, Sending, Streaming, Tunnel, Closing, Closed };
    static constexpr SteadyTime never = SteadyTime::max();

    SteadyTime now() const { return m_lane->core->options.clock->steady(); }
    void enter(State state, Duration limit)
    {
        m_state = state;
        m_deadline = now() + limit;
    }
    void handshakeFailed(const Code& failure);
    void readRequest();
    void headerRead();
    bool claim(std::size_t bytes);
    void takeHeader();
    void bodyRead();
    void readFailed(const Code& failure);
    /// What the client is told of a request that cannot be read; nothing: it is gone.
    std::optional<Refusal> refusalOf(const Code& failure, bool begun) const;
    /// Whether a part of a request has come and the rest has not.
    bool isBegun() const
    {
        return m_state == State::Reading || (m_state == State::Idle && !m_readPending && m_parser->got_some());
    }
    void refuse(const Refusal& refusal);
    void dispatch();
    std::shared_ptr<const Result<auth::User>> peer();
    std::string headText(const Response& response, std::optional<std::size_t> length) const;
    void sendMore();
    void answered();
    /// Takes what still comes and drops it: a connection closed over unread bytes would lose the answer on its way.
    void linger();
    void watchForEnd();

    // Bodies that come in pieces.
    void dispatchBeforeBody();
    bool bodyOpen() const { return m_body && !m_body->parser.is_done(); }
    void sayContinue();
    void readPiece();
    void pieceRead(const Code& failure);
    void bodyFailed(const Code& failure);
    bool clientHasGone();

    void shutDown();
    void close();

    std::shared_ptr<Lane> m_lane;
    TlsSocket m_stream;
    boost::beast::flat_buffer m_buffer{headerBytesMax + bodyBytesMax};
    std::optional<LimitedParser<true, boost::beast::http::string_body>> m_parser;
    BodyClaim m_bodyClaim{*m_lane->core};
    std::unique_ptr<BodyInPieces> m_body; ///< Null: it comes whole.
    std::shared_ptr<RequestEvents> m_requestEvents;
    std::string m_remote;
    Request m_request; ///< Until it is handed over.
    std::string m_out;
    Response m_response; ///< Under way.
    std::size_t m_nextChunk = 0;
    std::size_t m_chunkOffset = 0;
    std::shared_ptr<StreamQueue> m_queue;
    std::shared_ptr<StreamEvents> m_events;
    std::shared_ptr<TunnelEvents> m_tunnelEvents;
    std::deque<std::string> m_tunnelQueue;
    std::shared_ptr<const Result<auth::User>> m_peer;
    Task m_whenContinued; ///< The answer, when it came before 100 Continue had left.
    SteadyTime m_peerChecked{};
    SteadyTime m_deadline = never;
    SteadyTime m_pieceDeadline = never; ///< For more of a body in pieces.
    State m_state = State::Handshake;
    bool m_keepAlive = true;
    bool m_headOnly = false;
    bool m_knowsChunks = true; ///< The client speaks HTTP/1.1.
    bool m_lingering = false;  ///< The request was answered before all of it had come.
    bool m_late = false;       ///< The request takes too long to come.
    bool m_continueWanted = false;
    bool m_continuing = false; ///< 100 Continue is on its way.
    bool m_writing = false;
    bool m_readPending = false;
    bool m_receiveWanted = false; ///< By the tunnel, while another read is pending.
    bool m_chunked = true;
    bool m_terminated = false; ///< The last chunk of a stream is on its way.
    bool m_tunnelClosing = false;
};

} // namespace keelson::apiserver
