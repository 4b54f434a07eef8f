// SPDX-License-Identifier: Apache-2.0
#include "apiserver/fetch.h"

#include "apiserver/http_reply_reader.h"

#include <fmt/format.h>

#include <condition_variable>
#include <mutex>
#include <optional>

namespace keelson::apiserver {
namespace {

constexpr int statusOk = 200;

/// Waits for the whole reply. Requests are small: all of one is written at once.
class Fetch : public client::PodStreamSink {
public:
    void data(client::PodChannel /*channel*/, std::string bytes) override
    {
        std::shared_ptr<client::PodStream> stream;
        {
            const std::scoped_lock lock(m_mutex);
            if (const auto read = m_reader.take(bytes); !read)
                finish(read.error().message);
            m_body += m_reader.takeBody();
            if (m_body.size() > fetchedBytesMax)
                finish(fmt::format("the answer has more than {} bytes", fetchedBytesMax));
            else if (m_reader.complete())
                finish({});
            stream = m_stream;
            if (!stream)
                m_ungranted += bytes.size();
        }
        if (stream)
            stream->grant(bytes.size());
    }
    void taken(std::size_t /*bytes*/) override {}
    void ended(Result<int> result) override
    {
        const std::scoped_lock lock(m_mutex);
        if (!result)
            return finish(result.error().message);
        const auto complete = m_reader.end();
        m_body += complete ? m_reader.takeBody() : std::string();
        finish(complete ? std::string() : complete.error().message);
    }

    void begin(std::unique_ptr<client::PodStream> opened, std::string request)
    {
        std::shared_ptr<client::PodStream> stream = std::move(opened);
        std::size_t granted = 0;
        {
            const std::scoped_lock lock(m_mutex);
            m_stream = stream;
            granted = m_ungranted;
        }
        stream->write(std::move(request));
        if (granted > 0)
            stream->grant(granted);
    }

    Result<Fetched> wait(Duration limit)
    {
        std::shared_ptr<client::PodStream> stream; // Ends outside the lock.
        std::unique_lock lock(m_mutex);
        const bool done = m_finished.wait_for(lock, limit, [&] { return m_end.has_value(); });
        stream = std::move(m_stream);
        if (!done)
            return fail(Reason::ServiceUnavailable, "no answer in time");
        if (!m_end->empty())
            return fail(Reason::ServiceUnavailable, *m_end);
        const auto head = m_reader.head();
        return Fetched{head.status, std::string(head.headers.get("ETag")), std::move(m_body)};
    }

private:
    /// Called with the lock held; the first end counts.
    void finish(std::string why)
    {
        if (!m_end)
            m_end = std::move(why);
        m_finished.notify_all();
    }

    std::mutex m_mutex;
    std::condition_variable m_finished;
    HttpReplyReader m_reader{false};
    std::string m_body;
    std::optional<std::string> m_end; ///< Why there is no whole reply; empty: there is one.
    std::shared_ptr<client::PodStream> m_stream;
    std::size_t m_ungranted = 0;
};

} // namespace

Result<Fetched> fetch(const upstream::Connect& connect, std::string request, Duration limit)
{
    const auto fetch = std::make_shared<Fetch>();
    TRY_ASSIGN(auto stream, connect(fetch));
    fetch->begin(std::move(stream), std::move(request));
    return fetch->wait(limit);
}

Result<api::Value> fetchJson(const upstream::Connect& connect, std::string request, Duration limit)
{
    TRY_ASSIGN(const auto answer, fetch(connect, std::move(request), limit));
    if (answer.status != statusOk)
        return fail(Reason::ServiceUnavailable, fmt::format("bad status: {}", answer.status));
    return api::parseJson(answer.body);
}

} // namespace keelson::apiserver
