// SPDX-License-Identifier: Apache-2.0
// Where the pieces part in which a request comes does not matter.
#include "apiserver/https_client.h"
#include "apiserver/https_server.h"
#include "apiserver/limits.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <tuple>

namespace keelson::apiserver {
namespace {

using testing::HasSubstr;

/// Takes a body as it comes and answers with all of it.
class Collector : public RequestEvents, public std::enable_shared_from_this<Collector> {
public:
    explicit Collector(std::shared_ptr<Exchange> exchange) : m_exchange(std::move(exchange)) {}
    void begin()
    {
        m_body = m_exchange->watch(shared_from_this());
        m_body->bodyNext();
    }
    void bodyReceived(std::string bytes, bool last) override
    {
        m_text += bytes;
        if (last)
            answer(200, m_text);
        else
            m_body->bodyNext();
    }
    void requestFailed(const Error& error) override { answer(httpStatus(error), error.message); }

private:
    void answer(int status, const std::string& words)
    {
        m_exchange->respond(Response::text(status, "text/plain", m_exchange->request().method + " " + words));
        m_body.reset();
    }
    const std::shared_ptr<Exchange> m_exchange;
    std::shared_ptr<RequestBody> m_body;
    std::string m_text;
};

void answer(std::shared_ptr<Exchange> exchange)
{
    const auto& request = exchange->request();
    if (request.bodyComes && request.target == "/early")
        exchange->respond(Response::text(413, "text/plain", "too much"));
    else if (request.bodyComes)
        std::make_shared<Collector>(std::move(exchange))->begin();
    else
        exchange->respond(Response::text(200, "text/plain", request.method + " " + request.body));
}

/// A server that answers with what it was sent, which it takes whole or in pieces.
class RequestPieces : public testing::TestWithParam<const char*> {
protected:
    explicit RequestPieces(bool inPieces = std::string_view(GetParam()) == "inPieces")
    {
        m_folder = std::filesystem::temp_directory_path() / fmt::format("keelson-request-pieces-{}", ::getpid());
        m_authority.emplace(*auth::CertificateAuthority::openOrCreate(m_folder, m_system));
        auto server = HttpsServer::create({.listen = {"127.0.0.1:0"},
                                           .certificate = *m_authority->issueServer({"127.0.0.1"}),
                                           .clock = &m_clock,
                                           .handler = answer,
                                           .takesPieces = [inPieces](const Request&) { return inPieces; }});
        EXPECT_TRUE(server) << server.error().message;
        m_server = *std::move(server);
    }
    ~RequestPieces() override
    {
        m_server->stop();
        std::filesystem::remove_all(m_folder);
    }

    std::unique_ptr<HttpsClient> connect() const
    {
        return std::make_unique<HttpsClient>(m_server->addresses().front(), m_authority->certificate(), nullptr);
    }
    /// Until then the server has read what was sent: another connection has been served meanwhile.
    void passTime(Duration time)
    {
        EXPECT_EQ(connect()->ask("GET", "/y").status, 200);
        m_clock.advance(time);
    }

    const SystemClock m_system;
    SimulatedClock m_clock; ///< Of limits.
    std::filesystem::path m_folder;
    std::optional<auth::CertificateAuthority> m_authority;
    std::unique_ptr<HttpsServer> m_server;
};

INSTANTIATE_TEST_SUITE_P(Bodies, RequestPieces, testing::Values("whole", "inPieces"),
                         [](const auto& info) { return std::string(info.param); });

class BodyInPieces : public RequestPieces {
protected:
    BodyInPieces() : RequestPieces(true) {}
};

INSTANTIATE_TEST_SUITE_P(Bodies, BodyInPieces, testing::Values(""), [](const auto&) { return "all"; });

std::string post(std::string_view rest)
{
    return fmt::format("POST /x HTTP/1.1\r\nHost: h\r\n{}", rest);
}

std::string chunked(std::string_view chunks)
{
    return post(fmt::format("Transfer-Encoding: chunked\r\n\r\n{}", chunks));
}

struct Row {
    const char* what;
    std::string sent;
    std::string answer;
};

std::vector<Row> rows()
{
    return {
        {"no body", "GET /x HTTP/1.1\r\nHost: h\r\n\r\n", "GET "},
        {"a length", post("Content-Length: 5\r\n\r\nhello"), "POST hello"},
        {"an empty body", post("Content-Length: 0\r\n\r\n"), "POST "},
        {"chunks", chunked("3\r\nabc\r\nb\r\nde fghijk\r\n\r\n0\r\n\r\n"), "POST abcde fghijk\r\n"},
        {"no chunk but the last", chunked("0\r\n\r\n"), "POST "},
        {"a last chunk of many zeros", chunked("2\r\nab\r\n00000\r\n\r\n"), "POST ab"},
        {"chunks with extensions", chunked("2;name=value\r\nab\r\n1;q=\"a;b\"\r\nc\r\n0;last\r\n\r\n"), "POST abc"},
        {"trailers", chunked("2\r\nab\r\n0\r\nX-Sum: 1\r\nX-Other:\r\n\r\n"), "POST ab"},
        {"a chunk that reads like the end", chunked("5\r\n0\r\n\r\n\r\n0\r\n\r\n"), "POST 0\r\n\r\n"},
    };
}

/// Each piece is a record of TLS, which the server reads by itself.
TEST_P(RequestPieces, mayBeOfAnyLength)
{
    const auto client = connect();
    for (const auto& [what, sent, answer] : rows()) {
        for (const std::size_t piece : {1, 2, 3, 5, 7, 1000}) {
            for (std::size_t from = 0; from < sent.size(); from += piece)
                client->send(sent.substr(from, piece));
            const auto reply = client->readReply();
            EXPECT_EQ(reply.status, 200) << what << " in pieces of " << piece << reply.body;
            EXPECT_EQ(reply.body, answer) << what << " in pieces of " << piece;
        }
    }
}

TEST_P(RequestPieces, mayPartAnywhere)
{
    const auto client = connect();
    for (const auto& [what, sent, answer] : rows()) {
        for (std::size_t end = 1; end < sent.size(); ++end) {
            client->send(sent.substr(0, end));
            client->send(sent.substr(end));
            EXPECT_EQ(client->readReply().body, answer) << what << " in two at " << end;
        }
    }
}

TEST_P(RequestPieces, mayHoldTheNextRequest)
{
    const auto client = connect();
    std::string all;
    for (const auto& row : rows())
        all += row.sent;
    for (std::size_t from = 0; from < all.size(); from += 50)
        client->send(all.substr(from, 50));
    for (const auto& [what, sent, answer] : rows())
        EXPECT_EQ(client->readReply().body, answer) << what;
}

TEST_P(RequestPieces, areRefusedWhenTheyAreNoChunks)
{
    for (const auto* const chunks :
         {"0\r\nno trailer\r\n\r\n", "0x2\r\nab\r\n0\r\n\r\n", "2\r\nabc\r\n0\r\n\r\n", ";x\r\n\r\n", "0\rx"}) {
        const auto client = connect();
        for (const char each : chunked(chunks))
            client->send(std::string(1, each));
        const auto reply = client->readReply();
        EXPECT_EQ(reply.status, 400) << chunks << reply.body;
        EXPECT_THAT(reply.body, HasSubstr("the request is no HTTP")) << chunks;
    }
}

TEST_P(RequestPieces, areRefusedWhenTheyBreakOff)
{
    for (const auto& sent : {post("Content-Length: 5\r\n\r\n"), post("Content-Length: 5\r\n\r\nab"), chunked("5\r\nab"),
                             chunked("2\r\nab\r\n"), chunked("2\r\nab\r\n0\r\n")}) {
        const auto client = connect();
        client->send(sent);
        client->endInput();
        const auto reply = client->readReply();
        EXPECT_EQ(reply.status, 400) << sent << reply.body;
        EXPECT_THAT(reply.body, HasSubstr("the request was cut off: it ends before its length")) << sent;
    }
}

TEST_P(RequestPieces, areAskedForWhenTheClientWaits)
{
    for (const auto& [head, body] :
         {std::pair{"Expect: 100-continue\r\nContent-Length: 5\r\n\r\n", "hello"},
          std::pair{"Expect: 100-Continue\r\nTransfer-Encoding: chunked\r\n\r\n", "5\r\nhello\r\n0\r\n\r\n"}}) {
        const auto client = connect();
        for (int i = 0; i < 2; ++i) {
            client->send(post(head));
            EXPECT_EQ(client->readHead().status, 100) << head;
            client->send(body);
            EXPECT_EQ(client->readReply().body, "POST hello") << head;
        }
    }
}

TEST_P(BodyInPieces, isHeldToNoLength)
{
    const auto client = connect();
    const std::string large(bodyBytesMax + 1, 'x');
    client->send(post(fmt::format("Content-Length: {}\r\n\r\n", large.size())));
    client->send(large);
    EXPECT_EQ(client->readReply().body, "POST " + large);
    client->send(chunked(fmt::format("{:x}\r\n{}\r\n0\r\n\r\n", large.size(), large)));
    EXPECT_EQ(client->readReply().body, "POST " + large);
}

TEST_P(BodyInPieces, comesInTimeOrIsRefused)
{
    for (const auto& sent :
         {post("Content-Length: 5\r\n\r\nab"), chunked("5\r\nab"), chunked("5;x"), chunked("1\r\na\r\n0\r\nX: ")}) {
        const auto client = connect();
        client->send(sent);
        passTime(bodyPieceTime + std::chrono::seconds{1});
        const auto reply = client->readReply();
        EXPECT_EQ(reply.status, 408) << sent << reply.body;
        EXPECT_EQ(client->readReply().status, 0) << "the connection is over";
    }
}

TEST_P(BodyInPieces, mayComeSlowly)
{
    const auto idle = connect();
    EXPECT_EQ(idle->ask("GET", "/y").status, 200);
    const auto client = connect();
    client->send(post("Content-Length: 5\r\n\r\n"));
    for (const auto* const each : {"h", "e", "l", "l"}) {
        passTime(bodyPieceTime - std::chrono::seconds{10});
        client->send(each);
    }
    EXPECT_EQ(idle->readReply().status, 0) << "all this time was seen to pass";
    client->send("o");
    EXPECT_EQ(client->readReply().body, "POST hello");
}

TEST_P(BodyInPieces, isDroppedWhenTheAnswerIsEarlier)
{
    const auto client = connect();
    client->send("POST /early HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\nab");
    const auto reply = client->readReply();
    EXPECT_EQ(reply.status, 413);
    EXPECT_EQ(reply.body, "too much");
    EXPECT_EQ(reply.headers.get("Connection"), "close") << "the rest of the body must not be read as a request";
}

TEST_P(BodyInPieces, fillsNoMemoryWithWhatIsNoBody)
{
    for (const auto& [what, sent, more] :
         {std::tuple{"an extension of a chunk", chunked("5;"), std::string(1000, 'x')},
          std::tuple{"trailers", chunked("0\r\n"), "X: " + std::string(995, 'x') + "\r\n"}}) {
        const auto client = connect();
        client->send(sent);
        for (std::size_t bytes = 0; bytes < 3 * headerBytesMax; bytes += more.size())
            client->send(more);
        EXPECT_EQ(client->readReply().status, 431) << what;
    }
}

} // namespace
} // namespace keelson::apiserver
