// SPDX-License-Identifier: Apache-2.0
#include "controllers/storage_protection_controller.h"
#include "support/simulated_cluster.h"

#include <gtest/gtest.h>

namespace keelson::test {
namespace {

using std::chrono::seconds;

TEST(StorageStory, aClaimStaysWhileAPodUsesIt)
{
    SimulatedCluster cluster;
    cluster.addNode("n1");
    cluster.create(R"(
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data, namespace: default}
---
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: default}
spec: {containers: [{name: c, image: i}], volumes: [{name: v, persistentVolumeClaim: {claimName: data}}]}
)");
    const auto claims = [&] { return cluster.all<api::PersistentVolumeClaim>(); };
    ASSERT_TRUE(cluster.runUntil([&] { return !claims().front().metadata.finalizers.empty(); }, seconds{5}));
    ASSERT_TRUE(cluster.runUntil([&] { return cluster.readyPods() == 1; }, seconds{30}));

    ASSERT_TRUE(cluster.client.remove(api::kindOf<api::PersistentVolumeClaim>(), {"default", "data"}, {}));
    cluster.runFor(seconds{60});
    ASSERT_EQ(claims().size(), 1U);
    EXPECT_TRUE(claims().front().metadata.deletionTimestamp);

    ASSERT_TRUE(cluster.client.remove(api::kindOf<api::Pod>(), {"default", "web"}, {}));
    EXPECT_TRUE(cluster.runUntil([&] { return claims().empty(); }, seconds{60}));
}

TEST(StorageStory, aVolumeStaysWhileItIsBound)
{
    SimulatedCluster cluster;
    cluster.create(R"(
apiVersion: v1
kind: PersistentVolume
metadata: {name: v, finalizers: [kubernetes.io/pv-protection]}
status: {phase: Bound}
)");
    const auto volumes = [&] { return cluster.all<api::PersistentVolume>(); };
    ASSERT_TRUE(cluster.client.remove(api::kindOf<api::PersistentVolume>(), {"", "v"}, {}));
    cluster.runFor(seconds{60});
    ASSERT_EQ(volumes().size(), 1U);
    auto released = toJson(volumes().front());
    api::objectAt(released, {"status"})["phase"] = "Released";
    ASSERT_TRUE(cluster.client.update(api::kindOf<api::PersistentVolume>(), released, "status"));
    EXPECT_TRUE(cluster.runUntil([&] { return volumes().empty(); }, seconds{5}));
}

TEST(UsesClaim, isTrueForPodsOnNodes)
{
    api::PersistentVolumeClaim claim;
    claim.metadata.name = "web-scratch";
    claim.metadata.ownerReferences.emplace_back().uid = "u";
    struct Row {
        const char* spec;
        const char* phase;
        bool expected;
    };
    for (const auto& [spec, phase, expected] : {
             Row{"{nodeName: n1, volumes: [{name: v, persistentVolumeClaim: {claimName: web-scratch}}]}", "Running",
                 true},
             Row{"{nodeName: n1, volumes: [{name: v, persistentVolumeClaim: {claimName: web-scratch}}]}", "Failed",
                 true},
             Row{"{nodeName: n1, volumes: [{name: v, persistentVolumeClaim: {claimName: other}}]}", "Running", false},
             Row{"{volumes: [{name: v, persistentVolumeClaim: {claimName: web-scratch}}]}", "Pending", false},
             Row{"{nodeName: n1, volumes: [{name: scratch, ephemeral: {}}]}", "Running", true},
             Row{"{nodeName: n1, volumes: [{name: scratch, ephemeral: {}}]}", "Succeeded", false},
             Row{"{nodeName: n1, volumes: [{name: other, ephemeral: {}}]}", "Running", false},
         }) {
        api::Pod pod;
        pod.metadata.name = "web";
        pod.metadata.uid = "u";
        pod.spec = *api::fromJson<api::PodSpec>(*api::parseYaml(spec));
        pod.status.phase = phase;
        EXPECT_EQ(controllers::usesClaim(pod, claim), expected) << spec << " " << phase;
    }
}

} // namespace
} // namespace keelson::test
