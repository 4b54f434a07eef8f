// SPDX-License-Identifier: Apache-2.0
#include "api/base64.h"
#include "apiserver/served_cluster.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <tuple>
#include <vector>

namespace keelson::apiserver {
namespace {

using testing::HasSubstr;

constexpr auto pods = "/api/v1/namespaces/default/pods";

/// One frame of a WebSocket client, masked with zeros.
std::string frame(const std::string& payload)
{
    return std::string("\x82") + static_cast<char>(0x80 | payload.size()) + std::string(4, '\0') + payload;
}

/// The payload of the server's next frame.
std::string nextMessage(HttpsClient& client)
{
    const auto head = client.readBytes(2);
    if (head.size() < 2)
        return "ended";
    auto size = static_cast<std::size_t>(static_cast<unsigned char>(head[1]));
    if (size == 126) {
        const auto more = client.readBytes(2);
        size =
            static_cast<std::size_t>(static_cast<unsigned char>(more[0])) * 256 + static_cast<unsigned char>(more[1]);
    }
    return client.readBytes(size);
}

class PodRoutes : public ServedCluster {
protected:
    void SetUp() override
    {
        admin().ask("POST", "/api/v1/namespaces/default/serviceaccounts", R"({"metadata":{"name":"default"}})");
        for (const auto& [name, node] : {std::pair("web", "n1"), std::pair("far", "away"), std::pair("new", "")}) {
            const auto nodeName = *node ? fmt::format(R"("nodeName":"{}",)", node) : std::string();
            const auto made = admin().ask("POST", pods,
                                          fmt::format(R"({{"metadata":{{"name":"{}"}},"spec":{{{}"containers":[
                {{"name":"c","image":"busybox"}}]}}}})",
                                                      name, nodeName));
            EXPECT_EQ(made.status, 201) << made.body;
        }
    }
    HttpsClient::Reply upgrade(HttpsClient& client, const std::string& target, const std::string& protocol)
    {
        client.send(HttpsClient::requestText(
            "GET", target, "",
            {"Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
             "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Protocol: " + protocol}));
        return client.readHead();
    }
};

TEST_F(PodRoutes, showLogsOrSayWhyNot)
{
    const auto many =
        admin().ask("POST", pods, R"({"metadata":{"name":"many"},"spec":{"nodeName":"n1","initContainers":[
        {"name":"i","image":"busybox"}],"containers":[{"name":"a","image":"busybox"},{"name":"b","image":"busybox"}]}})");
    ASSERT_EQ(many.status, 201) << many.body;
    struct Row {
        std::string target;
        int status;
        const char* text;
    };
    for (const auto& [target, status, text] : {
             Row{"web/log", 200, "one\ntwo\n"},
             Row{"web/log?timestamps=true&container=c", 200, "one\n2026 two\n"},
             Row{"web/log?container=d", 400, "container d is not valid for pod web"},
             Row{"web/log?tailLines=x", 400, "tailLines must be a whole number"},
             Row{"new/log", 400, "pod new does not have a host assigned"},
             Row{"far/log", 503, "node \\\"away\\\" is not connected"},
             Row{"none/log", 404, "not found"},
             Row{"many/log", 400,
                 "a container name must be specified for pod many, choose one of: [a b] or one of the init containers: "
                 "[i]"},
         }) {
        const auto reply = admin().ask("GET", fmt::format("{}/{}", pods, target));
        EXPECT_EQ(reply.status, status) << target;
        EXPECT_THAT(reply.body, HasSubstr(text)) << target;
    }
}

/// A message of any kind: "text:..." or "bytes:...", "end" when the server says goodbye.
std::string nextOfAnyKind(HttpsClient& client)
{
    const auto head = client.readBytes(2);
    if (head.size() < 2 || head[0] == '\x88')
        return head.size() < 2 ? "nothing" : "end";
    EXPECT_LT(head[1], 126);
    return (head[0] == '\x81' ? "text:" : "bytes:") + client.readBytes(static_cast<std::size_t>(head[1]));
}

TEST_F(PodRoutes, sendLogsOverAWebSocket)
{
    struct Row {
        const char* offered;
        const char* chosen;
        std::vector<std::string> messages;
    };
    const std::vector<std::string> bytes{"bytes:", "bytes:one\n", "bytes:two\n"};
    const std::vector<std::string> text{"text:", "text:b25lCg==", "text:dHdvCg=="};
    for (const auto& [offered, chosen, messages] : {
             Row{"binary.k8s.io", "binary.k8s.io", bytes},
             Row{"base64.binary.k8s.io", "base64.binary.k8s.io", text},
             Row{"other, base64.binary.k8s.io", "base64.binary.k8s.io", text},
         }) {
        for (const bool follow : {false, true}) {
            const auto client = connect(&m_admin);
            const auto head = upgrade(*client, fmt::format("{}/web/log?follow={}", pods, follow), offered);
            ASSERT_EQ(head.status, 101) << offered;
            EXPECT_EQ(head.headers.get("Sec-WebSocket-Protocol"), chosen);
            for (const auto& message : messages)
                EXPECT_EQ(nextOfAnyKind(*client), message) << offered;
            if (follow)
                client->send(frame("dropped") + std::string("\x88\x80\0\0\0\0", 6));
            EXPECT_EQ(nextOfAnyKind(*client), "end") << offered;
        }
    }
    const auto plain = connect(&m_admin);
    plain->send(HttpsClient::requestText("GET", fmt::format("{}/web/log", pods), "",
                                         {"Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
                                          "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="}));
    EXPECT_FALSE(plain->readHead().headers.has("Sec-WebSocket-Protocol"));
    for (const auto& message : bytes)
        EXPECT_EQ(nextOfAnyKind(*plain), message);
    for (const auto& [target, offered, status] :
         {std::tuple{"web/log", "v4.channel.k8s.io", 400}, std::tuple{"none/log", "binary.k8s.io", 404},
          std::tuple{"far/log", "binary.k8s.io", 503}, std::tuple{"web/log?tailLines=x", "binary.k8s.io", 400}}) {
        const auto client = connect(&m_admin);
        EXPECT_EQ(upgrade(*client, fmt::format("{}/{}", pods, target), offered).status, status) << target;
    }
}

/// A long log that keeps to its window.
class LongLog : public client::PodStream {
public:
    static constexpr std::size_t pieceBytes = 2048;
    static constexpr std::size_t allBytes = 8 * client::podStreamWindowBytes;

    explicit LongLog(std::shared_ptr<client::PodStreamSink> sink) : m_sink(std::move(sink)) {}
    void write(std::string /*bytes*/) override {}
    void closeInput() override {}
    void resize(int /*columns*/, int /*rows*/) override {}
    void grant(std::size_t bytes) override
    {
        m_credit += bytes;
        EXPECT_LE(m_credit, client::podStreamWindowBytes);
        for (; m_credit >= pieceBytes && m_said < allBytes; m_said += pieceBytes) {
            m_credit -= pieceBytes;
            m_sink->data(client::PodChannel::Output, std::string(pieceBytes, 'x'));
        }
        if (m_credit == client::podStreamWindowBytes)
            m_sink->ended(0);
    }

private:
    const std::shared_ptr<client::PodStreamSink> m_sink;
    std::size_t m_credit = client::podStreamWindowBytes;
    std::size_t m_said = 0;
};

/// What may be under way is counted in bytes of the log, whatever they become.
TEST_F(PodRoutes, sendLongLogsOverAWebSocket)
{
    m_pods.log = [](std::shared_ptr<client::PodStreamSink> sink) {
        auto source = std::make_unique<LongLog>(std::move(sink));
        source->grant(0);
        return source;
    };
    for (const auto* const protocol : {"binary.k8s.io", "base64.binary.k8s.io"}) {
        const auto client = connect(&m_admin);
        ASSERT_EQ(upgrade(*client, fmt::format("{}/web/log", pods), protocol).status, 101);
        EXPECT_EQ(nextMessage(*client), "");
        const std::string piece(LongLog::pieceBytes, 'x');
        const auto message = std::string_view(protocol).starts_with("base64") ? api::encodeBase64(piece) : piece;
        for (std::size_t bytes = 0; bytes < LongLog::allBytes; bytes += piece.size())
            ASSERT_EQ(nextMessage(*client), message) << bytes;
        EXPECT_EQ(nextOfAnyKind(*client), "end");
    }
}

/// Clients of old post the Binding beside the pods.
TEST_F(PodRoutes, bindByEitherPath)
{
    const std::string nameSpace = "/api/v1/namespaces/default/";
    const std::string node = R"("target":{"kind":"Node","name":"n1"}})";
    admin().ask("POST", pods, R"({"metadata":{"name":"old"},"spec":{"containers":[{"name":"c","image":"busybox"}]}})");
    struct Row {
        std::string method;
        std::string target;
        std::string body;
        int status;
        const char* text;
    };
    for (const auto& [method, target, body, status, text] : {
             Row{"POST", nameSpace + "bindings", R"({"metadata":{"name":"old"},)" + node, 201, "Success"},
             Row{"POST", nameSpace + "bindings", R"({"metadata":{"name":"old"},)" + node, 409,
                 "pod old is already assigned to node"},
             Row{"POST", nameSpace + "pods/new/binding", "{" + node, 201, "Success"},
             Row{"POST", nameSpace + "bindings", "{" + node, 400, "a binding needs the pod's name in metadata.name"},
             Row{"POST", nameSpace + "bindings", R"({"metadata":{"name":"old"}})", 400, "target.name"},
             Row{"POST", nameSpace + "bindings", R"({"metadata":{"name":"none"},)" + node, 404, "pods"},
             Row{"POST", "/api/v1/bindings", R"({"metadata":{"name":"old"},)" + node, 405,
                 "is not possible: the resource does not have that verb"},
             Row{"GET", nameSpace + "bindings", "", 405, "is not possible: the resource does not have that verb"},
         }) {
        const auto reply = admin().ask(method, target, body);
        EXPECT_EQ(reply.status, status) << target << body << reply.body;
        EXPECT_THAT(reply.body, HasSubstr(text));
    }
    for (const auto* const pod : {"old", "new"})
        EXPECT_THAT(admin().ask("GET", std::string(pods) + "/" + pod).body, HasSubstr(R"("nodeName":"n1")"));
}

TEST_F(PodRoutes, runACommandOverAWebSocket)
{
    const auto client = connect(&m_admin);
    const auto target = fmt::format("{}/web/exec?command=sh&command=-i&stdin=1&stdout=1&stderr=1", pods);
    const auto head = upgrade(*client, target, "v5.channel.k8s.io");
    ASSERT_EQ(head.status, 101);
    EXPECT_EQ(head.headers.get("Sec-WebSocket-Protocol"), "v5.channel.k8s.io");
    EXPECT_EQ(nextMessage(*client), "\x01") << "the way is open";
    EXPECT_EQ(nextMessage(*client), "\x02sh;");
    EXPECT_EQ(nextMessage(*client), "\x02-i;");
    client->send(frame(std::string(1, '\0') + "hello"));
    EXPECT_EQ(nextMessage(*client), "\x01"
                                    "echo:hello");
    client->send(frame("\x04{\"Width\":80,\"Height\":24}"));
    EXPECT_EQ(nextMessage(*client), "\x01"
                                    "80x24");
    client->send(frame(std::string(1, '\0') + "exit 3"));
    EXPECT_THAT(nextMessage(*client), HasSubstr(R"({"reason":"ExitCode","message":"3"})"));
}

TEST_F(PodRoutes, takeALargeMessageInPieces)
{
    constexpr std::size_t size = std::size_t{5} * 1024 * 1024;
    constexpr std::size_t pieces = size / client::podStreamWindowBytes;
    const std::string mark = "echo:";
    struct Row {
        std::string target;
        const char* protocol;
        std::size_t greetings;
    };
    for (const auto& [target, protocol, greetings] :
         {Row{"/web/exec?command=sh&stdin=1&stdout=1", "v5.channel.k8s.io", 2},
          Row{"/web/portforward?ports=80", "v4.channel.k8s.io", 2}}) {
        const auto client = connect(&m_admin);
        ASSERT_EQ(upgrade(*client, pods + target, protocol).status, 101);
        for (std::size_t i = 0; i < greetings; ++i)
            nextMessage(*client);
        std::string head = "\x82\xFF";
        for (int shift = 56; shift >= 0; shift -= 8)
            head += static_cast<char>(((size + 1) >> static_cast<unsigned>(shift)) & 0xFF);
        client->send(head + std::string(5, '\0') + std::string(size, 'x'));
        std::size_t echoed = 0; // in frames of any size
        while (echoed < size + pieces * (1 + mark.size())) {
            const auto some = nextMessage(*client);
            ASSERT_NE(some, "ended") << target << " after " << echoed;
            echoed += some.size();
        }
        EXPECT_EQ(echoed, size + pieces * (1 + mark.size())) << "each piece with its channel";
    }
}

TEST_F(PodRoutes, speakTheProtocolsOfBrowsersAndOfOldClients)
{
    struct Row {
        const char* protocol;
        bool base64;
        std::string end;
        std::string goodEnd;
    };
    const std::string words = "command terminated with non-zero exit code: 3";
    for (const auto& [protocol, base64, end, goodEnd] : {
             Row{"v4.channel.k8s.io", false, R"("reason":"NonZeroExitCode")", R"({"metadata":{},"status":"Success"})"},
             Row{"v4.base64.channel.k8s.io", true, R"("reason":"NonZeroExitCode")",
                 R"({"metadata":{},"status":"Success"})"},
             Row{"channel.k8s.io", false, words, ""},
             Row{"base64.channel.k8s.io", true, words, ""},
         }) {
        const bool encoded = base64;
        const auto coded = [encoded](int channel, const std::string& bytes) {
            return encoded ? std::to_string(channel) + api::encodeBase64(bytes) : static_cast<char>(channel) + bytes;
        };
        for (const auto* const code : {"3", "0"}) {
            const auto client = connect(&m_admin);
            const auto target = fmt::format("{}/web/exec?command=ls&stdin=1&stdout=1&stderr=1", pods);
            EXPECT_EQ(upgrade(*client, target, protocol).headers.get("Sec-WebSocket-Protocol"), protocol);
            EXPECT_EQ(nextMessage(*client), coded(1, "")) << "the way is open";
            EXPECT_EQ(nextMessage(*client), coded(2, "ls;"));
            client->send(frame(coded(0, std::string("a\0\xff", 3))));
            EXPECT_EQ(nextMessage(*client), coded(1, "echo:" + std::string("a\0\xff", 3))) << protocol;
            client->send(frame(coded(4, R"({"Width":80,"Height":24})")));
            EXPECT_EQ(nextMessage(*client), coded(1, "80x24")) << protocol;
            client->send(frame(coded(0, std::string("exit ") + code)));
            const auto& wanted = *code == '0' ? goodEnd : end;
            auto last = wanted.empty() ? "" : nextMessage(*client);
            if (base64 && !last.empty())
                last = last.substr(0, 1) + api::decodeBase64(last.substr(1)).value_or("no base64");
            EXPECT_THAT(last, HasSubstr(wanted)) << protocol;
            EXPECT_EQ(nextMessage(*client), "\x03\xe8") << protocol << " closes";
        }
    }
}

TEST_F(PodRoutes, endACommandWithItsInput)
{
    const auto client = connect(&m_admin);
    EXPECT_EQ(upgrade(*client, fmt::format("{}/web/attach?stdin=1&stdout=1", pods), "v5.channel.k8s.io").status, 101);
    EXPECT_EQ(nextMessage(*client), "\x01");
    client->send(frame(std::string("\xff\0", 2)));
    EXPECT_EQ(nextMessage(*client), "\x03"
                                    R"({"metadata":{},"status":"Success"})");
}

TEST_F(PodRoutes, forwardPortsOverTheChannelsOfAWebSocket)
{
    const auto client = connect(&m_admin);
    const auto head = upgrade(*client, fmt::format("{}/web/portforward?ports=80,8080", pods), "v4.channel.k8s.io");
    ASSERT_EQ(head.status, 101);
    EXPECT_EQ(head.headers.get("Sec-WebSocket-Protocol"), "v4.channel.k8s.io");
    EXPECT_EQ(nextMessage(*client), std::string("\0\x50\0", 3)) << "each channel begins with the port";
    EXPECT_EQ(nextMessage(*client), std::string("\1\x50\0", 3));
    EXPECT_EQ(nextMessage(*client), std::string("\2\x90\x1f", 3));
    EXPECT_EQ(nextMessage(*client), std::string("\3\x90\x1f", 3));
    client->send(frame(std::string(1, '\0') + "GET"));
    EXPECT_EQ(nextMessage(*client), std::string(1, '\0') + "echo:GET");
    client->send(frame("\x02other"));
    EXPECT_EQ(nextMessage(*client), "\x02"
                                    "echo:other");
    client->send(frame("\x09nobody's") +
                 frame("\x01"
                       "error") +
                 frame("\x02"
                       "exit 0"));
    client->send(frame(std::string(1, '\0') + "on"));
    EXPECT_EQ(nextMessage(*client), std::string(1, '\0') + "echo:on") << "the other connection goes on";
    client->send(frame(std::string(1, '\0') + "exit 0"));
    EXPECT_EQ(nextMessage(*client), "\x03\xe8") << "the WebSocket closes with the last of them";
}

TEST_F(PodRoutes, refuseWhatIsNoPort)
{
    struct Row {
        const char* target;
        const char* protocol;
        const char* words;
    };
    for (const auto& [target, protocol, words] : {
             Row{"web/portforward", "v4.channel.k8s.io", "query parameter \"ports\" is required"},
             Row{"web/portforward?ports=80,x", "v4.channel.k8s.io", "unable to parse \"x\" as a port"},
             Row{"web/portforward?ports=0", "v4.channel.k8s.io", "unable to parse \"0\" as a port"},
             Row{"web/portforward?ports=65536", "v4.channel.k8s.io", "unable to parse \"65536\" as a port"},
             Row{"web/portforward?ports=80", "v5.channel.k8s.io", "none of the WebSocket protocols offered"},
             Row{"web/portforward?ports=80", "xv4.channel.k8s.io", "none of the WebSocket protocols offered"},
         }) {
        const auto client = connect(&m_admin);
        auto reply = upgrade(*client, fmt::format("{}/{}", pods, target), protocol);
        EXPECT_EQ(reply.status, 400) << target;
        reply.body = client->readBytes(std::stoul(std::string(reply.headers.get("Content-Length"))));
        EXPECT_THAT(message(reply), HasSubstr(words)) << target;
    }
    const auto client = connect(&m_admin);
    EXPECT_EQ(upgrade(*client, fmt::format("{}/far/portforward?ports=80", pods), "v4.channel.k8s.io").status, 101);
    nextMessage(*client);
    nextMessage(*client);
    EXPECT_EQ(nextMessage(*client), "\x01"
                                    "an error occurred forwarding 80 to pod far: node \"away\" is not connected");
    EXPECT_THAT(message(admin().ask("GET", fmt::format("{}/web/portforward?ports=80", pods))),
                HasSubstr("needs an upgrade to a WebSocket or to SPDY/3.1"));
}

TEST_F(PodRoutes, refuseWhatIsNoCommand)
{
    const auto target = fmt::format("{}/web/exec", pods);
    EXPECT_THAT(message(admin().ask("GET", target + "?command=ls&stdout=1")),
                HasSubstr("need an upgrade to a WebSocket or to SPDY"));
    const auto client = connect(&m_admin);
    EXPECT_EQ(upgrade(*client, target + "?stdout=1", "v5.channel.k8s.io").status, 400);
    const auto other = connect(&m_admin);
    EXPECT_EQ(upgrade(*other, target + "?command=ls&stdout=1", "v9.channel.k8s.io").status, 400);
}

} // namespace
} // namespace keelson::apiserver
