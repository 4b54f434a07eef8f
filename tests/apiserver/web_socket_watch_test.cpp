// SPDX-License-Identifier: Apache-2.0
// Watches over WebSockets, as pages in browsers have them.
#include "apiserver/served_cluster.h"

#include <gmock/gmock.h>

namespace keelson::apiserver {
namespace {

constexpr auto maps = "/api/v1/namespaces/default/configmaps";

class WebSocketWatch : public ServedCluster {
protected:
    HttpsClient::Reply open(HttpsClient& client, const std::string& query, std::vector<std::string> headers = {})
    {
        for (const auto* const header : {"Connection: keep-alive, Upgrade", "Upgrade: websocket",
                                         "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="})
            headers.emplace_back(header);
        client.send(HttpsClient::requestText("GET", std::string(maps) + query, "", headers));
        return client.readHead();
    }
    /// "TYPE NAME" of the next message of text; its opcode when it is none.
    std::string next(HttpsClient& client)
    {
        const auto head = client.readBytes(2);
        if (head.size() < 2 || head[0] != '\x81')
            return head.empty() ? "" : std::to_string(head[0] & 0xf);
        auto length = static_cast<std::size_t>(static_cast<unsigned char>(head[1]));
        if (length == 126) {
            const auto bytes = client.readBytes(2);
            length = static_cast<std::size_t>(static_cast<unsigned char>(bytes[0])) << 8U |
                     static_cast<unsigned char>(bytes[1]);
        }
        const auto text = client.readBytes(length);
        EXPECT_THAT(text, testing::EndsWith("}")) << "without the end of a line";
        const auto event = json(text);
        const auto name = api::stringAt(event, {"object", "metadata", "name"});
        return std::string(api::stringAt(event, {"type"})) + " " + std::string(name);
    }
    void create(const std::string& name)
    {
        EXPECT_EQ(admin().ask("POST", maps, R"({"metadata":{"name":")" + name + "\"}}").status, 201);
    }
};

TEST_F(WebSocketWatch, showsTheStateAndThenWhatChanges)
{
    create("one");
    const auto client = connect(&m_admin);
    const auto head = open(*client, "?watch=1");
    EXPECT_EQ(head.status, 101);
    EXPECT_FALSE(head.headers.has("Sec-WebSocket-Protocol"));
    EXPECT_EQ(next(*client), "ADDED one");
    create("two");
    EXPECT_EQ(next(*client), "ADDED two");
    client->send(std::string("\x81\x82\0\0\0\0hi", 8));
    EXPECT_EQ(admin().ask("DELETE", std::string(maps) + "/one").status, 200);
    EXPECT_EQ(next(*client), "DELETED one") << "what the client says is passed over";
    client->send(std::string("\x88\x80\0\0\0\0", 6));
    EXPECT_EQ(next(*client), "8") << "and it ends when the client wants";
}

TEST_F(WebSocketWatch, speaksTheProtocolThatIsOffered)
{
    const auto client = connect(&m_admin);
    const auto head = open(*client, "?watch=1&timeoutSeconds=1", {"Sec-WebSocket-Protocol: base64.binary.k8s.io"});
    EXPECT_EQ(head.status, 101);
    EXPECT_EQ(head.headers.get("Sec-WebSocket-Protocol"), "base64.binary.k8s.io");
    EXPECT_EQ(next(*client), "8") << "its time is over";
}

TEST_F(WebSocketWatch, isRefusedLikeAnyOther)
{
    const auto refused = connect(&m_admin);
    EXPECT_EQ(open(*refused, "?watch=1&resourceVersion=x").status, 400);
    EXPECT_EQ(open(jane(), "?watch=1").status, 403);
}

TEST_F(WebSocketWatch, comesInTheFormThatIsAskedFor)
{
    create("one");
    const auto client = connect(&m_admin);
    EXPECT_EQ(
        open(*client, "?watch=1", {"Accept: application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"}).status,
        101);
    EXPECT_EQ(next(*client), "ADDED one");
    for (int i = 0; i < 100; ++i)
        create("more-" + std::to_string(i));
    for (int i = 0; i < 100; ++i)
        EXPECT_EQ(next(*client), "ADDED more-" + std::to_string(i));
}

} // namespace
} // namespace keelson::apiserver
