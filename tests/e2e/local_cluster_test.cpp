// SPDX-License-Identifier: Apache-2.0
// keelsonctl cluster: the one-click cluster from its first start to its last trace, with a real Docker engine.
#include "e2e/cluster.h"
#include "support/tree.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

namespace keelson::e2e {
namespace {

using support::Outcome;
using testing::HasSubstr;

class LocalCluster : public testing::Test {
protected:
    /// Nothing of a test that failed halfway runs on.
    void TearDown() override
    {
        if (!std::filesystem::exists(m_home.path() / "share/keelson/clusters/walk"))
            return;
        if (!m_engine.docker({"version"}).ok())
            m_engine.start();
        const auto gone = ctl({"cluster", "delete", "walk"});
        EXPECT_TRUE(gone.ok()) << gone.error;
    }

    Outcome ctl(std::vector<std::string> arguments)
    {
        arguments.insert(arguments.begin(), support::binaryFolder() + "/bin/keelsonctl");
        return support::run(arguments, {.input = {}, .environment = m_environment});
    }

    Outcome kubectl(std::vector<std::string> arguments, const std::string& input = {})
    {
        arguments.insert(arguments.begin(), {"kubectl", "--context", "keelson-walk"});
        return support::run(arguments, {.input = input, .environment = m_environment});
    }

    bool ready(int replicas)
    {
        return support::eventually(std::chrono::seconds{60}, [&] {
            return kubectl({"get", "deployment", "web", "-o", "jsonpath={.status.readyReplicas}"}).output ==
                   std::to_string(replicas);
        });
    }

    /// What the cluster has left on the machine.
    std::string traces() const
    {
        return m_engine.docker({"ps", "-a", "--format", "{{.Names}} {{.Status}} {{.Image}}"}).output +
               m_engine.docker({"network", "ls", "-q", "--filter", "name=keelson"}).output +
               support::run({"sh", "-c", "nft list tables | grep walk-worker; pgrep -f 'clusters/[w]alk'"}).output;
    }

    support::DockerEngine m_engine;
    support::ImageRegistry m_registry;
    support::TemporaryFolder m_home;
    std::map<std::string, std::string> m_environment{{"HOME", m_home.path()},
                                                     {"XDG_DATA_HOME", m_home.path() / "share"},
                                                     {"DOCKER_HOST", m_engine.address()},
                                                     {"KUBECONFIG", ""}};
};

TEST_F(LocalCluster, comesUpGoesDownComesBackAndLeavesNothing)
{
    const auto image = pushWebImage(m_engine, m_registry);
    const auto up = ctl({"cluster", "up", "walk", "--nodes", "2"});
    ASSERT_TRUE(up.ok()) << up.output << up.error;
    EXPECT_THAT(ctl({"cluster", "status", "walk"}).output, HasSubstr("2 of 2 nodes Ready"));
    EXPECT_TRUE(ctl({"cluster", "up", "walk", "--nodes", "2"}).ok()) << "once more does no harm";
    ASSERT_TRUE(kubectl({"apply", "-f", "-"}, webManifest("Deployment", "web", image, 2)).ok());
    ASSERT_TRUE(ready(2));
    EXPECT_EQ(m_engine.docker({"images", "-q", "--filter", "dangling=true"}).output, "") << "one image of sandboxes";

    ASSERT_TRUE(ctl({"cluster", "pause", "walk"}).ok());
    EXPECT_THAT(ctl({"cluster", "status", "walk"}).output, HasSubstr("paused"));
    ASSERT_TRUE(ctl({"cluster", "resume", "walk"}).ok());
    EXPECT_TRUE(ready(2));

    ASSERT_TRUE(ctl({"cluster", "down", "walk"}).ok());
    EXPECT_EQ(m_engine.docker({"ps", "-q"}).output, "") << "nothing runs on";
    EXPECT_THAT(ctl({"cluster", "list"}).output, HasSubstr("walk"));
    const auto again = ctl({"cluster", "up", "walk"});
    ASSERT_TRUE(again.ok()) << again.output << again.error;
    EXPECT_THAT(ctl({"cluster", "status", "walk"}).output, HasSubstr("2 of 2 nodes Ready"));
    EXPECT_TRUE(ready(2)) << "what was declared is there again\n"
                          << kubectl({"get", "pods,nodes,events", "-o", "wide"}).output
                          << ctl({"cluster", "logs", "walk"}).output;

    const auto less = ctl({"cluster", "up", "walk", "--nodes", "1"});
    ASSERT_TRUE(less.ok()) << less.output << less.error;
    EXPECT_TRUE(ready(2)) << "on the node that is left";
    EXPECT_EQ(kubectl({"get", "nodes", "-o", "name"}).output, "node/walk-worker-0\n");
    EXPECT_EQ(m_engine.docker({"network", "ls", "-q", "--filter", "label=keelson.node=walk-worker-1"}).output, "");

    m_engine.stop();
    const auto away = ctl({"cluster", "delete", "walk"});
    EXPECT_NE(away.exitCode, 0);
    EXPECT_THAT(away.error, HasSubstr("the Docker engine at " + m_engine.address() + " does not answer"));
    m_engine.start();
    m_environment["DOCKER_HOST"] = "unix:///elsewhere/docker.sock"; // The cluster knows where its containers are.
    ASSERT_TRUE(ctl({"cluster", "delete", "walk"}).ok());
    EXPECT_EQ(traces(), "");
    EXPECT_FALSE(std::filesystem::exists(m_home.path() / "share/keelson/clusters/walk"));
    EXPECT_THAT(kubectl({"get", "nodes"}).error, HasSubstr("keelson-walk")) << "its context is gone";
}

TEST_F(LocalCluster, saysWhatIsMissing)
{
    for (const auto* address : {"unix:///nowhere/docker.sock", "tcp://127.0.0.1:1", "banana"}) {
        m_environment["DOCKER_HOST"] = address;
        const auto up = ctl({"cluster", "up", "walk"});
        EXPECT_EQ(up.exitCode, 1) << address;
        EXPECT_THAT(up.error, HasSubstr(address));
        EXPECT_EQ(traces(), "");
        EXPECT_THAT(ctl({"cluster", "list"}).output, HasSubstr("No local clusters"));
    }
}

} // namespace
} // namespace keelson::e2e
