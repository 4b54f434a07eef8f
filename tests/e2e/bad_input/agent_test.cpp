// SPDX-License-Identifier: Apache-2.0
#include "control_plane.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

namespace keelson::e2e {
namespace {

using support::eventually;
using support::TemporaryFolder;
using testing::HasSubstr;
using namespace std::chrono_literals;

std::vector<std::string> agent(const std::string& server, const std::filesystem::path& token,
                               const std::filesystem::path& data, std::vector<std::string> further = {})
{
    std::vector<std::string> command{program("keelson-agent"), "--node", "n1",         "--server", server,
                                     "--token-file",           token,    "--data-dir", data};
    command.insert(command.end(), further.begin(), further.end());
    return command;
}

TEST(Agent, refusesOptionsThatItCannotUse)
{
    ControlPlane cluster;
    const auto good = cluster.server().tokenFile().string();
    const TemporaryFolder folder;
    support::writeFile(folder.path() / "junk", "junk\n");
    const auto token = (folder.path() / "junk").string();
    struct Row {
        std::vector<std::string> arguments;
        int exitCode;
        std::string says;
    };
    const std::string server = "127.0.0.1:1";
    for (const auto& [arguments, exitCode, says] : {
             Row{{"--colour"}, 2, "(see keelson-agent --help)"},
             Row{{"--server", "here", "--node", "n", "--data-dir", folder.path() / "d"},
                 1,
                 "--server: \"here\" is not HOST:PORT"},
             Row{{"--server", server, "--node", "Bad_", "--data-dir", folder.path() / "d"},
                 1,
                 "--node: \"Bad_\" is no node name"},
             Row{{"--server", server, "--node", "n", "--data-dir", folder.path() / "d"}, 1, "--token-file is needed"},
             Row{{"--server", server, "--node", "n", "--data-dir", folder.path() / "d", "--token-file", token},
                 1,
                 fmt::format("--token-file {}: it is no join token", token)},
             Row{{"--server", server, "--node", "n", "--data-dir", token}, 1, "Not a directory"},
             Row{{"--server", server, "--node", "n", "--data-dir", folder.path() / "d", "--token-file", good,
                  "--register-with-taints", "gpu"},
                 1,
                 "--register-with-taints: \"gpu\" is not KEY=VALUE:EFFECT or KEY:EFFECT"},
             Row{{"--server", server, "--node", "n", "--data-dir", folder.path() / "d", "--token-file", good,
                  "--node-labels", "node-role.kubernetes.io/control-plane="},
                 1,
                 "--node-labels: \"node-role.kubernetes.io/control-plane\" is not a node's own to set"},
         }) {
        std::vector<std::string> command{program("keelson-agent")};
        command.insert(command.end(), arguments.begin(), arguments.end());
        const auto outcome = support::run(command, {.input = {}, .environment = {}, .limit = 10s});
        EXPECT_EQ(outcome.exitCode, exitCode) << says;
        EXPECT_THAT(outcome.error, testing::StartsWith("keelson-agent: "));
        EXPECT_THAT(outcome.error, HasSubstr(says));
    }
}

TEST(Agent, saysWhyItIsNotLetIn)
{
    ControlPlane cluster;
    ControlPlane other;
    const TemporaryFolder folder;
    auto wrong = support::readFile(cluster.server().tokenFile());
    wrong[wrong.size() - 3] = wrong[wrong.size() - 3] == 'a' ? 'b' : 'a';
    support::writeFile(folder.path() / "wrong.token", wrong);
    struct Row {
        std::filesystem::path token;
        std::vector<std::string> further;
        std::string says;
    };
    const std::vector<std::string> simulated{"--runtime", "simulated"};
    const auto socket = (folder.path() / "no.sock").string();
    int number = 0;
    for (const auto& [token, further, says] : {
             Row{folder.path() / "wrong.token", simulated, "the join token is wrong or no longer valid"},
             Row{other.server().tokenFile(), simulated,
                 "has a certificate of another authority than this node's token or identity: they are of another "
                 "cluster"},
             Row{cluster.server().tokenFile(),
                 {"--docker-host", "unix://" + socket},
                 fmt::format("no container engine answers at unix://{}: No such file or directory; start Docker there",
                             socket)},
         }) {
        const auto data = folder.path() / fmt::format("{}", ++number);
        support::Process process(agent(cluster.server().agentAddress(), token, data, further), data.string() + ".log");
        EXPECT_TRUE(eventually(10s, [&] { return process.log().contains(says); })) << says << "\n" << process.log();
        EXPECT_THAT(process.log(), testing::Not(HasSubstr("ssl_transport_security"))) << "no lines of the RPC library";
        if (further != simulated)
            continue;               // The engine may yet come.
        constexpr int refused = 77; // EX_NOPERM
        EXPECT_EQ(process.wait(10s), refused) << process.log();
        EXPECT_THAT(process.log(), HasSubstr(fmt::format("The token is from {}: put agent.token of the control plane's "
                                                         "data folder there",
                                                         token.string())));
    }
    EXPECT_THAT(cluster.server().log(), HasSubstr("asked to join as node n1 with a wrong token"));
    EXPECT_EQ(cluster.kubectl({"get", "nodes", "-o", "name"}).output, "");
}

TEST(Agent, registersWithItsTaintsAndLabels)
{
    ControlPlane cluster; // On this machine, so by default its nodes are the control plane's own.
    struct Row {
        std::vector<std::string> options;
        std::string taints;
        std::string labels;
    };
    const std::string format = "jsonpath={range .spec.taints[?(@.effect==\"NoSchedule\")]}{.key}={.value}{end}";
    const TemporaryFolder folder;
    int number = 0;
    for (const auto& [options, taint, label] : {
             Row{{}, "node-role.kubernetes.io/control-plane=", "node-role.kubernetes.io/control-plane"},
             Row{{"--register-with-taints", "none", "--node-labels", "disk=ssd,rack=r1"}, "", "disk=ssd,rack=r1"},
             Row{{"--register-with-taints", "gpu=yes:NoSchedule"}, "gpu=yes", "!node-role.kubernetes.io/control-plane"},
         }) {
        const auto name = fmt::format("n{}", ++number);
        auto further = options;
        further.insert(further.end(), {"--runtime", "simulated", "--node", name});
        auto command =
            agent(cluster.server().agentAddress(), cluster.server().tokenFile(), folder.path() / name, further);
        command.erase(command.begin() + 1, command.begin() + 3); // The common node name.
        support::Process process(command, folder.path() / (name + ".log"));
        EXPECT_TRUE(eventually(20s, [&] {
            return cluster.kubectl({"wait", "--for=condition=Ready", "--timeout=1s", "node", name}).ok();
        })) << process.log();
        EXPECT_TRUE(eventually(10s, [&] {
            return cluster.kubectl({"get", "node", name, "-o", format}).output == taint;
        })) << cluster.kubectl({"get", "node", name, "-o", "yaml"}).output;
        EXPECT_THAT(cluster.kubectl({"get", "nodes", "-l", label, "-o", "name"}).output, HasSubstr("node/" + name));
    }
}

} // namespace
} // namespace keelson::e2e
