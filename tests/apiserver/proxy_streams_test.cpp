// SPDX-License-Identifier: Apache-2.0
// Large bodies through the proxy, over real connections, and ends of either side in the middle of them.
#include "apiserver/served_cluster.h"
#include "apiserver/socket_server.h"
#include "support/tls_listener.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <array>
#include <condition_variable>
#include <future>
#include <mutex>
#include <thread>

namespace keelson::apiserver {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;
using namespace std::chrono_literals;

constexpr std::size_t mebibyte = std::size_t{1024} * 1024;
constexpr std::size_t largeBytes = 50 * mebibyte;
/// What may be under way between two ends that do not take it: the kernel's buffers, and little of ours.
constexpr std::size_t underWayMax = 24 * mebibyte;
constexpr std::size_t pieceBytes = std::size_t{64} * 1024;

/// The bytes from `from` on of a long text that no two parts of are alike.
std::string part(std::size_t from, std::size_t count)
{
    std::string text(count, '\0');
    for (std::size_t i = 0; i < count; ++i)
        text[i] = static_cast<char>('a' + ((from + i) * 2654435761U >> 16U) % 26);
    return text;
}

/// Counts what comes and holds it against `part`.
class Checker {
public:
    void take(std::string_view bytes)
    {
        if (m_good && bytes != part(m_count, bytes.size()))
            m_bad = fmt::format("bad in {} behind {}", bytes.substr(0, 20), m_count);
        m_good = m_bad.empty();
        m_count += bytes.size();
    }
    std::string result() const { return fmt::format("{} {}", m_count, m_good ? "good" : m_bad); }
    std::size_t count() const { return m_count; }

private:
    std::size_t m_count = 0;
    bool m_good = true;
    std::string m_bad;
};

/// What a body in chunks holds.
void takeChunks(SocketPeer& peer, Checker& checker)
{
    for (;;) {
        const auto line = peer.readTo("\r\n");
        auto left = line.size() < 3 ? 0 : std::stoul(line, nullptr, 16);
        const bool last = left == 0;
        while (left > 0) {
            auto bytes = peer.read();
            if (bytes.empty())
                return;
            peer.unread(bytes.substr(std::min(left, bytes.size())));
            bytes.resize(std::min(left, bytes.size()));
            checker.take(bytes);
            left -= bytes.size();
        }
        peer.readTo("\r\n");
        if (last)
            return;
    }
}

void takeBytes(SocketPeer& peer, Checker& checker, std::size_t count)
{
    for (auto bytes = peer.read(); !bytes.empty(); bytes = peer.read()) {
        checker.take(bytes);
        if (checker.count() >= count)
            return;
    }
}

std::string reply(const std::string& body)
{
    return fmt::format("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{}", body.size(), body);
}

/// How much somebody has sent.
class Progress {
public:
    void add(std::size_t bytes)
    {
        const std::scoped_lock lock(m_mutex);
        m_bytes += bytes;
        m_changed.notify_all();
    }
    /// Where it stands still.
    std::size_t standstill()
    {
        std::unique_lock lock(m_mutex);
        m_changed.wait(lock, [&] { return m_bytes > 0; });
        auto last = m_bytes;
        while (m_changed.wait_for(lock, 500ms, [&] { return m_bytes != last; }))
            last = m_bytes;
        return last;
    }

private:
    std::mutex m_mutex;
    std::condition_variable m_changed;
    std::size_t m_bytes = 0;
};

class ProxyStreams : public ServedCluster {
protected:
    void SetUp() override
    {
        create("serviceaccounts", R"({"metadata":{"name":"default"}})");
        for (const auto& [name, node] : {std::pair("a", "n1"), std::pair("far", "away")}) {
            create("pods", fmt::format(R"({{"metadata":{{"name":"{}"}},"spec":{{"nodeName":"{}","containers":[
                {{"name":"c","image":"busybox","ports":[{{"containerPort":80}}]}}]}}}})",
                                       name, node));
            const auto status = admin().ask("PATCH", fmt::format("{}/pods/{}/status", base, name),
                                            R"({"status":{"podIP":"10.244.0.5","podIPs":[{"ip":"10.244.0.5"}]}})",
                                            {"Content-Type: application/merge-patch+json"});
            EXPECT_EQ(status.status, 200) << status.body;
        }
    }
    void create(const std::string& what, const std::string& body)
    {
        const auto made = admin().ask("POST", fmt::format("{}/{}", base, what), body);
        EXPECT_EQ(made.status, 201) << made.body;
    }
    /// The server stands for port 80 of pod a.
    void serveWith(std::function<void(SocketPeer&)> talk)
    {
        m_upstream.emplace(std::move(talk));
        m_pods.servers["a:80"] = m_upstream->port();
    }
    void TearDown() override
    {
        m_gate.set_value();
        m_server->stop();
        m_upstream.reset();
    }
    static std::string head(const std::string& method, const std::string& headers, const std::string& pod = "a")
    {
        return fmt::format("{} {}/pods/{}/proxy/x HTTP/1.1\r\nHost: h\r\n{}\r\n", method, base, pod, headers);
    }

    static constexpr auto base = "/api/v1/namespaces/default";
    std::promise<void> m_gate; ///< What upstream waits for: opened by the test, or by its end.
    std::shared_future<void> m_opened{m_gate.get_future()};
    std::optional<SocketServer> m_upstream;
};

TEST_F(ProxyStreams, carryLargeBodiesUpAsTheyAreTaken)
{
    std::array<std::promise<void>, 2> gates;
    std::atomic<int> asked = 0;
    serveWith([&](SocketPeer& peer) {
        const auto header = peer.readHead();
        if (header.starts_with("GET")) {
            peer.send(reply("next"));
            return;
        }
        gates[asked++].get_future().wait();
        Checker checker;
        if (header.contains("Transfer-Encoding: chunked"))
            takeChunks(peer, checker);
        else if (header.contains(fmt::format("Content-Length: {}\r\n", largeBytes)))
            takeBytes(peer, checker, largeBytes);
        peer.send(reply(checker.result()));
    });
    const auto client = connect(&m_admin);
    for (const bool chunked : {false, true}) {
        Progress sent;
        std::thread sender([&] {
            client->send(head("PUT", chunked ? "Transfer-Encoding: chunked\r\n"
                                             : fmt::format("Content-Length: {}\r\n", largeBytes)));
            for (std::size_t from = 0; from < largeBytes; from += pieceBytes) {
                const auto bytes = part(from, pieceBytes);
                client->send(chunked ? fmt::format("{:x};x=y\r\n{}\r\n", bytes.size(), bytes) : bytes);
                sent.add(bytes.size());
            }
            if (chunked)
                client->send("0\r\nX-Sum: 1\r\n\r\n");
        });
        EXPECT_LT(sent.standstill(), underWayMax) << "nobody takes it";
        gates[chunked ? 1 : 0].set_value();
        sender.join();
        const auto answer = client->readReply();
        EXPECT_EQ(answer.status, 200) << answer.body;
        EXPECT_EQ(answer.body, fmt::format("{} good", largeBytes));
        client->send(head("GET", ""));
        EXPECT_EQ(client->readReply().body, "next") << "the connection is good for more";
    }
}

TEST_F(ProxyStreams, carryLargeAnswersDownAsTheyAreTaken)
{
    std::array<Progress, 2> sent;
    serveWith([&](SocketPeer& peer) {
        const auto request = peer.readHead();
        const bool chunked = request.contains("X-Chunks");
        peer.send(chunked ? "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                          : fmt::format("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", largeBytes));
        for (std::size_t from = 0; from < largeBytes; from += pieceBytes) {
            const auto bytes = part(from, pieceBytes);
            if (!peer.send(chunked ? fmt::format("{:x}\r\n{}\r\n", bytes.size(), bytes) : bytes))
                return;
            sent[chunked ? 1 : 0].add(bytes.size());
        }
        if (chunked)
            peer.send("0\r\n\r\n");
    });
    const auto client = connect(&m_admin);
    for (const bool chunked : {false, true}) {
        client->send(head("GET", chunked ? "X-Chunks: 1\r\n" : ""));
        EXPECT_LT(sent[chunked ? 1 : 0].standstill(), underWayMax) << "nobody takes it";
        EXPECT_EQ(client->readHead().status, 200);
        Checker checker;
        for (auto chunk = client->readChunk(); !chunk.empty(); chunk = client->readChunk())
            checker.take(chunk);
        EXPECT_EQ(checker.result(), fmt::format("{} good", largeBytes));
    }
}

TEST_F(ProxyStreams, carryBothWaysAtOnce)
{
    serveWith([&](SocketPeer& peer) {
        peer.readHead();
        peer.send("HTTP/1.1 200 OK\r\n\r\n");
        for (auto bytes = peer.read(); bytes != "end"; bytes = peer.read())
            if (bytes.empty() || !peer.send(bytes))
                return;
    });
    const auto client = connect(&m_admin);
    client->send(head("POST", "Content-Length: 9\r\n"));
    client->send("one");
    EXPECT_EQ(client->readHead().status, 200);
    EXPECT_EQ(client->readChunk(), "one");
    client->send("two");
    EXPECT_EQ(client->readChunk(), "two");
    client->send("end");
    EXPECT_EQ(client->readChunk(), "");
}

TEST_F(ProxyStreams, askForTheBodyOfWhoWaits)
{
    serveWith([](SocketPeer& peer) {
        const auto header = peer.readHead();
        EXPECT_THAT(header, Not(HasSubstr("Expect"))) << "it was answered for";
        peer.send(reply(peer.read()));
    });
    const auto client = connect(&m_admin);
    client->send(head("PUT", "Expect: 100-continue\r\nContent-Length: 5\r\n"));
    EXPECT_EQ(client->readHead().status, 100);
    client->send("hello");
    EXPECT_EQ(client->readReply().body, "hello");
    const auto other = connect(&m_admin);
    other->send(head("PUT", "Expect: 100-continue\r\nContent-Length: 5\r\n", "far"));
    const auto refused = other->readReply();
    EXPECT_EQ(refused.status, 503) << "no body is wanted that goes nowhere";
    EXPECT_EQ(refused.headers.get("Connection"), "close");
}

TEST_F(ProxyStreams, passOnAnAnswerThatIsEarly)
{
    serveWith([this](SocketPeer& peer) {
        const bool stays = peer.readHead().contains("X-Stays");
        peer.send("HTTP/1.1 413 Too Large\r\nContent-Length: 8\r\n\r\ntoo much");
        if (stays)
            m_opened.wait();
    });
    for (const auto* const header : {"", "X-Stays: 1\r\n", "Expect: 100-continue\r\n"}) {
        const auto client = connect(&m_admin);
        client->send(head("PUT", fmt::format("{}Content-Length: {}\r\n", header, largeBytes)));
        if (!std::string_view(header).starts_with("Expect"))
            client->send(part(0, mebibyte));
        auto answer = client->readReply();
        if (answer.status == 100)
            answer = client->readReply();
        EXPECT_EQ(answer.status, 413) << header;
        EXPECT_EQ(answer.body, "too much") << header;
        EXPECT_EQ(answer.headers.get("Connection"), "close") << header << "the rest must not be read as a request";
    }
}

TEST_F(ProxyStreams, endAtTheServerWhenTheClientGoes)
{
    for (const auto& [what, sent] : {
             std::pair{"waiting for the answer", head("GET", "")},
             std::pair{"while the answer comes", head("GET", "X-Speak: 1\r\n")},
             std::pair{"in a body", head("PUT", fmt::format("Content-Length: {}\r\n", largeBytes)) + part(0, 100'000)},
             std::pair{"in a chunk", head("PUT", "Transfer-Encoding: chunked\r\n") + "fffff\r\nhalf"},
             std::pair{"behind all of a body", head("PUT", "Content-Length: 5\r\n") + "hello"},
         }) {
        std::promise<void> reached;
        std::promise<bool> ended;
        serveWith([&](SocketPeer& peer) {
            if (peer.readHead().contains("X-Speak"))
                peer.send("HTTP/1.1 200 OK\r\n\r\nhello");
            reached.set_value();
            while (!peer.read().empty()) {
            }
            ended.set_value(peer.seesTheEnd());
        });
        auto client = connect(&m_admin);
        client->send(sent);
        reached.get_future().wait();
        if (std::string_view(sent).contains("X-Speak"))
            EXPECT_EQ(client->readHead().status, 200);
        client.reset();
        EXPECT_TRUE(ended.get_future().get()) << what;
        m_upstream.reset();
    }
}

/// Takes the head of a request and no more.
class Stalled : public client::PodStream {
public:
    Stalled(std::shared_ptr<client::PodStreamSink> sink, std::promise<void>& stalled, std::promise<void>& ended)
        : m_sink(std::move(sink)), m_stalled(stalled), m_ended(ended)
    {
    }
    ~Stalled() override { m_ended.set_value(); }
    void write(std::string bytes) override
    {
        m_written += bytes.size();
        if (m_written == bytes.size()) {
            m_head = m_written;
            m_sink->taken(m_head);
        }
        EXPECT_LE(m_written - m_head, client::podStreamWindowBytes);
        if (m_written - m_head == client::podStreamWindowBytes)
            m_stalled.set_value();
    }
    void closeInput() override {}
    void resize(int /*columns*/, int /*rows*/) override {}
    void grant(std::size_t /*bytes*/) override {}

private:
    const std::shared_ptr<client::PodStreamSink> m_sink;
    std::promise<void>& m_stalled;
    std::promise<void>& m_ended;
    std::size_t m_written = 0;
    std::size_t m_head = 0;
};

TEST_F(ProxyStreams, endAtAServerThatTakesNothing)
{
    std::promise<void> stalled;
    std::promise<void> ended;
    m_pods.connect = [&](std::shared_ptr<client::PodStreamSink> sink) {
        return std::make_unique<Stalled>(std::move(sink), stalled, ended);
    };
    auto client = connect(&m_admin);
    client->send(head("PUT", fmt::format("Content-Length: {}\r\n", largeBytes)) +
                 part(0, client::podStreamWindowBytes + 200'000));
    stalled.get_future().wait();
    client.reset();
    EXPECT_EQ(ended.get_future().wait_for(10s), std::future_status::ready);
}

TEST_F(ProxyStreams, sayThatTheServerWent)
{
    serveWith([](SocketPeer& peer) {
        peer.readHead();
        peer.read();
    });
    const auto client = connect(&m_admin);
    client->send(head("PUT", fmt::format("Content-Length: {}\r\n", largeBytes)) + part(0, pieceBytes));
    const auto answer = client->readReply();
    EXPECT_EQ(answer.status, 503);
    EXPECT_THAT(message(answer), StartsWith("error trying to reach service: "));
    EXPECT_EQ(answer.headers.get("Connection"), "close");
}

TEST_F(ProxyStreams, refuseABodyThatIsNone)
{
    serveWith([](SocketPeer& peer) {
        peer.readHead();
        while (!peer.read().empty()) {
        }
    });
    const auto client = connect(&m_admin);
    client->send(head("PUT", "Transfer-Encoding: chunked\r\n") + "2\r\nab\r\nno chunk\r\n");
    const auto answer = client->readReply();
    EXPECT_EQ(answer.status, 400) << answer.body;
    EXPECT_THAT(message(answer), HasSubstr("the request is no HTTP"));
}

TEST_F(ProxyStreams, goThroughTls)
{
    const support::TlsListener server(m_clock, {.names = {"somebody"}}, [](const auto& request) {
        Checker checker;
        checker.take(request.body);
        return reply(checker.result());
    });
    m_pods.servers["a:8443"] = server.port();
    const auto client = connect(&m_admin);
    constexpr std::size_t size = 10 * mebibyte;
    for (int i = 0; i < 2; ++i) {
        client->send(head("PUT", fmt::format("Content-Length: {}\r\n", size), "https:a:8443") + part(0, size));
        EXPECT_EQ(client->readReply().body, fmt::format("{} good", size));
    }
}

} // namespace
} // namespace keelson::apiserver
