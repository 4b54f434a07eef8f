// SPDX-License-Identifier: Apache-2.0
#include "api/base64.h"
#include "apiserver/exec_status.h"
#include "apiserver/pod_routes.h"
#include "apiserver/windowed_stream.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <deque>
#include <mutex>
#include <utility>

namespace keelson::apiserver {
namespace {

/// The first byte of each message. Source: Kubernetes' remote command protocol over WebSocket.
enum Channel : unsigned char { input = 0, output = 1, errorOutput = 2, status = 3, resize = 4, closeChannel = 255 };

/// What clients speak; pages in browsers mostly base64, where a message is a digit for the channel and text.
struct Protocol {
    std::string_view name;
    bool base64 = false;
    bool wholeStatus = true; ///< The end is a Status; in the first version words alone, and none for success.
};
constexpr std::array<Protocol, 5> protocols{{{"v5.channel.k8s.io"},
                                             {"v4.channel.k8s.io"},
                                             {"v4.base64.channel.k8s.io", true},
                                             {"channel.k8s.io", false, false},
                                             {"base64.channel.k8s.io", true, false}}};

/// The best of those that the client offers; null when there is none.
const Protocol* protocolOf(const Request& request)
{
    std::array<std::string_view, protocols.size()> names;
    std::ranges::transform(protocols, names.begin(), &Protocol::name);
    const auto* const found = std::ranges::find(protocols, chosenProtocol(request, names), &Protocol::name);
    return found == protocols.end() ? nullptr : found;
}

/// A command in a container and its client's WebSocket.
class ExecSession : public client::PodStreamSink,
                    public TunnelEvents,
                    public std::enable_shared_from_this<ExecSession> {
public:
    ExecSession(const Protocol& protocol, client::ExecOptions options)
        : m_protocol(protocol), m_options(std::move(options))
    {
    }

    void setSource(std::unique_ptr<client::PodStream> source)
    {
        auto stream = std::make_shared<WindowedStream>(std::move(source));
        const std::scoped_lock lock(m_mutex);
        if (!m_closed)
            m_source.swap(stream);
    }

    // From the node.
    void data(client::PodChannel channel, std::string bytes) override
    {
        send(channel == client::PodChannel::Output ? output : errorOutput, bytes);
    }

    void taken(std::size_t bytes) override
    {
        if (const auto stream = source())
            stream->taken(bytes);
        const std::scoped_lock lock(m_mutex);
        m_inputUnderWay -= std::min(bytes, m_inputUnderWay);
        receiveMore();
    }

    void ended(Result<int> exitCode) override
    {
        const auto end = execStatus(exitCode);
        if (m_protocol.wholeStatus)
            send(status, api::writeJson(end));
        else if (const auto words = api::stringAt(end, {"message"}); !words.empty())
            send(status, words);
        const std::scoped_lock lock(m_mutex);
        m_ended = true;
        if (m_tunnel)
            m_tunnel->close();
    }

    // From the client.
    bool sendsText() const override { return m_protocol.base64; }

    void opened(std::shared_ptr<Tunnel> tunnel) override
    {
        const std::scoped_lock lock(m_mutex);
        m_tunnel = std::move(tunnel);
        if (m_options.output)
            deliver({encoded(output, {}), 0}); // Tells the client that the way is open.
        for (auto& message : std::exchange(m_early, {}))
            deliver(std::move(message));
        if (m_ended)
            m_tunnel->close();
        else
            receiveMore();
    }

    void received(std::string message) override
    {
        const auto bytes = decoded(message);
        if (const auto stream = source(); stream && bytes)
            take(*stream, channelOf(message), *bytes);
        const std::scoped_lock lock(m_mutex);
        m_receiving = false;
        receiveMore();
    }

    void sent(std::size_t /*ofWebSocket*/) override
    {
        std::size_t bytes = 0;
        {
            const std::scoped_lock lock(m_mutex);
            bytes = m_underWay.front();
            m_underWay.pop_front();
        }
        if (const auto stream = source(); stream && bytes > 0)
            stream->grant(bytes);
    }

    void closed() override
    {
        std::shared_ptr<WindowedStream> source; // Ended outside the lock.
        const std::scoped_lock lock(m_mutex);
        m_closed = true;
        m_tunnel.reset();
        source = std::move(m_source);
    }

private:
    struct Message {
        std::string text;
        std::size_t bytes = 0; ///< Of the container in it.
    };

    std::string encoded(Channel channel, std::string_view bytes) const
    {
        if (m_protocol.base64)
            return fmt::format("{}{}", static_cast<int>(channel), api::encodeBase64(bytes));
        return static_cast<char>(channel) + std::string(bytes);
    }
    unsigned char channelOf(const std::string& message) const
    {
        return static_cast<unsigned char>(m_protocol.base64 ? message[0] - '0' : message[0]);
    }
    /// What a message holds behind its channel; nothing when it is none.
    std::optional<std::string> decoded(const std::string& message) const
    {
        if (message.empty())
            return std::nullopt;
        return m_protocol.base64 ? api::decodeBase64(std::string_view(message).substr(1)) : message.substr(1);
    }

    /// With the lock held.
    void deliver(Message message)
    {
        m_underWay.push_back(message.bytes);
        m_tunnel->send(std::move(message.text));
    }

    /// Called without the lock held, since it may call back at once.
    std::shared_ptr<WindowedStream> source()
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
        Message message{encoded(channel, bytes), channel == status ? 0 : bytes.size()};
        const std::scoped_lock lock(m_mutex);
        if (m_tunnel)
            deliver(std::move(message));
        else if (!m_closed)
            m_early.push_back(std::move(message));
    }

    const Protocol m_protocol;
    const client::ExecOptions m_options;
    std::mutex m_mutex;
    std::shared_ptr<Tunnel> m_tunnel;
    std::shared_ptr<WindowedStream> m_source;
    std::vector<Message> m_early;       ///< Came before the upgrade was done.
    std::deque<std::size_t> m_underWay; ///< The bytes of each message that the WebSocket has not taken yet.
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
    const auto* const protocol = protocolOf(request);
    if (!protocol)
        return call->respondError(makeError(Reason::BadRequest,
                                            "none of the WebSocket protocols offered is known here; "
                                            "v5.channel.k8s.io and v4.channel.k8s.io are"));
    auto session = std::make_shared<ExecSession>(*protocol, *options);
    auto source = call->options().pods->exec(target, *options, session);
    if (!source)
        return call->respondError(source.error());
    session->setSource(*std::move(source));
    call->upgradeToWebSocket(std::string(protocol->name), session);
}

} // namespace keelson::apiserver
