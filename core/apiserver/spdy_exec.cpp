// SPDX-License-Identifier: Apache-2.0
#include "apiserver/exec_status.h"
#include "apiserver/pod_routes.h"
#include "apiserver/spdy_session.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace keelson::apiserver {
namespace {

constexpr std::string_view protocol = "v4.channel.k8s.io";

/// A command in a container, with a SPDY stream for each of its channels. It begins when the client has opened all of
/// them.
class SpdyExec : public SpdySession {
public:
    SpdyExec(client::PodStreams& pods, client::PodTarget target, client::ExecOptions options)
        : m_pods(pods), m_target(std::move(target)), m_options(std::move(options))
    {
        m_expected.insert("error");
        if (m_options.input)
            m_expected.insert("stdin");
        if (m_options.output)
            m_expected.insert("stdout");
        if (m_options.error)
            m_expected.insert("stderr");
        if (m_options.terminal)
            m_expected.insert("resize");
    }

    void sent(std::size_t bytes) override
    {
        std::size_t granted = 0;
        std::shared_ptr<client::PodStream> stream;
        {
            const std::scoped_lock lock(m_state);
            granted = std::min(bytes, m_outputUnderWay);
            m_outputUnderWay -= granted;
            stream = m_stream;
        }
        if (stream && granted > 0)
            stream->grant(granted);
    }

protected:
    bool streamOpened(std::uint32_t stream, const Headers& headers) override
    {
        const std::string type(headers.get("streamtype"));
        if (!m_expected.contains(type) || m_streams.contains(type))
            return false;
        m_streams[type] = stream;
        return true;
    }

    void streamData(std::uint32_t stream, std::string bytes) override
    {
        const auto source = current();
        if (source && stream == streamOf("stdin")) {
            {
                const std::scoped_lock lock(m_state);
                m_inputUnderWay += bytes.size();
            }
            source->write(std::move(bytes));
        } else if (source && stream == streamOf("resize")) {
            if (const auto size = terminalSize(bytes))
                source->resize(size->first, size->second);
        } else if (!source && stream == streamOf("resize")) {
            m_firstSize = terminalSize(bytes);
        }
    }

    void streamEnded(std::uint32_t stream) override
    {
        if (const auto source = current(); source && stream == streamOf("stdin"))
            source->closeInput();
    }

    void connectionClosed() override
    {
        std::shared_ptr<client::PodStream> source;
        const std::scoped_lock lock(m_state);
        m_closed = true;
        source = std::move(m_stream);
    }

    void streamReplied() override
    {
        if (m_streams.size() == m_expected.size())
            begin();
    }

    bool wantsMore() override
    {
        const std::scoped_lock lock(m_state);
        return m_inputUnderWay < client::podStreamWindowBytes;
    }

private:
    /// The node's end of it; a part of its own, since the session is a TunnelEvents already.
    class Sink : public client::PodStreamSink {
    public:
        explicit Sink(std::shared_ptr<SpdyExec> owner) : m_owner(std::move(owner)) {}
        void data(client::PodChannel channel, std::string bytes) override { m_owner->output(channel, bytes); }
        void taken(std::size_t bytes) override { m_owner->inputTaken(bytes); }
        void ended(Result<int> exitCode) override { m_owner->finish(exitCode); }

    private:
        std::shared_ptr<SpdyExec> m_owner;
    };

    void begin()
    {
        auto sink = std::make_shared<Sink>(std::static_pointer_cast<SpdyExec>(shared_from_this()));
        auto source = m_pods.exec(m_target, m_options, std::move(sink));
        if (!source)
            return finish(std::unexpected(source.error()));
        std::shared_ptr<client::PodStream> kept = *std::move(source);
        if (m_firstSize)
            kept->resize(m_firstSize->first, m_firstSize->second);
        const std::scoped_lock lock(m_state);
        if (!m_closed)
            m_stream.swap(kept);
    }

    void output(client::PodChannel channel, const std::string& bytes)
    {
        {
            const std::scoped_lock lock(m_state);
            m_outputUnderWay += bytes.size();
        }
        if (const auto stream = streamOf(channel == client::PodChannel::Output ? "stdout" : "stderr"); stream != 0)
            sendData(stream, bytes, false);
    }

    void inputTaken(std::size_t bytes)
    {
        {
            const std::scoped_lock lock(m_state);
            m_inputUnderWay -= std::min(bytes, m_inputUnderWay);
        }
        receiveMore();
    }

    void finish(const Result<int>& exitCode)
    {
        for (const std::string type : {"stdout", "stderr"}) {
            if (const auto stream = streamOf(type); stream != 0)
                sendData(stream, {}, true);
        }
        if (const auto stream = streamOf("error"); stream != 0)
            sendData(stream, api::writeJson(execStatus(exitCode)), true);
        closeConnection();
    }

    std::shared_ptr<client::PodStream> current()
    {
        const std::scoped_lock lock(m_state);
        return m_stream;
    }

    /// The streams do not change once the command has begun. 0: there is none.
    std::uint32_t streamOf(const std::string& type) const
    {
        const auto found = m_streams.find(type);
        return found == m_streams.end() ? 0 : found->second;
    }

    client::PodStreams& m_pods;
    const client::PodTarget m_target;
    const client::ExecOptions m_options;
    std::set<std::string, std::less<>> m_expected; ///< The streams that the client shall open.
    std::map<std::string, std::uint32_t> m_streams;
    std::optional<std::pair<int, int>> m_firstSize;

    std::mutex m_state;
    std::shared_ptr<client::PodStream> m_stream;
    std::size_t m_inputUnderWay = 0;
    std::size_t m_outputUnderWay = 0;
    bool m_closed = false;
};

} // namespace

void serveSpdyExec(const std::shared_ptr<Call>& call, const client::PodTarget& target,
                   const client::ExecOptions& options)
{
    const auto offered = call->request().headers.all("X-Stream-Protocol-Version");
    const bool known =
        std::ranges::any_of(offered, [](auto text) { return text.find(protocol) != std::string_view::npos; });
    if (!known) {
        return call->respondError(makeError(Reason::Forbidden, "none of the stream protocols offered is known here; "
                                                               "v4.channel.k8s.io is"));
    }
    Headers headers;
    headers.add("Connection", "Upgrade");
    headers.add("Upgrade", "SPDY/3.1");
    headers.add("X-Stream-Protocol-Version", std::string(protocol));
    call->upgradeToBytes(std::move(headers), std::make_shared<SpdyExec>(*call->options().pods, target, options));
}

} // namespace keelson::apiserver
