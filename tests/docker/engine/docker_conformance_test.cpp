// SPDX-License-Identifier: Apache-2.0
// The runtime's contract against a real engine, which the test starts for itself.
#include "containers/runtime_conformance.h"
#include "docker/docker_runtime.h"
#include "engine_process.h"

#include "base/loop.h"

#include <boost/json/serialize.hpp>
#include <gmock/gmock.h>

#include <string>
#include <thread>
#include <vector>

namespace keelson::containers {
namespace {

class DockerUnderTest : public RuntimeUnderTest {
public:
    DockerUnderTest() : m_runtime(docker::EngineProcess::shared().address(), {"test", "test-node"}, m_clock)
    {
        clear();
    }
    ~DockerUnderTest() override { clear(); }
    ContainerRuntime& runtime() override { return m_runtime; }
    std::string image() override { return "keelson-test/busybox:1"; }
    std::string missingImage() override { return "127.0.0.1:1/no/such:1"; }
    bool until(const std::function<bool()>& done) override { return docker::waitUntil(done); }

private:
    void clear()
    {
        for (const auto& each : m_runtime.list().value_or(std::vector<ContainerInfo>{}))
            EXPECT_TRUE(m_runtime.removeContainer(each.id));
    }

    SystemClock m_clock;
    docker::DockerRuntime m_runtime;
};

INSTANTIATE_TEST_SUITE_P(Docker, RuntimeConformance,
                         testing::Values([] { return std::make_unique<DockerUnderTest>(); }));

TEST(DockerRuntime, saysThatAHostPortIsTaken)
{
    const SystemClock clock;
    docker::DockerRuntime runtime(docker::EngineProcess::shared().address(), {"test", "port-node"}, clock);
    SandboxSpec spec;
    spec.pod = {.nameSpace = "default", .name = "a", .uid = "1"};
    spec.ports = {{.containerPort = 80, .hostPort = 42007}};
    const auto first = runtime.startSandbox(spec);
    ASSERT_TRUE(first.has_value()) << first.error().message;
    spec.pod.uid = "2";
    const auto second = runtime.startSandbox(spec);
    ASSERT_FALSE(second.has_value());
    EXPECT_EQ(second.error().reason, Reason::Conflict) << second.error().message;
    EXPECT_NE(second.error().message.find("42007 is taken"), std::string::npos) << second.error().message;
    EXPECT_EQ(runtime.list()->size(), 1U) << "nothing is left of the one that failed";
    EXPECT_TRUE(runtime.removeContainer(first->id));
}

TEST(DockerRuntime, seesOnlyItsNodesContainers)
{
    const SystemClock clock;
    docker::DockerRuntime mine(docker::EngineProcess::shared().address(), {"test", "mine"}, clock);
    docker::DockerRuntime other(docker::EngineProcess::shared().address(), {"test", "other"}, clock);
    const auto box = mine.startSandbox({.pod = {.nameSpace = "default", .name = "a", .uid = "3"}});
    ASSERT_TRUE(box.has_value()) << box.error().message;
    EXPECT_EQ(mine.list()->size(), 1U);
    EXPECT_TRUE(other.list()->empty());
    EXPECT_TRUE(mine.removeContainer(box->id));
}

TEST(DockerRuntime, agentsThatStartAtOnceMakeOneSandboxImage)
{
    const SystemClock clock;
    const docker::Engine engine(docker::EngineProcess::shared().address());
    static_cast<void>(engine.remove("/images/keelson/pause:1?force=1"));
    constexpr int agents = 6;
    std::vector<std::string> problems(agents);
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < agents; ++i)
            threads.emplace_back([&, i] {
                const auto number = std::to_string(i);
                docker::DockerRuntime runtime(engine.address(), {"test", "image-" + number}, clock);
                const auto box =
                    runtime.startSandbox({.pod = {.nameSpace = "default", .name = "a", .uid = "i" + number}});
                problems[static_cast<std::size_t>(i)] = box ? "" : box.error().message;
                if (box)
                    EXPECT_TRUE(runtime.removeContainer(box->id));
            });
    }
    EXPECT_THAT(problems, testing::Each(""));
    const auto untagged = engine.get("/images/json?filters=%7B%22dangling%22%3A%5B%22true%22%5D%7D");
    ASSERT_TRUE(untagged) << untagged.error().message;
    EXPECT_EQ(boost::json::serialize(*untagged), "[]");
}

} // namespace
} // namespace keelson::containers
