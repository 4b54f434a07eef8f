// SPDX-License-Identifier: Apache-2.0
#include "apiserver/proxy_session.h"

#include "apiserver/http_reply_reader.h"
#include "apiserver/limits.h"
#include "apiserver/proxied_requests.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <mutex>
#include <utility>

namespace keelson::apiserver {
namespace {

constexpr int switchingProtocols = 101;
constexpr int badRequest = 400;

/// What says which origins of pages may read the answer: a proxied server must not open our API to others.
bool isCorsHeader(std::string_view name)
{
    constexpr std::array<std::string_view, 6> names{"Access-Control-Allow-Credentials", "Access-Control-Allow-Headers",
                                                    "Access-Control-Allow-Methods",     "Access-Control-Allow-Origin",
                                                    "Access-Control-Expose-Headers",    "Access-Control-Max-Age"};
    return std::ranges::any_of(names, [&](std::string_view one) { return equalIgnoringCase(one, name); });
}

bool isPage(const Response& head)
{
    const std::string_view type = head.contentType;
    return equalIgnoringCase(type.substr(0, std::min(type.find_first_of("; "), type.size())), "text/html") &&
           !head.headers.has("Content-Encoding");
}

/// A request on its way to a server and the answer on its way back. The head of the answer waits for that of the
/// server, so that a failure can still become a Status.
class ProxySession : public ProxiedRequest,
                     public client::PodStreamSink,
                     public RequestEvents,
                     public TunnelEvents,
                     public std::enable_shared_from_this<ProxySession> {
public:
    ProxySession(std::shared_ptr<Call> call, OnwardRequest request)
        : m_all(call->services().proxied),
          m_loop(*call->options().loop),
          m_call(std::move(call)),
          m_request(std::move(request)),
          m_reader(m_request.headOnly),
          m_unsent(std::move(m_request.text)),
          m_bodyComes(m_call->request().bodyComes),
          m_inChunks(m_bodyComes && !m_call->request().bodyBytes)
    {
    }
    ~ProxySession() override { m_all->remove(*this); }

    void begin(const upstream::Connect& connect)
    {
        {
            const std::scoped_lock lock(m_mutex);
            m_body = m_call->exchange().watch(shared_from_this());
        }
        if (!m_all->add(shared_from_this())) {
            auto error = makeError(Reason::TooManyRequests, "too many requests are being proxied, try again later");
            error.retryAfterSeconds = 1;
            return refuse(error);
        }
        auto opened = connect(shared_from_this());
        if (!opened)
            return giveUp(Reason::ServiceUnavailable, opened.error().message);
        std::shared_ptr<client::PodStream> source = *std::move(opened);
        {
            const std::scoped_lock lock(m_mutex);
            if (m_finished)
                return;
            m_source = std::move(source);
            awaitReply();
        }
        sendMore();
        grantMore(0);
    }

    // From the server.
    void data(client::PodChannel /*channel*/, std::string bytes) override
    {
        Result<Done> read;
        {
            const std::scoped_lock lock(m_mutex);
            if (m_finished)
                return;
            m_held += bytes.size();
            if (m_switched)
                sendToTunnel(std::move(bytes));
            else
                read = takeReply(bytes);
        }
        if (!read)
            return giveUp(Reason::ServiceUnavailable, read.error().message);
        grantMore(0);
        finishWhenComplete();
    }

    void taken(std::size_t bytes) override
    {
        {
            const std::scoped_lock lock(m_mutex);
            m_underWay -= std::min(bytes, m_underWay);
            m_reached = true;
            m_progress = m_progress || m_bodyComes || !m_unsent.empty();
            receiveMore();
        }
        sendMore();
    }

    void ended(Result<int> result) override
    {
        Result<Done> complete;
        {
            const std::scoped_lock lock(m_mutex);
            complete = m_reader.end();
        }
        if (!result)
            return giveUp(Reason::ServiceUnavailable, result.error().message);
        if (!complete)
            return giveUp(Reason::ServiceUnavailable, complete.error().message);
        if (endTunnel())
            return;
        finishWhenComplete();
    }

    // From the client.
    void opened(std::shared_ptr<Tunnel> tunnel) override
    {
        const std::scoped_lock lock(m_mutex);
        m_tunnel = std::move(tunnel);
        for (auto& bytes : std::exchange(m_early, {}))
            m_tunnel->send(std::move(bytes));
        if (m_finished)
            m_tunnel->close();
        receiveMore();
    }

    void received(std::string bytes) override { passUp(bytes); }

    void bodyReceived(std::string bytes, bool last) override
    {
        std::string framed;
        if (m_inChunks && !bytes.empty())
            framed = fmt::format("{:x}\r\n{}\r\n", bytes.size(), bytes);
        if (m_inChunks && last)
            framed += "0\r\n\r\n";
        passUp(m_inChunks ? framed : bytes, last);
    }

    void requestFailed(const Error& error) override { refuse(error); }

    void sent(std::size_t bytes) override { grantMore(bytes); }
    void closed() override { finish(); }

    void abandon() override
    {
        std::shared_ptr<Call> call; // Ends outside the lock.
        {
            const std::scoped_lock lock(m_mutex);
            call = std::move(m_call);
        }
        finish();
    }

private:
    /// Called with the lock held.
    void awaitReply()
    {
        m_timer = m_loop.after(m_request.replyTime, [weak = weak_from_this()] {
            if (const auto self = weak.lock())
                self->replyTimeOver();
        });
    }

    /// The time begins anew as long as the server takes more of the request.
    void replyTimeOver()
    {
        {
            const std::scoped_lock lock(m_mutex);
            if (!m_call || m_finished)
                return;
            if (std::exchange(m_progress, false))
                return awaitReply();
        }
        giveUp(Reason::Timeout, "no answer in time");
    }

    /// Takes what the client has sent.
    void passUp(std::string_view bytes, bool last = false)
    {
        {
            const std::scoped_lock lock(m_mutex);
            m_receiving = false;
            if (m_finished)
                return;
            m_bodyComes = m_bodyComes && !last;
            m_unsent += bytes;
        }
        sendMore();
        const std::scoped_lock lock(m_mutex);
        receiveMore();
    }

    /// Called with the lock held.
    Result<Done> takeReply(std::string_view bytes)
    {
        TRY_OK(m_reader.take(bytes));
        if (m_reader.hasHead())
            passOn();
        return Done{};
    }

    /// Passes on what has come of the answer. Called with the lock held, once there is a head.
    void passOn()
    {
        auto body = m_reader.takeBody();
        if (const auto call = std::exchange(m_call, nullptr)) {
            auto head = ownHead();
            if (m_request.upgrade && head.status < badRequest)
                return upgrade(*call, head);
            if (m_reader.complete() && body.empty())
                return call->respond(std::move(head));
            if (m_request.links && isPage(head))
                m_pages.emplace(*m_request.links);
            m_stream = call->stream(std::move(head), shared_from_this(), proxyQueueBytesMax);
        }
        if (m_pages)
            body = m_pages->take(body) + (m_reader.complete() ? m_pages->end() : std::string());
        if (!m_stream || body.empty())
            return;
        m_queued += body.size();
        if (!m_stream->write({Chunk::own(std::move(body))}))
            std::exchange(m_stream, nullptr)->breakOff();
    }

    void upgrade(Call& call, const Response& head)
    {
        if (head.status != switchingProtocols) {
            m_source.reset(); // A tunnel's handle: that it goes is told, not waited for.
            return call.respondError(
                makeError(Reason::InternalError, fmt::format("invalid upgrade response: status code {}", head.status)));
        }
        m_switched = true;
        call.upgradeToBytes(head.headers, shared_from_this());
        if (auto early = m_reader.takeRest(); !early.empty())
            sendToTunnel(std::move(early));
    }

    /// The server's head, as the client may see it.
    Response ownHead() const
    {
        auto head = m_reader.head();
        const auto given = std::exchange(head.headers, {});
        for (const auto& [name, value] : given.items()) {
            if (equalIgnoringCase(name, "Location") && m_request.links)
                head.headers.add(name, m_request.links->rewritten(value));
            else if (!isCorsHeader(name) && !equalIgnoringCase(name, "Audit-Id"))
                head.headers.add(name, value);
        }
        return head;
    }

    void sendToTunnel(std::string bytes)
    {
        m_queued += bytes.size();
        if (m_tunnel)
            m_tunnel->send(std::move(bytes));
        else
            m_early.push_back(std::move(bytes));
    }

    /// Asks for more of what the client sends. Called with the lock held.
    void receiveMore()
    {
        const bool body = m_bodyComes && m_reached && m_body; // A server that is away gets none of it.
        if (m_receiving || (!m_tunnel && !body) || m_finished ||
            m_underWay + m_unsent.size() >= client::podStreamWindowBytes)
            return;
        m_receiving = true;
        if (m_tunnel)
            m_tunnel->receiveNext();
        else
            m_body->bodyNext();
    }

    /// Writes as much toward the server as may be under way. One thread writes; what comes meanwhile it takes along.
    void sendMore()
    {
        for (;;) {
            std::shared_ptr<client::PodStream> source;
            std::string piece;
            {
                const std::scoped_lock lock(m_mutex);
                const auto room = client::podStreamWindowBytes - std::min(m_underWay, client::podStreamWindowBytes);
                if (m_sending || !m_source || m_unsent.empty() || room == 0)
                    return;
                m_sending = true;
                source = m_source;
                piece = m_unsent.substr(0, room);
                m_unsent.erase(0, piece.size());
                m_underWay += piece.size();
            }
            source->write(std::move(piece));
            const std::scoped_lock lock(m_mutex);
            m_sending = false;
        }
    }

    /// `sent`: so many bytes have left for the client. What has come is granted anew as long as little waits for it.
    void grantMore(std::size_t sent)
    {
        std::shared_ptr<client::PodStream> source;
        std::size_t granted = 0;
        {
            const std::scoped_lock lock(m_mutex);
            m_queued -= std::min(sent, m_queued);
            if (m_queued > client::podStreamWindowBytes || !m_source)
                return;
            source = m_source;
            granted = std::exchange(m_held, 0);
        }
        if (granted > 0)
            source->grant(granted);
    }

    void finishWhenComplete()
    {
        std::shared_ptr<ResponseStream> stream;
        {
            const std::scoped_lock lock(m_mutex);
            if (!m_reader.complete() || m_switched)
                return;
            passOn();
            stream = std::exchange(m_stream, nullptr);
        }
        if (stream)
            stream->end();
        finish();
    }

    /// The server has ended the connection that had been switched.
    bool endTunnel()
    {
        {
            const std::scoped_lock lock(m_mutex);
            if (!m_switched)
                return false;
            if (m_tunnel)
                m_tunnel->close();
        }
        finish();
        return true;
    }

    /// There is no answer, or no more of it.
    void giveUp(Reason reason, const std::string& why)
    {
        refuse(makeError(reason, fmt::format("error trying to reach service: {}", why)));
    }

    void refuse(const Error& error)
    {
        {
            const std::scoped_lock lock(m_mutex); // The server does not go before the call has its answer.
            if (m_finished)
                return;
            if (const auto call = std::exchange(m_call, nullptr))
                call->respondError(error);
            if (const auto stream = std::exchange(m_stream, nullptr))
                stream->breakOff();
        }
        if (!endTunnel())
            finish();
    }

    void finish()
    {
        std::shared_ptr<client::PodStream> source; // Both end outside the lock.
        std::shared_ptr<Tunnel> tunnel;
        std::shared_ptr<RequestBody> body;
        const std::scoped_lock lock(m_mutex);
        if (!std::exchange(m_finished, true))
            m_loop.cancel(m_timer);
        m_stream.reset();
        tunnel = std::move(m_tunnel);
        source = std::move(m_source);
        body = std::move(m_body);
    }

    const std::shared_ptr<ProxiedRequests> m_all;
    Loop& m_loop;
    std::mutex m_mutex;
    std::shared_ptr<Call> m_call; ///< Null once the answer has begun.
    OnwardRequest m_request;
    HttpReplyReader m_reader;
    std::optional<PageRewriter> m_pages;
    std::string m_unsent;
    std::shared_ptr<client::PodStream> m_source;
    std::shared_ptr<ResponseStream> m_stream;
    std::shared_ptr<Tunnel> m_tunnel;    ///< After an upgrade.
    std::shared_ptr<RequestBody> m_body; ///< Holds the client's connection, until all is over.
    std::vector<std::string> m_early;    ///< For the tunnel, until it is open.
    Loop::TimerId m_timer = 0;
    std::size_t m_underWay = 0; ///< Toward the server.
    std::size_t m_held = 0;     ///< Has come from the server and was not granted anew.
    std::size_t m_queued = 0;   ///< Waits to leave for the client.
    bool m_bodyComes;           ///< Not all of it has.
    const bool m_inChunks;      ///< The body goes on in chunks.
    bool m_reached = false;     ///< The server has taken something.
    bool m_progress = false;    ///< It has taken something since the time for its answer began.
    bool m_switched = false;
    bool m_receiving = false;
    bool m_sending = false;
    bool m_finished = false;
};

} // namespace

void carryOn(const std::shared_ptr<Call>& call, OnwardRequest request, const upstream::Connect& connect)
{
    std::make_shared<ProxySession>(call, std::move(request))->begin(connect);
}

} // namespace keelson::apiserver
