// SPDX-License-Identifier: Apache-2.0
// New nodes with nothing but a bootstrap token.
#include "support/control_plane_process.h"
#include "support/tree.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace keelson::e2e {
namespace {

using std::chrono::seconds;
using support::eventually;

/// A cluster with two bootstrap tokens: abcdef.0123456789abcdef, and expird.0123456789abcdef, which is over.
class Bootstrap : public testing::Test {
protected:
    Bootstrap()
    {
        EXPECT_TRUE(m_server.waitReady()) << m_server.log();
        for (const auto& [id, expiration] :
             {std::pair{"abcdef", "2100-01-01T00:00:00Z"}, std::pair{"expird", "2020-01-01T00:00:00Z"}})
            kubectl({"create", "-f", "-"}, fmt::format(R"(
apiVersion: v1
kind: Secret
metadata: {{name: bootstrap-token-{}, namespace: kube-system}}
type: bootstrap.kubernetes.io/token
stringData: {{token-id: {}, token-secret: 0123456789abcdef, usage-bootstrap-authentication: "true", expiration: "{}"}}
)",
                                                       id, id, expiration));
    }

    static std::string program(const std::string& name) { return support::binaryFolder() + "/bin/" + name; }

    support::Outcome kubectl(std::vector<std::string> arguments, const std::string& input = {}) const
    {
        arguments.insert(arguments.begin(), {"kubectl", "--kubeconfig", m_server.kubeconfig()});
        return support::run(arguments, {.input = input, .environment = {{"HOME", m_folder.path()}}});
    }

    /// An agent that has the cluster's authority and that token.
    std::unique_ptr<support::Process> startAgent(const std::string& node, const std::string& token)
    {
        const auto line = support::readFile(m_server.tokenFile());
        const auto file = m_folder.path() / (node + ".token");
        support::writeFile(file, line.substr(0, line.find('.') + 1) + token + "\n");
        return std::make_unique<support::Process>(
            std::vector<std::string>{program("keelson-agent"), "--server", m_server.agentAddress(), "--token-file",
                                     file, "--node", node, "--data-dir", m_folder.path() / node, "--runtime",
                                     "simulated", "--network", "none"},
            m_folder.path() / (node + ".log"));
    }

    support::TemporaryFolder m_folder;
    support::ControlPlaneProcess m_server{program("keelsond"), m_folder.path() / "server"};
};

TEST_F(Bootstrap, aNodeJoins)
{
    const auto agent = startAgent("n1", "abcdef.0123456789abcdef");
    EXPECT_TRUE(eventually(seconds{30}, [&] {
        return kubectl({"get", "node", "n1", "-o", "jsonpath={.status.conditions[?(@.type==\"Ready\")].status}"})
                   .output == "True";
    })) << agent->log();
    const auto late = startAgent("n2", "expird.0123456789abcdef");
    EXPECT_TRUE(eventually(seconds{20}, [&] {
        return late->log().contains("the join token is wrong or no longer valid");
    })) << late->log();
}

} // namespace
} // namespace keelson::e2e
