// SPDX-License-Identifier: Apache-2.0
#include "client/informer.h"

#include "api/core_v1.h"
#include "client/event_recorder.h"
#include "client/typed.h"
#include "support/fake_client.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace keelson::test {
namespace {

using client::Informer;
using std::chrono::minutes;
using std::chrono::seconds;

class InformerTest : public testing::Test {
protected:
    void createPod(const std::string& name, const std::string& node = "")
    {
        server.createYaml(fmt::format("{{apiVersion: v1, kind: Pod, metadata: {{name: {}, namespace: default}}, "
                                      "spec: {{nodeName: \"{}\"}}}}",
                                      name, node));
    }
    SimulatedClock clock;
    SimulatedLoop loop{clock};
    SeededRandom random{1};
    FakeClient server{clock, random};
};

TEST_F(InformerTest, showsWhatIsThereAndWhatComes)
{
    createPod("a", "n1");
    Informer<api::Pod> pods(server, loop);
    const auto byNode = pods.addIndex([](const api::Pod& pod) { return std::vector{pod.spec.nodeName}; });
    std::string seen;
    pods.onChange([&](const auto& before, const auto& now) {
        seen += before && now ? "~" : now ? "+" : "-";
        seen += (now ? now : before)->metadata.name;
    });
    pods.start();
    loop.runDue();
    EXPECT_TRUE(pods.synced());
    EXPECT_EQ(seen, "+a");
    createPod("b", "n1");
    ASSERT_TRUE(
        client::mergePatch<api::Pod>(server, {"default", "a"}, *api::parseJson(R"({"spec": {"nodeName": "n2"}})")));
    loop.runDue();
    EXPECT_EQ(seen, "+a+b~a");
    EXPECT_EQ(pods.select(byNode, "n1").size(), 1U);
    EXPECT_EQ(pods.select(byNode, "n2").front()->metadata.name, "a");
    ASSERT_TRUE(client::remove(server, *pods.find({"default", "b"}), {.gracePeriodSeconds = 0}));
    loop.runDue();
    EXPECT_EQ(seen, "+a+b~a-b");
    EXPECT_EQ(pods.size(), 1U);
    EXPECT_EQ(pods.find({"default", "b"}), nullptr);
    EXPECT_TRUE(pods.select(byNode, "n1").empty());
}

TEST_F(InformerTest, listsAgainWhenTheWatchEndsAndTellsOnlyDifferences)
{
    createPod("a");
    createPod("b");
    Informer<api::Pod> pods(server, loop);
    std::string seen;
    pods.onChange([&](const auto& before, const auto& now) {
        seen += before && now ? "~" : now ? "+" : "-";
        seen += (now ? now : before)->metadata.name;
    });
    pods.start();
    loop.runDue();
    const auto a = pods.find({"default", "a"});
    seen.clear();
    server.endWatches();
    createPod("c");
    ASSERT_TRUE(server.remove(pods.kind(), {"default", "b"}, {}));
    loop.runDue();
    EXPECT_EQ(seen, "");
    loop.runFor(seconds{1});
    EXPECT_EQ(seen, "+c-b");
    EXPECT_EQ(pods.find({"default", "a"}), a) << "what did not change is not read again";
}

TEST_F(InformerTest, saysNothingAfterStop)
{
    Informer<api::Pod> pods(server, loop);
    int changes = 0;
    pods.onChange([&](const auto&, const auto&) { ++changes; });
    pods.start();
    loop.runDue();
    createPod("a");
    pods.stop();
    createPod("b");
    loop.runDue();
    EXPECT_EQ(changes, 0);
}

class EventTest : public InformerTest {
protected:
    std::vector<api::Event> events()
    {
        std::vector<api::Event> all;
        for (const auto& encoded : server.list(api::kindOf<api::Event>(), {})->objects)
            all.push_back(*api::fromJson<api::Event>(*api::parseJson(*encoded)));
        return all;
    }
    api::Pod pod(const std::string& name)
    {
        api::Pod pod;
        pod.metadata.name = name;
        pod.metadata.namespace_ = "default";
        pod.metadata.uid = name + "-uid";
        return pod;
    }
    InlineExecutor executor;
    client::EventRecorder recorder{server, loop, executor, "tester"};
};

TEST_F(EventTest, whatRepeatsIsCounted)
{
    for (int i = 0; i < 3; ++i) {
        recorder.record(pod("a"), client::EventType::Warning, "Failed", "it failed");
        loop.runFor(seconds{1});
    }
    ASSERT_EQ(events().size(), 1U);
    EXPECT_EQ(events().front().count, 3);
    EXPECT_EQ(events().front().involvedObject.uid, "a-uid");
    EXPECT_EQ(events().front().source.component, "tester");
    EXPECT_LT(*events().front().firstTimestamp, *events().front().lastTimestamp);
}

TEST_F(EventTest, manyMessagesOfOneReasonAreCombined)
{
    for (int i = 0; i < 20; ++i)
        recorder.record(pod("a"), client::EventType::Warning, "Failed", fmt::format("try {}", i));
    loop.runDue();
    EXPECT_EQ(events().size(), client::EventRecorder::similarMax + 1);
    EXPECT_TRUE(std::ranges::any_of(events(), [](const auto& event) {
        return event.message == "(combined from similar events): try 19" && event.count == 10;
    }));
}

TEST_F(EventTest, whoSaysTooMuchIsNotHeardForAWhile)
{
    for (int i = 0; i < 100; ++i)
        recorder.record(pod("a"), client::EventType::Normal, fmt::format("Reason{}", i), "m");
    recorder.record(pod("b"), client::EventType::Normal, "Reason", "m");
    loop.runDue();
    EXPECT_EQ(events().size(), static_cast<std::size_t>(client::EventRecorder::burstMax) + 1);
    loop.runFor(minutes{5});
    recorder.record(pod("a"), client::EventType::Normal, "Later", "m");
    loop.runDue();
    EXPECT_EQ(events().size(), static_cast<std::size_t>(client::EventRecorder::burstMax) + 2);
}

TEST_F(EventTest, aRefusalDoesNotHurt)
{
    server.refuseCreates(api::kindOf<api::Event>(), 1);
    recorder.record(pod("a"), client::EventType::Normal, "Lost", "m");
    recorder.record(pod("a"), client::EventType::Normal, "Kept", "m");
    loop.runDue();
    ASSERT_EQ(events().size(), 1U);
    EXPECT_EQ(events().front().reason, "Kept");
}

} // namespace
} // namespace keelson::test
