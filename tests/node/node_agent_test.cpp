// SPDX-License-Identifier: Apache-2.0
#include "containers/simulated_runtime.h"
#include "node/node_agent.h"
#include "volumes/host_volumes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace keelson::node {
namespace {

using namespace std::chrono_literals;

struct CountingRuntime : containers::SimulatedRuntime {
    using SimulatedRuntime::SimulatedRuntime;
    Result<containers::RuntimeInfo> info() override
    {
        ++asked;
        return SimulatedRuntime::info();
    }
    int asked = 0;
};

/// An agent in simulated time that has no token: no control plane would let it join.
struct Agent : testing::Test {
    Agent()
    {
        NodeAgentOptions options{.node = "n1", .servers = {"127.0.0.1:1", "127.0.0.1:2"}};
        options.hostIp = "10.0.0.1";
        options.network = network::NetworkMode::None;
        options.simulated = true;
        agent.emplace(options,
                      NodeAgentParts{.loop = loop,
                                     .executor = executor,
                                     .random = random,
                                     .runtime = runtime,
                                     .volumes = volumes,
                                     .prober = prober,
                                     .refused = [this](const Error& error) { refusals.push_back(error.message); }});
    }

    std::string logOf(Duration time)
    {
        testing::internal::CaptureStderr();
        loop.runFor(time);
        return testing::internal::GetCapturedStderr();
    }

    static int count(const std::string& text, const std::string& part)
    {
        int found = 0;
        for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
            ++found;
        return found;
    }

    SimulatedClock clock;
    SimulatedLoop loop{clock};
    InlineExecutor executor;
    SeededRandom random{1};
    CountingRuntime runtime{clock};
    volumes::SimulatedVolumes volumes;
    pods::SimulatedProber prober{runtime};
    std::vector<std::string> refusals;
    std::optional<NodeAgent> agent;
};

TEST_F(Agent, saysOnceThatTheEngineIsAwayAndAsksLessOften)
{
    runtime.setAway(true);
    agent->start();
    const auto log = logOf(300s);
    EXPECT_EQ(count(log, "no container engine answers"), 1) << log;
    EXPECT_THAT(log, testing::HasSubstr("asked again, in the end every 30 s"));
    EXPECT_GE(runtime.asked, 10);
    EXPECT_LE(runtime.asked, 15);
    EXPECT_TRUE(refusals.empty()) << "nobody was asked";
}

TEST_F(Agent, endsWhenNoServerLetsItJoin)
{
    agent->start();
    loop.runFor(60s);
    ASSERT_EQ(refusals.size(), 1U) << "once, and after each server was asked";
    EXPECT_EQ(refusals[0], "the node has not joined yet");
}

} // namespace
} // namespace keelson::node
