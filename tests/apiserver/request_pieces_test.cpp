// SPDX-License-Identifier: Apache-2.0
// Where the pieces part in which a request comes does not matter.
#include "apiserver/https_client.h"
#include "apiserver/https_server.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <optional>

namespace keelson::apiserver {
namespace {

using testing::HasSubstr;

/// A server that answers with what it was sent.
class RequestPieces : public testing::Test {
protected:
    RequestPieces()
    {
        m_folder = std::filesystem::temp_directory_path() / fmt::format("keelson-request-pieces-{}", ::getpid());
        m_authority.emplace(*auth::CertificateAuthority::openOrCreate(m_folder, m_clock));
        auto server = HttpsServer::create(
            {.listen = {"127.0.0.1:0"},
             .certificate = *m_authority->issueServer({"127.0.0.1"}),
             .clock = &m_clock,
             .handler = [](const std::shared_ptr<Exchange>& exchange) {
                 const auto& request = exchange->request();
                 exchange->respond(Response::text(200, "text/plain", request.method + " " + request.body));
             }});
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

    const SystemClock m_clock;
    std::filesystem::path m_folder;
    std::optional<auth::CertificateAuthority> m_authority;
    std::unique_ptr<HttpsServer> m_server;
};

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
TEST_F(RequestPieces, mayBeOfAnyLength)
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

TEST_F(RequestPieces, mayPartAnywhere)
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

TEST_F(RequestPieces, mayHoldTheNextRequest)
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

TEST_F(RequestPieces, areRefusedWhenTheyAreNoChunks)
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

} // namespace
} // namespace keelson::apiserver
