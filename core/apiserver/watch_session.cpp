// SPDX-License-Identifier: Apache-2.0
#include "apiserver/watch_session.h"

#include "api/protobuf.h"
#include "apiserver/limits.h"
#include "apiserver/status_document.h"
#include "apiserver/web_socket_stream.h"

#include <fmt/format.h>

#include <mutex>
#include <utility>

namespace keelson::apiserver {
namespace {

using Type = client::WatchEvent::Type;

std::string_view typeText(Type type)
{
    switch (type) {
    case Type::Added:
        return "ADDED";
    case Type::Modified:
        return "MODIFIED";
    case Type::Deleted:
        return "DELETED";
    case Type::Bookmark:
        return "BOOKMARK";
    }
    return "ERROR";
}

/// One watch of one client: takes events from the cache and hands their bytes to the connection.
class WatchSession : public registry::WatchSink,
                     public StreamEvents,
                     public std::enable_shared_from_this<WatchSession> {
public:
    WatchSession(Services& services, std::shared_ptr<const api::Catalog> catalog, const api::Kind& kind, ReplyForm form,
                 TableObjects tableObjects)
        : m_services(services),
          m_catalog(std::move(catalog)),
          m_kind(kind),
          m_form(std::move(form)),
          m_tableObjects(tableObjects)
    {
        ++m_services.watchers;
    }
    ~WatchSession() override { uncount(); }

    void setStream(std::shared_ptr<ResponseStream> stream)
    {
        const std::scoped_lock lock(m_mutex);
        m_stream = std::move(stream);
        for (auto& pieces : m_early)
            m_ended = !m_stream->write(std::move(pieces)) || m_ended; // a watch that lost an event is of no use
        m_early.clear();
        if (m_ended)
            m_stream->end();
    }

    /// What has come before the stream was there: the present state, mostly, which waits as references to the cache.
    std::size_t earlyBytes()
    {
        const std::scoped_lock lock(m_mutex);
        std::size_t bytes = 0;
        for (const auto& pieces : m_early) {
            for (const auto& piece : pieces)
                bytes += piece.bytes.size();
        }
        return bytes;
    }

    void setWatch(std::unique_ptr<client::Watch> watch)
    {
        std::unique_ptr<client::Watch> unwanted; // Freed outside the lock: it waits for a handler that runs.
        const std::scoped_lock lock(m_mutex);
        (m_closed ? unwanted : m_watch) = std::move(watch);
    }

    void endAfter(Duration time)
    {
        const std::weak_ptr<WatchSession> weak = weak_from_this();
        m_timer = m_services.options.loop->after(time, [weak] {
            if (const auto self = weak.lock())
                self->finish();
        });
    }

    bool event(const registry::WatchEvent& event) override
    {
        auto pieces = m_form.plainJson() ? spliced(event) : converted(event);
        return !pieces.empty() && write(std::move(pieces));
    }

    void ended(const Error& error) override
    {
        {
            const std::scoped_lock lock(m_mutex);
            if (m_ended) // Said already, by who converts the events.
                return;
        }
        auto pieces = framed("ERROR", statusDocument(error));
        if (!pieces.empty())
            write(std::move(pieces));
        finish();
    }

    void sent(std::size_t /*bytes*/) override {}

    void closed() override
    {
        std::unique_ptr<client::Watch> watch;
        {
            const std::scoped_lock lock(m_mutex);
            m_closed = true;
            watch = std::move(m_watch);
        }
        if (m_timer != 0)
            m_services.options.loop->cancel(m_timer);
        uncount();
    }

private:
    /// The cache may keep the session for a moment longer than the server lives: closed is when it counts.
    void uncount()
    {
        if (std::exchange(m_counted, false))
            --m_services.watchers;
    }

    bool write(std::vector<Chunk> pieces)
    {
        const std::scoped_lock lock(m_mutex);
        if (m_closed)
            return false;
        if (m_stream)
            return m_stream->write(std::move(pieces));
        m_early.push_back(std::move(pieces));
        return true;
    }

    void finish()
    {
        const std::scoped_lock lock(m_mutex);
        m_ended = true;
        if (m_stream)
            m_stream->end();
    }

    /// The stored bytes between two literals.
    std::vector<Chunk> spliced(const registry::WatchEvent& event) const
    {
        if (!event.object)
            return {
                Chunk::own(fmt::format("{{\"type\":\"BOOKMARK\",\"object\":{}}}\n", api::writeJson(bookmark(event))))};
        std::string_view head;
        switch (event.type) {
        case Type::Added:
            head = R"({"type":"ADDED","object":)";
            break;
        case Type::Modified:
            head = R"({"type":"MODIFIED","object":)";
            break;
        case Type::Deleted:
        case Type::Bookmark:
            head = R"({"type":"DELETED","object":)";
            break;
        }
        return {Chunk::literal(head), {event.object->json, event.object}, Chunk::literal("}\n")};
    }

    std::vector<Chunk> converted(const registry::WatchEvent& event)
    {
        if (!event.object)
            return framed("BOOKMARK", bookmark(event));
        const ReplyContext context{*m_catalog, m_kind, m_form, m_tableObjects, m_services.options.clock->wall()};
        const auto object = shapedObject(context, *event.object, std::exchange(m_columnsWanted, false));
        return object ? framed(typeText(event.type), *object) : std::vector<Chunk>();
    }

    api::Value bookmark(const registry::WatchEvent& event) const
    {
        api::Object metadata{{"resourceVersion", std::to_string(event.revision)}, {"creationTimestamp", nullptr}};
        if (event.initialEventsEnd)
            metadata["annotations"] = api::Object{{"k8s.io/initial-events-end", "true"}};
        if (m_form.shape == ReplyForm::Shape::Table) {
            return api::Object{{"kind", "Table"},
                               {"apiVersion", "meta.k8s.io/" + m_form.metaVersion},
                               {"metadata", std::move(metadata)},
                               {"columnDefinitions", nullptr},
                               {"rows", api::Array{}}};
        }
        const bool whole = m_form.shape == ReplyForm::Shape::Whole;
        return api::Object{{"kind", whole ? m_kind.kind : "PartialObjectMetadata"},
                           {"apiVersion", whole ? m_kind.groupVersion.text() : "meta.k8s.io/" + m_form.metaVersion},
                           {"metadata", std::move(metadata)}};
    }

    std::vector<Chunk> framed(std::string_view type, const api::Value& object) const
    {
        if (m_form.encoding != ReplyForm::Encoding::Protobuf)
            return {Chunk::own(fmt::format("{{\"type\":\"{}\",\"object\":{}}}\n", type, api::writeJson(object)))};
        auto bytes = api::encodeProtobufWatchEvent(*m_catalog, type, object);
        if (!bytes)
            return {};
        const auto size = bytes->size();
        std::string frame; // Four bytes of length, the first the highest.
        for (int shift = 24; shift >= 0; shift -= 8)
            frame += static_cast<char>((size >> static_cast<unsigned>(shift)) & 0xFF);
        return {Chunk::own(frame + *bytes)};
    }

    Services& m_services;
    const std::shared_ptr<const api::Catalog> m_catalog; ///< Keeps the kind.
    const api::Kind& m_kind;
    const ReplyForm m_form;
    const TableObjects m_tableObjects;
    Loop::TimerId m_timer = 0;
    bool m_columnsWanted = true;
    bool m_counted = true;

    std::mutex m_mutex;
    std::shared_ptr<ResponseStream> m_stream;
    std::unique_ptr<client::Watch> m_watch;
    std::vector<std::vector<Chunk>> m_early; ///< Came before the stream was there.
    bool m_ended = false;
    bool m_closed = false;
};

Duration timeOf(const Request& request)
{
    const auto seconds = request.query.number("timeoutSeconds");
    if (seconds && *seconds && **seconds > 0)
        return std::chrono::seconds{**seconds};
    // Not all at once when a server has been restarted: up to twice the least, by the client's port.
    const auto spread = std::hash<std::string>{}(request.remoteAddress) % 1800;
    return watchTimeMin + std::chrono::seconds{spread};
}

} // namespace

Result<Done> startWatch(const std::shared_ptr<Call>& call, const api::Kind& kind, const registry::WatchOptions& options,
                        const ReplyForm& form, TableObjects tableObjects)
{
    if (call->services().watchers >= watchersMax) {
        auto error = makeError(Reason::TooManyRequests, "the server has as many watches as it takes; try again later");
        error.retryAfterSeconds = 10;
        return fail(std::move(error));
    }
    TRY_OK(call->request().query.number("timeoutSeconds"));
    auto session = std::make_shared<WatchSession>(call->services(), call->sharedCatalog(), kind, form, tableObjects);
    auto watch = call->registry().watch(kind, options, session);
    if (watch)
        session->setWatch(*std::move(watch));
    else if (watch.error().reason == Reason::Expired) // Said as an event: that is where clients look for it.
        session->ended(watch.error());
    else
        return fail(std::move(watch).error());
    session->endAfter(timeOf(call->request()));
    Response head;
    head.contentType = form.contentType();
    if (form.encoding == ReplyForm::Encoding::Protobuf)
        head.contentType += ";stream=watch";
    const auto bytesMax = watchQueueBytesMax + session->earlyBytes(); // the state may be larger than the queue for news
    const bool inMessages = form.encoding != ReplyForm::Encoding::Protobuf && asksForWebSocket(call->request());
    if (!inMessages) {
        session->setStream(call->stream(std::move(head), session, bytesMax));
        return Done{};
    }
    const auto offered = call->request().headers.listed("Sec-WebSocket-Protocol");
    std::string protocol(offered.empty() ? std::string_view() : offered.front()); // Whatever it is called.
    session->setStream(webSocketStream(*call, std::move(protocol), WebSocketMessages::Lines, session, bytesMax));
    return Done{};
}

} // namespace keelson::apiserver
