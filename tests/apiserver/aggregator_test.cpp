// SPDX-License-Identifier: Apache-2.0
// Group versions that other servers serve: requests to them, discovery and OpenAPI.
#include "api/apiregistration_v1.h"
#include "apiserver/limits.h"
#include "apiserver/served_cluster.h"
#include "support/tls_listener.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <atomic>

namespace keelson::apiserver {
namespace {

using support::TlsListener;
using testing::HasSubstr;
using testing::Not;

constexpr auto resources = R"({"kind":"APIResourceList","apiVersion":"v1","groupVersion":"metrics.k8s.io/v1beta1",
"resources":[{"name":"pods","singularName":"pod","namespaced":true,"kind":"PodMetrics","verbs":["get","list"],
"shortNames":["pm"]},{"name":"pods/status","singularName":"","namespaced":true,"kind":"PodMetrics","verbs":["get"]},
{"name":"nodes","singularName":"","namespaced":false,"kind":"NodeMetrics","verbs":["get","list"]}]})";

constexpr auto versionTwo =
    R"({"swagger":"2.0","paths":{"/apis/metrics.k8s.io/v1beta1/nodes":{"get":{"responses":{"200":{
"description":"OK","schema":{"$ref":"#/definitions/NodeMetricsList"}}}}},"/apis/other.io/v1/things":{}},"definitions":{
"NodeMetricsList":{"type":"object","properties":{"metadata":{
"$ref":"#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta"}}},
"io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta":{"type":"object","description":"Theirs"}}})";

/// A server shaped like metrics-server. What it is asked it answers with.
std::string answer(const TlsListener::Request& request, bool hasThree, const std::string& etag)
{
    const auto target = request.target();
    if (target == "/apis/metrics.k8s.io/v1beta1")
        return TlsListener::json(200, resources);
    if (target == "/openapi/v2") {
        if (request.head.contains("If-None-Match: " + etag + "\r\n"))
            return "HTTP/1.1 304 Not Modified\r\nContent-Length: 0\r\n\r\n";
        auto reply = TlsListener::json(etag.empty() ? 404 : 200, versionTwo);
        return reply.insert(reply.find("\r\n") + 2, "ETag: " + etag + "\r\n");
    }
    if (target.starts_with("/openapi/v3") && !hasThree)
        return TlsListener::json(404, "{}");
    if (target == "/openapi/v3")
        return TlsListener::json(200, R"({"paths":{"apis/metrics.k8s.io/v1beta1":{"serverRelativeURL":
"/openapi/v3/apis/metrics.k8s.io/v1beta1?hash=ABC"},"apis/other/v1":{"serverRelativeURL":"/x"}}})");
    return TlsListener::json(target.ends_with("/none") ? 404 : 200,
                             request.client + "\n" + request.head + request.body);
}

class Aggregated : public ServedCluster {
protected:
    Aggregated()
        : m_remote(m_clock,
                   {.names = {"metrics.kube-system.svc"}, .clientAuthority = m_frontProxyAuthority->certificate()},
                   [this](const TlsListener::Request& request) { return answer(request, m_hasThree, m_etag.load()); })
    {
        m_pods.servers["m:4443"] = m_remote.port();
        post("namespaces", R"({"metadata":{"name":"kube-system"}})");
        post("namespaces/kube-system/serviceaccounts", R"({"metadata":{"name":"default"}})");
        post("namespaces/kube-system/pods", R"({"metadata":{"name":"m"},"spec":{"nodeName":"n1","containers":[
            {"name":"c","image":"i"}]}})");
        const auto status = admin().ask("PATCH", "/api/v1/namespaces/kube-system/pods/m/status",
                                        R"({"status":{"podIP":"10.244.0.5","podIPs":[{"ip":"10.244.0.5"}]}})",
                                        {"Content-Type: application/merge-patch+json"});
        EXPECT_EQ(status.status, 200) << status.body;
        for (const auto* const name : {"metrics", "idle"})
            post("namespaces/kube-system/services",
                 fmt::format(R"({{"metadata":{{"name":"{}"}},"spec":{{"ports":[{{"name":"https","port":443}}]}}}})",
                             name));
        post("namespaces/kube-system/endpoints", R"({"metadata":{"name":"metrics"},"subsets":[{"ports":[
            {"name":"https","port":4443}],"addresses":[
            {"ip":"10.244.0.5","targetRef":{"kind":"Pod","name":"m"}}]}]})");
    }

    void post(const std::string& what, const std::string& body)
    {
        const auto reply = admin().ask("POST", "/api/v1/" + what, body);
        EXPECT_EQ(reply.status, 201) << reply.body;
    }

    api::APIService service(const std::string& name = "metrics") const
    {
        api::APIService made;
        made.metadata.name = "v1beta1.metrics.k8s.io";
        made.spec.group = "metrics.k8s.io";
        made.spec.version = "v1beta1";
        made.spec.groupPriorityMinimum = 100;
        made.spec.versionPriority = 100;
        made.spec.caBundle = m_remote.authority();
        api::APIServiceReference reference;
        reference.namespace_ = "kube-system";
        reference.name = name;
        made.spec.service = reference;
        return made;
    }

    /// Registers it as the controller leaves it.
    void registerService(const api::APIService& service)
    {
        const auto found = m_server->probe(service);
        EXPECT_TRUE(found.available) << found.reason << found.message;
        auto document = api::toJson(service);
        document.as_object()["apiVersion"] = "apiregistration.k8s.io/v1";
        document.as_object()["kind"] = "APIService";
        const auto made = admin().ask("POST", "/apis/apiregistration.k8s.io/v1/apiservices", api::writeJson(document));
        EXPECT_EQ(made.status, 201) << made.body;
        setAvailable(true);
    }

    void setAvailable(bool available)
    {
        const auto reply = admin().ask(
            "PATCH", "/apis/apiregistration.k8s.io/v1/apiservices/v1beta1.metrics.k8s.io/status",
            fmt::format(R"({{"status":{{"conditions":[{{"type":"Available","status":"{}","reason":"Passed"}}]}}}})",
                        available ? "True" : "False"),
            {"Content-Type: application/merge-patch+json"});
        EXPECT_EQ(reply.status, 200) << reply.body;
    }

    /// In the order of discovery, which is the same in both forms.
    std::string groups()
    {
        std::string names;
        for (const auto& group : json(admin().ask("GET", "/apis").body).at("groups").as_array())
            names += std::string(api::stringAt(group, {"name"})) + " ";
        const auto type = "Accept: application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
        std::string newer;
        for (const auto& group : json(admin().ask("GET", "/apis", "", {type}).body).at("items").as_array())
            newer += std::string(api::stringAt(group, {"metadata", "name"})) + " ";
        EXPECT_EQ(newer, names);
        return names;
    }

    std::atomic<bool> m_hasThree = true;  ///< The other server has OpenAPI v3.
    std::atomic<const char*> m_etag = ""; ///< Of its OpenAPI v2; empty: it has none.
    TlsListener m_remote;
};

TEST_F(Aggregated, requestsGoOnWithTheNameOfWhoAsks)
{
    registerService(service());
    const auto reply = admin().ask("POST", "/apis/metrics.k8s.io/v1beta1/namespaces/a/pods?x=%2F", "body",
                                   {"X-Remote-User: root", "X-Remote-Group: system:masters-of-all",
                                    "X-Remote-Extra-Scopes: all", "Audit-ID: one", "Accept: text/x"});
    EXPECT_EQ(reply.status, 200);
    EXPECT_THAT(reply.body, testing::StartsWith("front-proxy-client\nPOST /apis/metrics.k8s.io/v1beta1/namespaces/a/"
                                                "pods?x=%2F HTTP/1.1\r\nHost: metrics.kube-system.svc\r\n"));
    EXPECT_THAT(reply.body, HasSubstr("X-Remote-User: admin\r\nX-Remote-Group: system:masters\r\nX-Remote-Group: "
                                      "system:authenticated\r\n"));
    EXPECT_THAT(reply.body, Not(HasSubstr("root")));
    EXPECT_THAT(reply.body, Not(HasSubstr("of-all")));
    EXPECT_THAT(reply.body, Not(HasSubstr("Scopes")));
    EXPECT_THAT(reply.body, HasSubstr("Audit-ID: one\r\n"));
    EXPECT_THAT(reply.body, HasSubstr("Accept: text/x\r\n"));
    EXPECT_THAT(reply.body, testing::EndsWith("\r\n\r\nbody"));
    const std::string large(bodyBytesMax + 1, 'x'); // More than we take ourselves.
    EXPECT_TRUE(admin().ask("POST", "/apis/metrics.k8s.io/v1beta1/nodes", large).body.ends_with("\r\n\r\n" + large));
    EXPECT_EQ(admin().ask("GET", "/apis/metrics.k8s.io/v1beta1/nodes/none").status, 404) << "the other server's answer";
    const auto impersonated = admin().ask(
        "GET", "/apis/metrics.k8s.io/v1beta1/nodes", "",
        {"Impersonate-User: jane", "Impersonate-Group: system:masters", "Impersonate-Extra-example.com%2fA: b"});
    EXPECT_THAT(impersonated.body, HasSubstr("X-Remote-User: jane\r\n"));
    EXPECT_THAT(impersonated.body, Not(HasSubstr("Impersonate")));
}

TEST_F(Aggregated, aGroupOfOursIsNotForOthers)
{
    auto other = service();
    other.metadata.name = "v1.apps";
    other.spec.group = "apps";
    other.spec.version = "v1";
    auto document = api::toJson(other);
    document.as_object()["apiVersion"] = "apiregistration.k8s.io/v1";
    document.as_object()["kind"] = "APIService";
    const std::string services = "/apis/apiregistration.k8s.io/v1/apiservices";
    EXPECT_EQ(admin().ask("POST", services, api::writeJson(document)).status, 201);
    EXPECT_EQ(admin()
                  .ask("PATCH", services + "/v1.apps/status",
                       R"({"status":{"conditions":[{"type":"Available","status":"True","reason":"Passed"}]}})",
                       {"Content-Type: application/merge-patch+json"})
                  .status,
              200);
    EXPECT_THAT(admin().ask("GET", "/apis/apps/v1").body, HasSubstr("deployments/scale"));
    EXPECT_THAT(admin().ask("GET", "/apis/apps/v1/deployments").body, HasSubstr("DeploymentList"));
}

TEST_F(Aggregated, discoveryShowsWhatTheOtherServes)
{
    registerService(service());
    const auto list = json(admin().ask("GET", "/apis").body);
    EXPECT_THAT(
        api::writeJson(list),
        HasSubstr(
            R"({"name":"metrics.k8s.io","versions":[{"groupVersion":"metrics.k8s.io/v1beta1","version":"v1beta1"}],"preferredVersion":{"groupVersion":"metrics.k8s.io/v1beta1","version":"v1beta1"}})"));
    EXPECT_THAT(admin().ask("GET", "/apis/metrics.k8s.io").body, HasSubstr(R"("kind":"APIGroup")"));
    EXPECT_THAT(admin().ask("GET", "/apis/apps").body, Not(HasSubstr("metrics")));
    EXPECT_EQ(api::writeJson(json(admin().ask("GET", "/apis/metrics.k8s.io/v1beta1").body)),
              api::writeJson(json(resources)))
        << "it answers itself";
    const auto type = "Accept: application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
    const auto aggregated = admin().ask("GET", "/apis", "", {type}).body;
    EXPECT_THAT(
        aggregated,
        HasSubstr(
            R"({"version":"v1beta1","resources":[{"resource":"pods","responseKind":{"group":"metrics.k8s.io","version":"v1beta1","kind":"PodMetrics"},"scope":"Namespaced","singularResource":"pod","verbs":["get","list"],"shortNames":["pm"],"subresources":[{"subresource":"status",)"));
    EXPECT_THAT(aggregated, HasSubstr(R"("apps")"));
    EXPECT_THAT(
        admin().ask("GET", "/openapi/v3").body,
        HasSubstr(
            R"("apis/metrics.k8s.io/v1beta1":{"serverRelativeURL":"/openapi/v3/apis/metrics.k8s.io/v1beta1?hash=ABC"})"));
    EXPECT_THAT(admin().ask("GET", "/openapi/v3/apis/metrics.k8s.io/v1beta1?hash=ABC").body,
                HasSubstr("GET /openapi/v3/apis/metrics.k8s.io/v1beta1?hash=ABC HTTP/1.1"));
    setAvailable(false);
    EXPECT_THAT(admin().ask("GET", "/apis", "", {type}).body,
                HasSubstr(R"({"version":"v1beta1","resources":[],"freshness":"Stale"})"));
    EXPECT_THAT(admin().ask("GET", "/apis").body, HasSubstr("metrics.k8s.io"));
    EXPECT_THAT(admin().ask("GET", "/openapi/v3").body, Not(HasSubstr("metrics.k8s.io")));
}

TEST_F(Aggregated, openApiHasWhatTheOtherServes)
{
    m_etag = "\"one\"";
    registerService(service());
    const auto tag = [&] { return std::string(admin().ask("GET", "/openapi/v2").headers.get("ETag")); };
    const auto first = tag();
    const auto whole = json(admin().ask("GET", "/openapi/v2").body);
    EXPECT_EQ(whole.at("paths")
                  .at("/apis/metrics.k8s.io/v1beta1/nodes")
                  .at("get")
                  .at("responses")
                  .at("200")
                  .at("schema")
                  .at("$ref"),
              "#/definitions/NodeMetricsList");
    EXPECT_FALSE(whole.at("paths").as_object().contains("/apis/other.io/v1/things"));
    EXPECT_TRUE(whole.at("paths").as_object().contains("/api/v1/nodes"));
    EXPECT_EQ(whole.at("definitions").at("NodeMetricsList").at("properties").at("metadata").at("$ref"),
              "#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta_v2");
    const auto protobuf = "Accept: application/com.github.proto-openapi.spec.v2@v1.0+protobuf";
    EXPECT_THAT(admin().ask("GET", "/openapi/v2", "", {protobuf}).body, HasSubstr("NodeMetricsList"));
    EXPECT_EQ(admin().ask("GET", "/openapi/v2", "", {"If-None-Match: " + first}).status, 304);

    m_server->probe(service());
    EXPECT_EQ(tag(), first) << "nothing new";
    m_pods.servers["m:4443"] = 1;
    EXPECT_FALSE(m_server->probe(service()).available);
    setAvailable(false);
    EXPECT_EQ(tag(), first) << "a server that is down leaves what it last said";
    m_pods.servers["m:4443"] = m_remote.port();
    m_etag = "";
    m_server->probe(service());
    EXPECT_NE(tag(), first) << "it has no OpenAPI any more";
    EXPECT_THAT(admin().ask("GET", "/openapi/v2").body, Not(HasSubstr("NodeMetricsList")));
}

TEST_F(Aggregated, versionThreeIsMadeWhereTheOtherHasNone)
{
    constexpr auto path = "/openapi/v3/apis/metrics.k8s.io/v1beta1";
    m_etag = "\"one\"";
    m_hasThree = false;
    registerService(service());
    const auto index = json(admin().ask("GET", "/openapi/v3").body);
    const auto url = std::string(api::stringAt(index, {"paths", "apis/metrics.k8s.io/v1beta1", "serverRelativeURL"}));
    EXPECT_THAT(url, testing::StartsWith(std::string(path) + "?hash="));
    const auto reply = admin().ask("GET", url);
    EXPECT_EQ(reply.headers.get("Cache-Control"), "public, immutable, max-age=31536000");
    EXPECT_TRUE(json(reply.body).at("components").at("schemas").as_object().contains("NodeMetricsList")) << reply.body;
    setAvailable(false);
    EXPECT_THAT(admin().ask("GET", "/openapi/v3").body, Not(HasSubstr("metrics.k8s.io")));
    EXPECT_EQ(admin().ask("GET", path).status, 404);
    setAvailable(true);
    m_hasThree = true;
    m_server->probe(service());
    EXPECT_THAT(admin().ask("GET", path).body, HasSubstr("GET /openapi/v3/")) << "it answers itself";
}

TEST_F(Aggregated, groupsStandWhereTheirPrioritiesWantThem)
{
    constexpr auto first =
        "apiregistration.k8s.io apps events.k8s.io authentication.k8s.io authorization.k8s.io autoscaling ";
    constexpr auto then = "batch certificates.k8s.io networking.k8s.io policy rbac.authorization.k8s.io storage.k8s.io "
                          "admissionregistration.k8s.io apiextensions.k8s.io scheduling.k8s.io coordination.k8s.io "
                          "node.k8s.io discovery.k8s.io flowcontrol.apiserver.k8s.io ";
    EXPECT_EQ(groups(), fmt::format("{}{}", first, then));
    auto remote = service();
    remote.spec.groupPriorityMinimum = 17450;
    registerService(remote);
    EXPECT_EQ(groups(), fmt::format("{}metrics.k8s.io {}", first, then));
    for (const auto& [priority, expected] :
         {std::pair(100, fmt::format("{}{}metrics.k8s.io ", first, then)),
          std::pair(20000,
                    fmt::format("apiregistration.k8s.io metrics.k8s.io {}{}",
                                std::string_view(first).substr(std::string_view("apiregistration.k8s.io ").size()),
                                then))}) {
        admin().ask("PATCH", "/apis/apiregistration.k8s.io/v1/apiservices/v1beta1.metrics.k8s.io",
                    fmt::format(R"({{"spec":{{"groupPriorityMinimum":{}}}}})", priority),
                    {"Content-Type: application/merge-patch+json"});
        EXPECT_EQ(groups(), expected);
    }
}

TEST_F(Aggregated, refusesInWords)
{
    registerService(service());
    const auto ask = [&](HttpsClient& client, const std::string& path) {
        const auto reply = client.ask("GET", path);
        return fmt::format("{} {}", reply.status, message(reply));
    };
    EXPECT_EQ(ask(admin(), "/apis/other.k8s.io/v1/pods"), "404 the server could not find the requested resource");
    EXPECT_EQ(ask(admin(), "/apis/metrics.k8s.io/v1/pods"), "404 the server could not find the requested resource");
    EXPECT_EQ(jane().ask("GET", "/apis/metrics.k8s.io/v1beta1/nodes").status, 403);
    EXPECT_EQ(nobody().ask("GET", "/apis/metrics.k8s.io/v1beta1/nodes").status, 403);
    setAvailable(false);
    EXPECT_EQ(ask(admin(), "/apis/metrics.k8s.io/v1beta1/nodes"), "503 service unavailable");
    setAvailable(true);
    m_pods.servers["m:4443"] = 1;
    EXPECT_THAT(ask(admin(), "/apis/metrics.k8s.io/v1beta1/nodes"),
                HasSubstr("503 error trying to reach service: dial tcp 127.0.0.1:1: "));
    admin().ask("DELETE", "/api/v1/namespaces/kube-system/endpoints/metrics");
    EXPECT_EQ(ask(admin(), "/apis/metrics.k8s.io/v1beta1/nodes"), "503 no endpoints available for service \"metrics\"");
}

TEST_F(Aggregated, probesSayWhatIsWrong)
{
    const auto probe = [&](const std::function<void(api::APIService&)>& change, const std::string& name = "metrics") {
        auto asked = service(name);
        change(asked);
        const auto found = m_server->probe(asked);
        EXPECT_FALSE(found.available);
        return found.reason + ": " + found.message;
    };
    const auto same = [](api::APIService&) {};
    EXPECT_EQ(probe(same, "none"), R"(ServiceNotFound: service/none in "kube-system" is not present)");
    EXPECT_EQ(
        probe(same, "idle"),
        R"(MissingEndpoints: endpoints for service/idle in "kube-system": no endpoints available for service "idle")");
    EXPECT_EQ(probe([](auto& asked) { asked.spec.service->port = 8443; }),
              R"(ServicePortError: service/metrics in "kube-system" is not listening on port 8443)");
    const std::string failing = "FailedDiscoveryCheck: failing or missing response from "
                                "https://metrics.kube-system.svc:443/apis/metrics.k8s.io/";
    EXPECT_EQ(probe([](auto& asked) { asked.spec.version = "v2"; }).substr(0, failing.size()), failing);
    EXPECT_THAT(probe([&](auto& asked) { asked.spec.caBundle = m_authority->certificate(); }),
                HasSubstr(failing + "v1beta1: tls: "));
    EXPECT_THAT(probe([&](auto& asked) { asked.spec.caBundle.clear(); }), HasSubstr(failing + "v1beta1: tls: "));
    auto insecure = service();
    insecure.spec.caBundle.clear();
    insecure.spec.insecureSkipTLSVerify = true;
    EXPECT_TRUE(m_server->probe(insecure).available);
}

} // namespace
} // namespace keelson::apiserver
