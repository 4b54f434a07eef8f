// SPDX-License-Identifier: Apache-2.0
// What policies of admission say of connections to pods, services and nodes, and of evictions.
#include "apiserver/served_cluster.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

namespace keelson::apiserver {
namespace {

constexpr std::string_view policy = R"yaml(
metadata: {name: closed}
spec:
  matchConstraints:
    resourceRules:
    - apiGroups: [""]
      apiVersions: [v1]
      resources: [pods/exec, pods/portforward, pods/proxy, services/proxy, nodes/proxy]
      operations: [CONNECT]
    - {apiGroups: [""], apiVersions: [v1], resources: [pods/eviction], operations: [CREATE]}
  variables:
  - {name: path, expression: "has(object.path) ? ' ' + object.path : ''"}
  - {name: ports, expression: "has(object.ports) ? ' ' + object.ports.map(p, string(p)).join(',') : ''"}
  - {name: command, expression: "has(object.command) ? ' ' + object.command.join(' ') : ''"}
  - {name: streams, expression: "['stdin', 'stdout', 'stderr', 'tty'].filter(s, s in object).join(',')"}
  - {name: container, expression: "has(object.container) ? ' in ' + object.container : ''"}
  validations:
  - expression: >-
      variables.command == ' ls' || variables.ports == ' 80' || variables.path == ' /open'
      || object.kind == 'Eviction' && request.dryRun
    messageExpression: >-
      request.operation + ' ' + request.kind.kind + ' ' + object.kind + variables.path + variables.ports
      + variables.command + variables.container + (variables.streams == '' ? '' : ' with ' + variables.streams)
)yaml";
constexpr std::string_view binding = R"(
metadata: {name: closed}
spec: {policyName: closed, validationActions: [Deny]}
)";

class Connections : public ServedCluster {
protected:
    void SetUp() override
    {
        create("/api/v1/namespaces/default/serviceaccounts", "metadata: {name: default}");
        create(pods, "metadata: {name: web}\nspec: {nodeName: n1, containers: [{name: c, image: i}]}");
        const auto placed = admin().ask("PATCH", fmt::format("{}/web/status", pods),
                                        R"({"status":{"podIP":"10.244.0.5","podIPs":[{"ip":"10.244.0.5"}]}})",
                                        {"Content-Type: application/merge-patch+json"});
        EXPECT_EQ(placed.status, 200) << placed.body;
        create("/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies", policy);
        create("/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings", binding);
    }
    void create(const std::string& path, std::string_view yaml)
    {
        const auto reply = admin().ask("POST", path, api::writeJson(*api::parseYaml(yaml)));
        EXPECT_EQ(reply.status, 201) << reply.body;
    }
    int upgrade(const std::string& what, const std::string& protocol)
    {
        const auto client = connect(&m_admin);
        client->send(HttpsClient::requestText(
            "GET", fmt::format("{}/web/{}", pods, what), "",
            {"Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
             "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Protocol: " + protocol}));
        const auto head = client->readHead();
        if (head.status == 101)
            EXPECT_EQ(client->readBytes(1), "\x82") << "the container speaks";
        return head.status;
    }

    static constexpr auto pods = "/api/v1/namespaces/default/pods";
};

TEST_F(Connections, areRefusedByPoliciesWithTheirOptions)
{
    struct Row {
        const char* method;
        const char* what;
        const char* said;
    };
    for (const auto& [method, what, said] : {
             Row{"GET", "pods/web/exec?command=sh&command=-i&stdin=1&stdout=true&tty=false&container=c",
                 "CONNECT PodExecOptions PodExecOptions sh -i in c with stdin,stdout"},
             Row{"POST", "pods/web/exec?stderr=1", "CONNECT PodExecOptions PodExecOptions  with stderr"},
             Row{"GET", "pods/web/portforward?ports=80,81&ports=82",
                 "CONNECT PodPortForwardOptions PodPortForwardOptions 80,81,82"},
             Row{"POST", "pods/web/portforward", "CONNECT PodPortForwardOptions PodPortForwardOptions"},
             Row{"GET", "pods/web/proxy", "CONNECT PodProxyOptions PodProxyOptions"},
             Row{"DELETE", "pods/web:80/proxy/x%20y/?y=z", "CONNECT PodProxyOptions PodProxyOptions /x y/"},
             Row{"PUT", "services/https:web:1/proxy/x", "CONNECT ServiceProxyOptions ServiceProxyOptions /x"},
             Row{"GET", "nodes/n1/proxy/metrics", "CONNECT NodeProxyOptions NodeProxyOptions /metrics"},
             Row{"POST", "pods/web/eviction", "CREATE Eviction Eviction"},
         }) {
        const std::string target = what;
        const auto* const space = target.starts_with("nodes") ? "" : "namespaces/default/";
        const auto first = target.find('/') + 1;
        const auto reply =
            admin().ask(method, fmt::format("/api/v1/{}{}", space, what), R"({"metadata":{"name":"web"}})");
        EXPECT_EQ(reply.status, 422) << what << reply.body;
        EXPECT_EQ(message(reply), fmt::format("{} \"{}\" is forbidden: ValidatingAdmissionPolicy 'closed' with binding "
                                              "'closed' denied request: {}",
                                              target.substr(0, first - 1),
                                              target.substr(first, target.find('/', first) - first), said));
    }
    EXPECT_EQ(admin().ask("DELETE", fmt::format("{}/web", pods)).status, 200) << "which is no eviction";
}

TEST_F(Connections, thatPoliciesAllowAreMade)
{
    EXPECT_EQ(upgrade("exec?command=ls&stdout=1", "v5.channel.k8s.io"), 101);
    EXPECT_EQ(upgrade("attach?stdout=1", "v5.channel.k8s.io"), 101) << "of which the policy does not speak";
    EXPECT_EQ(upgrade("portforward?ports=80", "v4.channel.k8s.io"), 101);
    m_pods.answer = [](const std::string&, const std::string&) { return "HTTP/1.1 200 OK\r\n\r\nopen"; };
    EXPECT_EQ(admin().ask("GET", fmt::format("{}/web:80/proxy/open?q", pods)).body, "open");
    EXPECT_EQ(admin().ask("GET", fmt::format("{}/none/exec?command=ls", pods)).status, 404);
}

TEST_F(Connections, evictionsNameTheirPod)
{
    struct Row {
        const char* query;
        const char* body;
        int status;
        const char* said;
    };
    const auto* const named = R"({"metadata":{"name":"web"}})";
    for (const auto& [query, body, status, said] : {
             Row{"web/eviction", "{}", 400, "name in URL does not match name in Eviction object"},
             Row{"web/eviction", R"({"metadata":{"name":"other"}})", 400,
                 "name in URL does not match name in Eviction object"},
             Row{"web/eviction", R"({"metadata":{"name":"web","namespace":"other"}})", 400,
                 "the namespace of the provided object does not match the namespace sent on the request"},
             Row{"none/eviction", R"({"metadata":{"name":"none"}})", 404, "pods \"none\" not found"},
             Row{"web/eviction?dryRun=All", named, 201, ""},
             Row{"web/eviction", R"({"metadata":{"name":"web"},"deleteOptions":{"dryRun":["All"]}})", 201, ""},
         }) {
        const auto reply = admin().ask("POST", fmt::format("{}/{}", pods, query), body);
        EXPECT_EQ(reply.status, status) << query << body << reply.body;
        EXPECT_EQ(message(reply), said);
    }
    EXPECT_EQ(admin().ask("GET", fmt::format("{}/web", pods)).status, 200);
    admin().ask("DELETE", "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings/closed");
    const auto* const atOnce = R"({"metadata":{"name":"web"},"deleteOptions":{"gracePeriodSeconds":0}})";
    EXPECT_EQ(admin().ask("POST", fmt::format("{}/web/eviction", pods), atOnce).status, 201);
    EXPECT_EQ(admin().ask("GET", fmt::format("{}/web", pods)).status, 404);
}

} // namespace
} // namespace keelson::apiserver
