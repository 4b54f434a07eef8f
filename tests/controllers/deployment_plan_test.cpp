// SPDX-License-Identifier: Apache-2.0
#include "controllers/deployment_plan.h"

#include "api/codec.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <sstream>

namespace keelson::controllers {
namespace {

const WallTime now = WallTime{} + std::chrono::days{1};

api::Deployment deployment(int replicas, std::string_view more = {})
{
    return api::fromJson<api::Deployment>(api::parseYaml(fmt::format(R"(
metadata: {{name: web, namespace: default, uid: d1, generation: 1}}
spec:
  replicas: {}
  progressDeadlineSeconds: 600
  selector: {{matchLabels: {{app: web}}}}
  template:
    metadata: {{labels: {{app: web}}}}
    spec: {{containers: [{{name: app, image: "app:new"}}]}}
  {}
)",
                                                                     replicas, more))
                                              .value())
        .value();
}

/// A line a set: name, size, ready and available pods, revision. The set "new" has the Deployment's template. The sets
/// come in the order of their age, the oldest first, sized for `desired` pods.
std::vector<api::ReplicaSetPtr> sets(const api::Deployment& of, const std::string& table, int desired)
{
    std::vector<api::ReplicaSetPtr> out;
    std::istringstream lines(table);
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words(line);
        std::string name;
        int size = 0;
        int available = 0;
        std::string revision;
        if (!(words >> name >> size >> available >> revision))
            continue;
        api::ReplicaSet set;
        set.metadata.name = name;
        set.metadata.creationTimestamp = now - std::chrono::hours{1} + std::chrono::minutes{out.size()};
        set.metadata.annotations = {{std::string(revisionAnnotation), revision},
                                    {std::string(desiredReplicasAnnotation), std::to_string(desired)},
                                    {std::string(maxReplicasAnnotation), std::to_string(desired + 1)}};
        set.spec.replicas = size;
        set.spec.template_ = of.spec.template_;
        set.spec.template_.spec.containers[0].image = name == "new" ? "app:new" : "app:" + name;
        set.spec.template_.metadata.labels[std::string(templateHashLabel)] = name;
        set.status.replicas = size;
        set.status.readyReplicas = available;
        set.status.availableReplicas = available;
        out.push_back(std::make_shared<const api::ReplicaSet>(std::move(set)));
    }
    return out;
}

/// "+3": a new set of three pods; "old=2": resized; "-old": removed.
std::string steps(const DeploymentPlan& plan)
{
    std::string out;
    if (plan.create)
        out += fmt::format("+{} ", plan.create->spec.replicas.value_or(1));
    for (const auto& change : plan.change) {
        if (change.replicas != change.set->spec.replicas)
            out += fmt::format("{}={} ", change.set->metadata.name, change.replicas);
    }
    for (const auto& set : plan.remove)
        out += fmt::format("-{} ", set->metadata.name);
    return out.substr(0, out.find_last_not_of(' ') + 1);
}

DeploymentPlan planFor(const api::Deployment& of, const std::string& table, int desired, bool oldPodsRunning = false)
{
    const auto owned = sets(of, table, desired);
    return planDeployment({.deployment = of, .sets = owned, .oldPodsRunning = oldPodsRunning, .now = now}).value();
}

std::string limits(int surge, int unavailable)
{
    return fmt::format("strategy: {{type: RollingUpdate, rollingUpdate: {{maxSurge: {}, maxUnavailable: {}}}}}", surge,
                       unavailable);
}

TEST(DeploymentPlan, rollsInStepsThatKeepTheLimits)
{
    struct Row {
        int surge;
        int unavailable;
        const char* sets; // of a Deployment of four
        const char* steps;
    };
    for (const auto& [surge, unavailable, table, expected] : {
             Row{1, 0, "", "+4"},
             Row{1, 0, "old 4 4 1", "+1"},
             Row{0, 1, "old 4 4 1", "+0"},
             Row{4, 0, "old 4 4 1", "+4"},
             Row{1, 0, "old 4 4 1 \n new 1 0 2", ""}, // the new pod is not available: wait
             Row{1, 0, "old 4 4 1 \n new 1 1 2", "old=3"},
             Row{1, 0, "old 3 3 1 \n new 1 1 2", "new=2"},
             Row{0, 1, "old 4 4 1 \n new 0 0 2", "old=3"},
             Row{0, 1, "old 3 3 1 \n new 0 0 2", "new=1"},
             Row{0, 1, "old 3 3 1 \n new 1 0 2", ""},
             Row{2, 2, "old 4 4 1 \n new 2 0 2", "old=2"},
             Row{1, 0, "old 4 1 1 \n new 1 0 2", ""},      // broken old pods go only where the limit leaves room
             Row{0, 2, "old 4 1 1 \n new 0 0 2", "old=2"}, // and first
             Row{0, 1, "one 2 0 1 \n two 2 2 2 \n new 0 0 3", "one=1"}, // the oldest set first
             Row{1, 0, "old 1 1 1 \n new 4 4 2", "old=0"},
             Row{1, 0, "old 0 0 1 \n new 4 4 2", ""},
             Row{1, 0, "new 6 6 1", "new=4"},
         }) {
        const auto of = deployment(4, limits(surge, unavailable));
        EXPECT_EQ(steps(planFor(of, table, 4)), expected) << surge << "/" << unavailable << " with\n" << table;
    }
}

TEST(DeploymentPlan, recreatesOnlyWhenTheOldPodsAreGone)
{
    const auto of = deployment(3, "strategy: {type: Recreate}");
    EXPECT_EQ(steps(planFor(of, "old 3 3 1", 3)), "old=0");
    EXPECT_EQ(steps(planFor(of, "old 0 0 1", 3, true)), "");
    EXPECT_EQ(steps(planFor(of, "old 0 0 1", 3)), "+3");
    EXPECT_EQ(steps(planFor(of, "old 0 0 1 \n new 0 0 2", 3)), "new=3");
}

TEST(DeploymentPlan, scalesInShares)
{
    struct Row {
        int replicas;
        int desired; // the size that the sets were made for
        const char* sets;
        const char* steps;
    };
    for (const auto& [replicas, desired, table, expected] : {
             Row{10, 4, "new 4 4 1", "new=10"},
             Row{1, 4, "new 4 4 1", "new=1"},
             Row{0, 4, "new 4 4 1", "new=0"},
             Row{8, 4, "old 4 4 1 \n new 1 0 2", "old=7 new=2"}, // nine with the surge: four and one of five
             Row{2, 4, "old 4 4 1 \n new 1 0 2", "old=2"},
             Row{8, 4, "old 2 2 1 \n new 3 3 2", "new=5 old=4"},
             Row{0, 4, "old 4 4 1 \n new 1 0 2", "old=0 new=0"},
         }) {
        const auto of = deployment(replicas, limits(1, 0));
        auto plan = planFor(of, table, desired);
        std::ranges::sort(plan.change, {},
                          [&](const auto& change) { return std::string(expected).find(change.set->metadata.name); });
        EXPECT_EQ(steps(plan), expected) << replicas << " instead of " << desired << " with\n" << table;
    }
}

TEST(DeploymentPlan, aPausedOneScalesButDoesNotRoll)
{
    EXPECT_EQ(steps(planFor(deployment(4, "paused: true"), "old 4 4 1", 4)), "");
    EXPECT_EQ(steps(planFor(deployment(6, "paused: true"), "old 4 4 1", 4)), "old=6");
}

TEST(DeploymentPlan, keepsTheHistoryThatItShall)
{
    const std::string table = "one 0 0 1 \n three 0 0 3 \n two 0 0 2 \n new 4 4 4";
    EXPECT_EQ(steps(planFor(deployment(4, "revisionHistoryLimit: 3"), table, 4)), "");
    EXPECT_EQ(steps(planFor(deployment(4, "revisionHistoryLimit: 1"), table, 4)), "-one -two");
    EXPECT_EQ(steps(planFor(deployment(4, "revisionHistoryLimit: 0"), table, 4)), "-one -two -three");
    EXPECT_EQ(steps(planFor(deployment(4, "revisionHistoryLimit: 0"), "one 0 0 1 \n new 4 3 4", 4)), "")
        << "not before the rollout is complete";
}

TEST(DeploymentPlan, numbersRevisions)
{
    EXPECT_EQ(planFor(deployment(1), "", 1).revision, "1");
    EXPECT_EQ(planFor(deployment(1), "old 1 1 3", 1).revision, "4");
    const auto undo = planFor(deployment(1), "new 0 0 1 \n old 1 1 2", 1);
    EXPECT_EQ(undo.revision, "3") << "an old template again is the newest revision";
    ASSERT_FALSE(undo.change.empty());
    EXPECT_EQ(undo.change[0].annotations.at(std::string(revisionAnnotation)), "3");
    EXPECT_EQ(undo.change[0].annotations.at(std::string(revisionHistoryAnnotation)), "1");
    auto known = deployment(1);
    known.metadata.annotations[std::string(revisionAnnotation)] = "2";
    EXPECT_EQ(planFor(known, "new 1 1 2", 1).revision, "") << "it says so already";
}

TEST(DeploymentPlan, namesANewSetByItsTemplate)
{
    const auto made = *planFor(deployment(2), "", 2).create;
    const auto hash = made.metadata.labels.at(std::string(templateHashLabel));
    EXPECT_EQ(made.metadata.name, "web-" + hash);
    EXPECT_EQ(made.spec.selector->matchLabels.at(std::string(templateHashLabel)), hash);
    EXPECT_EQ(made.spec.template_.metadata.labels.at(std::string(templateHashLabel)), hash);
    EXPECT_EQ(made.metadata.ownerReferences.at(0).uid, "d1");
    auto other = deployment(2);
    other.spec.template_.spec.containers[0].image = "app:other";
    EXPECT_NE(templateHash(other.spec.template_, {}), hash);
    EXPECT_NE(templateHash(deployment(2).spec.template_, 1), hash) << "after a collision another one";
}

TEST(DeploymentPlan, ofOneThatIsDeletedOnlyCounts)
{
    auto of = deployment(3);
    of.metadata.deletionTimestamp = now;
    const auto plan = planFor(of, "old 2 1 1", 3);
    EXPECT_EQ(steps(plan), "");
    EXPECT_EQ(plan.status.replicas, 2);
    EXPECT_EQ(plan.status.unavailableReplicas, 1);
}

TEST(RollingLimits, roundSurgeUpAndUnavailableDown)
{
    struct Row {
        int replicas;
        const char* surge;
        const char* unavailable;
        const char* expected;
    };
    for (const auto& [replicas, surge, unavailable, expected] : {
             Row{10, "25%", "25%", "3/2"},
             Row{4, "25%", "25%", "1/1"},
             Row{1, "25%", "25%", "1/0"},
             Row{10, "0", "1%", "0/1"},   // never both nothing
             Row{0, "50%", "50%", "0/0"}, // but where nothing runs
             Row{3, "100%", "0", "3/0"},
             Row{3, "5", "2", "5/2"},
             Row{3, "many", "1", "Invalid"},
             Row{3, "1", "x%", "Invalid"},
         }) {
        const auto got = rollingLimits(deployment(
            replicas,
            fmt::format("strategy: {{type: RollingUpdate, rollingUpdate: {{maxSurge: {}, maxUnavailable: {}}}}}", surge,
                        unavailable)));
        EXPECT_EQ(got ? fmt::format("{}/{}", got->surge, got->unavailable)
                      : std::string(reasonName(got.error().reason)),
                  expected)
            << replicas << " " << surge << " " << unavailable;
    }
}

} // namespace
} // namespace keelson::controllers
