// SPDX-License-Identifier: Apache-2.0
#include "controlloop/runner.h"

#include "api/core_v1.h"
#include "support/fake_client.h"

#include <gtest/gtest.h>

namespace keelson::controlloop {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(WorkQueue, holdsAKeyOnceAndWaitsForItsWork)
{
    SimulatedClock clock;
    SimulatedLoop loop(clock);
    WorkQueue queue(loop, {}, [] {});
    const ObjectKey a{"default", "a"};
    const ObjectKey b{"default", "b"};
    queue.add(a);
    queue.add(b);
    queue.add(a);
    EXPECT_EQ(queue.take(), a);
    queue.add(a); // while it is worked on
    EXPECT_EQ(queue.take(), b);
    EXPECT_EQ(queue.take(), std::nullopt);
    queue.done(a);
    EXPECT_EQ(queue.take(), a);
    queue.done(a);
    queue.done(b);
    EXPECT_TRUE(queue.idle());
}

TEST(WorkQueue, delaysDoubleUntilForgotten)
{
    SimulatedClock clock;
    SimulatedLoop loop(clock);
    WorkQueue queue(loop, {.initial = milliseconds{10}, .max = milliseconds{50}}, [] {});
    const ObjectKey a{"", "a"};
    const auto waited = [&] {
        const auto start = clock.steady();
        queue.addAfterFailure(a);
        loop.runUntil([&] { return queue.size() == 1; }, seconds{10});
        queue.take();
        queue.done(a);
        return std::chrono::duration_cast<milliseconds>(clock.steady() - start).count();
    };
    EXPECT_EQ(waited(), 10);
    EXPECT_EQ(waited(), 20);
    EXPECT_EQ(waited(), 40);
    EXPECT_EQ(waited(), 50);
    queue.forget(a);
    EXPECT_EQ(waited(), 10);
}

TEST(WorkQueue, ofSeveralDelaysTheEarliestHolds)
{
    SimulatedClock clock;
    SimulatedLoop loop(clock);
    WorkQueue queue(loop, {}, [] {});
    queue.addAfter({"", "a"}, seconds{5});
    queue.addAfter({"", "a"}, seconds{2});
    queue.addAfter({"", "a"}, seconds{9});
    loop.runFor(seconds{2});
    EXPECT_EQ(queue.size(), 1U);
    queue.take();
    queue.done({"", "a"});
    loop.runFor(seconds{20});
    EXPECT_TRUE(queue.idle());
}

/// Runs work when it is told to.
class HeldExecutor : public Executor {
public:
    void run(Task work) override { held.push_back(std::move(work)); }
    void release()
    {
        auto now = std::move(held);
        held.clear();
        for (auto& work : now)
            work();
    }
    std::vector<Task> held;
};

class Recording : public Reconciler {
public:
    Result<Done> reconcile(const ObjectKey& key, Pass& pass) override
    {
        passes += key.name;
        return act ? act(pass) : Result<Done>(Done{});
    }
    std::string passes;
    std::function<Result<Done>(Pass&)> act;
};

class RunnerTest : public testing::Test {
protected:
    RunnerTest() { namespaces.start(); }
    SimulatedClock clock;
    SimulatedLoop loop{clock};
    SeededRandom random{1};
    test::FakeClient server{clock, random};
    client::Informer<api::Namespace> namespaces{server, loop};
    HeldExecutor executor;
    Recording reconciler;
};

TEST_F(RunnerTest, neverRunsAKeyTwiceAtOnce)
{
    Runner runner(loop, executor, reconciler, {&namespaces}, {.name = "test"});
    runner.start();
    loop.runDue();
    runner.add({"", "a"});
    runner.add({"", "b"});
    EXPECT_EQ(executor.held.size(), 2U);
    runner.add({"", "a"});
    EXPECT_EQ(executor.held.size(), 2U);
    executor.release();
    loop.runDue();
    EXPECT_EQ(executor.held.size(), 1U);
    executor.release();
    loop.runDue();
    EXPECT_EQ(reconciler.passes, "aba");
    EXPECT_TRUE(runner.idle());
}

TEST_F(RunnerTest, triesAgainAfterAnError)
{
    int failures = 3;
    reconciler.act = [&](Pass&) { return failures-- > 0 ? Result<Done>(fail(Reason::Conflict, "again")) : Done{}; };
    InlineExecutor inlined;
    Runner runner(loop, inlined, reconciler, {&namespaces}, {.name = "test"});
    runner.start();
    loop.runDue();
    runner.add({"", "a"});
    loop.runFor(seconds{5});
    EXPECT_EQ(reconciler.passes, "aaaa");
}

TEST_F(RunnerTest, theNextPassWaitsForTheLastWrite)
{
    InlineExecutor inlined;
    Runner runner(loop, inlined, reconciler, {&namespaces}, {.name = "test"});
    runner.start();
    loop.runDue();
    reconciler.act = [&](Pass& pass) -> Result<Done> {
        const auto written = server.createYaml("{apiVersion: v1, kind: Namespace, metadata: {generateName: x}}");
        pass.wrote(namespaces, written);
        return Done{};
    };
    bool sawOwnWrites = true;
    std::size_t expected = 0;
    reconciler.act = [&](Pass& pass) -> Result<Done> {
        sawOwnWrites &= namespaces.size() == expected++;
        pass.wrote(namespaces, server.createYaml("{apiVersion: v1, kind: Namespace, metadata: {generateName: x}}"));
        return Done{};
    };
    for (int i = 0; i < 5; ++i) {
        runner.add({"", "a"});
        loop.runDue();
    }
    EXPECT_EQ(reconciler.passes, "aaaaa");
    EXPECT_TRUE(sawOwnWrites);
}

TEST_F(RunnerTest, goesAheadWhenAWriteIsNeverShown)
{
    reconciler.act = [&](Pass& pass) -> Result<Done> {
        pass.wrote(namespaces, *api::parseJson(R"({"metadata": {"resourceVersion": "1000000"}})"));
        return Done{};
    };
    InlineExecutor inlined;
    Runner runner(loop, inlined, reconciler, {&namespaces}, {.name = "test", .expectationMax = seconds{10}});
    runner.start();
    loop.runDue();
    runner.add({"", "a"});
    loop.runDue();
    runner.add({"", "a"});
    loop.runFor(seconds{9});
    EXPECT_EQ(reconciler.passes, "a");
    loop.runFor(seconds{2});
    EXPECT_EQ(reconciler.passes, "aa");
}

class Gate : public LeaderGate {
public:
    bool leads() const override { return open; }
    void onChange(std::function<void()> changed) override { listeners.push_back(std::move(changed)); }
    void set(bool now)
    {
        open = now;
        for (const auto& listener : listeners)
            listener();
    }
    bool open = false;
    std::vector<std::function<void()>> listeners;
};

TEST_F(RunnerTest, onlyTheLeaderActs)
{
    Gate gate;
    InlineExecutor inlined;
    Runner runner(loop, inlined, reconciler, {&namespaces}, {.name = "test", .gate = &gate});
    runner.start();
    runner.add({"", "a"});
    loop.runFor(seconds{60});
    EXPECT_EQ(reconciler.passes, "");
    gate.set(true);
    loop.runDue();
    EXPECT_EQ(reconciler.passes, "a");
    gate.set(false);
    runner.add({"", "a"});
    loop.runDue();
    EXPECT_EQ(reconciler.passes, "a");
}

} // namespace
} // namespace keelson::controlloop
