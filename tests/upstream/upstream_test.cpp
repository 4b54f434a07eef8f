// SPDX-License-Identifier: Apache-2.0
#include "support/tls_listener.h"
#include "upstream/dialer.h"
#include "upstream/tls_client.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <condition_variable>
#include <thread>
#include <utility>

namespace keelson::upstream {
namespace {

using support::TlsListener;
using testing::HasSubstr;
using testing::StartsWith;

/// Collects what comes, and grants it again at once.
class Collector : public client::PodStreamSink {
public:
    void data(client::PodChannel /*channel*/, std::string bytes) override
    {
        std::shared_ptr<client::PodStream> stream;
        {
            const std::scoped_lock lock(m_mutex);
            m_text += bytes;
            stream = m_stream;
            if (!stream)
                m_ungranted += bytes.size();
        }
        if (stream)
            stream->grant(bytes.size());
    }
    void taken(std::size_t bytes) override
    {
        const std::scoped_lock lock(m_mutex);
        m_taken += bytes;
        m_changed.notify_all();
    }
    void ended(Result<int> result) override
    {
        const std::scoped_lock lock(m_mutex);
        m_end = result ? "end" : std::string(reasonName(result.error().reason)) + ": " + result.error().message;
        m_changed.notify_all();
    }

    void setStream(std::unique_ptr<client::PodStream> stream)
    {
        const std::scoped_lock lock(m_mutex);
        m_stream = std::move(stream);
        m_stream->grant(m_ungranted);
    }
    /// Writes as the window allows.
    void send(std::string_view text)
    {
        for (std::size_t sent = 0; sent < text.size();) {
            std::unique_lock lock(m_mutex);
            m_changed.wait(lock, [&] { return sent - m_taken < client::podStreamWindowBytes || !m_end.empty(); });
            const auto piece = std::string(text.substr(sent, 100'000));
            sent += piece.size();
            const auto stream = m_stream;
            lock.unlock();
            stream->write(piece);
        }
    }
    std::string waitForEnd()
    {
        std::unique_lock lock(m_mutex);
        m_changed.wait_for(lock, std::chrono::seconds{20}, [&] { return !m_end.empty(); });
        return m_end;
    }
    std::string text()
    {
        const std::scoped_lock lock(m_mutex);
        return m_text;
    }
    void drop()
    {
        std::shared_ptr<client::PodStream> stream;
        const std::scoped_lock lock(m_mutex);
        stream.swap(m_stream);
    }

private:
    std::mutex m_mutex;
    std::condition_variable m_changed;
    std::shared_ptr<client::PodStream> m_stream;
    std::string m_text;
    std::string m_end;
    std::size_t m_taken = 0;
    std::size_t m_ungranted = 0;
};

/// What comes back, and how the connection ends.
std::pair<std::string, std::string> talk(const Result<Connect>& connect, const std::string& request)
{
    if (!connect)
        return {"", connect.error().message};
    auto sink = std::make_shared<Collector>();
    auto stream = (*connect)(sink);
    if (!stream)
        return {"", stream.error().message};
    sink->setStream(*std::move(stream));
    sink->send(request);
    auto end = sink->waitForEnd();
    auto text = sink->text();
    sink->drop();
    return {std::move(text), std::move(end)};
}

std::string requestOf(const std::string& body)
{
    return fmt::format("POST /x HTTP/1.1\r\nContent-Length: {}\r\n\r\n{}", body.size(), body);
}

class Upstream : public testing::Test {
protected:
    static std::string echo(const TlsListener::Request& request)
    {
        return TlsListener::json(200, request.client + ":" + request.body);
    }

    SystemClock m_clock;
    Dialer m_dialer;
    const std::string m_big = std::string(2'000'000, 'x') + "end"; ///< More than windows and buffers hold.
};

TEST_F(Upstream, aConnectionCarriesBothWays)
{
    const TlsListener server(m_clock, {.plain = true}, echo);
    const auto [text, end] = talk(m_dialer.to("localhost", server.port()), requestOf(m_big));
    EXPECT_TRUE(text.ends_with(m_big)) << text.size();
    EXPECT_EQ(end, "end");
}

/// Goes on writing when its first bytes are taken: there, and then on another thread.
class TwoWriters : public Collector {
public:
    void begin(client::PodStream& stream, std::string text)
    {
        m_stream = &stream;
        stream.write(std::move(text));
    }
    void taken(std::size_t /*bytes*/) override
    {
        if (auto* const stream = std::exchange(m_stream, nullptr)) {
            stream->write("b");
            std::thread([stream] { stream->write("c"); }).join();
        }
    }

private:
    client::PodStream* m_stream = nullptr;
};

TEST_F(Upstream, aConnectionKeepsTheOrderOfWhatSeveralThreadsWrite)
{
    const TlsListener server(m_clock, {.plain = true}, echo);
    const auto sink = std::make_shared<TwoWriters>();
    const auto stream = m_dialer.to("127.0.0.1", server.port())(sink);
    ASSERT_TRUE(stream);
    sink->begin(**stream, "POST /x HTTP/1.1\r\nContent-Length: 3\r\n\r\na");
    EXPECT_EQ(sink->waitForEnd(), "end");
    EXPECT_THAT(sink->text(), testing::EndsWith(":abc"));
}

TEST_F(Upstream, aConnectionThatFailsSaysWhy)
{
    std::uint16_t closed = 0;
    {
        const TlsListener server(m_clock, {.plain = true}, echo);
        closed = server.port();
    }
    EXPECT_EQ(talk(m_dialer.to("127.0.0.1", closed), "x").second,
              fmt::format("ServiceUnavailable: dial tcp 127.0.0.1:{}: Connection refused", closed));
    EXPECT_THAT(talk(m_dialer.to("no-such-host.invalid", 1), "x").second,
                StartsWith("ServiceUnavailable: dial tcp no-such-host.invalid:1: Host not found"));
}

TEST_F(Upstream, tlsCarriesBothWaysAndShowsTheClient)
{
    std::string pattern = (std::filesystem::temp_directory_path() / "keelson-upstream-XXXXXX").string();
    const std::filesystem::path folder = ::mkdtemp(pattern.data());
    const auto clients = auth::CertificateAuthority::openOrCreate(folder, m_clock);
    const auto identity = clients->issueClient("front-proxy-client", {});
    const TlsListener server(m_clock, {.names = {"api.default.svc"}, .clientAuthority = clients->certificate()}, echo);
    const auto connect = throughTls(m_dialer.to("127.0.0.1", server.port()), {.serverName = "api.default.svc",
                                                                              .authorities = server.authority(),
                                                                              .certificate = identity->certificate,
                                                                              .key = identity->key});
    for (const auto& body : {std::string("hi"), m_big}) {
        const auto [text, end] = talk(connect, requestOf(body));
        EXPECT_TRUE(text.ends_with("\r\n\r\nfront-proxy-client:" + body)) << text.size();
        EXPECT_EQ(end, "end");
    }
    std::filesystem::remove_all(folder);
}

TEST_F(Upstream, tlsRefusesWhomItDoesNotKnow)
{
    const TlsListener server(m_clock, {.names = {"api.default.svc"}}, echo);
    const TlsListener other(m_clock, {}, echo);
    const TlsListener plain(m_clock, {.plain = true}, echo);
    struct Row {
        const char* what;
        std::uint16_t port;
        TlsOptions options;
        const char* end;
    };
    for (const auto& [what, port, options, end] : {
             Row{"known", server.port(), {.serverName = "api.default.svc", .authorities = server.authority()}, "end"},
             Row{"another name",
                 server.port(),
                 {.serverName = "other.default.svc", .authorities = server.authority()},
                 "ServiceUnavailable: tls: hostname mismatch"},
             Row{"another authority",
                 server.port(),
                 {.serverName = "api.default.svc", .authorities = other.authority()},
                 "ServiceUnavailable: tls: "},
             Row{"any", server.port(), {.serverName = "other.default.svc", .insecure = true}, "end"},
             Row{"no authority", server.port(), {.authorities = "none"}, "the certificates to connect with cannot"},
             Row{"no TLS", plain.port(), {.insecure = true}, "ServiceUnavailable: "},
         }) {
        EXPECT_THAT(talk(throughTls(m_dialer.to("127.0.0.1", port), options), requestOf("hi")).second, StartsWith(end))
            << what;
    }
}

} // namespace
} // namespace keelson::upstream
