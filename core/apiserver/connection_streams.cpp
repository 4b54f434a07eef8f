// SPDX-License-Identifier: Apache-2.0
// Answers that grow, and connections that have left HTTP.
#include "apiserver/https_connection.h"
#include "apiserver/web_socket_tunnel.h"

#include <boost/asio/write.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace keelson::apiserver {
namespace {

constexpr int switchingProtocols = 101;

} // namespace

void Connection::beginStream(const Response& head, std::shared_ptr<StreamQueue> queue,
                             std::shared_ptr<StreamEvents> events)
{
    if (m_continuing) {
        m_whenContinued = [this, head, queue = std::move(queue), events = std::move(events)]() mutable {
            beginStream(head, std::move(queue), std::move(events));
        };
        return;
    }
    m_queue = std::move(queue);
    m_events = std::move(events);
    if (m_state == State::Closed || m_lane->core->stopping)
        return close();
    m_chunked = m_knowsChunks;
    m_keepAlive = m_keepAlive && m_chunked && !bodyOpen();
    m_terminated = false;
    m_out = headText(head, std::nullopt) + (m_chunked ? "Transfer-Encoding: chunked\r\n\r\n" : "\r\n");
    m_state = State::Streaming;
    m_deadline = never;
    if (!bodyOpen())
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
                                 else if (std::exchange(self->m_receiveWanted, false))
                                     self->tunnelReceive();
                             });
}

void Connection::pump()
{
    if (m_state != State::Streaming || m_writing || !m_queue)
        return;
    m_out.clear();
    const auto taken = std::min(m_queue->size(), sendBufferBytes);
    m_out.reserve(taken + 16); // with the length
    if (m_chunked && taken > 0)
        fmt::format_to(std::back_inserter(m_out), "{:x}\r\n", taken);
    m_queue->take(m_out, taken);
    if (m_chunked && taken > 0)
        m_out += "\r\n";
    if (!m_terminated && m_queue->atEnd()) {
        if (m_queue->isBroken() && m_out.empty())
            return close();
        m_terminated = !m_queue->isBroken();
        if (m_chunked && m_terminated)
            m_out += "0\r\n\r\n";
    }
    if (m_out.empty() && !m_terminated)
        return m_out.shrink_to_fit();
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
    head.status = switchingProtocols;
    head.headers = headers;
    m_requestEvents.reset(); // The tunnel's hear of all from now on.
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
    if (m_state != State::Tunnel)
        return;
    m_receiveWanted = m_readPending;
    if (m_readPending)
        return;
    if (m_buffer.size() > 0) { // Came with the request.
        std::string early = boost::beast::buffers_to_string(m_buffer.data());
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

} // namespace keelson::apiserver
