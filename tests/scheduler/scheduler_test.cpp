// SPDX-License-Identifier: Apache-2.0
#include "scheduler/scheduler.h"

#include "api/core_v1.h"
#include "client/typed.h"
#include "scheduler/node_cache.h"
#include "scheduler/scheduling_queue.h"
#include "support/fake_client.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>

namespace keelson::scheduler {
namespace {

using std::chrono::seconds;

api::PodPtr queued(const std::string& uid, int priority = 0)
{
    api::Pod pod;
    pod.metadata.uid = uid;
    pod.spec.priority = priority;
    return std::make_shared<const api::Pod>(std::move(pod));
}

TEST(SchedulingQueue, givesTheHighestPriorityThenTheOldest)
{
    SchedulingQueue queue({});
    const SteadyTime now{};
    for (const auto& pod : {queued("a"), queued("b", 5), queued("c"), queued("d", 5)})
        queue.put(pod, now);
    std::string order;
    while (const auto pod = queue.take())
        order += pod->metadata.uid;
    EXPECT_EQ(order, "bdac");
}

TEST(SchedulingQueue, anUnschedulablePodWaitsForAChangeAndItsBackoff)
{
    SchedulingQueue queue({.backoffInitial = seconds{1}, .backoffMax = seconds{10}, .unschedulableMax = seconds{300}});
    SteadyTime now{};
    queue.put(queued("a"), now);
    queue.take();
    queue.putUnschedulable("a", now);
    EXPECT_EQ(queue.flush(now), now + seconds{300});
    queue.wakeAll(now);
    EXPECT_FALSE(queue.hasActive());
    EXPECT_EQ(queue.flush(now), now + seconds{1});
    now += seconds{1};
    queue.flush(now);
    ASSERT_TRUE(queue.hasActive());
    queue.take();
    queue.putUnschedulable("a", now); // the second time it waits longer
    queue.wakeAll(now);
    EXPECT_EQ(queue.flush(now), now + seconds{2});
    queue.remove("a");
    EXPECT_EQ(queue.flush(now), std::nullopt);
    EXPECT_EQ(queue.size(), 0U);
}

TEST(NodeSearch, looksAtEnoughNodes)
{
    EXPECT_EQ(NodeSearch::enough(50, 0), 50U);
    EXPECT_EQ(NodeSearch::enough(1000, 0), 420U);
    EXPECT_EQ(NodeSearch::enough(5000, 0), 500U);
    EXPECT_EQ(NodeSearch::enough(10000, 0), 500U);
    EXPECT_EQ(NodeSearch::enough(1000, 5), 100U);
    EXPECT_EQ(NodeSearch::enough(1000, 100), 1000U);
}

class SchedulerTest : public testing::Test {
protected:
    SchedulerTest() { scheduler.start(); }
    ~SchedulerTest() override { scheduler.stop(); }
    void addNode(const std::string& name, const std::string& cpu = "1")
    {
        server.createYaml(fmt::format("{{apiVersion: v1, kind: Node, metadata: {{name: {}}}, "
                                      "status: {{allocatable: {{cpu: '{}', memory: 8Gi, pods: '110'}}}}}}",
                                      name, cpu));
    }
    void addPod(const std::string& name, const std::string& cpu, const std::string& more = "")
    {
        server.createYaml(fmt::format(
            "{{apiVersion: v1, kind: Pod, metadata: {{name: {}, namespace: default}}, spec: {{{} containers: "
            "[{{name: c, resources: {{requests: {{cpu: '{}'}}}}}}]}}}}",
            name, more, cpu));
    }
    api::Pod pod(const std::string& name) { return *client::get<api::Pod>(server, {"default", name}); }
    std::string nodeOf(const std::string& name) { return pod(name).spec.nodeName; }
    std::string scheduled(const std::string& name)
    {
        const auto of = pod(name);
        for (const auto& condition : of.status.conditions)
            if (condition.type == "PodScheduled")
                return condition.status + " " + condition.reason + " " + condition.message;
        return "";
    }

    SimulatedClock clock;
    SimulatedLoop loop{clock};
    SeededRandom random{1};
    test::FakeClient server{clock, random};
    InlineExecutor executor;
    Scheduler scheduler{server, loop, executor, random};
};

TEST_F(SchedulerTest, spreadsPodsAndSaysSo)
{
    for (const auto* name : {"n1", "n2", "n3"})
        addNode(name);
    for (int i = 0; i < 9; ++i)
        addPod(fmt::format("p{}", i), "300m");
    loop.runFor(seconds{1});
    std::map<std::string, int> counts;
    for (int i = 0; i < 9; ++i)
        ++counts[nodeOf(fmt::format("p{}", i))];
    EXPECT_EQ(counts, (std::map<std::string, int>{{"n1", 3}, {"n2", 3}, {"n3", 3}}));
    EXPECT_EQ(scheduler.counters().bound, 9U);
    EXPECT_EQ(scheduler.counters().waiting, 0U);
    const auto events = server.list(api::kindOf<api::Event>(), {});
    EXPECT_EQ(events->objects.size(), 9U);
}

TEST_F(SchedulerTest, aPodThatFitsNowhereSaysWhyAndIsPlacedWhenItDoes)
{
    addNode("n1");
    addNode("n2");
    addPod("big", "2");
    loop.runFor(seconds{1});
    EXPECT_EQ(nodeOf("big"), "");
    EXPECT_EQ(scheduled("big"), "False Unschedulable 0/2 nodes are available: 2 Insufficient cpu.");
    const auto attempts = scheduler.counters().unschedulable;
    loop.runFor(seconds{60});
    EXPECT_EQ(scheduler.counters().unschedulable, attempts) << "nothing changed, so nothing is tried";
    addNode("n3", "4");
    loop.runFor(seconds{15});
    EXPECT_EQ(nodeOf("big"), "n3");
    EXPECT_EQ(scheduled("big").substr(0, 4), "True");
}

TEST_F(SchedulerTest, podsThatWaitedAreSpreadOverNodesThatComeOneAfterTheOther)
{
    for (int i = 0; i < 15; ++i)
        addPod(fmt::format("p{}", i), "50m");
    loop.runFor(seconds{5});
    for (const auto* name : {"n1", "n2", "n3"}) {
        addNode(name);
        loop.runFor(Milliseconds{2});
    }
    loop.runFor(seconds{1});
    std::map<std::string, int> counts;
    for (int i = 0; i < 15; ++i)
        ++counts[nodeOf(fmt::format("p{}", i))];
    EXPECT_EQ(counts, (std::map<std::string, int>{{"n1", 5}, {"n2", 5}, {"n3", 5}}));
}

/// Binds a pod that nobody has tried yet as soon as its condition is to be written.
class BoundMeanwhile : public InlineExecutor {
public:
    void run(Task work) override
    {
        if (before)
            std::exchange(before, nullptr)();
        InlineExecutor::run(std::move(work));
    }
    std::function<void()> before;
};

TEST_F(SchedulerTest, aPodThatWasBoundMeanwhileIsNotCalledUnschedulable)
{
    BoundMeanwhile late;
    Scheduler other(server, loop, late, random, {.name = "other"});
    other.start();
    loop.runFor(seconds{1});
    late.before = [&] {
        ASSERT_TRUE(server.bindEach({{.pod = {"default", "p"}, .uid = pod("p").metadata.uid, .node = "n9"}}).front());
    };
    addPod("p", "50m", "schedulerName: other,");
    loop.runFor(seconds{1});
    EXPECT_EQ(nodeOf("p"), "n9");
    EXPECT_EQ(scheduled("p").substr(0, 4), "True");
    other.stop();
}

TEST_F(SchedulerTest, roomThatBecomesFreeIsUsed)
{
    addNode("n1");
    addPod("first", "800m");
    loop.runFor(seconds{1});
    addPod("second", "800m");
    loop.runFor(seconds{1});
    EXPECT_EQ(nodeOf("second"), "");
    ASSERT_TRUE(server.remove(api::kindOf<api::Pod>(), {"default", "first"}, {.gracePeriodSeconds = 0}));
    loop.runFor(seconds{5});
    EXPECT_EQ(nodeOf("second"), "n1");
}

TEST_F(SchedulerTest, neverFillsANodeBeyondItsMeasureEvenWhileBindingsAreUnderWay)
{
    addNode("n1", "1");
    addNode("n2", "1");
    for (int i = 0; i < 30; ++i)
        addPod(fmt::format("p{}", i), "250m");
    loop.runFor(seconds{3});
    std::map<std::string, int> counts;
    for (int i = 0; i < 30; ++i)
        ++counts[nodeOf(fmt::format("p{}", i))];
    EXPECT_EQ(counts["n1"], 4);
    EXPECT_EQ(counts["n2"], 4);
    EXPECT_EQ(scheduler.counters().waiting, 22U);
}

TEST_F(SchedulerTest, leavesOthersPodsAndGatedPodsAlone)
{
    addNode("n1");
    addPod("other", "1m", "schedulerName: mine,");
    addPod("gated", "1m", "schedulingGates: [{name: wait}],");
    loop.runFor(seconds{1});
    EXPECT_EQ(nodeOf("other"), "");
    EXPECT_EQ(nodeOf("gated"), "");
    const api::Value patch = api::Object{{"spec", api::Object{{"schedulingGates", api::Array{}}}}};
    ASSERT_TRUE(client::mergePatch<api::Pod>(server, {"default", "gated"}, patch));
    loop.runFor(seconds{1});
    EXPECT_EQ(nodeOf("gated"), "n1");
}

TEST_F(SchedulerTest, goesOnAfterTheWatchesBroke)
{
    addNode("n1");
    loop.runFor(seconds{1});
    server.endWatches();
    addPod("a", "1m");
    loop.runFor(seconds{5});
    EXPECT_EQ(nodeOf("a"), "n1");
}

} // namespace
} // namespace keelson::scheduler
