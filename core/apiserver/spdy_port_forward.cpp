// SPDX-License-Identifier: Apache-2.0
#include "apiserver/pod_routes.h"
#include "apiserver/spdy_session.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace keelson::apiserver {
namespace {

constexpr std::string_view protocol = "portforward.k8s.io";
constexpr std::string_view tunnelledProtocol = "SPDY/3.1+portforward.k8s.io";
constexpr std::string_view channelProtocol = "v4.channel.k8s.io";
constexpr std::size_t forwardsMax = 256; ///< Connections of one client at once.

/// The ports of a pod: two streams for each connection, one for its bytes and one for what goes wrong.
class SpdyPortForward : public SpdySession {
public:
    SpdyPortForward(client::PodStreams& pods, client::PodTarget target) : m_pods(pods), m_target(std::move(target)) {}

    /// Bytes leave in the order in which they came: what has left counts for the connections in turn.
    void sent(std::size_t bytes) override
    {
        std::vector<std::pair<std::shared_ptr<client::PodStream>, std::size_t>> grants;
        {
            const std::scoped_lock lock(m_state);
            for (auto& [id, forward] : m_forwards) {
                const auto part = std::min(bytes, forward.outputUnderWay);
                if (part == 0 || !forward.stream)
                    continue;
                forward.outputUnderWay -= part;
                bytes -= part;
                grants.emplace_back(forward.stream, part);
            }
        }
        for (const auto& [stream, part] : grants)
            stream->grant(part);
    }

protected:
    bool streamOpened(std::uint32_t stream, const Headers& headers) override
    {
        const std::string request(headers.get("requestid"));
        const auto type = headers.get("streamtype");
        std::uint16_t port = 0;
        const auto text = headers.get("port");
        const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), port);
        if (code != std::errc() || end != text.data() + text.size() || port == 0 || (type != "error" && type != "data"))
            return false;
        if (type == "error") {
            m_errors[request] = stream;
            return m_errors.size() <= forwardsMax;
        }
        const auto error = m_errors.find(request);
        if (error == m_errors.end())
            return false;
        const auto errorStream = error->second;
        m_errors.erase(error);
        {
            const std::scoped_lock lock(m_state);
            if (m_forwards.size() >= forwardsMax)
                return false;
            m_forwards[stream].errorStream = errorStream;
        }
        m_ready.emplace_back(stream, port); // Begins after the reply to this stream: see streamReplied.
        return true;
    }

    void streamData(std::uint32_t stream, std::string bytes) override
    {
        std::shared_ptr<client::PodStream> target;
        {
            const std::scoped_lock lock(m_state);
            const auto found = m_forwards.find(stream);
            if (found == m_forwards.end())
                return;
            target = found->second.stream;
            found->second.inputUnderWay += bytes.size();
        }
        if (target)
            target->write(std::move(bytes));
    }

    void streamEnded(std::uint32_t stream) override
    {
        std::shared_ptr<client::PodStream> target;
        {
            const std::scoped_lock lock(m_state);
            if (const auto found = m_forwards.find(stream); found != m_forwards.end())
                target = found->second.stream;
        }
        if (target)
            target->closeInput();
    }

    /// The client waits for the end of the error stream.
    void streamReset(std::uint32_t stream) override { finish(stream, 0, 0); }

    void connectionClosed() override
    {
        std::map<std::uint32_t, Forward> forwards;
        const std::scoped_lock lock(m_state);
        forwards.swap(m_forwards);
    }

    void streamReplied() override
    {
        for (const auto& [stream, port] : std::exchange(m_ready, {}))
            begin(stream, port);
    }

    bool wantsMore() override
    {
        const std::scoped_lock lock(m_state);
        return std::ranges::none_of(
            m_forwards, [](const auto& item) { return item.second.inputUnderWay >= client::podStreamWindowBytes; });
    }

private:
    struct Forward {
        std::shared_ptr<client::PodStream> stream;
        std::uint32_t errorStream = 0;
        std::size_t inputUnderWay = 0;
        std::size_t outputUnderWay = 0;
    };

    class Sink : public client::PodStreamSink {
    public:
        Sink(std::shared_ptr<SpdyPortForward> owner, std::uint32_t stream, std::uint16_t port)
            : m_owner(std::move(owner)), m_stream(stream), m_port(port)
        {
        }
        void data(client::PodChannel /*channel*/, std::string bytes) override { m_owner->output(m_stream, bytes); }
        void taken(std::size_t bytes) override { m_owner->inputTaken(m_stream, bytes); }
        void ended(Result<int> result) override { m_owner->finish(m_stream, m_port, result); }

    private:
        std::shared_ptr<SpdyPortForward> m_owner;
        std::uint32_t m_stream;
        std::uint16_t m_port;
    };

    void begin(std::uint32_t stream, std::uint16_t port)
    {
        auto sink = std::make_shared<Sink>(std::static_pointer_cast<SpdyPortForward>(shared_from_this()), stream, port);
        auto opened = m_pods.portForward(m_target, port, std::move(sink));
        if (!opened)
            return finish(stream, port, std::unexpected(opened.error()));
        std::shared_ptr<client::PodStream> target = *std::move(opened);
        {
            const std::scoped_lock lock(m_state);
            const auto found = m_forwards.find(stream);
            if (found == m_forwards.end())
                return; // Ended already.
            found->second.stream = target;
        }
    }

    void output(std::uint32_t stream, const std::string& bytes)
    {
        {
            const std::scoped_lock lock(m_state);
            if (const auto found = m_forwards.find(stream); found != m_forwards.end())
                found->second.outputUnderWay += bytes.size();
        }
        sendData(stream, bytes, false);
    }

    void inputTaken(std::uint32_t stream, std::size_t bytes)
    {
        {
            const std::scoped_lock lock(m_state);
            if (const auto found = m_forwards.find(stream); found != m_forwards.end())
                found->second.inputUnderWay -= std::min(bytes, found->second.inputUnderWay);
        }
        receiveMore();
    }

    void finish(std::uint32_t stream, std::uint16_t port, const Result<int>& result)
    {
        Forward ended; // Its tunnel goes after the lock.
        {
            const std::scoped_lock lock(m_state);
            const auto found = m_forwards.find(stream);
            if (found == m_forwards.end())
                return;
            ended = std::move(found->second);
            m_forwards.erase(found);
        }
        const auto words = result ? std::string()
                                  : fmt::format("an error occurred forwarding {} to pod {}: {}", port, m_target.pod,
                                                result.error().message);
        sendData(ended.errorStream, words, true);
        sendData(stream, {}, true);
        receiveMore();
    }

    client::PodStreams& m_pods;
    const client::PodTarget m_target;
    std::map<std::string, std::uint32_t> m_errors; ///< Error streams whose data stream is still to come, by request id.
    std::vector<std::pair<std::uint32_t, std::uint16_t>> m_ready;

    std::mutex m_state;
    std::map<std::uint32_t, Forward> m_forwards; ///< By the data stream.
};

} // namespace

void servePortForward(const std::shared_ptr<Call>& call, const client::PodTarget& target)
{
    constexpr std::array<std::string_view, 2> known{tunnelledProtocol, channelProtocol};
    auto& request = call->request();
    const auto upgrade = request.headers.get("Upgrade");
    auto session = std::make_shared<SpdyPortForward>(*call->options().pods, target);
    if (equalIgnoringCase(upgrade, "websocket")) {
        const auto chosen = chosenProtocol(request, known);
        if (chosen == tunnelledProtocol)
            return call->upgradeToWebSocket(std::string(chosen), std::move(session));
        if (chosen == channelProtocol || !request.headers.has("Sec-WebSocket-Protocol"))
            return serveWebSocketPortForward(call, target, chosen);
        return call->respondError(
            makeError(Reason::BadRequest, fmt::format("none of the WebSocket protocols offered is known here; {} "
                                                      "and {} are",
                                                      tunnelledProtocol, channelProtocol)));
    }
    if (!equalIgnoringCase(upgrade, "SPDY/3.1")) {
        return call->respondError(
            makeError(Reason::BadRequest, "portforward needs an upgrade to a WebSocket or to SPDY/3.1"));
    }
    Headers reply;
    reply.add("Connection", "Upgrade");
    reply.add("Upgrade", "SPDY/3.1");
    reply.add("X-Stream-Protocol-Version", std::string(protocol));
    call->upgradeToBytes(std::move(reply), std::move(session));
}

} // namespace keelson::apiserver
