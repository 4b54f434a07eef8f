// SPDX-License-Identifier: Apache-2.0
#include "support/simulated_cluster.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace keelson::test {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::string_view image2 =
    R"({"spec": {"template": {"spec": {"containers": [{"name": "app", "image": "app:2", "resources": {"requests": {"cpu": "100m"}}}]}}}})";

class DeploymentStory : public testing::Test {
protected:
    DeploymentStory()
    {
        cluster.addNode("n1");
        cluster.addNode("n2");
    }
    std::string progressing(const std::string& name)
    {
        for (const auto& condition : cluster.deployment(name).status.conditions)
            if (condition.type == "Progressing")
                return condition.status + " " + condition.reason;
        return "";
    }
    SimulatedCluster cluster;
};

TEST_F(DeploymentStory, comesUpAndScales)
{
    cluster.createDeployment("web", 3);
    ASSERT_TRUE(cluster.runUntil([&] { return cluster.readyPods() == 3; }, seconds{10}));
    ASSERT_TRUE(cluster.runUntil([&] { return cluster.deployment("web").status.availableReplicas == 3; }, seconds{1}));
    EXPECT_EQ(progressing("web"), "True NewReplicaSetAvailable");
    EXPECT_EQ(cluster.deployment("web").metadata.annotations["deployment.kubernetes.io/revision"], "1");

    cluster.patchDeployment("web", R"({"spec": {"replicas": 7}})");
    EXPECT_TRUE(cluster.runUntil([&] { return cluster.readyPods() == 7; }, seconds{10}));
    cluster.patchDeployment("web", R"({"spec": {"replicas": 2}})");
    EXPECT_TRUE(cluster.runUntil([&] { return cluster.pods().size() == 2; }, seconds{10}));
    cluster.patchDeployment("web", R"({"spec": {"replicas": 0}})");
    EXPECT_TRUE(cluster.runUntil([&] { return cluster.pods().empty(); }, seconds{10}));
}

TEST_F(DeploymentStory, settlesAndThenWritesNothing)
{
    cluster.createDeployment("web", 5);
    cluster.runFor(seconds{30});
    const auto pods = cluster.pods().size();
    const auto revision = cluster.client.list(api::kindOf<api::ReplicaSet>(), {})->objects.front();
    const auto deployment = cluster.deployment("web").metadata.resourceVersion;
    cluster.runFor(minutes{10});
    EXPECT_EQ(cluster.pods().size(), pods);
    EXPECT_EQ(cluster.client.list(api::kindOf<api::ReplicaSet>(), {})->objects.front(), revision);
    EXPECT_EQ(cluster.deployment("web").metadata.resourceVersion, deployment);
}

TEST_F(DeploymentStory, replacesADeletedPod)
{
    cluster.createDeployment("web", 3);
    cluster.runFor(seconds{10});
    const auto pod = cluster.pods().front();
    ASSERT_TRUE(client::remove(cluster.client, pod));
    EXPECT_TRUE(cluster.runUntil([&] { return cluster.readyPods() == 3 && cluster.pods().size() == 3; }, seconds{10}));
    for (const auto& other : cluster.pods())
        EXPECT_NE(other.metadata.uid, pod.metadata.uid);
}

struct Rolling {
    const char* maxSurge;
    const char* maxUnavailable;
    int most;
    int least;
};

class RollingUpdate : public testing::TestWithParam<Rolling> {};

TEST_P(RollingUpdate, staysWithinItsLimitsAtEveryStep)
{
    const auto limits = GetParam();
    SimulatedCluster cluster;
    cluster.addNode("n1");
    cluster.addNode("n2");
    cluster.createDeployment("web", 8,
                             fmt::format("{{type: RollingUpdate, rollingUpdate: {{maxSurge: {}, maxUnavailable: {}}}}}",
                                         limits.maxSurge, limits.maxUnavailable));
    ASSERT_TRUE(cluster.runUntil([&] { return cluster.deployment("web").status.availableReplicas == 8; }, minutes{1}));
    cluster.onPodChange = [&] {
        const auto pods = cluster.pods();
        const auto active =
            std::ranges::count_if(pods, [](const auto& pod) { return !pod.metadata.deletionTimestamp; });
        EXPECT_LE(active, limits.most);
        EXPECT_GE(cluster.readyPods(), limits.least);
    };
    cluster.patchDeployment("web", image2);
    EXPECT_TRUE(
        cluster.runUntil([&] { return cluster.readyPods("app:2") == 8 && cluster.pods().size() == 8; }, minutes{2}));
    cluster.runFor(seconds{2});
    EXPECT_EQ(cluster.deployment("web").metadata.annotations["deployment.kubernetes.io/revision"], "2");
    EXPECT_EQ(cluster.deployment("web").status.updatedReplicas, 8);
    EXPECT_EQ(cluster.replicaSets().size(), 2U);
}

INSTANTIATE_TEST_SUITE_P(Limits, RollingUpdate,
                         testing::Values(Rolling{"25%", "25%", 10, 6}, Rolling{"0", "1", 8, 7}, Rolling{"1", "0", 9, 8},
                                         Rolling{"100%", "0", 16, 8}, Rolling{"0", "100%", 8, 0},
                                         Rolling{"3", "2", 11, 6}));

TEST_F(DeploymentStory, keepsTheOldPodsWhenTheNewOnesNeverGetReady)
{
    cluster.breakImage("app:2");
    cluster.createDeployment("web", 4, "{type: RollingUpdate, rollingUpdate: {maxSurge: 1, maxUnavailable: 1}}");
    cluster.runFor(seconds{10});
    cluster.patchDeployment("web", image2);
    cluster.runFor(minutes{5});
    EXPECT_EQ(cluster.readyPods("app:1"), 3);
    EXPECT_EQ(progressing("web"), "True ReplicaSetUpdated");
    cluster.runFor(minutes{10});
    EXPECT_EQ(progressing("web"), "False ProgressDeadlineExceeded");

    // kubectl rollout undo writes the old template back.
    cluster.patchDeployment(
        "web",
        R"({"spec": {"template": {"spec": {"containers": [{"name": "app", "image": "app:1", "resources": {"requests": {"cpu": "100m"}}}]}}}})");
    EXPECT_TRUE(
        cluster.runUntil([&] { return cluster.readyPods("app:1") == 4 && cluster.pods().size() == 4; }, minutes{1}));
    cluster.runFor(seconds{2});
    EXPECT_EQ(cluster.deployment("web").metadata.annotations["deployment.kubernetes.io/revision"], "3");
    EXPECT_EQ(progressing("web"), "True NewReplicaSetAvailable");
    EXPECT_EQ(cluster.replicaSets().size(), 2U);
}

TEST_F(DeploymentStory, recreateHasNeverOldAndNewPodsAtOnce)
{
    cluster.createDeployment("web", 3, "{type: Recreate}");
    cluster.runFor(seconds{10});
    cluster.onPodChange = [&] {
        std::set<std::string> images;
        for (const auto& pod : cluster.pods())
            images.insert(pod.spec.containers.front().image);
        EXPECT_LE(images.size(), 1U);
    };
    cluster.patchDeployment("web", image2);
    EXPECT_TRUE(cluster.runUntil([&] { return cluster.readyPods("app:2") == 3; }, minutes{1}));
}

TEST_F(DeploymentStory, aPausedOneScalesButDoesNotRoll)
{
    cluster.createDeployment("web", 2);
    cluster.runFor(seconds{10});
    cluster.patchDeployment("web", R"({"spec": {"paused": true}})");
    cluster.patchDeployment("web", image2);
    cluster.patchDeployment("web", R"({"spec": {"replicas": 4}})");
    cluster.runFor(seconds{10});
    EXPECT_EQ(cluster.readyPods("app:1"), 4);
    EXPECT_EQ(progressing("web"), "Unknown DeploymentPaused");
    cluster.patchDeployment("web", R"({"spec": {"paused": false}})");
    EXPECT_TRUE(
        cluster.runUntil([&] { return cluster.readyPods("app:2") == 4 && cluster.pods().size() == 4; }, minutes{1}));
}

TEST_F(DeploymentStory, keepsAsManyOldSetsAsTheLimitSays)
{
    cluster.createDeployment("web", 1);
    for (int i = 2; i <= 6; ++i) {
        cluster.runFor(seconds{10});
        cluster.patchDeployment(
            "web",
            fmt::format(
                R"({{"spec": {{"template": {{"spec": {{"containers": [{{"name": "app", "image": "app:{}"}}]}}}}}}}})",
                i));
    }
    cluster.runFor(seconds{30});
    EXPECT_EQ(cluster.replicaSets().size(), 3U);
    EXPECT_EQ(cluster.readyPods("app:6"), 1);
}

TEST_F(DeploymentStory, goesOnAfterTheWatchesBroke)
{
    cluster.createDeployment("web", 2);
    cluster.runFor(seconds{5});
    cluster.client.endWatches();
    cluster.patchDeployment("web", R"({"spec": {"replicas": 5}})");
    EXPECT_TRUE(cluster.runUntil([&] { return cluster.readyPods() == 5; }, seconds{20}));
}

TEST_F(DeploymentStory, saysWhyPodsCannotBeCreatedAndTriesAgain)
{
    cluster.client.refuseCreates(api::kindOf<api::Pod>(), 3);
    cluster.createDeployment("web", 2);
    cluster.loop.runDue();
    ASSERT_EQ(cluster.replicaSets().size(), 1U);
    ASSERT_EQ(cluster.replicaSets().front().status.conditions.size(), 1U);
    EXPECT_EQ(cluster.replicaSets().front().status.conditions.front().message, "refused by the test");
    EXPECT_TRUE(cluster.runUntil([&] { return cluster.readyPods() == 2; }, seconds{20}));
    cluster.runFor(seconds{1});
    EXPECT_TRUE(cluster.replicaSets().front().status.conditions.empty());
}

} // namespace
} // namespace keelson::test
