// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "client/pod_streams.h"
#include "upstream/dialer.h"

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace keelson::apiserver {

/// Containers that answer from a script.
class ScriptedPods : public client::PodStreams {
public:
    class Stream : public client::PodStream {
    public:
        explicit Stream(std::shared_ptr<client::PodStreamSink> sink) : m_sink(std::move(sink)) {}
        /// Echoes; "exit N" ends with that code.
        void write(std::string bytes) override
        {
            m_sink->taken(bytes.size());
            if (bytes.starts_with("exit "))
                m_sink->ended(std::stoi(bytes.substr(5)));
            else
                m_sink->data(client::PodChannel::Output, "echo:" + bytes);
        }
        void closeInput() override { m_sink->ended(0); }
        void resize(int columns, int rows) override
        {
            m_sink->data(client::PodChannel::Output, std::to_string(columns) + "x" + std::to_string(rows));
        }
        void grant(std::size_t /*bytes*/) override {}

    private:
        std::shared_ptr<client::PodStreamSink> m_sink;
    };

    Result<std::unique_ptr<client::PodStream>> logs(const client::PodTarget& target, const client::LogOptions& options,
                                                    std::shared_ptr<client::PodStreamSink> sink) override
    {
        if (target.node == "away")
            return fail(Reason::ServiceUnavailable, "node \"away\" is not connected");
        if (log)
            return log(std::move(sink));
        sink->data(client::PodChannel::Output, "one\n");
        sink->data(client::PodChannel::Output, options.timestamps ? "2026 two\n" : "two\n");
        if (!options.follow)
            sink->ended(0);
        return std::make_unique<Stream>(std::move(sink));
    }
    Result<std::unique_ptr<client::PodStream>> exec(const client::PodTarget& /*target*/,
                                                    const client::ExecOptions& options,
                                                    std::shared_ptr<client::PodStreamSink> sink) override
    {
        for (const auto& word : options.command)
            sink->data(client::PodChannel::Error, word + ";");
        return std::make_unique<Stream>(std::move(sink));
    }
    Result<std::unique_ptr<client::PodStream>> portForward(const client::PodTarget& target, std::uint16_t port,
                                                           std::shared_ptr<client::PodStreamSink> sink) override
    {
        if (target.node == "away")
            return fail(Reason::ServiceUnavailable, "node \"away\" is not connected");
        const auto place = target.pod + ":" + std::to_string(port);
        if (const auto server = servers.find(place); server != servers.end())
            return m_dialer.to("127.0.0.1", server->second)(std::move(sink));
        if (connect)
            return connect(std::move(sink));
        if (answer)
            return std::make_unique<Answering>(*this, place, std::move(sink));
        return std::make_unique<Stream>(std::move(sink));
    }

    /// What a web server in the pod at "POD:PORT" says to a request, as bytes; then it closes, or echoes when it has
    /// switched protocols. Empty: ports echo.
    std::function<std::string(const std::string& place, const std::string& request)> answer;
    /// What all logs are; empty: two lines.
    upstream::Connect log;
    /// What all other ports are; empty: as `answer` says.
    upstream::Connect connect;
    /// Ports of this machine that stand for those of pods, by "POD:PORT".
    std::map<std::string, std::uint16_t> servers;

private:
    /// Keeps to the window as the tunnels of nodes do.
    class Answering : public client::PodStream {
    public:
        Answering(ScriptedPods& pods, std::string place, std::shared_ptr<client::PodStreamSink> sink)
            : m_pods(pods), m_place(std::move(place)), m_sink(std::move(sink))
        {
        }
        void write(std::string bytes) override
        {
            m_sink->taken(bytes.size());
            if (m_switched) {
                say("echo:" + bytes, false);
                return;
            }
            m_request += bytes;
            constexpr std::string_view lengthMark = "Content-Length: ";
            const auto end = m_request.find("\r\n\r\n");
            const auto length = m_request.find(lengthMark);
            if (end == std::string::npos ||
                (length < end && m_request.size() < end + 4 + std::stoul(m_request.substr(length + lengthMark.size()))))
                return;
            const auto text = m_pods.answer(m_place, m_request);
            m_switched = text.starts_with("HTTP/1.1 101");
            say(text, !m_switched);
        }
        void closeInput() override {}
        void resize(int /*columns*/, int /*rows*/) override {}
        void grant(std::size_t bytes) override
        {
            {
                const std::scoped_lock lock(m_mutex);
                m_credit += bytes;
            }
            pump();
        }

    private:
        void say(const std::string& text, bool last)
        {
            {
                const std::scoped_lock lock(m_mutex);
                m_unsaid += text;
                m_last = last;
            }
            pump();
        }
        /// In pieces: where they part must not matter. One thread at a time.
        void pump()
        {
            constexpr std::size_t pieceBytes = 10'007;
            const auto sink = m_sink; // Its call may end this stream.
            for (;;) {
                std::string piece;
                bool last = false;
                {
                    const std::scoped_lock lock(m_mutex);
                    piece = m_unsaid.substr(
                        0, std::min(m_credit, std::max<std::size_t>(1, std::min(m_unsaid.size() / 2, pieceBytes))));
                    last = m_last && m_unsaid.empty() && !m_ended;
                    if (m_pumping || (piece.empty() && !last))
                        return;
                    m_ended = last;
                    m_pumping = true;
                    m_unsaid.erase(0, piece.size());
                    m_credit -= piece.size();
                }
                if (last)
                    return sink->ended(0);
                sink->data(client::PodChannel::Output, std::move(piece));
                const std::scoped_lock lock(m_mutex);
                m_pumping = false;
            }
        }

        ScriptedPods& m_pods;
        const std::string m_place;
        const std::shared_ptr<client::PodStreamSink> m_sink;
        std::string m_request;
        bool m_switched = false;
        std::mutex m_mutex;
        std::string m_unsaid;
        std::size_t m_credit = client::podStreamWindowBytes;
        bool m_last = false;
        bool m_ended = false;
        bool m_pumping = false;
    };

    upstream::Dialer m_dialer;
};

} // namespace keelson::apiserver
