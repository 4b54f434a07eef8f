// SPDX-License-Identifier: Apache-2.0
// Client libraries as their users have them. Each script does its own checks and says what differs.
#include "support/control_plane_process.h"
#include "support/tree.h"

#include <gtest/gtest.h>

#include <memory>

namespace keelson::e2e {
namespace {

std::string program(const std::string& name)
{
    return support::binaryFolder() + "/bin/" + name;
}

/// A cluster with one node whose containers are played.
class Clients : public testing::Test {
protected:
    void SetUp() override
    {
        ASSERT_TRUE(m_server.waitReady()) << m_server.log();
        m_agent = std::make_unique<support::Process>(
            std::vector<std::string>{program("keelson-agent"), "--server", m_server.agentAddress(), "--token-file",
                                     m_server.tokenFile(), "--node", "played", "--data-dir", m_folder.path() / "agent",
                                     "--runtime", "simulated", "--network", "none", "--register-with-taints", "none"},
            m_folder.path() / "agent.log");
    }

    /// Runs the script to its end. A library that is missing is a failure too.
    void play(std::vector<std::string> interpreter, const std::string& script) const
    {
        interpreter.push_back(support::sourceFolder() + "/tests/e2e/clients/" + script);
        const auto outcome = support::run(
            interpreter, {.input = {},
                          .environment = {{"KUBECONFIG", m_server.kubeconfig()},
                                          {"SHAPES", support::sourceFolder() + "/tests/e2e/kubectl/shapes"},
                                          {"CLIENT_NODE_FOLDER", support::sourceFolder() + "/build/tools/client-node"}},
                          .limit = std::chrono::seconds{60}});
        EXPECT_TRUE(outcome.ok()) << outcome.output << outcome.error << m_agent->log();
    }

private:
    support::TemporaryFolder m_folder;
    support::ControlPlaneProcess m_server{program("keelsond"), m_folder.path() / "server"};
    std::unique_ptr<support::Process> m_agent;
};

TEST_F(Clients, python)
{
    play({"/usr/bin/python3"}, "python_client.py"); // Debian's, since its package is for that alone
}

TEST_F(Clients, pythonAsADelivererOfApplications)
{
    play({"/usr/bin/python3"}, "python_deliverers.py");
}

TEST_F(Clients, node)
{
    play({"node", "--test-reporter=spec"}, "node_client.mjs");
}

} // namespace
} // namespace keelson::e2e
