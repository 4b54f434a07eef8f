// SPDX-License-Identifier: Apache-2.0
#include "base/loop.h"

#include <gtest/gtest.h>

#include <future>
#include <latch>
#include <set>
#include <thread>

namespace keelson {
namespace {

using std::chrono::seconds;

TEST(SimulatedLoop, runsTimersInOrderOfTime)
{
    SimulatedClock clock;
    SimulatedLoop loop(clock);
    std::string order;
    loop.after(seconds{2}, [&] { order += "b"; });
    loop.after(seconds{1}, [&] {
        order += "a";
        loop.post([&] { order += "+"; });
    });
    const auto dropped = loop.after(seconds{1}, [&] { order += "x"; });
    loop.cancel(dropped);
    loop.runFor(seconds{1});
    EXPECT_EQ(order, "a+");
    EXPECT_TRUE(loop.runUntil([&] { return order == "a+b"; }, seconds{5}));
    EXPECT_FALSE(loop.runUntil([] { return false; }, seconds{5}));
}

TEST(SimulatedLoop, aTimerThatIsDueCanBeCancelledUntilItsTurn)
{
    SimulatedClock clock;
    SimulatedLoop loop(clock);
    bool ran = false;
    Loop::TimerId second = 0;
    loop.after(seconds{1}, [&] { loop.cancel(second); });
    second = loop.after(seconds{1}, [&] { ran = true; });
    loop.runFor(seconds{2});
    EXPECT_FALSE(ran);
}

TEST(ThreadLoop, aTimerThatIsDueCanBeCancelledUntilItsTurn)
{
    const SystemClock clock;
    ThreadLoop loop("test", clock);
    std::atomic<bool> ran = false;
    std::promise<void> done;
    loop.post([&] { // both are due when the loop looks next
        const auto second = std::make_shared<Loop::TimerId>();
        loop.after(Duration{0}, [&loop, second] { loop.cancel(*second); });
        *second = loop.after(Duration{0}, [&] { ran = true; });
        loop.after(Duration{0}, [&] { done.set_value(); });
    });
    done.get_future().wait();
    EXPECT_FALSE(ran);
}

TEST(ThreadLoop, runsTasksInOrderOnItsThread)
{
    const SystemClock clock;
    ThreadLoop loop("test", clock);
    std::string order;
    std::promise<void> done;
    loop.post([&] { order += "a"; });
    loop.post([&] { order += "b"; });
    loop.after(Milliseconds{1}, [&] { done.set_value(); });
    done.get_future().wait();
    EXPECT_EQ(order, "ab");
}

TEST(ThreadExecutor, dropsWhatComesAfterItsEnd)
{
    std::atomic<int> ran = 0;
    ThreadExecutor executor("test", 4);
    for (int i = 0; i < 100; ++i)
        executor.run([&] { ++ran; });
    executor.stop();
    EXPECT_EQ(ran, 100);
    executor.run([&] { ++ran; });
    EXPECT_EQ(ran, 100);
}

TEST(ThreadExecutor, finishesWhatIsQueuedBeforeItEnds)
{
    std::atomic<int> ran = 0;
    {
        ThreadExecutor executor("test", 4);
        for (int i = 0; i < 100; ++i)
            executor.run([&] { ++ran; });
    }
    EXPECT_EQ(ran, 100);
}

TEST(ThreadExecutor, callsTheThreadThatWorkedLast)
{
    constexpr int threads = 8;
    const SystemClock clock;
    ThreadExecutor executor("test", threads);
    std::latch allThere(threads + 1);
    for (int i = 0; i < threads; ++i)
        executor.run([&] { allThere.arrive_and_wait(); });
    allThere.arrive_and_wait();
    std::set<std::thread::id> used;
    for (int i = 0; i < 10 * threads; ++i) {
        std::promise<std::thread::id> worked;
        executor.run([&] { worked.set_value(std::this_thread::get_id()); });
        used.insert(worked.get_future().get());
        // One that is still on its way back to rest is passed over.
        for (const auto end = clock.steady() + Milliseconds{1}; clock.steady() < end;)
            std::this_thread::yield();
    }
    EXPECT_LT(used.size(), threads) << "in turns, all of them would stay awake";
}

} // namespace
} // namespace keelson
