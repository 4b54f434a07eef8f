// SPDX-License-Identifier: Apache-2.0
#include "controllers/replica_set_plan.h"

#include "api/codec.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <sstream>

namespace keelson::controllers {
namespace {

using std::chrono::seconds;

const WallTime now = WallTime{} + std::chrono::days{1};

/// A line a pod: name, phase, node ("-": none), ready, age in seconds (it became ready as soon as it was made), then
/// words of choice: cost=N, restarts=N, ready=N (seconds since), deleted, other (not labelled as the template says).
api::PodPtr podFrom(const std::string& line)
{
    std::istringstream words(line);
    std::string name;
    std::string phase;
    std::string node;
    std::string ready;
    int age = 0;
    words >> name >> phase >> node >> ready >> age;
    api::Pod pod;
    pod.metadata.name = name;
    pod.metadata.labels = {{"app", "web"}};
    pod.metadata.creationTimestamp = now - seconds{age};
    pod.status.phase = phase;
    pod.spec.nodeName = node == "-" ? "" : node;
    int readyFor = age;
    for (std::string word; words >> word;) {
        const auto value = word.substr(word.find('=') + 1);
        if (word.starts_with("cost="))
            pod.metadata.annotations["controller.kubernetes.io/pod-deletion-cost"] = value;
        else if (word.starts_with("restarts="))
            pod.status.containerStatuses.emplace_back().restartCount = std::stoi(value);
        else if (word.starts_with("ready="))
            readyFor = std::stoi(value);
        else if (word == "deleted")
            pod.metadata.deletionTimestamp = now;
        else
            pod.metadata.labels = {{"app", word}};
    }
    auto& condition = pod.status.conditions.emplace_back();
    condition.type = "Ready";
    condition.status = ready == "yes" ? "True" : "False";
    condition.lastTransitionTime = now - seconds{readyFor};
    return std::make_shared<const api::Pod>(std::move(pod));
}

std::vector<api::PodPtr> pods(const std::string& table)
{
    std::vector<api::PodPtr> out;
    std::istringstream lines(table);
    for (std::string line; std::getline(lines, line);) {
        if (line.find_first_not_of(' ') != std::string::npos)
            out.push_back(podFrom(line));
    }
    return out;
}

std::string names(const std::vector<api::PodPtr>& pods)
{
    std::string out;
    for (const auto& pod : pods)
        out += (out.empty() ? "" : " ") + pod->metadata.name;
    return out;
}

api::ReplicaSet replicaSet(int replicas, int minReadySeconds = 0)
{
    api::ReplicaSet set;
    set.metadata.name = "web";
    set.metadata.generation = 7;
    set.spec.replicas = replicas;
    set.spec.minReadySeconds = minReadySeconds;
    set.spec.template_.metadata.labels = {{"app", "web"}};
    return set;
}

TEST(ReplicaSetPlan, createsWhatIsMissingAndRemovesWhatIsTooMuch)
{
    struct Row {
        int replicas;
        const char* pods;
        int create;
        const char* remove;
    };
    const auto* const two = "a Running n1 yes 9 \n b Running n2 yes 8";
    for (const auto& [replicas, table, create, remove] : {
             Row{0, "", 0, ""},
             Row{3, "", 3, ""},
             Row{2, two, 0, ""},
             Row{5, two, 3, ""},
             Row{1, two, 0, "b"},
             Row{0, two, 0, "b a"},
             Row{2, "a Running n1 yes 9 \n b Succeeded n2 no 8", 1, ""}, // finished pods count no more
             Row{2, "a Running n1 yes 9 \n b Failed n2 no 8", 1, ""},
             Row{2, "a Running n1 yes 9 \n b Running n2 yes 8 deleted", 1, ""}, // nor do those that go
             Row{1, "a Running n1 yes 9 deleted \n b Running n2 yes 8", 0, ""},
             Row{replicaSetBurstMax + 1, "", replicaSetBurstMax, ""},
         }) {
        const auto plan = planReplicaSet(replicaSet(replicas), pods(table), now);
        EXPECT_EQ(plan.create, create) << replicas << " of\n" << table;
        EXPECT_EQ(names(plan.remove), remove) << replicas << " of\n" << table;
    }
}

TEST(ReplicaSetPlan, isOneWhereNoSizeIsGiven)
{
    auto set = replicaSet(0);
    set.spec.replicas.reset();
    EXPECT_EQ(planReplicaSet(set, {}, now).create, 1);
}

TEST(ReplicaSetPlan, ofASetThatIsDeletedOnlyCounts)
{
    auto set = replicaSet(3);
    set.metadata.deletionTimestamp = now;
    const auto plan = planReplicaSet(set, pods("a Running n1 yes 9"), now);
    EXPECT_EQ(plan.create, 0);
    EXPECT_EQ(plan.status.replicas, 1);
    set.spec.replicas = 0;
    EXPECT_EQ(names(planReplicaSet(set, pods("a Running n1 yes 9"), now).remove), "");
}

TEST(ReplicaSetPlan, removesTheLeastUsefulFirst)
{
    // Each table goes from the most useful to the least: one rule each, over all the rules behind it.
    for (const auto* const table : {
             "bound Pending n1 no 10 \n free Pending - no 900",
             "runs Running n1 no 10 \n unknown Unknown n1 no 900 \n waits Pending n1 no 900",
             "ready Running n1 yes 10 \n unready Running n1 no 900",
             "dear Running n1 yes 10 cost=5 \n plain Running n1 yes 900 \n cheap Running n1 yes 900 cost=-5",
             "alone Running n2 yes 10 \n old Running n1 yes 900 \n young Running n1 yes 10",
             "long Running n1 yes 10 ready=9 \n short Running n1 yes 900 ready=8",
             "calm Running n1 yes 10 ready=5 \n restless Running n1 yes 900 ready=5 restarts=3",
             "old Running n1 yes 900 ready=5 \n young Running n1 yes 10 ready=5",
             "z Running n1 yes 9 \n a Running n1 yes 9", // equals go by name, so that each pass says the same
         }) {
        auto expected = pods(table);
        std::ranges::reverse(expected);
        EXPECT_EQ(names(rankForRemoval(pods(table))), names(expected));
        EXPECT_EQ(names(rankForRemoval(expected)), names(expected)) << "in whatever order they come";
    }
}

TEST(ReplicaSetPlan, countsReadyLabelledAndAvailablePods)
{
    const auto* const table = R"(
        ready    Running n1 yes 100
        fresh    Running n1 yes  10
        fresher  Running n1 yes   4
        unready  Running n1 no  100
        strange  Running n1 yes 100 other
        done     Succeeded n1 no 100
        going    Running n1 yes 100 deleted
    )";
    const auto plan = planReplicaSet(replicaSet(5, 30), pods(table), now);
    EXPECT_EQ(plan.status.replicas, 5);
    EXPECT_EQ(plan.status.fullyLabeledReplicas, 4);
    EXPECT_EQ(plan.status.readyReplicas, 4);
    EXPECT_EQ(plan.status.availableReplicas, 2);
    EXPECT_EQ(plan.status.observedGeneration, 7);
    EXPECT_EQ(plan.lookAgain, Duration{seconds{20}}) << "the next one to become available";
    EXPECT_EQ(planReplicaSet(replicaSet(5), pods(table), now).status.availableReplicas, 4);
    EXPECT_FALSE(planReplicaSet(replicaSet(5), pods(table), now).lookAgain);
    EXPECT_EQ(planReplicaSet(replicaSet(5, 10), pods(table), now).status.availableReplicas, 3)
        << "ten seconds are enough";
}

TEST(PodFor, carriesTheTemplateAndItsOwner)
{
    auto set = replicaSet(1);
    set.metadata.uid = "u1";
    set.metadata.namespace_ = "shop";
    set.spec.template_.metadata.annotations = {{"note", "x"}};
    set.spec.template_.spec.containers.emplace_back().image = "app:1";
    const auto pod = podFor(set);
    EXPECT_EQ(pod.metadata.generateName, "web-");
    EXPECT_EQ(pod.metadata.namespace_, "shop");
    EXPECT_EQ(pod.metadata.labels.at("app"), "web");
    EXPECT_EQ(pod.metadata.annotations.at("note"), "x");
    EXPECT_EQ(pod.spec.containers.at(0).image, "app:1");
    const auto& owner = pod.metadata.ownerReferences.at(0);
    EXPECT_EQ(owner.apiVersion + " " + owner.kind + " " + owner.name + " " + owner.uid, "apps/v1 ReplicaSet web u1");
    EXPECT_TRUE(owner.controller.value_or(false));
}

} // namespace
} // namespace keelson::controllers
