// SPDX-License-Identifier: Apache-2.0
#include "api/discovery_v1.h"
#include "api/rbac_v1.h"
#include "controllers/cidr_pool.h"
#include "support/simulated_cluster.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <set>

namespace keelson::test {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

TEST(CidrPool, takesTheFirstThatIsFree)
{
    struct Row {
        const char* cluster;
        int maskSize;
        std::set<std::string> used;
        const char* expected; // empty: refused
    };
    for (const auto& row : {
             Row{"10.244.0.0/16", 24, {}, "10.244.0.0/24"},
             Row{"10.244.0.0/16", 24, {"10.244.0.0/24", "10.244.1.0/24", "10.244.3.0/24"}, "10.244.2.0/24"},
             Row{"10.244.0.0/16", 24, {"10.244.0.0/20"}, "10.244.16.0/24"},
             Row{"10.244.0.0/16", 24, {"10.244.0.7/32"}, "10.244.1.0/24"},
             Row{"10.244.4.0/22", 24, {"10.244.0.0/16"}, ""},
             Row{"10.244.0.0/16", 24, {"192.168.0.0/24", "fd00::/64", "", "10.243.255.0/24"}, "10.244.0.0/24"},
             Row{"10.244.0.0/23", 24, {"10.244.0.0/24", "10.244.1.0/24"}, ""},
             Row{"10.244.0.0/24", 16, {}, ""},
             Row{"10.244.0/16", 24, {}, ""},
         }) {
        controllers::CidrPool pool(row.cluster, row.maskSize);
        for (const auto& range : row.used)
            pool.use(range);
        const auto next = pool.take();
        EXPECT_EQ(next ? *next : "", row.expected) << row.cluster;
        for (const auto& range : row.used)
            pool.release(range);
        if (next)
            pool.release(*next);
        EXPECT_EQ(pool.take().value_or(""), controllers::CidrPool(row.cluster, row.maskSize).take().value_or(""))
            << row.cluster << ": all is given back";
    }
}

TEST(ClusterStory, eachNodeHasARangeOfItsOwn)
{
    SimulatedCluster cluster;
    for (int i = 0; i < 20; ++i)
        cluster.addNode(fmt::format("n{}", i));
    cluster.runFor(seconds{5});
    std::set<std::string> ranges;
    for (const auto& node : cluster.all<api::Node>())
        ranges.insert(node.spec.podCIDR);
    EXPECT_EQ(ranges.size(), 20U);
    EXPECT_FALSE(ranges.contains(""));
}

TEST(ClusterStory, aServiceFollowsItsPods)
{
    SimulatedCluster cluster;
    cluster.addNode("n1");
    cluster.create(R"(
apiVersion: v1
kind: Service
metadata: {name: web, namespace: default}
spec: {selector: {app: web}, ports: [{name: http, port: 80, targetPort: 8080, protocol: TCP}]}
---
apiVersion: v1
kind: Service
metadata: {name: manual, namespace: default}
spec: {ports: [{port: 80}]}
)");
    cluster.createDeployment("web", 3);
    const auto ready = [&] {
        std::size_t count = 0;
        for (const auto& slice : cluster.all<api::EndpointSlice>())
            count += static_cast<std::size_t>(std::ranges::count_if(
                slice.endpoints, [](const auto& endpoint) { return endpoint.conditions.ready.value_or(false); }));
        return count;
    };
    EXPECT_TRUE(cluster.runUntil([&] { return ready() == 3; }, seconds{10}));
    ASSERT_EQ(cluster.all<api::Endpoints>().size(), 1U);
    EXPECT_EQ(cluster.all<api::Endpoints>().front().subsets.at(0).addresses.size(), 3U);
    cluster.patchDeployment("web", R"({"spec": {"replicas": 1}})");
    EXPECT_TRUE(cluster.runUntil([&] { return ready() == 1; }, seconds{10}));
    cluster.runFor(seconds{10});
    ASSERT_EQ(cluster.all<api::EndpointSlice>().size(), 1U);
    const auto version = cluster.all<api::EndpointSlice>().front().metadata.resourceVersion;
    cluster.runFor(minutes{5});
    EXPECT_EQ(cluster.all<api::EndpointSlice>().front().metadata.resourceVersion, version);
    ASSERT_TRUE(cluster.client.remove(api::kindOf<api::Service>(), {"default", "web"}, {}));
    EXPECT_TRUE(cluster.runUntil([&] { return cluster.all<api::Endpoints>().empty(); }, seconds{5}));
}

TEST(ClusterStory, aNamespaceHasItsServiceAccountAndGoesWithAllItHolds)
{
    SimulatedCluster::Options options;
    options.controllers.rootCaPem = "-----BEGIN CERTIFICATE-----";
    SimulatedCluster cluster(options);
    cluster.addNode("n1");
    cluster.create("{apiVersion: v1, kind: Namespace, metadata: {name: shop}}");
    cluster.runFor(seconds{1});
    EXPECT_TRUE(client::get<api::ServiceAccount>(cluster.client, {"shop", "default"}));
    EXPECT_EQ(client::get<api::ConfigMap>(cluster.client, {"shop", "kube-root-ca.crt"})->data.at("ca.crt"),
              options.controllers.rootCaPem);
    ASSERT_TRUE(cluster.client.remove(api::kindOf<api::ServiceAccount>(), {"shop", "default"}, {}));
    cluster.runFor(seconds{1});
    EXPECT_TRUE(client::get<api::ServiceAccount>(cluster.client, {"shop", "default"}));

    cluster.create(R"(
apiVersion: v1
kind: Pod
metadata: {name: a, namespace: shop}
spec: {containers: [{name: app, image: app}]}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: held, namespace: shop, finalizers: [example.com/wait]}
)");
    cluster.runFor(seconds{3});
    ASSERT_TRUE(cluster.client.remove(api::kindOf<api::Namespace>(), {"", "shop"}, {}));
    cluster.runFor(seconds{10});
    const auto held = client::get<api::Namespace>(cluster.client, {"", "shop"});
    ASSERT_TRUE(held);
    EXPECT_EQ(held->status.phase, "Terminating");
    const auto remaining =
        std::ranges::find(held->status.conditions, "NamespaceFinalizersRemaining", &api::NamespaceCondition::type);
    ASSERT_NE(remaining, held->status.conditions.end());
    EXPECT_EQ(remaining->status, "True");
    EXPECT_TRUE(cluster.pods().empty());

    ASSERT_TRUE(client::mergePatch<api::ConfigMap>(cluster.client, {"shop", "held"},
                                                   *api::parseJson(R"({"metadata": {"finalizers": []}})")));
    EXPECT_TRUE(
        cluster.runUntil([&] { return !client::get<api::Namespace>(cluster.client, {"", "shop"}); }, seconds{5}));
    EXPECT_FALSE(client::get<api::ServiceAccount>(cluster.client, {"shop", "default"}));
}

TEST(ClusterStory, bootstrapTokensGoWhenTheirTimeIsOver)
{
    SimulatedCluster cluster;
    const auto token = [&](const std::string& nameSpace, const std::string& name, const std::string& type,
                           const std::string& expiration) {
        api::Secret secret;
        secret.metadata.namespace_ = nameSpace;
        secret.metadata.name = name;
        secret.type = type;
        if (!expiration.empty())
            secret.data["expiration"] = expiration;
        ASSERT_TRUE(cluster.client.create(api::kindOf<api::Secret>(), toJson(secret)));
    };
    constexpr auto type = "bootstrap.kubernetes.io/token";
    const auto soon = formatTime(cluster.clock.wall() + minutes{10});
    token("kube-system", "soon", type, soon);
    token("kube-system", "never", type, "");
    token("kube-system", "unreadable", type, "tomorrow");
    token("kube-system", "another", "Opaque", soon);
    token("default", "elsewhere", type, soon);
    const auto names = [&] {
        std::set<std::string> left;
        for (const auto& secret : cluster.all<api::Secret>())
            left.insert(secret.metadata.name);
        return left;
    };
    using Names = std::set<std::string>;
    cluster.runFor(minutes{9});
    EXPECT_EQ(names(), (Names{"soon", "never", "another", "elsewhere"}));
    cluster.runFor(minutes{2});
    EXPECT_EQ(names(), (Names{"never", "another", "elsewhere"}));
}

TEST(ClusterStory, aClusterRoleGathersTheRulesOfOthers)
{
    SimulatedCluster cluster;
    cluster.create(R"(
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: monitoring}
aggregationRule: {clusterRoleSelectors: [{matchLabels: {to: monitoring}}, {matchExpressions: [{key: also, operator: Exists}]}]}
rules: [{verbs: [delete], apiGroups: [""], resources: [by-hand]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: b, labels: {also: ""}}
rules: [{verbs: [get], apiGroups: [""], resources: [pods]}, {verbs: [get], apiGroups: [""], resources: [nodes]}]
)");
    const auto rules = [&] {
        std::string text;
        for (const auto& rule : client::get<api::ClusterRole>(cluster.client, {"", "monitoring"})->rules)
            text += rule.resources.at(0) + " ";
        return text;
    };
    EXPECT_TRUE(cluster.runUntil([&] { return rules() == "pods nodes "; }, seconds{5})) << rules();
    cluster.create(R"(
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: a, labels: {to: monitoring}}
rules: [{verbs: [get], apiGroups: [""], resources: [nodes]}, {verbs: [list], apiGroups: [""], resources: [events]}]
)");
    EXPECT_TRUE(cluster.runUntil([&] { return rules() == "nodes events pods "; }, seconds{5})) << rules();
    ASSERT_TRUE(cluster.client.remove(api::kindOf<api::ClusterRole>(), {"", "b"}, {}));
    EXPECT_TRUE(cluster.runUntil([&] { return rules() == "nodes events "; }, seconds{5})) << rules();
}

} // namespace
} // namespace keelson::test
