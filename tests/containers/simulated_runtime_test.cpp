// SPDX-License-Identifier: Apache-2.0
#include "containers/simulated_runtime.h"

#include "containers/runtime_conformance.h"
#include "containers/simulated_script.h"

namespace keelson::containers {
namespace {

class SimulatedUnderTest : public RuntimeUnderTest {
public:
    SimulatedUnderTest() { m_runtime.failPulls("no/such", "manifest unknown"); }
    ContainerRuntime& runtime() override { return m_runtime; }
    std::string image() override { return "busybox"; }
    std::string missingImage() override { return "no/such"; }
    bool until(const std::function<bool()>& done) override
    {
        for (int i = 0; i < 10 && !done(); ++i)
            m_clock.advance(std::chrono::seconds{1});
        return done();
    }

private:
    SimulatedClock m_clock;
    SimulatedRuntime m_runtime{m_clock};
};

INSTANTIATE_TEST_SUITE_P(Simulated, RuntimeConformance,
                         testing::Values([] { return std::make_unique<SimulatedUnderTest>(); }));

TEST(SimulatedRuntime, runsAScriptInSimulatedTime)
{
    SimulatedClock clock;
    SimulatedRuntime runtime(clock);
    runtime.setImagesPresent(true);
    const auto sandbox = runtime.startSandbox({.pod = {.name = "job"}});
    ContainerSpec spec{
        .pod = {.name = "job"}, .name = "work", .image = "any", .command = {"sh", "-c", "sleep 5; exit 2"}};
    const auto id = *runtime.createContainer(sandbox->id, spec);
    ASSERT_TRUE(runtime.startContainer(id));
    clock.advance(std::chrono::milliseconds{4999});
    EXPECT_EQ(runtime.inspect(id)->state, ContainerState::Running);
    clock.advance(std::chrono::milliseconds{1});
    EXPECT_EQ(runtime.inspect(id)->state, ContainerState::Exited);
    EXPECT_EQ(runtime.inspect(id)->exitCode, 2);
}

TEST(SimulatedRuntime, givesAddressesOfItsRange)
{
    SimulatedClock clock;
    SimulatedRuntime runtime(clock);
    runtime.setAddresses("10.244.7.0/24");
    EXPECT_EQ(runtime.startSandbox({})->ip, "10.244.7.2");
    EXPECT_EQ(runtime.startSandbox({})->ip, "10.244.7.3");
}

TEST(SimulatedRuntime, canBeAway)
{
    SimulatedClock clock;
    SimulatedRuntime runtime(clock);
    runtime.setAway(true);
    EXPECT_EQ(runtime.list().error().reason, Reason::ServiceUnavailable);
    runtime.setAway(false);
    EXPECT_TRUE(runtime.list().has_value());
}

} // namespace
} // namespace keelson::containers
