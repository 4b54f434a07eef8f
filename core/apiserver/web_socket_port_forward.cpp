// SPDX-License-Identifier: Apache-2.0
#include "apiserver/pod_routes.h"
#include "apiserver/windowed_stream.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <deque>
#include <mutex>
#include <utility>

namespace keelson::apiserver {
namespace {

constexpr std::size_t portsMax = 64; ///< Of one client: each has two of 256 channels, and a connection.

/// The ports of a pod for client libraries: a connection for each port that the query names, and two channels for each
/// connection, one for its bytes and one for what goes wrong. The first byte of a message is its channel; the first
/// message of a channel is the port's number.
/// Source: the kubelet's port forwarding over WebSockets.
class WebSocketPortForward : public TunnelEvents, public std::enable_shared_from_this<WebSocketPortForward> {
public:
    WebSocketPortForward(client::PodStreams& pods, client::PodTarget target, std::vector<std::uint16_t> ports)
        : m_pods(pods), m_target(std::move(target)), m_ports(std::move(ports)), m_connections(m_ports.size())
    {
    }

    void opened(std::shared_ptr<Tunnel> tunnel) override
    {
        {
            const std::scoped_lock lock(m_mutex);
            m_tunnel = std::move(tunnel);
            for (std::size_t i = 0; i < m_ports.size(); ++i) {
                const std::string number{static_cast<char>(m_ports[i] & 0xFF), static_cast<char>(m_ports[i] >> 8)};
                send(2 * i, number, false);
                send(2 * i + 1, number, false);
            }
        }
        for (std::size_t i = 0; i < m_ports.size(); ++i)
            begin(i);
        const std::scoped_lock lock(m_mutex);
        receiveMore();
    }

    void received(std::string message) override
    {
        std::shared_ptr<client::PodStream> stream;
        {
            const std::scoped_lock lock(m_mutex);
            m_receiving = false;
            const auto channel = message.empty() ? 1U : static_cast<unsigned char>(message[0]);
            if (channel % 2 == 0 && channel / 2 < m_connections.size() && message.size() > 1) {
                auto& connection = m_connections[channel / 2];
                stream = connection.stream;
                connection.inputUnderWay += stream ? message.size() - 1 : 0;
            }
        }
        if (stream)
            stream->write(message.substr(1));
        const std::scoped_lock lock(m_mutex);
        receiveMore();
    }

    /// Messages leave in the order in which they came.
    void sent(std::size_t /*bytes*/) override
    {
        std::shared_ptr<client::PodStream> stream;
        std::size_t granted = 0;
        {
            const std::scoped_lock lock(m_mutex);
            if (m_leaving.empty())
                return;
            const auto [connection, payload] = m_leaving.front();
            m_leaving.pop_front();
            stream = m_connections[connection].stream;
            granted = payload;
        }
        if (stream && granted > 0)
            stream->grant(granted);
    }

    void closed() override
    {
        std::vector<Connection> connections; // Their streams end outside the lock.
        const std::scoped_lock lock(m_mutex);
        m_tunnel.reset();
        connections.resize(m_connections.size());
        connections.swap(m_connections);
    }

private:
    struct Connection {
        std::shared_ptr<WindowedStream> stream;
        std::size_t inputUnderWay = 0;
        bool ended = false;
    };

    class Sink : public client::PodStreamSink {
    public:
        Sink(std::shared_ptr<WebSocketPortForward> owner, std::size_t connection)
            : m_owner(std::move(owner)), m_connection(connection)
        {
        }
        void data(client::PodChannel /*channel*/, std::string bytes) override
        {
            const std::scoped_lock lock(m_owner->m_mutex);
            m_owner->send(2 * m_connection, bytes, true);
        }
        void taken(std::size_t bytes) override { m_owner->inputTaken(m_connection, bytes); }
        void ended(Result<int> result) override { m_owner->finish(m_connection, result); }

    private:
        std::shared_ptr<WebSocketPortForward> m_owner;
        std::size_t m_connection;
    };

    void begin(std::size_t connection)
    {
        auto opened =
            m_pods.portForward(m_target, m_ports[connection], std::make_shared<Sink>(shared_from_this(), connection));
        if (!opened)
            return finish(connection, std::unexpected(opened.error()));
        auto stream = std::make_shared<WindowedStream>(*std::move(opened));
        const std::scoped_lock lock(m_mutex);
        if (m_tunnel && !m_connections[connection].ended)
            m_connections[connection].stream.swap(stream);
    }

    /// Called with the lock held.
    void send(std::size_t channel, std::string_view bytes, bool counted)
    {
        if (!m_tunnel)
            return;
        m_leaving.emplace_back(channel / 2, counted ? bytes.size() : 0);
        m_tunnel->send(std::string(1, static_cast<char>(channel)).append(bytes));
    }

    void receiveMore()
    {
        const bool full = std::ranges::any_of(
            m_connections, [](const auto& each) { return each.inputUnderWay >= client::podStreamWindowBytes; });
        if (m_receiving || !m_tunnel || full)
            return;
        m_receiving = true;
        m_tunnel->receiveNext();
    }

    void inputTaken(std::size_t connection, std::size_t bytes)
    {
        std::shared_ptr<WindowedStream> stream;
        {
            const std::scoped_lock lock(m_mutex);
            stream = m_connections[connection].stream;
        }
        if (stream)
            stream->taken(bytes);
        const std::scoped_lock lock(m_mutex);
        auto& underWay = m_connections[connection].inputUnderWay;
        underWay -= std::min(bytes, underWay);
        receiveMore();
    }

    /// Channels cannot be closed one by one: the last connection takes the WebSocket with it.
    void finish(std::size_t connection, const Result<int>& result)
    {
        std::shared_ptr<client::PodStream> stream; // Ends outside the lock.
        const std::scoped_lock lock(m_mutex);
        auto& one = m_connections[connection];
        if (!result)
            send(2 * connection + 1,
                 fmt::format("an error occurred forwarding {} to pod {}: {}", m_ports[connection], m_target.pod,
                             result.error().message),
                 false);
        stream = std::move(one.stream);
        one = {.stream = nullptr, .inputUnderWay = 0, .ended = true};
        if (m_tunnel && std::ranges::all_of(m_connections, &Connection::ended))
            m_tunnel->close();
        else
            receiveMore();
    }

    client::PodStreams& m_pods;
    const client::PodTarget m_target;
    const std::vector<std::uint16_t> m_ports;

    std::mutex m_mutex;
    std::shared_ptr<Tunnel> m_tunnel;
    std::vector<Connection> m_connections;                     ///< In the order of the ports.
    std::deque<std::pair<std::size_t, std::size_t>> m_leaving; ///< Of each message its connection and payload.
    bool m_receiving = false;
};

/// The ports that the query asks for: "ports=80,443", also several times.
Result<std::vector<std::uint16_t>> portsOf(const Query& query)
{
    std::vector<std::uint16_t> ports;
    for (const auto& text : query.all("ports")) {
        std::string_view rest = text;
        while (true) {
            const auto comma = rest.find(',');
            const auto one = rest.substr(0, comma);
            std::uint16_t port = 0;
            const auto [end, code] = std::from_chars(one.data(), one.data() + one.size(), port);
            if (code != std::errc() || end != one.data() + one.size() || port == 0)
                return fail(Reason::BadRequest, fmt::format("unable to parse \"{}\" as a port", one));
            ports.push_back(port);
            if (comma == std::string_view::npos)
                break;
            rest.remove_prefix(comma + 1);
        }
    }
    if (ports.empty())
        return fail(Reason::BadRequest, "query parameter \"ports\" is required");
    if (ports.size() > portsMax)
        return fail(Reason::BadRequest, fmt::format("{} ports are more than {}", ports.size(), portsMax));
    return ports;
}

} // namespace

void serveWebSocketPortForward(const std::shared_ptr<Call>& call, const client::PodTarget& target,
                               std::string_view protocol)
{
    auto ports = portsOf(call->request().query);
    if (!ports)
        return call->respondError(ports.error());
    call->upgradeToWebSocket(std::string(protocol),
                             std::make_shared<WebSocketPortForward>(*call->options().pods, target, *std::move(ports)));
}

} // namespace keelson::apiserver
