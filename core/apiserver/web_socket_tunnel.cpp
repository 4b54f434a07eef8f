// SPDX-License-Identifier: Apache-2.0
#include "apiserver/web_socket_tunnel.h"

#include "apiserver/limits.h"

#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket.hpp>

#include <deque>
#include <utility>

namespace keelson::apiserver {
namespace {

namespace beast = boost::beast;
namespace websocket = beast::websocket;
using Upgrade = beast::http::request<beast::http::string_body>;

/// One WebSocket. All state belongs to the lane's thread.
class WebSocketTunnel : public Tunnel, public LaneMember, public std::enable_shared_from_this<WebSocketTunnel> {
public:
    WebSocketTunnel(std::shared_ptr<Lane> lane, TlsSocket stream, std::shared_ptr<TunnelEvents> events)
        : m_lane(std::move(lane)), m_socket(std::move(stream)), m_events(std::move(events))
    {
        ++m_lane->core->connections;
    }
    ~WebSocketTunnel() override { --m_lane->core->connections; }

    void start(Upgrade request, std::string protocol)
    {
        m_lane->add(shared_from_this());
        m_socket.set_option(websocket::stream_base::timeout::suggested(beast::role_type::server));
        m_socket.set_option(
            websocket::stream_base::decorator([chosen = std::move(protocol)](websocket::response_type& reply) {
                if (!chosen.empty())
                    reply.set(beast::http::field::sec_websocket_protocol, chosen);
            }));
        m_socket.read_message_max(messageBytesMax);
        m_socket.binary(!m_events->sendsText());
        auto kept = std::make_shared<Upgrade>(std::move(request));
        m_socket.async_accept(*kept, [self = shared_from_this(), kept](beast::error_code failure) {
            if (failure)
                return self->finish();
            self->m_open = true;
            self->m_events->opened(self);
            self->sendNext();
        });
    }

    void send(std::string message) override
    {
        m_lane->post([self = shared_from_this(), message = std::move(message)]() mutable {
            if (self->m_finished || self->m_closing)
                return;
            self->m_queue.push_back(std::move(message));
            self->sendNext();
        });
    }

    void receiveNext() override
    {
        m_lane->post([self = shared_from_this()] { self->read(); });
    }

    void close() override
    {
        m_lane->post([self = shared_from_this()] {
            self->m_closing = true;
            self->sendNext();
        });
    }

    void sweep(SteadyTime now) override
    {
        if (m_closing && m_closeBy == SteadyTime{})
            m_closeBy = now + stopGrace;
        if (m_closing && now > m_closeBy)
            drop();
    }

    void stop(bool hard) override
    {
        m_closing = true;
        if (hard)
            drop();
        else
            sendNext();
    }

private:
    void read()
    {
        if (m_reading || m_finished || !m_open)
            return;
        m_reading = true;
        m_socket.async_read(m_buffer, [self = shared_from_this()](beast::error_code failure, std::size_t) {
            self->m_reading = false;
            if (failure)
                return self->finish();
            auto message = beast::buffers_to_string(self->m_buffer.data());
            self->m_buffer.consume(self->m_buffer.size());
            if (!self->m_finished)
                self->m_events->received(std::move(message));
        });
    }

    void sendNext()
    {
        if (m_sending || m_finished || !m_open)
            return;
        if (m_queue.empty()) {
            if (m_closing)
                sayGoodbye();
            return;
        }
        m_sending = true;
        m_current = std::move(m_queue.front());
        m_queue.pop_front();
        m_socket.async_write(asio::buffer(m_current),
                             [self = shared_from_this()](beast::error_code failure, std::size_t bytes) {
                                 self->m_sending = false;
                                 if (failure)
                                     return self->finish();
                                 if (!self->m_finished)
                                     self->m_events->sent(bytes);
                                 self->sendNext();
                             });
    }

    void sayGoodbye()
    {
        m_sending = true;
        m_socket.async_close(websocket::close_code::normal,
                             [self = shared_from_this()](beast::error_code) { self->finish(); });
    }

    void drop()
    {
        beast::error_code ignored;
        m_socket.next_layer().next_layer().close(ignored);
        finish();
    }

    void finish()
    {
        if (std::exchange(m_finished, true))
            return;
        m_lane->remove(*this);
        m_events->closed();
        m_events.reset();
        beast::error_code ignored;
        m_socket.next_layer().next_layer().close(ignored);
    }

    std::shared_ptr<Lane> m_lane;
    websocket::stream<TlsSocket> m_socket;
    std::shared_ptr<TunnelEvents> m_events;
    beast::flat_buffer m_buffer;
    std::deque<std::string> m_queue;
    std::string m_current;
    SteadyTime m_closeBy{};
    bool m_open = false;
    bool m_reading = false;
    bool m_sending = false;
    bool m_closing = false;
    bool m_finished = false;
};

} // namespace

void startWebSocket(std::shared_ptr<Lane> lane, TlsSocket stream, Upgrade request, std::string protocol,
                    std::shared_ptr<TunnelEvents> events)
{
    auto tunnel = std::make_shared<WebSocketTunnel>(std::move(lane), std::move(stream), std::move(events));
    tunnel->start(std::move(request), std::move(protocol));
}

} // namespace keelson::apiserver
