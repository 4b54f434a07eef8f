// SPDX-License-Identifier: Apache-2.0
#include "apiserver/limits.h"
#include "apiserver/served_cluster.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>

namespace keelson::apiserver {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

constexpr auto configMaps = "/api/v1/namespaces/default/configmaps";

std::string configMap(const std::string& name, const std::string& value = "1")
{
    return fmt::format(R"({{"apiVersion":"v1","kind":"ConfigMap","metadata":{{"name":"{}","labels":{{"app":"{}"}}}},)"
                       R"("data":{{"a":"{}"}}}})",
                       name, name, value);
}

struct Refusal {
    const char* method;
    std::string target;
    std::string body;
    std::vector<std::string> headers;
    int status;
    const char* reason;
    const char* words;
};

TEST_F(ServedCluster, answersTheTableOfRefusals)
{
    admin().ask("POST", configMaps, configMap("one"));
    const std::string maps = configMaps;
    const std::string jsonType = "Content-Type: application/json";
    const std::string one = maps + "/one";
    for (const auto& [method, target, body, headers, status, reason, words] : {
             Refusal{"GET", "/nothing", "", {}, 404, "NotFound", "could not find the requested resource"},
             Refusal{"GET", "/api/v1/unicorns", "", {}, 404, "NotFound", "could not find the requested resource"},
             Refusal{"GET", "/apis/none/v1/pods", "", {}, 404, "NotFound", "could not find the requested resource"},
             Refusal{"GET", "/api/v1/namespaces/default/nodes", "", {}, 404, "NotFound", "could not find"},
             Refusal{"GET", one + "/status", "", {}, 404, "NotFound", "could not find the requested resource"},
             Refusal{"GET", maps + "/two", "", {}, 404, "NotFound", "configmaps \"two\" not found"},
             Refusal{
                 "POST", configMaps, configMap("one"), {}, 409, "AlreadyExists", "configmaps \"one\" already exists"},
             Refusal{"POST", configMaps, "{", {}, 400, "BadRequest", ""},
             Refusal{"POST",
                     configMaps,
                     "{}",
                     {"Content-Type: text/csv"},
                     415,
                     "UnsupportedMediaType",
                     "accepted media types"},
             Refusal{"POST",
                     configMaps,
                     R"({"kind":"Pod","apiVersion":"v1"})",
                     {},
                     400,
                     "BadRequest",
                     "takes a ConfigMap of v1"},
             Refusal{"POST",
                     configMaps,
                     R"({"metadata":{"name":"x","namespace":"y"}})",
                     {},
                     400,
                     "BadRequest",
                     "namespace"},
             Refusal{"POST", maps + "?dryRun=Some", configMap("x"), {}, 422, "Invalid", "dryRun"},
             Refusal{"POST", maps + "?fieldValidation=No", configMap("x"), {}, 422, "Invalid", "Strict"},
             Refusal{"PUT", one, configMap("two"), {}, 400, "BadRequest", "the name of the object (two)"},
             Refusal{"PATCH", one, "{}", {jsonType}, 415, "UnsupportedMediaType", "application/merge-patch+json"},
             Refusal{"DELETE", "/api/v1/namespaces/default/pods/x/log", "", {}, 405, "MethodNotAllowed", "pods/log"},
             Refusal{"POST", "/version", "{}", {}, 405, "MethodNotAllowed", "only be read"},
             Refusal{"GET", one, "", {"Accept: text/html"}, 406, "NotAcceptable", "application/yaml"},
             Refusal{"GET", maps + "?limit=x", "", {}, 400, "BadRequest", "limit must be a whole number"},
             Refusal{"GET", maps + "?labelSelector=a%20b", "", {}, 400, "BadRequest", ""},
             Refusal{"GET", maps + "?watch=1&resourceVersion=x", "", {}, 400, "BadRequest", "resourceVersion"},
             Refusal{
                 "POST", configMaps, std::string(3 * 1024 * 1024 + 1, ' '), {}, 413, "RequestEntityTooLarge", "3 MiB"},
             Refusal{"GET", "/version", "", {"X-Long: " + std::string(70'000, 'x')}, 431, "", "64 KiB"},
         }) {
        const auto reply = admin().ask(method, target, body, headers);
        EXPECT_EQ(reply.status, status) << method << " " << target << "\n" << reply.body;
        if (*reason)
            EXPECT_EQ(api::stringAt(json(reply.body), {"reason"}), reason) << method << " " << target;
        EXPECT_THAT(message(reply), HasSubstr(words)) << method << " " << target;
    }
}

TEST_F(ServedCluster, refusesWhatOthersMayReadDifferently)
{
    EXPECT_EQ(message(admin().ask("GET", "/api", "", {"Host: other"})), "too many Host headers");
    const auto client = connect(&m_admin);
    client->send("POST " + std::string(configMaps) +
                 " HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip, chunked\r\n\r\n" + "2\r\n{}\r\n0\r\n\r\n");
    const auto reply = client->readReply();
    EXPECT_EQ(reply.status, 400);
    EXPECT_EQ(message(reply), "unsupported transfer encoding: \"gzip\"");
}

TEST_F(ServedCluster, refusesWhatIsNoText)
{
    const std::string maps = configMaps;
    const std::string words = "the path and the query of a request must be UTF-8";
    struct Row {
        std::string target;
        std::vector<std::string> headers;
        int status;
        std::string words;
    };
    for (const auto& [target, headers, status, said] : {
             Row{"/api/v1/namespaces/%ff/configmaps", {}, 400, words},
             Row{maps + "/%C3", {}, 400, words},
             Row{maps + "/\xff", {}, 400, words},
             Row{"/%ff", {}, 400, words},
             Row{maps + "?labelSelector=a%3D%ff", {}, 400, words},
             Row{maps + "?fieldSelector=metadata.name%3D%ed%a0%80", {}, 400, words},
             Row{maps + "/%C3%A4", {}, 404, "configmaps \"\xc3\xa4\" not found"},
             Row{maps, {"Impersonate-User: \xff"}, 400, "the headers of an impersonation must be UTF-8"},
             Row{maps, {"Impersonate-User: a", "Impersonate-Extra-%ff: b"}, 400, "must be UTF-8"},
             Row{"/api/v1/namespaces/%ff/pods/p/proxy/", {}, 400, words},
             Row{"/api/v1/namespaces/default/pods/p/proxy/%ff?%ff", {}, 404, "pods \"p\" not found"},
         }) {
        const auto reply = admin().ask("GET", target, "", headers);
        EXPECT_EQ(reply.status, status) << target;
        EXPECT_THAT(message(reply), HasSubstr(said)) << target;
    }
    const auto made = admin().ask("POST", maps, configMap("agent"), {"User-Agent: t\xffx/1", "Audit-ID: \xff"});
    EXPECT_EQ(api::stringAt(json(made.body).at("metadata").at("managedFields").at(0), {"manager"}), "t");
    EXPECT_THAT(made.headers.get("Audit-Id"), testing::MatchesRegex("[0-9a-f-]+"));
}

TEST_F(ServedCluster, saysHowItIs)
{
    struct Row {
        const char* target;
        int status;
        std::string body;
    };
    const std::string unready = "[+]ping ok\n[+]shutdown ok\n[+]registry ok\n";
    auto waiting = options();
    waiting.readyChecks = {{"controllers", [] { return false; }}};
    m_server->stop();
    m_server = *ApiServer::create(std::move(waiting));
    admin().ask("GET", "/healthz"); // Its connection was to the other server; the next is to this one.
    for (const auto& [target, status, body] : {
             Row{"/livez", 200, "ok"},
             Row{"/livez/ping", 200, "ok"},
             Row{"/healthz?verbose", 200, "[+]ping ok\nhealthz check passed\n"},
             Row{"/readyz", 503, unready + "[-]controllers failed: not ready yet\nreadyz check failed\n"},
             Row{"/readyz/ping", 200, "ok"},
             Row{"/readyz/controllers", 503, "[-]controllers failed: not ready yet\nreadyz/controllers check failed\n"},
             Row{"/readyz?exclude=controllers", 200, "ok"},
             Row{"/readyz?exclude=controllers&exclude=none&verbose", 200,
                 unready + "[+]controllers excluded: ok\nreadyz check passed\n"},
         }) {
        const auto reply = admin().ask("GET", target);
        EXPECT_EQ(reply.status, status) << target;
        EXPECT_EQ(reply.body, body) << target;
    }
    EXPECT_EQ(admin().ask("GET", "/livez/controllers").status, 404) << "that it is alive does not depend on them";
    EXPECT_EQ(nobody().ask("GET", "/readyz/ping").status, 403) << "all that everybody may ask is /readyz";
}

TEST_F(ServedCluster, saysWhatItWasBuiltFrom)
{
    const auto version = json(nobody().ask("GET", "/version").body);
    EXPECT_THAT(api::stringAt(version, {"gitVersion"}), StartsWith("v1.32.0+keelson."));
    EXPECT_THAT(api::stringAt(version, {"gitCommit"}),
                testing::AnyOf("unknown", testing::MatchesRegex("[0-9a-f]{40}")));
    EXPECT_THAT(api::stringAt(version, {"buildDate"}), testing::MatchesRegex("[0-9]{4}-[0-9-]+T[0-9:]+Z"));
}

TEST_F(ServedCluster, letsInWhomItKnowsAndAllowsWhatIsGranted)
{
    EXPECT_EQ(nobody().ask("GET", "/healthz").body, "ok");
    EXPECT_EQ(nobody().ask("GET", "/readyz").status, 200);
    EXPECT_EQ(nobody().ask("GET", "/version").status, 200);
    EXPECT_EQ(message(nobody().ask("GET", "/api")), "forbidden: User \"system:anonymous\" cannot get path \"/api\"");
    const auto refused = jane().ask("GET", "/api/v1/namespaces/default/pods");
    EXPECT_EQ(refused.status, 403);
    EXPECT_EQ(message(refused),
              "pods is forbidden: User \"jane\" cannot list resource \"pods\" in API group \"\" in the "
              "namespace \"default\"");
    EXPECT_EQ(nobody().ask("GET", "/version", "", {"Authorization: Bearer x"}).status, 401);
    for (const auto* const ignored : {"Basic eDp5", "Bearer", "Bearer ", "Bearer  x"})
        EXPECT_EQ(message(nobody().ask("GET", "/api", "", {fmt::format("Authorization: {}", ignored)})),
                  "forbidden: User \"system:anonymous\" cannot get path \"/api\"");
    EXPECT_EQ(admin().ask("GET", "/version", "", {"Impersonate-User: jane"}).status, 200);
    EXPECT_EQ(admin().ask("GET", "/api/v1/nodes", "", {"Impersonate-User: jane"}).status, 403);
    EXPECT_EQ(jane().ask("GET", "/version", "", {"Impersonate-User: admin"}).status, 403);

    const auto foreign = auth::CertificateAuthority::openOrCreate(m_folder / "foreign", m_clock);
    const auto eve = foreign->issueClient("eve", {"system:masters"});
    const auto reply = connect(&*eve)->ask("GET", "/version");
    EXPECT_EQ(reply.status, 401);
    EXPECT_EQ(message(reply),
              "the client certificate of \"eve\" was not issued by this cluster's certificate authority");
    const auto brief = m_authority->issueClient("bob", {}, -std::chrono::hours{1});
    EXPECT_THAT(message(connect(&*brief)->ask("GET", "/version")),
                StartsWith("the client certificate of \"bob\" expired at"));
}

TEST_F(ServedCluster, storesAndServesInEveryForm)
{
    const auto created = admin().ask("POST", configMaps, configMap("one"));
    ASSERT_EQ(created.status, 201) << created.body;
    EXPECT_FALSE(created.headers.get("Audit-Id").empty());
    const std::string one = std::string(configMaps) + "/one";
    EXPECT_EQ(json(admin().ask("GET", one).body).at("data").at("a"), "1");
    EXPECT_THAT(admin().ask("GET", one, "", {"Accept: application/yaml"}).body, HasSubstr("kind: ConfigMap\n"));
    EXPECT_THAT(admin().ask("GET", one, "", {"Accept: application/vnd.kubernetes.protobuf"}).body,
                StartsWith(std::string("k8s\0", 4)));
    EXPECT_EQ(
        admin()
            .ask("POST", configMaps, "metadata: {name: two}\ndata: {b: \"2\"}\n", {"Content-Type: application/yaml"})
            .status,
        201);
    const auto patched =
        admin().ask("PATCH", one, R"({"data":{"a":"3","c":null}})", {"Content-Type: application/merge-patch+json"});
    EXPECT_EQ(json(patched.body).at("data").at("a"), "3");

    const auto list = json(admin().ask("GET", configMaps).body);
    EXPECT_EQ(list.at("kind"), "ConfigMapList");
    EXPECT_EQ(list.at("items").as_array().size(), 2U);
    EXPECT_EQ(json(admin().ask("GET", std::string(configMaps) + "?labelSelector=app%3Done").body)
                  .at("items")
                  .as_array()
                  .size(),
              1U);
    const auto page = json(admin().ask("GET", std::string(configMaps) + "?limit=1").body);
    EXPECT_EQ(page.at("metadata").at("remainingItemCount"), 1);
    const auto table =
        json(admin()
                 .ask("GET", configMaps, "", {"Accept: application/json;as=Table;v=v1;g=meta.k8s.io,application/json"})
                 .body);
    EXPECT_EQ(table.at("kind"), "Table");
    EXPECT_EQ(table.at("rows").at(0).at("cells").at(0), "one");
    EXPECT_EQ(table.at("rows").at(0).at("object").at("kind"), "PartialObjectMetadata");

    const auto removed = json(admin().ask("DELETE", one).body);
    EXPECT_EQ(removed.at("status"), "Success");
    EXPECT_EQ(admin().ask("GET", one).status, 404);
}

TEST_F(ServedCluster, streamsAWatch)
{
    const auto created = json(admin().ask("POST", configMaps, configMap("one")).body);
    const auto version = std::string(api::stringAt(created, {"metadata", "resourceVersion"}));
    const auto watcher = connect(&m_admin);
    watcher->send(
        HttpsClient::requestText("GET", std::string(configMaps) + "?watch=true&resourceVersion=" + version, "", {}));
    EXPECT_EQ(watcher->readHead().status, 200);
    admin().ask("POST", configMaps, configMap("two"));
    EXPECT_THAT(watcher->readChunk(), StartsWith(R"({"type":"ADDED","object":{)"));
    admin().ask("DELETE", std::string(configMaps) + "/two");
    EXPECT_THAT(watcher->readChunk(), StartsWith(R"({"type":"DELETED","object":{)"));

    const auto brief = connect(&m_admin);
    brief->send(HttpsClient::requestText("GET", std::string(configMaps) + "?watch=true&timeoutSeconds=1", "", {}));
    EXPECT_EQ(brief->readHead().status, 200);
    EXPECT_THAT(brief->readChunk(), HasSubstr(R"("name":"one")"));
    EXPECT_EQ(brief->readChunk(), "") << "ends by its time";
    EXPECT_EQ(brief->ask("GET", "/healthz").body, "ok") << "and the connection goes on";
}

TEST_F(ServedCluster, streamsAStateThatIsLargerThanTheQueueOfAWatch)
{
    constexpr std::size_t objectBytes = std::size_t{1024} * 1024;
    constexpr std::size_t count = 2 * watchQueueBytesMax / objectBytes;
    for (std::size_t i = 0; i < count; ++i)
        ASSERT_EQ(
            admin().ask("POST", configMaps, configMap("c" + std::to_string(i), std::string(objectBytes, 'x'))).status,
            201);
    const auto watcher = connect(&m_admin);
    watcher->send(HttpsClient::requestText("GET", std::string(configMaps) + "?watch=true&timeoutSeconds=1", "", {}));
    EXPECT_EQ(watcher->readHead().status, 200);
    std::string all;
    for (auto chunk = watcher->readChunk(); !chunk.empty(); chunk = watcher->readChunk())
        all += chunk;
    EXPECT_EQ(std::ranges::count(all, '\n'), count) << "an event a line";
}

TEST_F(ServedCluster, streamsAWatchInOtherForms)
{
    const auto watchAs = [&](const std::string& accept) {
        auto watcher = connect(&m_admin);
        watcher->send(
            HttpsClient::requestText("GET", std::string(configMaps) + "?watch=true", "", {"Accept: " + accept}));
        auto head = watcher->readHead();
        return std::pair(std::move(watcher), std::string(head.headers.get("Content-Type")));
    };
    admin().ask("POST", configMaps, configMap("one"));
    const auto [tables, tableType] = watchAs("application/json;as=Table;v=v1;g=meta.k8s.io");
    const auto event = json(tables->readChunk());
    EXPECT_EQ(event.at("type"), "ADDED");
    EXPECT_EQ(event.at("object").at("kind"), "Table");
    EXPECT_EQ(event.at("object").at("columnDefinitions").at(0).at("name"), "Name");
    EXPECT_EQ(event.at("object").at("rows").at(0).at("cells").at(0), "one");

    const auto [bytes, bytesType] = watchAs("application/vnd.kubernetes.protobuf;stream=watch");
    EXPECT_THAT(bytesType, StartsWith("application/vnd.kubernetes.protobuf"));
    const auto chunk = bytes->readChunk();
    ASSERT_GT(chunk.size(), 4U);
    std::size_t size = 0;
    for (const char c : chunk.substr(0, 4))
        size = size * 256 + static_cast<unsigned char>(c);
    EXPECT_EQ(size, chunk.size() - 4) << "each event with its length before it";
    EXPECT_THAT(chunk, HasSubstr("ADDED"));
    EXPECT_THAT(chunk, HasSubstr(std::string("k8s\0", 4)));
    admin().ask("DELETE", std::string(configMaps) + "/one");
    EXPECT_THAT(bytes->readChunk(), HasSubstr("DELETED"));
    EXPECT_EQ(json(tables->readChunk()).at("type"), "DELETED");
}

TEST_F(ServedCluster, takesYamlWhereverItTakesJson)
{
    const std::string yaml = "Content-Type: application/yaml";
    ASSERT_EQ(
        admin()
            .ask("POST", configMaps, "# a comment\nmetadata: {name: one}\ndata:\n  a: |\n    two\n    lines\n", {yaml})
            .status,
        201);
    const std::string one = std::string(configMaps) + "/one";
    EXPECT_EQ(json(admin().ask("GET", one).body).at("data").at("a"), "two\nlines\n");
    EXPECT_EQ(
        json(admin().ask("PUT", one, "metadata: {name: one}\ndata: {a: \"1\"}\n", {yaml}).body).at("data").at("a"),
        "1");
    EXPECT_EQ(json(admin().ask("DELETE", one, "propagationPolicy: Background\n", {yaml}).body).at("status"), "Success");
    EXPECT_EQ(admin().ask("POST", configMaps, "metadata: {name: [", {yaml}).status, 400);
    EXPECT_EQ(admin().ask("POST", configMaps, "metadata: {name: two}\ndata: {a: 1}\n", {yaml}).status, 400)
        << "1 is no string";
}

TEST_F(ServedCluster, answersPipelinedRequestsInOrder)
{
    const auto client = connect(&m_admin);
    client->send(HttpsClient::requestText("GET", "/healthz", "", {}) +
                 HttpsClient::requestText("POST", configMaps, configMap("p"), {}) +
                 HttpsClient::requestText("GET", std::string(configMaps) + "/p", "", {}));
    EXPECT_EQ(client->readReply().body, "ok");
    EXPECT_EQ(client->readReply().status, 201);
    EXPECT_EQ(client->readReply().status, 200);
}

TEST_F(ServedCluster, tellsWhatItServes)
{
    const auto aggregated = admin().ask(
        "GET", "/apis", "", {"Accept: application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"});
    EXPECT_EQ(aggregated.headers.get("Content-Type"),
              "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList");
    EXPECT_EQ(json(aggregated.body).at("kind"), "APIGroupDiscoveryList");
    EXPECT_EQ(json(admin().ask("GET", "/api").body).at("versions").at(0), "v1");
    EXPECT_EQ(json(admin().ask("GET", "/apis").body).at("kind"), "APIGroupList");
    EXPECT_THAT(admin().ask("GET", "/api/v1").body, HasSubstr(R"("name":"pods/eviction")"));
    EXPECT_THAT(admin().ask("GET", "/apis/apps/v1").body, HasSubstr(R"("name":"deployments/scale")"));
    EXPECT_THAT(admin().ask("GET", "/apis/authorization.k8s.io/v1").body, HasSubstr("selfsubjectaccessreviews"));
    EXPECT_THAT(admin().ask("GET", "/openapi/v3").body, HasSubstr("/openapi/v3/apis/apps/v1?hash="));
    EXPECT_THAT(admin().ask("GET", "/openapi/v3").body, HasSubstr("/openapi/v3/version?hash="));
    const auto protobuf = admin().ask("GET", "/openapi/v3/apis/apps/v1", "",
                                      {"Accept: application/com.github.proto-openapi.spec.v3@v1.0+protobuf"});
    EXPECT_EQ(protobuf.headers.get("Content-Type"), "application/com.github.proto-openapi.spec.v3.v1.0+protobuf");
    EXPECT_THAT(protobuf.body, StartsWith(std::string("\x0a\x05") + "3.0.0"));
    EXPECT_EQ(protobuf.headers.get("ETag"), admin().ask("GET", "/openapi/v3/apis/apps/v1").headers.get("ETag"));
    const auto outdated = admin().ask("GET", "/openapi/v3/apis/apps/v1?hash=0");
    EXPECT_EQ(outdated.status, 301);
    const auto present = admin().ask("GET", std::string(outdated.headers.get("Location")));
    EXPECT_EQ(present.headers.get("Cache-Control"), "public, immutable, max-age=31536000");
    EXPECT_THAT(admin().ask("GET", "/openapi/v3/apis/authorization.k8s.io/v1").body,
                HasSubstr("/apis/authorization.k8s.io/v1/subjectaccessreviews"));
    EXPECT_THAT(admin().ask("GET", "/metrics").body, HasSubstr("apiserver_request_total{verb=\"get\""));
    const auto who = json(jane().ask("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", "{}").body);
    EXPECT_EQ(who.at("status").at("userInfo").at("username"), "jane");
    const auto can = json(jane()
                              .ask("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
                                   R"({"spec":{"resourceAttributes":{"verb":"list","resource":"pods"}}})")
                              .body);
    EXPECT_EQ(can.at("status").at("allowed"), false);
}

TEST_F(ServedCluster, namesATakenPort)
{
    auto taken = options();
    taken.listen = m_server->addresses();
    const auto second = ApiServer::create(std::move(taken));
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().message,
              fmt::format("cannot listen on {}: Address already in use", m_server->addresses().front()));
    auto wrong = options();
    wrong.listen = {"nowhere"};
    EXPECT_THAT(ApiServer::create(std::move(wrong)).error().message,
                HasSubstr("\"nowhere\" is no address to listen on"));
}

TEST_F(ServedCluster, endsWatchesWhenItStops)
{
    const auto watcher = connect(&m_admin);
    watcher->send(HttpsClient::requestText("GET", std::string(configMaps) + "?watch=true", "", {}));
    EXPECT_EQ(watcher->readHead().status, 200);
    m_server->stop();
    EXPECT_EQ(watcher->readChunk(), "");
}

} // namespace
} // namespace keelson::apiserver
