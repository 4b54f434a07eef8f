// SPDX-License-Identifier: Apache-2.0
#include "api/apiextensions_v1.h"
#include "controllers/garbage_collector_plan.h"
#include "customresources/custom_kind.h"
#include "customresources/definition_status.h"
#include "support/simulated_cluster.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace keelson::test {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

std::string taints(const api::Node& node)
{
    std::string out;
    for (const auto& taint : node.spec.taints)
        out += (out.empty() ? "" : " ") + taint.key.substr(taint.key.find('/') + 1) + ":" + taint.effect;
    return out;
}

TEST(NodeStory, aSilentNodesPodsAreReplacedElsewhere)
{
    SimulatedCluster::Options options;
    options.controllers.tolerationMax = seconds{5};
    SimulatedCluster cluster(options);
    for (const auto* name : {"n1", "n2", "n3"})
        cluster.addNode(name);
    cluster.createDeployment("web", 6);
    ASSERT_TRUE(cluster.runUntil([&] { return cluster.readyPods() == 6; }, seconds{10}));
    cluster.killNode("n1");
    cluster.runFor(seconds{30});
    EXPECT_EQ(cluster.readyPods(), 6) << "within the grace time nothing happens";
    ASSERT_TRUE(cluster.runUntil([&] { return cluster.readyPods() < 6; }, seconds{30}));
    const auto node = *client::get<api::Node>(cluster.client, {"", "n1"});
    EXPECT_EQ(taints(node), "unreachable:NoSchedule unreachable:NoExecute");
    EXPECT_EQ(node.status.conditions.front().status, "Unknown");
    ASSERT_TRUE(cluster.runUntil([&] { return cluster.readyPods() == 6; }, seconds{20}));
    for (const auto& pod : cluster.pods()) {
        if (!pod.metadata.deletionTimestamp)
            EXPECT_NE(pod.spec.nodeName, "n1");
    }
    // What was on it is terminating until the node itself is gone.
    EXPECT_GT(cluster.pods().size(), 6U);
    ASSERT_TRUE(cluster.client.remove(api::kindOf<api::Node>(), {"", "n1"}, {}));
    EXPECT_TRUE(cluster.runUntil([&] { return cluster.pods().size() == 6; }, minutes{1}));
}

TEST(NodeStory, whenAllNodesAreSilentNothingIsEvicted)
{
    SimulatedCluster::Options options;
    options.controllers.tolerationMax = seconds{5};
    SimulatedCluster cluster(options);
    for (const auto* name : {"n1", "n2"})
        cluster.addNode(name);
    cluster.createDeployment("web", 4);
    cluster.runFor(seconds{10});
    cluster.killNode("n1");
    cluster.killNode("n2");
    cluster.runFor(minutes{10});
    EXPECT_EQ(cluster.pods().size(), 4U);
}

TEST(NodeStory, acordonedNodeIsTaintedAndFreedAgain)
{
    SimulatedCluster cluster;
    cluster.addNode("n1");
    const auto cordon = [&](bool on) {
        const Value patch = api::Object{{"spec", api::Object{{"unschedulable", on}}}};
        ASSERT_TRUE(client::mergePatch<api::Node>(cluster.client, {"", "n1"}, patch));
        cluster.runFor(seconds{1});
    };
    cordon(true);
    EXPECT_EQ(taints(*client::get<api::Node>(cluster.client, {"", "n1"})), "unschedulable:NoSchedule");
    cordon(false);
    EXPECT_EQ(taints(*client::get<api::Node>(cluster.client, {"", "n1"})), "");
}

class GarbageStory : public testing::Test {
protected:
    GarbageStory()
    {
        cluster.addNode("n1");
        cluster.createDeployment("web", 3);
        cluster.runFor(seconds{10});
    }
    void remove(client::Propagation propagation)
    {
        ASSERT_TRUE(
            cluster.client.remove(api::kindOf<api::Deployment>(), {"default", "web"}, {.propagation = propagation}));
    }
    bool deploymentExists() { return client::get<api::Deployment>(cluster.client, {"default", "web"}).has_value(); }
    SimulatedCluster cluster;
};

TEST_F(GarbageStory, inTheBackgroundTheOwnerGoesFirst)
{
    remove(client::Propagation::Background);
    EXPECT_FALSE(deploymentExists());
    EXPECT_TRUE(cluster.runUntil([&] { return cluster.pods().empty() && cluster.replicaSets().empty(); }, seconds{10}));
}

TEST_F(GarbageStory, inTheForegroundTheOwnerGoesLast)
{
    remove(client::Propagation::Foreground);
    bool ownerOutlived = true;
    cluster.onPodChange = [&] { ownerOutlived &= deploymentExists() || cluster.pods().empty(); };
    EXPECT_TRUE(cluster.runUntil([&] { return !deploymentExists(); }, seconds{20}));
    EXPECT_TRUE(ownerOutlived);
    EXPECT_TRUE(cluster.pods().empty());
    EXPECT_TRUE(cluster.replicaSets().empty());
}

TEST_F(GarbageStory, orphansStayWithoutTheReference)
{
    remove(client::Propagation::Orphan);
    cluster.runFor(seconds{10});
    EXPECT_FALSE(deploymentExists());
    ASSERT_EQ(cluster.replicaSets().size(), 1U);
    EXPECT_TRUE(cluster.replicaSets().front().metadata.ownerReferences.empty());
    EXPECT_EQ(cluster.pods().size(), 3U);
}

TEST_F(GarbageStory, customKindsOwnAndAreOwned)
{
    const auto definition = customresources::withAcceptedNames(*api::parseYaml(R"(
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.org}
spec:
  group: example.org
  scope: Namespaced
  names: {plural: widgets, singular: widget, kind: Widget, listKind: WidgetList}
  versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]
)"),
                                                               {}, cluster.clock.wall());
    const auto served = customresources::servedDefinition(definition);
    ASSERT_EQ(served.kinds.size(), 1U);
    const auto& widgets = *served.kinds.front();
    cluster.client.serve(
        std::make_shared<const api::Catalog>(api::Catalog::extended(api::Catalog::builtIn(), served.kinds)));
    ASSERT_TRUE(cluster.client.create(api::kindOf<api::CustomResourceDefinition>(), definition));
    cluster.runFor(seconds{1});
    const auto create = [&](const Kind& kind, const std::string& name, const Value* owner) {
        Value object{{"apiVersion", kind.groupVersion.text()},
                     {"kind", kind.kind},
                     {"metadata", {{"name", name}, {"namespace", "default"}}}};
        if (owner)
            api::objectAt(object, {"metadata"})["ownerReferences"] =
                api::Array{{{"apiVersion", "example.org/v1"},
                            {"kind", "Widget"},
                            {"name", owner->at("metadata").at("name")},
                            {"uid", owner->at("metadata").at("uid")}}};
        return *cluster.client.create(kind, std::move(object));
    };
    const auto owner = create(widgets, "owner", nullptr);
    create(widgets, "part", &owner);
    create(api::kindOf<api::ConfigMap>(), "conf", &owner);
    cluster.runFor(seconds{10});
    const auto exists = [&](const Kind& kind, const std::string& name) {
        return cluster.client.get(kind, {"default", name}).has_value();
    };
    EXPECT_TRUE(exists(widgets, "part") && exists(api::kindOf<api::ConfigMap>(), "conf"));
    ASSERT_TRUE(cluster.client.remove(widgets, {"default", "owner"}, {}));
    EXPECT_TRUE(cluster.runUntil(
        [&] { return !exists(widgets, "part") && !exists(api::kindOf<api::ConfigMap>(), "conf"); }, seconds{10}));
}

TEST_F(GarbageStory, anObjectWhoseOwnerNeverWasGoes)
{
    cluster.create(R"(
apiVersion: v1
kind: ConfigMap
metadata:
  name: lost
  namespace: default
  ownerReferences: [{apiVersion: apps/v1, kind: Deployment, name: web, uid: another-uid}]
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: unknown
  namespace: default
  ownerReferences: [{apiVersion: example.com/v1, kind: Thing, name: web, uid: another-uid}]
)");
    cluster.runFor(seconds{2});
    EXPECT_FALSE(client::get<api::ConfigMap>(cluster.client, {"default", "lost"}));
    EXPECT_TRUE(client::get<api::ConfigMap>(cluster.client, {"default", "unknown"}));
}

} // namespace
} // namespace keelson::test
