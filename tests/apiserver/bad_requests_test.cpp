// SPDX-License-Identifier: Apache-2.0
// Requests that never become whole, and those that are no HTTP: each is answered, and costs no more than its
// connection.
#include "apiserver/https_client.h"
#include "apiserver/https_server.h"
#include "apiserver/limits.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>

namespace keelson::apiserver {
namespace {

using testing::HasSubstr;

/// A server that answers how many bytes of body have come.
class BadRequests : public testing::Test {
protected:
    BadRequests()
    {
        m_folder = std::filesystem::temp_directory_path() / fmt::format("keelson-bad-requests-{}", ::getpid());
        m_authority.emplace(*auth::CertificateAuthority::openOrCreate(m_folder, m_system));
        auto server = HttpsServer::create(
            {.listen = {"127.0.0.1:0"},
             .certificate = *m_authority->issueServer({"127.0.0.1"}),
             .clock = &m_clock,
             .handler =
                 [](const std::shared_ptr<Exchange>& exchange) {
                     exchange->respond(
                         Response::text(200, "text/plain", std::to_string(exchange->request().body.size())));
                 },
             .senderOf = [](const Request& request) { return std::string(request.headers.get("X-Sender")); }});
        EXPECT_TRUE(server) << server.error().message;
        m_server = *std::move(server);
    }
    ~BadRequests() override
    {
        m_server->stop();
        std::filesystem::remove_all(m_folder);
    }

    std::unique_ptr<HttpsClient> connect() const
    {
        return std::make_unique<HttpsClient>(m_server->addresses().front(), m_authority->certificate(), nullptr);
    }

    const SystemClock m_system;
    SimulatedClock m_clock; ///< Of limits.
    std::filesystem::path m_folder;
    std::optional<auth::CertificateAuthority> m_authority;
    std::unique_ptr<HttpsServer> m_server;
};

constexpr std::string_view head = "POST /x HTTP/1.1\r\nHost: h\r\n";

std::string with(std::string_view rest)
{
    return fmt::format("{}{}", head, rest);
}

TEST_F(BadRequests, thatAreCutOffAreAnswered)
{
    struct Row {
        const char* what;
        std::string sent;
        int status;
    };
    constexpr int unanswered = 0;
    for (const auto& [what, sent, status] : {
             Row{"nothing", "", unanswered},
             Row{"half a line", "GET /x HT", 400},
             Row{"half a header", "GET /x HTTP/1.1\r\nHost: h\r\nX-Lo", 400},
             Row{"no end of the header", "GET /x HTTP/1.1\r\nHost: h\r\n", 400},
             Row{"no body", with("Content-Length: 5\r\n\r\n"), 400},
             Row{"half a body", with("Content-Length: 5\r\n\r\nab"), 400},
             Row{"half a chunk", with("Transfer-Encoding: chunked\r\n\r\n5\r\nab"), 400},
             Row{"no last chunk", with("Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n"), 400},
             Row{"all of it", with("Content-Length: 2\r\n\r\nab"), 200},
         }) {
        const auto client = connect();
        client->send(sent);
        client->endInput();
        const auto reply = client->readReply();
        EXPECT_EQ(reply.status, status) << what << reply.body;
        if (status == 400)
            EXPECT_THAT(reply.body, HasSubstr(R"("message":"the request was cut off: it ends before its length")"));
    }
}

TEST_F(BadRequests, thatAreSlowAreAnsweredInTheEnd)
{
    struct Row {
        const char* what;
        std::string sent;
        Duration limit;
        int status;
    };
    constexpr int unanswered = 0;
    const std::vector<Row> rows{
        {"nothing", "", idleTime, unanswered},
        {"half a line", "GET /x HT", idleTime, 408},
        {"half a header", "GET /x HTTP/1.1\r\nHost: h\r\nX-Lo", idleTime, 408},
        {"half a body", with("Content-Length: 5\r\n\r\nab"), requestTime, 408},
        {"half a body that was asked for", with("Expect: 100-continue\r\nContent-Length: 5\r\n\r\nab"), requestTime,
         100},
        {"half a chunk", with("Transfer-Encoding: chunked\r\n\r\n5\r\nab"), requestTime, 408},
        {"nothing after an answer", with("Content-Length: 0\r\n\r\n"), idleTime, 200},
    };
    for (const auto& row : rows) {
        const auto client = connect();
        client->send(row.sent);
        if (row.status == 100)
            EXPECT_EQ(client->readHead().status, 100);
        std::this_thread::yield();
        // The server's own threads look at the clock about once a second.
        const auto other = connect();
        EXPECT_EQ(other->ask("GET", "/y").status, 200) << "others are served meanwhile";
        m_clock.advance(row.limit + std::chrono::seconds{1});
        const auto reply = client->readReply();
        EXPECT_EQ(reply.status, row.status == 100 ? 408 : row.status) << row.what << reply.body;
        if (reply.status == 408)
            EXPECT_THAT(reply.body, HasSubstr(R"("message":"the request did not come to its end in time")"));
        EXPECT_EQ(client->readReply().status, 0) << row.what << ": the connection is over";
    }
}

TEST_F(BadRequests, thatAreNoHttpAreAnswered)
{
    struct Row {
        const char* what;
        std::string sent;
        int status;
    };
    const std::string chunked = "Transfer-Encoding: chunked\r\n\r\n";
    for (const auto& [what, sent, status] : {
             Row{"noise", std::string("\x16\x03\x01\x00\xff\r\n\r\n", 9), 400},
             Row{"no version", "GET /x\r\n\r\n", 400},
             Row{"another protocol", "GET /x SIP/2.0\r\n\r\n", 400},
             Row{"another version", "GET /x HTTP/3.0\r\n\r\n", 400},
             Row{"a blank in the target", "GET /a b HTTP/1.1\r\n\r\n", 400},
             Row{"a header without a name", with(": x\r\n\r\n"), 400},
             Row{"a zero in a header", with(std::string("X: a\0b\r\n\r\n", 10)), 400},
             Row{"a length below zero", with("Content-Length: -1\r\n\r\n"), 400},
             Row{"a length of letters", with("Content-Length: five\r\n\r\n"), 400},
             Row{"a length of many digits", with("Content-Length: 99999999999999999999999\r\n\r\n"), 400},
             Row{"two lengths", with("Content-Length: 2\r\nContent-Length: 3\r\n\r\nabc"), 400},
             Row{"a length and chunks", with("Content-Length: 2\r\n" + chunked), 400},
             Row{"chunks of no size", with(chunked + "zz\r\n"), 400},
             Row{"chunks that are larger than they say", with(chunked + "1\r\nabc\r\n"), 400},
             Row{"a length over the limit", with(fmt::format("Content-Length: {}\r\n\r\n", bodyBytesMax + 1)), 413},
             Row{"a chunk over the limit", with(chunked + fmt::format("{:x}\r\n", bodyBytesMax + 1)), 413},
             Row{"a header over the limit", with("X: " + std::string(headerBytesMax, 'x')), 431},
         }) {
        const auto client = connect();
        client->send(sent);
        const auto reply = client->readReply();
        EXPECT_EQ(reply.status, status) << what << reply.body;
        EXPECT_THAT(reply.body, HasSubstr(fmt::format(R"("code":{})", status))) << what;
        EXPECT_THAT(reply.body, HasSubstr(R"("kind":"Status")")) << what;
        EXPECT_EQ(reply.headers.get("Connection"), "close") << what;
    }
}

/// The parser's own limit is about what has come since the last whole line.
TEST_F(BadRequests, thatGoOnAndOnAreEnded)
{
    struct Row {
        const char* what;
        std::string begin;
        std::string more; // a whole line
    };
    for (const auto& [what, begin, more] : {
             Row{"headers", std::string(head), fmt::format("X: {}\r\n", std::string(1000, 'x'))},
             Row{"headers without values", std::string(head), "a:\r\n"},
         }) {
        const auto client = connect();
        client->send(begin);
        const auto other = connect();
        for (std::size_t sent = 0; sent < 2 * headerBytesMax; sent += 50 * more.size()) {
            std::string lines;
            for (int i = 0; i < 50; ++i)
                lines += more;
            client->send(lines);
            EXPECT_EQ(other->ask("GET", "/y").status, 200); // Until then the server has read them.
        }
        const auto reply = client->readReply();
        EXPECT_EQ(reply.status, 431) << what << reply.body;
        EXPECT_THAT(reply.body, HasSubstr("the header of the request is larger than 64 KiB")) << what;
    }
}

std::string largest(const std::string& sender)
{
    return with(fmt::format("X-Sender: {}\r\nContent-Length: {}\r\n\r\n", sender, bodyBytesMax));
}

TEST_F(BadRequests, leaveMemoryForOthers)
{
    std::vector<std::unique_ptr<HttpsClient>> clients(bodyBytesOfOneMax / bodyBytesMax + 1);
    for (auto& client : clients) {
        client = connect();
        client->send(largest("greedy"));
    }
    EXPECT_EQ(clients.back()->readReply().status, 429);
    EXPECT_EQ(connect()->ask("POST", "/x", "ab", {"X-Sender: greedy"}).status, 200) << "short ones are not counted";
    EXPECT_EQ(connect()->ask("POST", "/x", std::string(bodyBytesMax, 'x'), {"X-Sender: another"}).status, 200);
}

TEST_F(BadRequests, fillOnlySoMuchMemoryTogether)
{
    std::vector<std::unique_ptr<HttpsClient>> clients;
    for (std::size_t i = 0; i < bodyBytesTogetherMax / bodyBytesMax; ++i)
        clients.push_back(connect());
    for (std::size_t i = 0; i < clients.size(); ++i)
        clients[i]->send(largest(std::to_string(i / (bodyBytesOfOneMax / bodyBytesMax))));
    const auto later = connect();
    later->send(with("Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n"));
    const auto refused = later->readReply();
    EXPECT_EQ(refused.status, 429) << refused.body;
    EXPECT_EQ(refused.headers.get("Retry-After"), "1");
    EXPECT_EQ(connect()->ask("GET", "/x").status, 200) << "what has no body is served";
    for (int i = 0; i < 2; ++i) {
        clients.back()->send(std::string(bodyBytesMax, 'x'));
        EXPECT_EQ(clients.back()->readReply().body, std::to_string(bodyBytesMax));
        clients.pop_back();
        EXPECT_EQ(connect()->ask("POST", "/x", "ab").body, "2") << "there is room once one is answered";
    }
}

} // namespace
} // namespace keelson::apiserver
