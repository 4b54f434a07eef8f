// SPDX-License-Identifier: Apache-2.0
#include "apiserver/served_cluster.h"
#include "apiserver/spdy_codec.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

namespace keelson::apiserver {
namespace {

using testing::HasSubstr;

constexpr auto pod = "/api/v1/namespaces/default/pods/web";

/// The client's end of a SPDY connection.
class SpdyClient {
public:
    explicit SpdyClient(std::unique_ptr<HttpsClient> client) : m_client(std::move(client)) {}

    HttpsClient::Reply upgrade(const std::string& target, const std::string& protocol)
    {
        m_client->send(HttpsClient::requestText(
            "POST", target, "",
            {"Connection: Upgrade", "Upgrade: SPDY/3.1", "X-Stream-Protocol-Version: " + protocol}));
        return m_client->readHead();
    }
    std::string open(std::uint32_t stream, const std::vector<std::pair<std::string, std::string>>& items)
    {
        Headers headers;
        for (const auto& [name, value] : items)
            headers.add(name, value);
        return m_writer.synStream(stream, headers);
    }
    void send(const std::string& bytes) { m_client->send(bytes); }

    /// The next `count` frames: "reply 1", "reset 3", "5=text", "5." at a stream's end; "ended" with the connection.
    std::string read(int count)
    {
        std::string out;
        for (int i = 0; i < count; ++i)
            out += (i == 0 ? "" : " ") + readFrame();
        return out;
    }

private:
    std::string readFrame()
    {
        const auto head = m_client->readBytes(8);
        if (head.size() < 8)
            return "ended";
        std::size_t size = 0;
        for (const char c : head.substr(5))
            size = size * 256 + static_cast<unsigned char>(c);
        const auto frames = m_reader.feed(head + m_client->readBytes(size));
        if (!frames || frames->size() != 1)
            return "garbage";
        const auto& frame = frames->front();
        switch (frame.type) {
        case SpdyFrame::Type::SynReply:
            return fmt::format("reply {}", frame.stream);
        case SpdyFrame::Type::RstStream:
            return fmt::format("reset {}", frame.stream);
        case SpdyFrame::Type::Ping:
            return fmt::format("ping {}", frame.number);
        case SpdyFrame::Type::Data:
            return fmt::format("{}{}{}", frame.stream, frame.data.empty() ? "" : "=" + frame.data,
                               frame.last ? "." : "");
        default:
            return "other";
        }
    }

    std::unique_ptr<HttpsClient> m_client;
    SpdyWriter m_writer;
    SpdyReader m_reader;
};

class SpdyRoutes : public ServedCluster {
protected:
    void SetUp() override
    {
        admin().ask("POST", "/api/v1/namespaces/default/serviceaccounts", R"({"metadata":{"name":"default"}})");
        const auto made = admin().ask(
            "POST", "/api/v1/namespaces/default/pods",
            R"({"metadata":{"name":"web"},"spec":{"nodeName":"n1","containers":[{"name":"c","image":"i"}]}})");
        EXPECT_EQ(made.status, 201) << made.body;
    }
    SpdyClient spdy() { return SpdyClient(connect(&m_admin)); }
};

constexpr auto everything = "/exec?command=sh&stdin=1&stdout=1&stderr=1";

TEST_F(SpdyRoutes, runACommand)
{
    auto client = spdy();
    const auto head = client.upgrade(std::string(pod) + everything, "v4.channel.k8s.io");
    ASSERT_EQ(head.status, 101);
    EXPECT_EQ(head.headers.get("X-Stream-Protocol-Version"), "v4.channel.k8s.io");
    EXPECT_EQ(head.headers.get("Upgrade"), "SPDY/3.1");
    client.send(client.open(1, {{"streamtype", "error"}}) + client.open(3, {{"streamtype", "stdin"}}));
    EXPECT_EQ(client.read(2), "reply 1 reply 3");
    client.send(client.open(5, {{"streamtype", "stdout"}}) + client.open(7, {{"streamtype", "stderr"}}));
    EXPECT_EQ(client.read(3), "reply 5 reply 7 7=sh;") << "it begins when all streams are there";
    client.send(SpdyWriter::data(3, "hello", false) + SpdyWriter::ping(9));
    EXPECT_EQ(client.read(2), "5=echo:hello ping 9");
    client.send(SpdyWriter::data(3, "exit 3", false));
    EXPECT_EQ(client.read(2), "5. 7.");
    EXPECT_THAT(client.read(1), HasSubstr(R"({"reason":"ExitCode","message":"3"})"));
    EXPECT_EQ(client.read(1), "ended");
}

TEST_F(SpdyRoutes, takeInputThatComesWithTheStreams)
{
    auto client = spdy();
    ASSERT_EQ(client.upgrade(std::string(pod) + "/exec?command=sh&stdin=1&stdout=1", "v4.channel.k8s.io").status, 101);
    client.send(client.open(1, {{"streamtype", "error"}}) + client.open(3, {{"streamtype", "stdout"}}) +
                client.open(5, {{"streamtype", "stdin"}}) + SpdyWriter::data(5, "early", true));
    EXPECT_EQ(client.read(3), "reply 1 reply 3 reply 5");
    EXPECT_EQ(client.read(3), R"(3=echo:early 3. 1={"metadata":{},"status":"Success"}.)");
}

TEST_F(SpdyRoutes, refuseStreamsThatNobodyAskedFor)
{
    auto client = spdy();
    ASSERT_EQ(client.upgrade(std::string(pod) + "/exec?command=sh&stdin=1&stdout=1", "v4.channel.k8s.io").status, 101);
    client.send(client.open(1, {{"streamtype", "error"}}) + client.open(3, {{"streamtype", "video"}}) +
                client.open(5, {{"streamtype", "error"}}) + client.open(7, {{"streamtype", "stdin"}}) +
                client.open(9, {{"streamtype", "stdout"}}) + client.open(11, {{"streamtype", "resize"}}));
    EXPECT_EQ(client.read(6), "reply 1 reset 3 reset 5 reply 7 reply 9 reset 11");
}

TEST_F(SpdyRoutes, sizeATerminal)
{
    auto client = spdy();
    ASSERT_EQ(client.upgrade(std::string(pod) + "/exec?command=sh&stdin=1&stdout=1&tty=1", "v4.channel.k8s.io").status,
              101);
    client.send(client.open(1, {{"streamtype", "error"}}) + client.open(3, {{"streamtype", "stdin"}}) +
                client.open(5, {{"streamtype", "stdout"}}) + client.open(7, {{"streamtype", "resize"}}));
    EXPECT_EQ(client.read(4), "reply 1 reply 3 reply 5 reply 7");
    client.send(SpdyWriter::data(7, R"({"Width":80,"Height":24})", false));
    EXPECT_EQ(client.read(1), "5=80x24");
    client.send(SpdyWriter::data(7, R"({"Width":0,"Height":24})", false) + SpdyWriter::data(3, "on", false));
    EXPECT_EQ(client.read(1), "5=echo:on") << "a size that is none is passed over";
}

TEST_F(SpdyRoutes, needAProtocolThatTheyKnow)
{
    EXPECT_EQ(spdy().upgrade(std::string(pod) + everything, "v9.channel.k8s.io").status, 403);
}

TEST_F(SpdyRoutes, forwardAPort)
{
    auto client = spdy();
    const auto head = client.upgrade(std::string(pod) + "/portforward", "portforward.k8s.io");
    ASSERT_EQ(head.status, 101);
    EXPECT_EQ(head.headers.get("X-Stream-Protocol-Version"), "portforward.k8s.io");
    const auto stream = [&](std::uint32_t id, const char* type, const char* request, const char* port) {
        return client.open(id, {{"streamtype", type}, {"requestid", request}, {"port", port}});
    };
    client.send(stream(1, "error", "0", "80") + stream(3, "data", "0", "80") + SpdyWriter::data(3, "GET", false));
    EXPECT_EQ(client.read(3), "reply 1 reply 3 3=echo:GET");
    client.send(stream(5, "error", "1", "81") + stream(7, "data", "1", "81") + SpdyWriter::data(7, "other", true));
    EXPECT_EQ(client.read(3), "reply 5 reply 7 7=echo:other");
    EXPECT_EQ(client.read(2), "5. 7.") << "this connection ends";
    client.send(SpdyWriter::data(3, "again", false));
    EXPECT_EQ(client.read(1), "3=echo:again") << "the other one does not";

    client.send(SpdyWriter::reset(3, 5));
    EXPECT_EQ(client.read(2), "1. 3.") << "a client that breaks it off waits for the end of the errors";
    client.send(stream(13, "error", "0", "80") + stream(15, "data", "0", "80") + SpdyWriter::data(15, "GET", false));
    EXPECT_EQ(client.read(3), "reply 13 reply 15 15=echo:GET") << "and begins another";

    client.send(stream(9, "data", "9", "80"));
    EXPECT_EQ(client.read(1), "reset 9") << "data without a stream for errors";
    for (const auto* port : {"0", "65536", "http", "80x", ""}) {
        client.send(stream(11, "error", "2", port));
        EXPECT_EQ(client.read(1), "reset 11") << port;
    }
}

} // namespace
} // namespace keelson::apiserver
