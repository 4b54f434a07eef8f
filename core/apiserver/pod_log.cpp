// SPDX-License-Identifier: Apache-2.0
#include "apiserver/limits.h"
#include "apiserver/pod_routes.h"
#include "apiserver/web_socket_stream.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <mutex>
#include <utility>

namespace keelson::apiserver {
namespace {

Result<client::LogOptions> logOptions(const Query& query)
{
    client::LogOptions options;
    options.follow = query.flag("follow");
    options.previous = query.flag("previous");
    options.timestamps = query.flag("timestamps");
    TRY_ASSIGN(options.tailLines, query.number("tailLines"));
    TRY_ASSIGN(options.sinceSeconds, query.number("sinceSeconds"));
    TRY_ASSIGN(options.limitBytes, query.number("limitBytes"));
    if (options.tailLines && *options.tailLines < 0)
        return fail(Reason::Invalid, "tailLines must not be negative");
    if (options.limitBytes && *options.limitBytes < 1)
        return fail(Reason::Invalid, "limitBytes must be greater than 0");
    if (const auto since = query.get("sinceTime"); !since.empty()) {
        TRY_ASSIGN(options.sinceTime, parseTime(since));
    }
    return options;
}

/// How a client wants its logs.
struct LogForm {
    bool webSocket = false; ///< Or in chunks.
    std::string_view protocol;
    WebSocketMessages messages = WebSocketMessages::Bytes;
};

/// Source: Kubernetes, wsstream's protocols of readers.
Result<LogForm> logForm(const Request& request)
{
    constexpr std::array<std::string_view, 2> known{"binary.k8s.io", "base64.binary.k8s.io"};
    if (!asksForWebSocket(request))
        return LogForm{};
    const auto chosen = chosenProtocol(request, known);
    if (chosen.empty() && request.headers.has("Sec-WebSocket-Protocol"))
        return fail(Reason::BadRequest, fmt::format("none of the WebSocket protocols offered is known here; {} are",
                                                    fmt::join(known, " and ")));
    return LogForm{true, chosen, chosen == known.back() ? WebSocketMessages::Base64 : WebSocketMessages::Bytes};
}

/// Logs on their way from a node to a client. The head of the answer waits for the first bytes, so that a failure can
/// still become a Status.
class LogSession : public client::PodStreamSink, public StreamEvents, public std::enable_shared_from_this<LogSession> {
public:
    LogSession(std::shared_ptr<Call> call, const LogForm& form)
        : m_call(std::move(call)), m_services(m_call->services()), m_form(form)
    {
    }

    void setSource(std::unique_ptr<client::PodStream> source)
    {
        std::shared_ptr<client::PodStream> unwanted;
        const std::scoped_lock lock(m_mutex);
        (m_closed ? unwanted : m_source) = std::move(source);
    }

    /// The client sees the head after a while even when the container says nothing.
    void beginAfter(Duration time)
    {
        m_services.options.loop->after(time, [weak = weak_from_this()] {
            if (const auto self = weak.lock())
                self->begin();
        });
    }

    void data(client::PodChannel /*channel*/, std::string bytes) override
    {
        const auto stream = begin();
        if (stream && !bytes.empty())
            stream->write({Chunk::own(std::move(bytes))});
    }

    void taken(std::size_t /*bytes*/) override {}

    void ended(Result<int> exitCode) override
    {
        {
            const std::scoped_lock lock(m_mutex);
            m_ended = true;
            if (!exitCode && m_call) {
                std::exchange(m_call, nullptr)->respondError(exitCode.error());
                return;
            }
        }
        const auto stream = begin();
        if (!stream)
            return;
        if (!exitCode)
            stream->write({Chunk::own(fmt::format("\nlogs end here: {}\n", exitCode.error().message))});
        stream->end();
    }

    void sent(std::size_t bytes) override
    {
        std::shared_ptr<client::PodStream> source; // Called without the lock held, since it may call back at once.
        {
            const std::scoped_lock lock(m_mutex);
            source = m_source;
        }
        if (source)
            source->grant(bytes);
    }

    void closed() override
    {
        std::shared_ptr<client::PodStream> source;
        const std::scoped_lock lock(m_mutex);
        m_closed = true;
        source = std::move(m_source);
        m_stream.reset();
    }

private:
    std::shared_ptr<ResponseStream> begin()
    {
        const std::scoped_lock lock(m_mutex);
        constexpr auto bytesMax = 2 * client::podStreamWindowBytes;
        const auto call = std::exchange(m_call, nullptr);
        if (call && m_form.webSocket) {
            m_stream =
                webSocketStream(*call, std::string(m_form.protocol), m_form.messages, shared_from_this(), bytesMax);
        } else if (call) {
            Response head;
            head.contentType = "text/plain";
            m_stream = call->stream(std::move(head), shared_from_this(), bytesMax);
        }
        return m_stream;
    }

    std::mutex m_mutex;
    std::shared_ptr<Call> m_call; ///< Null once the head is out.
    Services& m_services;
    const LogForm m_form;
    std::shared_ptr<ResponseStream> m_stream;
    std::shared_ptr<client::PodStream> m_source;
    bool m_closed = false;
    bool m_ended = false;
};

} // namespace

void serveLog(const std::shared_ptr<Call>& call, const client::PodTarget& target)
{
    const auto options = logOptions(call->request().query);
    if (!options)
        return call->respondError(options.error());
    const auto form = logForm(call->request());
    if (!form)
        return call->respondError(form.error());
    constexpr Duration headWait = std::chrono::seconds{1};
    auto session = std::make_shared<LogSession>(call, *form);
    auto source = call->options().pods->logs(target, *options, session);
    if (!source)
        return session->ended(std::unexpected(source.error()));
    session->setSource(*std::move(source));
    session->beginAfter(headWait);
}

} // namespace keelson::apiserver
