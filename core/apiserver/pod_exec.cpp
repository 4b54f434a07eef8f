// SPDX-License-Identifier: Apache-2.0
#include "apiserver/exec_status.h"
#include "apiserver/pod_routes.h"

#include <algorithm>
#include <array>
#include <mutex>
#include <utility>

namespace keelson::apiserver {
namespace {

/// The first byte of each message. Source: Kubernetes' remote command protocol over WebSocket, v4 and v5.
enum Channel : unsigned char { input = 0, output = 1, errorOutput = 2, status = 3, resize = 4, closeChannel = 255 };

constexpr std::array<std::string_view, 2> protocols{"v5.channel.k8s.io", "v4.channel.k8s.io"};

/// A command in a container and its client's WebSocket.
class ExecSession : public client::PodStreamSink,
                    public TunnelEvents,
                    public std::enable_shared_from_this<ExecSession> {
public:
    explicit ExecSession(client::ExecOptions options) : m_options(std::move(options)) {}

    void setSource(std::unique_ptr<client::PodStream> source)
    {
        std::shared_ptr<client::PodStream> unwanted;
        const std::scoped_lock lock(m_mutex);
        (m_closed ? unwanted : m_source) = std::move(source);
    }

    // From the node.
    void data(client::PodChannel channel, std::string bytes) override
    {
        send(channel == client::PodChannel::Output ? output : errorOutput, bytes);
    }

    void taken(std::size_t bytes) override
    {
        const std::scoped_lock lock(m_mutex);
        m_inputUnderWay -= std::min(bytes, m_inputUnderWay);
        receiveMore();
    }

    void ended(Result<int> exitCode) override
    {
        send(status, api::writeJson(execStatus(exitCode)));
        const std::scoped_lock lock(m_mutex);
        m_ended = true;
        if (m_tunnel)
            m_tunnel->close();
    }

    // From the client.
    void opened(std::shared_ptr<Tunnel> tunnel) override
    {
        const std::scoped_lock lock(m_mutex);
        m_tunnel = std::move(tunnel);
        if (m_options.output)
            m_tunnel->send(std::string(1, static_cast<char>(output))); // Tells the client that the way is open.
        for (auto& message : m_early)
            m_tunnel->send(std::move(message));
        m_early.clear();
        if (m_ended)
            m_tunnel->close();
        else
            receiveMore();
    }

    void received(std::string message) override
    {
        if (const auto stream = source(); stream && !message.empty())
            take(*stream, static_cast<unsigned char>(message[0]), std::string_view(message).substr(1));
        const std::scoped_lock lock(m_mutex);
        m_receiving = false;
        receiveMore();
    }

    void sent(std::size_t bytes) override
    {
        if (const auto stream = source(); stream && bytes > 1)
            stream->grant(bytes - 1);
    }

    void closed() override
    {
        std::shared_ptr<client::PodStream> source; // Ended outside the lock.
        const std::scoped_lock lock(m_mutex);
        m_closed = true;
        m_tunnel.reset();
        source = std::move(m_source);
    }

private:
    /// Called without the lock held, since it may call back at once.
    std::shared_ptr<client::PodStream> source()
    {
        const std::scoped_lock lock(m_mutex);
        return m_source;
    }

    void take(client::PodStream& stream, unsigned char channel, std::string_view bytes)
    {
        if (channel == input && m_options.input && !bytes.empty()) {
            {
                const std::scoped_lock lock(m_mutex);
                m_inputUnderWay += bytes.size();
            }
            stream.write(std::string(bytes));
        } else if (channel == resize) {
            if (const auto size = terminalSize(bytes))
                stream.resize(size->first, size->second);
        } else if (channel == closeChannel && bytes.size() == 1 && bytes[0] == static_cast<char>(input)) {
            stream.closeInput();
        }
    }

    void receiveMore()
    {
        if (m_receiving || !m_tunnel || m_inputUnderWay >= client::podStreamWindowBytes)
            return;
        m_receiving = true;
        m_tunnel->receiveNext();
    }

    void send(Channel channel, std::string_view bytes)
    {
        std::string message(1, static_cast<char>(channel));
        message += bytes;
        const std::scoped_lock lock(m_mutex);
        if (m_tunnel)
            m_tunnel->send(std::move(message));
        else if (!m_closed)
            m_early.push_back(std::move(message));
    }

    const client::ExecOptions m_options;
    std::mutex m_mutex;
    std::shared_ptr<Tunnel> m_tunnel;
    std::shared_ptr<client::PodStream> m_source;
    std::vector<std::string> m_early; ///< Came before the upgrade was done.
    std::size_t m_inputUnderWay = 0;
    bool m_receiving = false;
    bool m_closed = false;
    bool m_ended = false;
};

} // namespace

void serveExec(const std::shared_ptr<Call>& call, const client::PodTarget& target, bool attach)
{
    auto& request = call->request();
    const auto upgrade = request.headers.get("Upgrade");
    const bool spdy = equalIgnoringCase(upgrade, "SPDY/3.1");
    if (!spdy && !equalIgnoringCase(upgrade, "websocket"))
        return call->respondError(
            makeError(Reason::BadRequest, "exec and attach need an upgrade to a WebSocket or to SPDY/3.1"));
    const auto options = execOptions(request.query, attach);
    if (!options)
        return call->respondError(options.error());
    if (spdy)
        return serveSpdyExec(call, target, *options);
    const auto protocol = chosenProtocol(request, protocols);
    if (protocol.empty()) {
        return call->respondError(makeError(Reason::BadRequest,
                                            "none of the WebSocket protocols offered is known here; "
                                            "v5.channel.k8s.io and v4.channel.k8s.io are"));
    }
    auto session = std::make_shared<ExecSession>(*options);
    auto source = call->options().pods->exec(target, *options, session);
    if (!source)
        return call->respondError(source.error());
    session->setSource(*std::move(source));
    call->upgradeToWebSocket(std::string(protocol), session);
}

} // namespace keelson::apiserver
