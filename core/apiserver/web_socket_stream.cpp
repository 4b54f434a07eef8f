// SPDX-License-Identifier: Apache-2.0
#include "apiserver/web_socket_stream.h"

#include "api/base64.h"
#include "apiserver/onward_request.h"

#include <deque>
#include <mutex>
#include <utility>

namespace keelson::apiserver {
namespace {

class WebSocketStream : public ResponseStream, public TunnelEvents {
public:
    WebSocketStream(WebSocketMessages messages, std::shared_ptr<StreamEvents> events, std::size_t queueBytesMax)
        : m_messages(messages), m_events(std::move(events)), m_queueBytesMax(queueBytesMax)
    {
        if (messages != WebSocketMessages::Lines) {
            m_early.emplace_back();
            m_lengths.push_back(0);
        }
    }

    bool write(std::vector<Chunk> pieces) override
    {
        std::string message;
        for (const auto& piece : pieces)
            message += piece.bytes;
        const auto length = message.size();
        if (m_messages == WebSocketMessages::Base64)
            message = api::encodeBase64(message);
        else if (m_messages == WebSocketMessages::Lines && message.ends_with('\n'))
            message.pop_back();
        const std::scoped_lock lock(m_mutex);
        if (m_ended || m_waitingBytes + message.size() > m_queueBytesMax)
            return false;
        m_waitingBytes += message.size();
        m_lengths.push_back(length);
        if (m_tunnel)
            m_tunnel->send(std::move(message));
        else
            m_early.push_back(std::move(message));
        return true;
    }
    void end() override
    {
        const std::scoped_lock lock(m_mutex);
        m_ended = true;
        if (m_tunnel)
            m_tunnel->close();
    }
    void breakOff() override { end(); }

    bool sendsText() const override { return m_messages != WebSocketMessages::Bytes; }
    void opened(std::shared_ptr<Tunnel> tunnel) override
    {
        tunnel->receiveNext(); // Else nobody would see the client go.
        const std::scoped_lock lock(m_mutex);
        m_tunnel = std::move(tunnel);
        for (auto& message : std::exchange(m_early, {}))
            m_tunnel->send(std::move(message));
        if (m_ended)
            m_tunnel->close();
    }
    void received(std::string /*message*/) override
    {
        const std::scoped_lock lock(m_mutex);
        m_tunnel->receiveNext();
    }
    /// Of a whole message. The owner counts what it wrote.
    void sent(std::size_t bytes) override
    {
        std::size_t length = 0;
        {
            const std::scoped_lock lock(m_mutex);
            m_waitingBytes -= bytes;
            length = m_lengths.front();
            m_lengths.pop_front();
        }
        m_events->sent(length);
    }
    void closed() override
    {
        {
            const std::scoped_lock lock(m_mutex);
            m_ended = true;
            m_tunnel.reset();
        }
        std::exchange(m_events, nullptr)->closed(); // The owner holds this stream.
    }

private:
    const WebSocketMessages m_messages;
    std::shared_ptr<StreamEvents> m_events; ///< The connection's thread only.
    const std::size_t m_queueBytesMax;
    std::mutex m_mutex; ///< Guards the rest.
    std::shared_ptr<Tunnel> m_tunnel;
    std::vector<std::string> m_early;  ///< Came before the upgrade was done.
    std::deque<std::size_t> m_lengths; ///< Of the messages that wait, as they were written.
    std::size_t m_waitingBytes = 0;
    bool m_ended = false;
};

} // namespace

bool asksForWebSocket(const Request& request)
{
    return isUpgrade(request) && equalIgnoringCase(request.headers.get("Upgrade"), "websocket");
}

std::shared_ptr<ResponseStream> webSocketStream(Call& call, std::string protocol, WebSocketMessages messages,
                                                std::shared_ptr<StreamEvents> events, std::size_t queueBytesMax)
{
    auto stream = std::make_shared<WebSocketStream>(messages, std::move(events), queueBytesMax);
    call.upgradeToWebSocket(std::move(protocol), stream);
    return stream;
}

} // namespace keelson::apiserver
