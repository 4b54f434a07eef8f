// SPDX-License-Identifier: Apache-2.0
#include "controllers/node_lifecycle_plan.h"

#include "api/codec.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <sstream>

namespace keelson::controllers {
namespace {

using std::chrono::seconds;

const WallTime now = WallTime{} + std::chrono::days{1};
const WallTime before = now - std::chrono::hours{1};

/// Conditions "Ready=True MemoryPressure=False", taints "disk-pressure:NoSchedule own.io/gpu:NoSchedule" (those without
/// a group are node.kubernetes.io's), all of them an hour old.
api::Node node(const std::string& conditions, const std::string& taints, bool unschedulable = false)
{
    api::Node made;
    std::istringstream words(conditions);
    for (std::string word; words >> word;) {
        auto& condition = made.status.conditions.emplace_back();
        condition.type = word.substr(0, word.find('='));
        condition.status = word.substr(word.find('=') + 1);
        condition.reason = "Said";
        condition.lastTransitionTime = before;
    }
    words = std::istringstream(taints);
    for (std::string word; words >> word;) {
        auto& taint = made.spec.taints.emplace_back();
        const auto key = word.substr(0, word.find(':'));
        taint.key = key.contains('/') ? key : "node.kubernetes.io/" + key;
        taint.effect = word.substr(word.find(':') + 1);
        taint.timeAdded = before;
    }
    made.spec.unschedulable = unschedulable;
    return made;
}

std::string conditionsText(const NodePlan& plan)
{
    std::string out;
    for (const auto& condition : plan.conditions)
        out += fmt::format("{}{}={}{}", out.empty() ? "" : " ", condition.type, condition.status,
                           condition.lastTransitionTime == now ? "*" : "");
    return out;
}

/// As `node` reads them, with a star behind what is new.
std::string taintsText(const NodePlan& plan)
{
    constexpr std::string_view group = "node.kubernetes.io/";
    std::string out;
    for (const auto& taint : plan.taints)
        out += fmt::format("{}{}:{}{}", out.empty() ? "" : " ",
                           taint.key.starts_with(group) ? taint.key.substr(group.size()) : taint.key, taint.effect,
                           taint.timeAdded == now ? "*" : "");
    return out;
}

TEST(NodePlan, taintsFollowConditions)
{
    struct Row {
        const char* conditions;
        const char* present;
        bool unschedulable;
        const char* taints;
    };
    for (const auto& [conditions, present, unschedulable, taints] : {
             Row{"Ready=True", "", false, ""},
             Row{"Ready=False", "", false, "not-ready:NoSchedule* not-ready:NoExecute*"},
             Row{"Ready=Unknown", "", false, "unreachable:NoSchedule* unreachable:NoExecute*"},
             Row{"Ready=True", "not-ready:NoSchedule not-ready:NoExecute", false, ""},
             Row{"Ready=True MemoryPressure=True", "", false, "memory-pressure:NoSchedule*"},
             Row{"Ready=True DiskPressure=True PIDPressure=True", "", false,
                 "disk-pressure:NoSchedule* pid-pressure:NoSchedule*"},
             Row{"Ready=True NetworkUnavailable=True", "", false, "network-unavailable:NoSchedule*"},
             Row{"Ready=True MemoryPressure=False", "memory-pressure:NoSchedule", false, ""},
             Row{"Ready=True", "", true, "unschedulable:NoSchedule*"},
             Row{"Ready=True", "unschedulable:NoSchedule", false, ""},
             Row{"Ready=True", "own.io/gpu:NoSchedule disk-pressure:NoExecute", false,
                 "own.io/gpu:NoSchedule disk-pressure:NoExecute"},
             Row{"Ready=False", "not-ready:NoExecute", false,
                 "not-ready:NoSchedule* not-ready:NoExecute"}, // keeps its time
             Row{"Ready=Unknown", "not-ready:NoExecute", false, "unreachable:NoSchedule* unreachable:NoExecute*"},
             Row{"Ready=False", "not-ready:NoExecute not-ready:NoSchedule", false,
                 "not-ready:NoExecute not-ready:NoSchedule"},
         }) {
        const auto plan = planNode(node(conditions, present, unschedulable), {}, now);
        EXPECT_EQ(taintsText(plan), taints) << conditions << " with " << present;
        EXPECT_FALSE(conditionsText(plan).contains('*')) << "a node that speaks knows itself how it is";
    }
}

TEST(NodePlan, whatIsSilentIsUnknown)
{
    struct Row {
        const char* conditions;
        const char* expected;
    };
    for (const auto& [conditions, expected] : {
             Row{"", "Ready=Unknown*"},
             Row{"Ready=True", "Ready=Unknown*"},
             Row{"Ready=Unknown", "Ready=Unknown"},
             Row{"Ready=True MemoryPressure=False DiskPressure=True PIDPressure=False",
                 "Ready=Unknown* MemoryPressure=Unknown* DiskPressure=Unknown* PIDPressure=Unknown*"},
             Row{"NetworkUnavailable=False Ready=False", "NetworkUnavailable=False Ready=Unknown*"},
         })
        EXPECT_EQ(conditionsText(planNode(node(conditions, ""), {.silent = true}, now)), expected) << conditions;
    const auto plan = planNode(node("Ready=True", "not-ready:NoExecute"), {.silent = true}, now);
    EXPECT_EQ(taintsText(plan), "unreachable:NoSchedule* unreachable:NoExecute*");
}

TEST(NodePlan, addsNoExecuteOnlyWhereEvictionsGoOn)
{
    const NodeHealth halted{.silent = true, .evictionsHalted = true};
    EXPECT_EQ(taintsText(planNode(node("Ready=True", ""), halted, now)), "unreachable:NoSchedule*");
    EXPECT_EQ(taintsText(planNode(node("Ready=Unknown", "unreachable:NoExecute"), halted, now)),
              "unreachable:NoSchedule* unreachable:NoExecute")
        << "what is there stays";
}

TEST(EvictionTime, isTheShortestToleration)
{
    struct Row {
        const char* tolerations;
        const char* expected; // seconds after the taint; "never"
    };
    const auto taint =
        api::fromJson<api::Taint>(
            *api::parseYaml(
                "{key: node.kubernetes.io/unreachable, effect: NoExecute, timeAdded: '2026-01-01T00:00:00Z'}"))
            .value();
    for (const auto& [tolerations, expected] : {
             Row{"[]", "0"},
             Row{"[{key: node.kubernetes.io/unreachable, operator: Exists, effect: NoExecute, tolerationSeconds: 300}]",
                 "300"},
             Row{"[{key: node.kubernetes.io/unreachable, operator: Exists, effect: NoExecute}]", "never"},
             Row{"[{operator: Exists}]", "never"},
             Row{"[{key: other, operator: Exists}]", "0"},
             Row{"[{operator: Exists, tolerationSeconds: 300}, {operator: Exists, tolerationSeconds: 60}]", "60"},
             Row{"[{operator: Exists}, {operator: Exists, tolerationSeconds: 300}]", "300"},
             Row{"[{operator: Exists, tolerationSeconds: 300}, {operator: Exists, tolerationSeconds: -1}]", "0"},
             Row{"[{key: other, operator: Exists, tolerationSeconds: 9}, {operator: Exists}]", "never"},
             Row{"[{key: node.kubernetes.io/unreachable, operator: Exists, effect: NoSchedule}]", "0"},
         }) {
        const auto pod =
            api::fromJson<api::Pod>(*api::parseYaml(fmt::format("{{spec: {{tolerations: {}}}}}", tolerations))).value();
        const auto leaves = evictionTime(pod, std::span(&taint, 1), WallTime{}, std::nullopt);
        const auto text =
            leaves ? fmt::format("{}", std::chrono::duration_cast<seconds>(*leaves - *taint.timeAdded).count())
                   : "never";
        EXPECT_EQ(text, expected) << tolerations;
    }
}

TEST(HaltsEvictions, whenTooManyNodesAreSilent)
{
    EXPECT_FALSE(haltsEvictions(0, 3));
    EXPECT_FALSE(haltsEvictions(1, 2));
    EXPECT_TRUE(haltsEvictions(1, 1));
    EXPECT_TRUE(haltsEvictions(3, 3));
    EXPECT_TRUE(haltsEvictions(6, 10));
    EXPECT_FALSE(haltsEvictions(5, 10));
}

TEST(EvictionTime, ofSeveralTaintsIsTheEarliest)
{
    const auto made = node("", "not-ready:NoExecute unreachable:NoExecute memory-pressure:NoSchedule");
    const auto pod = [](const char* tolerations) {
        return api::fromJson<api::Pod>(*api::parseYaml(fmt::format("{{spec: {{tolerations: {}}}}}", tolerations)))
            .value();
    };
    const auto after = [&](const char* tolerations, std::optional<Duration> most) {
        const auto leaves = evictionTime(pod(tolerations), made.spec.taints, now, most);
        return leaves ? std::chrono::duration_cast<seconds>(*leaves - before).count() : -1;
    };
    const auto* const both = "[{key: node.kubernetes.io/not-ready, operator: Exists, tolerationSeconds: 300},"
                             " {key: node.kubernetes.io/unreachable, operator: Exists, tolerationSeconds: 60}]";
    EXPECT_EQ(after(both, std::nullopt), 60);
    EXPECT_EQ(after(both, seconds{20}), 20) << "bounded";
    EXPECT_EQ(after("[{key: node.kubernetes.io/not-ready, operator: Exists}]", std::nullopt), 0)
        << "the other one is not tolerated";
    EXPECT_EQ(after("[{operator: Exists}]", seconds{20}), -1) << "for ever has no bound";
    EXPECT_EQ(after("[{operator: Exists, tolerationSeconds: -5}]", std::nullopt), 0);

    auto untimed = node("", "not-ready:NoExecute");
    untimed.spec.taints[0].timeAdded.reset();
    EXPECT_EQ(evictionTime(pod("[]"), untimed.spec.taints, now, std::nullopt), now) << "counted from now";
    EXPECT_FALSE(evictionTime(pod("[]"), {}, now, std::nullopt));
}

} // namespace
} // namespace keelson::controllers
