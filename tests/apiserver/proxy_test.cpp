// SPDX-License-Identifier: Apache-2.0
// pods/NAME/proxy, services/NAME/proxy and nodes/NAME/proxy.
#include "apiserver/served_cluster.h"
#include "support/tls_listener.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <set>

namespace keelson::apiserver {
namespace {

using testing::HasSubstr;

class Proxy : public ServedCluster {
protected:
    void SetUp() override
    {
        create("/api/v1/namespaces/default/serviceaccounts", R"({"metadata":{"name":"default"}})");
        for (const auto& [name, node] :
             {std::pair("a", "n1"), std::pair("b", "n1"), std::pair("far", "away"), std::pair("new", "")}) {
            create("/api/v1/namespaces/default/pods",
                   fmt::format(R"({{"metadata":{{"name":"{}"}},"spec":{{{}"containers":[
                {{"name":"c","image":"busybox","ports":[{{"containerPort":8080}}]}}]}}}})",
                               name, *node ? fmt::format(R"("nodeName":"{}",)", node) : ""));
            const auto status = admin().ask("PATCH", fmt::format("/api/v1/namespaces/default/pods/{}/status", name),
                                            R"({"status":{"podIP":"10.244.0.5","podIPs":[{"ip":"10.244.0.5"}]}})",
                                            {"Content-Type: application/merge-patch+json"});
            EXPECT_EQ(status.status, 200) << status.body;
        }
        create("/api/v1/namespaces/default/services",
               R"({"metadata":{"name":"web"},"spec":{"ports":[{"name":"http","port":80,"targetPort":8080}]}})");
        create("/api/v1/namespaces/default/services", R"({"metadata":{"name":"idle"},"spec":{"ports":[{"port":80}]}})");
        create("/api/v1/namespaces/default/endpoints", R"({"metadata":{"name":"web"},"subsets":[{"ports":[
            {"name":"http","port":8080}],"addresses":[
            {"ip":"10.244.0.5","targetRef":{"kind":"Pod","name":"a"}},
            {"ip":"10.244.0.6","targetRef":{"kind":"Pod","name":"b"}}]}]})");
    }

    void create(const std::string& path, const std::string& body)
    {
        const auto reply = admin().ask("POST", path, body);
        EXPECT_EQ(reply.status, 201) << reply.body;
    }
    HttpsClient::Reply ask(const std::string& what, const std::string& method = "GET", const std::string& body = {})
    {
        return admin().ask(method, "/api/v1/namespaces/default/" + what, body);
    }
};

TEST_F(Proxy, carriesRequestsToPodsAndTheirAnswersBack)
{
    m_pods.answer = [](const std::string& place, const std::string& request) {
        const auto text = place + "\n" + request;
        return fmt::format("HTTP/1.1 418 Teapot\r\nContent-Type: text/x-tea\r\nX-Pod: {}\r\nContent-Length: {}\r\n"
                           "Access-Control-Allow-Origin: *\r\nConnection: close\r\n\r\n{}",
                           place, text.size(), request.starts_with("HEAD") ? "" : text);
    };
    const auto reply =
        admin().ask("POST", "/api/v1/namespaces/default/pods/a:8081/proxy/tea%20pot/x?q=1&q=%2F", "milk", {"X-Own: 1"});
    EXPECT_EQ(reply.status, 418);
    EXPECT_EQ(reply.headers.get("Content-Type"), "text/x-tea");
    EXPECT_EQ(reply.headers.get("X-Pod"), "a:8081");
    EXPECT_FALSE(reply.headers.has("Access-Control-Allow-Origin"));
    EXPECT_THAT(reply.body, HasSubstr("a:8081\nPOST /tea%20pot/x?q=1&q=%2F HTTP/1.1\r\nHost: test\r\n"));
    EXPECT_THAT(reply.body, HasSubstr("X-Own: 1\r\n"));
    EXPECT_THAT(reply.body, HasSubstr("X-Forwarded-For: 127.0.0.1\r\n"));
    EXPECT_THAT(reply.body, HasSubstr("Content-Length: 4\r\n\r\nmilk"));
    EXPECT_THAT(ask("pods/a/proxy/").body, HasSubstr("a:8080\nGET / HTTP/1.1")) << "the first port that it names";
    EXPECT_THAT(ask("pods/a/proxy/", "OPTIONS").body, HasSubstr("a:8080\nOPTIONS / HTTP/1.1"));
    const auto client = connect(&m_admin);
    client->send(HttpsClient::requestText("HEAD", "/api/v1/namespaces/default/pods/a/proxy/", "", {}));
    const auto head = client->readHead();
    EXPECT_EQ(head.status, 418);
    EXPECT_GT(std::stoi(std::string(head.headers.get("Content-Length"))), 100) << "of what a GET would answer";

    const std::string big(1024 * 1024, 'x');
    EXPECT_THAT(ask("pods/a/proxy/big", "PUT", big).body, HasSubstr("\r\n\r\n" + big)) << "more than may be under way";
}

TEST_F(Proxy, servicesLeadToTheirPodsInTurn)
{
    m_pods.answer = [](const std::string& place, const std::string&) {
        return fmt::format("HTTP/1.1 200 OK\r\n\r\n{}", place);
    };
    for (const auto* const name : {"web:http", "web:80", "http:web:http", "web:http"}) {
        const auto first = ask(fmt::format("services/{}/proxy/", name)).body;
        const auto second = ask(fmt::format("services/{}/proxy/", name)).body;
        EXPECT_EQ((std::set{first, second}), (std::set<std::string>{"a:8080", "b:8080"})) << name;
    }
}

TEST_F(Proxy, speaksTlsWhereItIsAskedTo)
{
    const support::TlsListener server(m_clock, {.names = {"somebody"}}, [](const auto& request) {
        return support::TlsListener::json(200, "secret " + request.target());
    });
    m_pods.servers["a:8443"] = server.port();
    EXPECT_EQ(ask("pods/https:a:8443/proxy/x?y").body, "secret /x?y") << "whatever certificate it has";
    const auto plain = ask("pods/a:8443/proxy/");
    EXPECT_EQ(plain.status, 503);
}

TEST_F(Proxy, redirectsAndPagesLeadBack)
{
    m_pods.answer = [](const std::string&, const std::string& request) {
        const auto from = request.find("/to/") + 4;
        const auto to = request.substr(from, request.find(' ', from) - from);
        const auto page = fmt::format("<a href=\"{}\">", to);
        return fmt::format("HTTP/1.1 302 Found\r\nLocation: {}\r\nContent-Type: text/html; charset=utf-8\r\n"
                           "Content-Length: {}\r\n\r\n{}",
                           to, page.size(), page);
    };
    const std::string base = "/api/v1/namespaces/default/pods/a:80/proxy";
    for (const auto& [given, seen] : {std::pair<std::string, std::string>{"/x", base + "/x"},
                                      {"http://10.244.0.5:80/x", base + "/x"},
                                      {"x", "x"}}) {
        const auto reply = ask("pods/a:80/proxy/to/" + given);
        EXPECT_EQ(reply.headers.get("Location"), seen);
        EXPECT_EQ(reply.body, fmt::format("<a href=\"{}\">", seen));
    }
    const auto bare = ask("pods/a:80/proxy?q=1");
    EXPECT_EQ(bare.status, 301);
    EXPECT_EQ(bare.headers.get("Location"), base + "/?q=1");
}

TEST_F(Proxy, anotherProtocolPassesThrough)
{
    m_pods.answer = [](const std::string&, const std::string& request) {
        return request.find("Connection: Upgrade\r\nUpgrade: echo\r\n") == std::string::npos
                   ? "HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno"
               : request.starts_with("GET /not") ? "HTTP/1.1 204 No Content\r\n\r\n"
                                                 : "HTTP/1.1 101 Switching Protocols\r\nConnection: "
                                                   "Upgrade\r\nUpgrade: echo\r\nX-Own: 1\r\n\r\nhello";
    };
    const auto client = connect(&m_admin);
    client->send(HttpsClient::requestText("GET", "/api/v1/namespaces/default/pods/a/proxy/", "",
                                          {"Connection: Upgrade", "Upgrade: echo"}));
    const auto head = client->readHead();
    EXPECT_EQ(head.status, 101);
    EXPECT_EQ(head.headers.get("Upgrade"), "echo");
    EXPECT_EQ(head.headers.get("X-Own"), "1");
    EXPECT_EQ(client->readBytes(5), "hello");
    client->send("one");
    EXPECT_EQ(client->readBytes(8), "echo:one");
    client->send("two");
    EXPECT_EQ(client->readBytes(8), "echo:two");
    const auto ask = [&](const std::string& path) {
        return connect(&m_admin)->ask("GET", "/api/v1/namespaces/default/pods/a/proxy/" + path, "",
                                      {"Connection: Upgrade", "Upgrade: " + path});
    };
    EXPECT_EQ(ask("other").body, "no");
    const auto client2 = connect(&m_admin);
    const auto reply = client2->ask("GET", "/api/v1/namespaces/default/pods/a/proxy/not", "",
                                    {"Connection: Upgrade", "Upgrade: echo"});
    EXPECT_EQ(reply.status, 500);
    EXPECT_EQ(message(reply), "invalid upgrade response: status code 204");
}

TEST_F(Proxy, anAnswerThatBreaksOffIsNoWholeOne)
{
    m_pods.answer = [](const std::string&, const std::string&) {
        return "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf";
    };
    const auto client = connect(&m_admin);
    client->send(HttpsClient::requestText("GET", "/api/v1/namespaces/default/pods/a/proxy/", "", {}));
    EXPECT_EQ(client->readHead().status, 200);
    std::string body;
    while (client->connected())
        body += client->readBytes(1);
    EXPECT_THAT(body, HasSubstr("half"));
    EXPECT_THAT(body, Not(HasSubstr("\r\n0\r\n"))) << "the last chunk must not come";
}

TEST_F(Proxy, isRefusedInWords)
{
    m_pods.answer = [](const std::string& place, const std::string&) -> std::string {
        return place == "a:1" ? "" : place == "a:2" ? "no http at all\r\n\r\n" : "HTTP/1.1 200 OK\r\n\r\n";
    };
    create("/api/v1/namespaces/default/services",
           R"({"metadata":{"name":"ext"},"spec":{"type":"ExternalName","externalName":"localhost"}})");
    create("/api/v1/nodes", R"({"metadata":{"name":"n1"}})");
    create("/api/v1/nodes", R"({"metadata":{"name":"near"}})");
    const auto status = admin().ask("PATCH", "/api/v1/nodes/near/status",
                                    R"({"status":{"addresses":[{"type":"InternalIP","address":"127.0.0.1"}]}})",
                                    {"Content-Type: application/merge-patch+json"});
    EXPECT_EQ(status.status, 200) << status.body;
    struct Row {
        const char* what;
        int status;
        const char* words;
    };
    for (const auto& [what, code, words] : {
             Row{"namespaces/default/pods/none/proxy/", 404, "pods \"none\" not found"},
             Row{"namespaces/default/pods/a:x/proxy/", 400, "invalid pod request \"a:x\""},
             Row{"namespaces/default/pods/ftp:a:80/proxy/", 400, "invalid pod request \"ftp:a:80\""},
             Row{"namespaces/default/pods/new/proxy/", 400, "address not allowed: pod new has none yet"},
             Row{"namespaces/default/pods/far/proxy/", 503,
                 "error trying to reach service: node \"away\" is not connected"},
             Row{"namespaces/default/pods/a:1/proxy/", 503, "error trying to reach service: EOF"},
             Row{"namespaces/default/pods/a:2/proxy/", 503,
                 "error trying to reach service: malformed HTTP response \"no http"},
             Row{"namespaces/default/services/none/proxy/", 404, "services \"none\" not found"},
             Row{"namespaces/default/services/web:8080/proxy/", 503, "no service port 8080 found for service \"web\""},
             Row{"namespaces/default/services/web:other/proxy/", 503,
                 "no endpoints available for service \"web:other\""},
             Row{"namespaces/default/services/idle/proxy/", 503, "no endpoints available for service \"idle\""},
             Row{"namespaces/default/services/ext/proxy/", 503, "no endpoints available for service \"ext\""},
             Row{"nodes/none/proxy/", 404, "nodes \"none\" not found"},
             Row{"nodes/n1:80/proxy/", 400, "address not allowed: node n1 has none yet"},
             Row{"nodes/near:80/proxy/", 400, "address not allowed"},
             Row{"nodes/n1:x/proxy/", 400, "invalid node request \"n1:x\""},
             Row{"nodes/n1/proxy/metrics", 405,
                 "the agent of node \"n1\" is no kubelet and serves no requests of its own; a port of the node can be "
                 "asked for as \"n1:PORT\""},
             Row{"nodes/n1:10250/proxy/metrics", 405,
                 "the agent of node \"n1\" is no kubelet and serves no requests of its own; a port of the node can be "
                 "asked for as \"n1:PORT\""},
         }) {
        const auto reply = admin().ask("GET", fmt::format("/api/v1/{}", what));
        EXPECT_EQ(reply.status, code) << what << reply.body;
        EXPECT_THAT(message(reply), testing::StartsWith(words)) << what;
    }
    EXPECT_EQ(jane().ask("GET", "/api/v1/namespaces/default/pods/a/proxy/").status, 403);
    EXPECT_EQ(admin().ask("GET", "/api/v1/namespaces/default/configmaps/a/proxy/").status, 404);
}

} // namespace
} // namespace keelson::apiserver
