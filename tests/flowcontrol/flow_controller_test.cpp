// SPDX-License-Identifier: Apache-2.0
#include "flowcontrol/fair_queues.h"
#include "flowcontrol/flow_controller.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fmt/format.h>

#include <set>

namespace keelson::flowcontrol {
namespace {

using testing::HasSubstr;

auth::Attributes resource(std::string verb, std::string group, std::string plural, std::string nameSpace = {},
                          std::string subresource = {})
{
    return {std::move(verb),        std::move(group),     "v1", std::move(plural),
            std::move(subresource), std::move(nameSpace), {},   {}};
}

auth::Attributes path(std::string text)
{
    return {"get", {}, {}, {}, {}, {}, {}, std::move(text)};
}

struct Nothing {
    SystemClock clock;
    InlineExecutor executor;
    ThreadLoop loop{"test", clock};
};

TEST(Flow, isFoundByWhoAsksForWhat)
{
    Nothing nothing;
    const FlowController controller({.clock = &nothing.clock, .executor = &nothing.executor, .loop = &nothing.loop});
    const auth::User admin{"admin", {}, {"system:masters", "system:authenticated"}, {}};
    const auth::User node{"system:node:n1", {}, {"system:nodes", "system:authenticated"}, {}};
    const auth::User jane{"jane", {}, {"system:authenticated"}, {}};
    const auth::User account{
        "system:serviceaccount:team:web", {}, {"system:serviceaccounts", "system:serviceaccounts:team"}, {}};
    const auth::User dns{"system:serviceaccount:kube-system:dns",
                         {},
                         {"system:serviceaccounts", "system:serviceaccounts:kube-system"},
                         {}};
    const auth::User stranger{"x", {}, {}, {}};
    struct Row {
        auth::User user;
        auth::Attributes what;
        const char* expected;
    };
    for (const auto& [user, what, expected] : {
             Row{admin, resource("get", "", "pods", "default"), "exempt exempt"},
             Row{auth::User::anonymous(), path("/healthz"), "probes exempt"},
             Row{auth::User::anonymous(), path("/version"), "global-default global-default"},
             Row{node, resource("update", "", "nodes", "", "status"), "system-node-high node-high"},
             Row{node, resource("update", "coordination.k8s.io", "leases", "kube-node-lease"),
                 "system-node-high node-high"},
             Row{node, resource("get", "", "pods", "default"), "system-nodes system"},
             Row{auth::User::system("system:kube-scheduler"), resource("update", "coordination.k8s.io", "leases", "x"),
                 "system-leader-election leader-election"},
             Row{auth::User::system("system:kube-scheduler"), resource("create", "", "pods", "x", "binding"),
                 "kube-scheduler workload-high"},
             Row{auth::User::system("system:kube-controller-manager"),
                 resource("update", "discovery.k8s.io", "endpointslices", "x"), "endpoint-controller workload-high"},
             Row{dns, resource("list", "", "services"), "kube-system-service-accounts workload-high"},
             Row{account, resource("list", "", "pods", "team"), "service-accounts workload-low"},
             Row{jane, resource("list", "", "pods"), "global-default global-default"},
             Row{stranger, resource("list", "", "pods"), "none catch-all"},
         }) {
        const auto flow = controller.classify(user, what);
        EXPECT_EQ(fmt::format("{} {}", flow.schema ? flow.schema->name : "none", controller.level(flow).name), expected)
            << user.name << " " << what.verb << " " << what.resource;
    }
    const auto one = controller.classify(jane, resource("list", "", "pods", "a"));
    EXPECT_EQ(one.hash, controller.classify(jane, resource("list", "", "pods", "b")).hash) << "a flow a user";
    auto john = jane;
    john.name = "john";
    EXPECT_NE(one.hash, controller.classify(john, resource("list", "", "pods", "a")).hash);
}

TEST(FairQueues, dealDifferentQueues)
{
    std::set<std::vector<std::size_t>> hands;
    for (std::uint64_t flow = 0; flow < 1000; ++flow) {
        const auto hand = FairQueues::hand(flow * 0x9E3779B97F4A7C15ULL, 64, 6);
        EXPECT_EQ(std::set<std::size_t>(hand.begin(), hand.end()).size(), 6U);
        EXPECT_LT(*std::ranges::max_element(hand), 64U);
        hands.insert(hand);
    }
    EXPECT_GT(hands.size(), 990U) << "few flows share a hand";
    EXPECT_EQ(FairQueues::hand(7, 1, 1), std::vector<std::size_t>{0});
    EXPECT_EQ(FairQueues::hand(7, 3, 3), (std::vector<std::size_t>{0, 1, 2}));
}

TEST(FairQueues, saveNothingUpForAFlowThatWasQuiet)
{
    FairQueues queues({"x", "", false, 1, 0, 2, 1, 20});
    std::string text;
    const auto push = [&](std::uint64_t flow, int count) {
        for (int i = 0; i < count; ++i) {
            Waiting request{[&text, flow] { text += std::to_string(flow); }, [] {}, {}};
            EXPECT_TRUE(queues.push(flow, request));
        }
    };
    const auto pop = [&](int count) {
        for (int i = 0; i < count; ++i)
            queues.pop()->start();
        return std::exchange(text, {});
    };
    push(0, 10);
    EXPECT_EQ(pop(6), "000000");
    push(1, 3);
    EXPECT_EQ(pop(6), "101010");
}

/// A level of a few queues, its executor a list that the test works off.
class Seats : public Executor {
public:
    void run(Task work) override { m_works.push_back(std::move(work)); }
    void finishOne()
    {
        auto work = std::move(m_works.front());
        m_works.pop_front();
        work();
    }
    std::size_t working() const { return m_works.size(); }

private:
    std::deque<Task> m_works;
};

class Levels : public testing::Test {
protected:
    static FlowConfiguration configuration()
    {
        FlowConfiguration made;
        made.levels = {{"exempt", "", true, 0, 0, 0, 1, 0},
                       {"high", "", false, 10, 50, 8, 2, 3},
                       {"low", "", false, 10, 0, 8, 2, 3},
                       {"none", "", false, 0, 0, 0, 1, 0}};
        return made;
    }
    Levels()
        : controller(
              {.configuration = configuration(), .seatsMax = 4, .clock = &clock, .executor = &seats, .loop = &loop})
    {
    }
    void ask(std::size_t level, std::uint64_t flow, const std::string& name)
    {
        controller.run(
            {nullptr, level, flow}, [this, name](const auto&) { text += name + " "; },
            [this, name] { text += "!" + name + " "; });
    }
    std::string finishAll()
    {
        while (seats.working() > 0)
            seats.finishOne();
        return std::exchange(text, {});
    }

    SimulatedClock clock;
    SimulatedLoop loop{clock};
    Seats seats;
    std::string text;
    FlowController controller;
};

TEST_F(Levels, serveAQuietFlowBesideOneThatFloods)
{
    for (int i = 0; i < 8; ++i)
        ask(2, 1, "f" + std::to_string(i));
    ask(2, 5, "quiet"); // of other queues
    EXPECT_EQ(seats.working(), 3U) << "its own two, and one that the other level lends";
    EXPECT_EQ(finishAll(), "f0 f1 f2 f3 f4 quiet f5 f6 f7 ");
}

TEST_F(Levels, refuseWhatFindsNoQueue)
{
    for (int i = 0; i < 12; ++i)
        ask(2, 1, std::to_string(i));
    EXPECT_EQ(text, "!9 !10 !11 ") << "three in work, two queues of three";
    text.clear();
    ask(3, 1, "rejected");
    ask(3, 1, "rejected");
    EXPECT_THAT(controller.metricsText(),
                HasSubstr("apiserver_flowcontrol_rejected_requests_total{priority_level=\"low\"} 3"));
    EXPECT_THAT(controller.metricsText(),
                HasSubstr("apiserver_flowcontrol_current_inqueue_requests{priority_level=\"low\"} 6"));
    EXPECT_THAT(finishAll(), testing::StartsWith("!rejected !rejected 0 1 2 ")) << "all that is lent is in use";
}

TEST_F(Levels, keepASeatForAsLongAsItIsHeld)
{
    FlowController::Seat held;
    controller.run({nullptr, 2, 1}, [&held](FlowController::Seat seat) { held = std::move(seat); }, [] {});
    seats.finishOne();
    for (int i = 0; i < 3; ++i)
        ask(2, 1, std::to_string(i));
    EXPECT_EQ(seats.working(), 2U) << "of three";
    held = nullptr;
    EXPECT_EQ(seats.working(), 3U);
    finishAll();
}

TEST_F(Levels, neverHoldBackTheExempt)
{
    for (int i = 0; i < 6; ++i)
        ask(2, 1, "f");
    ask(0, 1, "exempt");
    EXPECT_EQ(seats.working(), 4U);
}

TEST_F(Levels, haveTheirOwnSeatsAlways)
{
    for (int i = 0; i < 4; ++i)
        ask(1, 1, "high");
    ask(2, 1, "low");
    ask(2, 1, "low");
    EXPECT_EQ(seats.working(), 4U) << "high borrows nothing of low, which lends nothing";
    finishAll();
}

TEST_F(Levels, getBackWhatTheyLentAtOnce)
{
    for (int i = 0; i < 4; ++i)
        ask(2, 1, "low");
    EXPECT_EQ(seats.working(), 3U);
    ask(1, 1, "high");
    ask(1, 1, "high");
    EXPECT_EQ(seats.working(), 5U) << "one more than all have, until what was borrowed ends";
    finishAll();
}

TEST_F(Levels, refuseWhatHasWaitedTooLong)
{
    for (int i = 0; i < 5; ++i)
        ask(2, 1, std::to_string(i));
    loop.runFor(std::chrono::seconds{14});
    EXPECT_EQ(text, "");
    loop.runFor(std::chrono::seconds{3});
    EXPECT_THAT(std::exchange(text, {}), testing::AnyOf("!3 !4 ", "!4 !3 "));
    EXPECT_EQ(finishAll(), "0 1 2 ");
}

TEST(FlowConfiguration, isReadFromObjects)
{
    const auto read = [](std::initializer_list<const char*> texts) {
        std::vector<api::Value> objects;
        for (const auto* text : texts)
            objects.push_back(*api::parseYaml(text));
        return FlowConfiguration::fromObjects(objects);
    };
    const auto made = read({"{kind: FlowSchema, metadata: {name: b}, spec: {priorityLevelConfiguration: {name: one}}}",
                            "{kind: FlowSchema, metadata: {name: a}, spec: {priorityLevelConfiguration: {name: no}}}",
                            "{kind: PriorityLevelConfiguration, metadata: {name: one, uid: u}, spec: {type: Limited, "
                            "limited: {limitResponse: {type: Queue}}}}"});
    ASSERT_TRUE(made);
    EXPECT_EQ(made->schemas.size(), 1U) << "a schema of a level that is not there counts for nothing";
    EXPECT_EQ(made->schemas.front().precedence, 1000);
    EXPECT_EQ(made->levels.front().uid, "u");
    EXPECT_EQ(made->levels.front().queues, 64);
    EXPECT_EQ(read({"{kind: PriorityLevelConfiguration, metadata: {name: one}, spec: {type: Limited, limited: "
                    "{limitResponse: {type: Queue, queuing: {queues: 1, handSize: 2}}}}}"})
                  .error()
                  .message,
              "the priority level one has no use of 1 queues with hands of 2");
    EXPECT_EQ(FlowConfiguration::builtIn().levels.size(), 8U);
    EXPECT_EQ(FlowConfiguration::builtIn().schemas.size(), 13U);
}

} // namespace
} // namespace keelson::flowcontrol
