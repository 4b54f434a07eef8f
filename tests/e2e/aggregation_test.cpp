// SPDX-License-Identifier: Apache-2.0
// A group of the API that another server serves: one shaped like metrics-server, and what kubectl makes of it.
#include "e2e/cluster.h"
#include "support/tls_listener.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>

namespace keelson::e2e {
namespace {

using std::chrono::seconds;
using support::TlsListener;
using testing::HasSubstr;

/// In version 2 alone, with a shared parameter and a definition that is not as ours of that name.
constexpr std::string_view openApi = R"({"swagger":"2.0","info":{"title":"Metrics","version":"v1"},
"parameters":{"body-1":{"name":"body","in":"body","required":true,"schema":{"$ref":"#/definitions/example.Gauge"}}},
"paths":{"/apis/metrics.k8s.io/v1beta1/namespaces/{namespace}/gauges":{
"parameters":[{"name":"namespace","in":"path","required":true,"type":"string","uniqueItems":true}],
"post":{"operationId":"createGauge","consumes":["*/*"],"produces":["application/json"],
"parameters":[{"$ref":"#/parameters/body-1"}],
"responses":{"201":{"description":"Created","schema":{"$ref":"#/definitions/example.Gauge"}}},
"x-kubernetes-action":"post","x-kubernetes-group-version-kind":{"group":"metrics.k8s.io","version":"v1beta1","kind":"Gauge"}}}},
"definitions":{"example.Gauge":{"type":"object","description":"Shows how full something is.",
"x-kubernetes-group-version-kind":[{"group":"metrics.k8s.io","version":"v1beta1","kind":"Gauge"}],
"properties":{"apiVersion":{"type":"string"},"kind":{"type":"string"},"metadata":{
"$ref":"#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"},
"level":{"type":"integer","format":"int32","description":"From 0 to 100."}}},
"io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta":{"type":"object","description":"Of another make.",
"properties":{"name":{"type":"string"}}}}})";

/// What metrics-server says of one node and one pod.
std::string metrics(const TlsListener::Request& request)
{
    const auto target = request.target();
    const auto path = target.substr(0, target.find('?'));
    const std::string base = "/apis/metrics.k8s.io/v1beta1";
    if (path == base)
        return TlsListener::json(200,
                                 R"({"kind":"APIResourceList","apiVersion":"v1","groupVersion":"metrics.k8s.io/v1beta1",
"resources":[{"name":"nodes","singularName":"","namespaced":false,"kind":"NodeMetrics","verbs":["get","list"]},
{"name":"pods","singularName":"","namespaced":true,"kind":"PodMetrics","verbs":["get","list"]},
{"name":"gauges","singularName":"gauge","namespaced":true,"kind":"Gauge","verbs":["create","get","list"]}]})");
    if (path == "/openapi/v2")
        return TlsListener::json(200, std::string(openApi));
    if (path == base + "/nodes")
        return TlsListener::json(200, R"({"kind":"NodeMetricsList","apiVersion":"metrics.k8s.io/v1beta1","metadata":{},
"items":[{"metadata":{"name":"n1"},"timestamp":"2026-01-01T00:00:00Z","window":"15s",
"usage":{"cpu":"250m","memory":"512Mi"}}]})");
    if (path == base + "/namespaces/default/pods")
        return TlsListener::json(200, R"({"kind":"PodMetricsList","apiVersion":"metrics.k8s.io/v1beta1","metadata":{},
"items":[{"metadata":{"name":"web","namespace":"default"},"timestamp":"2026-01-01T00:00:00Z","window":"15s",
"containers":[{"name":"c","usage":{"cpu":"5m","memory":"8Mi"}}]}]})");
    return TlsListener::json(404, R"({"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure",
"message":"not here","reason":"NotFound","code":404})");
}

std::string base64(const std::string& text)
{
    std::string out(4 * ((text.size() + 2) / 3) + 1, '\0');
    const auto size =
        EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                        reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
    out.resize(static_cast<std::size_t>(size));
    return out;
}

/// A Service that leads to a port of this machine, and the APIService that names it.
std::string manifest(const std::string& address, int port, const std::string& authority)
{
    return fmt::format(R"(
apiVersion: v1
kind: Service
metadata: {{name: metrics, namespace: kube-system}}
spec:
  ports: [{{name: https, port: 443}}]
---
apiVersion: v1
kind: Endpoints
metadata: {{name: metrics, namespace: kube-system}}
subsets:
  - addresses: [{{ip: {}}}]
    ports: [{{name: https, port: {}}}]
---
apiVersion: apiregistration.k8s.io/v1
kind: APIService
metadata: {{name: v1beta1.metrics.k8s.io}}
spec:
  group: metrics.k8s.io
  version: v1beta1
  groupPriorityMinimum: 100
  versionPriority: 100
  service: {{name: metrics, namespace: kube-system}}
  caBundle: {}
)",
                       address, port, base64(authority));
}

constexpr auto wrongGauge =
    R"({"apiVersion":"metrics.k8s.io/v1beta1","kind":"Gauge","metadata":{"name":"a"},"height":3})";

TEST(Aggregation, kubectlTopReadsFromAnotherServer)
{
    const support::DockerEngine engine;
    const auto address =
        engine.docker({"network", "inspect", "bridge", "--format", "{{(index .IPAM.Config 0).Gateway}}"}).output;
    Cluster cluster(engine, Cluster::Options{.nodes = 0});
    const std::vector<std::string> services{"get", "apiservices", "--no-headers"};
    EXPECT_TRUE(support::eventually(seconds{20}, [&] {
        const auto shown = cluster.out(services);
        return shown.find("v1.apps") != std::string::npos && shown.find("False") == std::string::npos &&
               shown.find("Unknown") == std::string::npos;
    })) << cluster.out(services);
    EXPECT_THAT(cluster.out({"get", "apiservice", "v1.apps", "--no-headers"}),
                testing::ContainsRegex("v1\\.apps +Local +True"));

    const auto clients = cluster.out({"get", "configmap", "-n", "kube-system", "extension-apiserver-authentication",
                                      "-o", "jsonpath={.data.requestheader-client-ca-file}"}) +
                         "\n";
    const SystemClock clock;
    auto server = std::make_unique<TlsListener>(
        clock,
        TlsListener::Options{.names = {"metrics.kube-system.svc"}, .clientAuthority = clients, .anyAddress = true},
        metrics);
    cluster.out({"apply", "-f", "-"}, manifest(address, server->port(), server->authority()));
    const std::vector<std::string> available{"get", "apiservice", "v1beta1.metrics.k8s.io", "-o",
                                             "jsonpath={.status.conditions[0].status} {.status.conditions[0].reason}"};
    ASSERT_TRUE(cluster.shows(available, "True Passed", seconds{20})) << cluster.out(available) << cluster.logs();
    for (const auto& kubectl : kubectls()) {
        SCOPED_TRACE(kubectl);
        cluster.useKubectl(kubectl);
        EXPECT_THAT(cluster.out({"top", "pods"}), testing::ContainsRegex("web +5m +8Mi"));
        EXPECT_THAT(cluster.out({"api-resources", "--api-group", "metrics.k8s.io", "--cached=false"}),
                    HasSubstr("PodMetrics"));
        EXPECT_THAT(cluster.out({"get", "apiservices"}),
                    testing::ContainsRegex("v1beta1\\.metrics\\.k8s\\.io +kube-system/metrics +True"));
        EXPECT_THAT(cluster.out({"get", "--raw", "/apis/metrics.k8s.io/v1beta1/nodes"}), HasSubstr("250m"));
        EXPECT_THAT(cluster.out({"explain", "gauges"}), HasSubstr("how full something is"));
        EXPECT_THAT(cluster.out({"explain", "gauges.level"}), HasSubstr("From 0 to 100."));
        EXPECT_THAT(cluster.out({"explain", "gauges.metadata"}), HasSubstr("Of another make."));
        EXPECT_THAT(cluster.out({"explain", "pods.metadata"}), testing::Not(HasSubstr("Of another make.")));
        EXPECT_THAT(cluster.kubectl({"create", "-f", "-"}, wrongGauge).error, HasSubstr("unknown field"));
    }

    server.reset();
    ASSERT_TRUE(cluster.shows(available, "False FailedDiscoveryCheck", seconds{60})) << cluster.out(available);
    const auto refused = cluster.kubectl({"get", "--raw", "/apis/metrics.k8s.io/v1beta1/nodes"});
    EXPECT_THAT(refused.error, HasSubstr("ServiceUnavailable"));
    cluster.out({"delete", "apiservice", "v1beta1.metrics.k8s.io"});
    EXPECT_THAT(cluster.kubectl({"get", "--raw", "/apis/metrics.k8s.io/v1beta1/nodes"}).error, HasSubstr("NotFound"));
}

} // namespace
} // namespace keelson::e2e
