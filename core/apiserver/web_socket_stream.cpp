// SPDX-License-Identifier: Apache-2.0
#include "apiserver/web_socket_stream.h"

#include "apiserver/onward_request.h"

#include <mutex>
#include <utility>

namespace keelson::apiserver {
namespace {

class WebSocketStream : public ResponseStream, public TunnelEvents {
public:
    WebSocketStream(std::shared_ptr<StreamEvents> events, std::size_t queueBytesMax)
        : m_events(std::move(events)), m_queueBytesMax(queueBytesMax)
    {
    }

    bool write(std::vector<Chunk> pieces) override
    {
        std::string message;
        for (const auto& piece : pieces)
            message += piece.bytes;
        if (message.ends_with('\n'))
            message.pop_back();
        const std::scoped_lock lock(m_mutex);
        if (m_ended || m_waitingBytes + message.size() > m_queueBytesMax)
            return false;
        m_waitingBytes += message.size();
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

    bool sendsText() const override { return true; }
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
    void sent(std::size_t bytes) override
    {
        {
            const std::scoped_lock lock(m_mutex);
            m_waitingBytes -= bytes;
        }
        m_events->sent(bytes);
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
    std::shared_ptr<StreamEvents> m_events; ///< The connection's thread only.
    const std::size_t m_queueBytesMax;
    std::mutex m_mutex; ///< Guards the rest.
    std::shared_ptr<Tunnel> m_tunnel;
    std::vector<std::string> m_early; ///< Came before the upgrade was done.
    std::size_t m_waitingBytes = 0;
    bool m_ended = false;
};

} // namespace

bool asksForWebSocket(const Request& request)
{
    return isUpgrade(request) && equalIgnoringCase(request.headers.get("Upgrade"), "websocket");
}

std::shared_ptr<ResponseStream> webSocketStream(Call& call, std::shared_ptr<StreamEvents> events,
                                                std::size_t queueBytesMax)
{
    auto stream = std::make_shared<WebSocketStream>(std::move(events), queueBytesMax);
    const auto protocols = call.request().headers.listed("Sec-WebSocket-Protocol");
    call.upgradeToWebSocket(protocols.empty() ? std::string() : std::string(protocols.front()), stream);
    return stream;
}

} // namespace keelson::apiserver
