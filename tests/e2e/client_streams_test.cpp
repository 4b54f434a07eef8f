// SPDX-License-Identifier: Apache-2.0
// Client libraries and containers that really run: exec, attach, port-forward, copies and logs. Each script does its
// own checks and says what differs; what needs no container is in clients_test.
#include "e2e/cluster.h"
#include "support/tree.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace keelson::e2e {
namespace {

class ClientStreams : public testing::Test {
protected:
    static void SetUpTestSuite()
    {
        s_engine = std::make_unique<support::DockerEngine>();
        s_registry = std::make_unique<support::ImageRegistry>();
        s_image = pushWebImage(*s_engine, *s_registry);
        s_cluster = std::make_unique<Cluster>(*s_engine, Cluster::Options{.nodes = 1});
        s_cluster->out({"apply", "-f", "-"}, fmt::format(R"(
apiVersion: v1
kind: Pod
metadata: {{name: web}}
spec:
  terminationGracePeriodSeconds: 0
  containers: [{{name: main, image: {0}, command: [sh, -c, 'hostname > /www/index.html; exec httpd -f -p 8080 -h /www']}}]
---
apiVersion: v1
kind: Pod
metadata: {{name: echo}}
spec:
  terminationGracePeriodSeconds: 0
  containers: [{{name: main, image: {0}, stdin: true, command: [sh, -c, 'while read line; do echo "heard $line"; done']}}]
)",
                                                         s_image));
        EXPECT_TRUE(s_cluster->shows({"get", "pods", "-o", "jsonpath={.items[*].status.phase}"}, "Running Running"))
            << s_cluster->logs();
    }

    static void TearDownTestSuite()
    {
        s_cluster.reset();
        s_registry.reset();
        s_engine.reset();
    }

    static void play(std::vector<std::string> interpreter, const std::string& script)
    {
        interpreter.push_back(support::sourceFolder() + "/tests/e2e/clients/" + script);
        const auto outcome = support::run(
            interpreter, {.input = {},
                          .environment = {{"KUBECONFIG", s_cluster->kubeconfig()},
                                          {"IMAGE", s_image},
                                          {"CLIENT_NODE_FOLDER", support::sourceFolder() + "/build/tools/client-node"}},
                          .limit = std::chrono::seconds{120}});
        EXPECT_TRUE(outcome.ok()) << outcome.output << outcome.error << s_cluster->logs();
    }

    static inline std::unique_ptr<support::DockerEngine> s_engine;
    static inline std::unique_ptr<support::ImageRegistry> s_registry;
    static inline std::unique_ptr<Cluster> s_cluster;
    static inline std::string s_image;
};

TEST_F(ClientStreams, python)
{
    play({"/usr/bin/python3"}, "python_streams.py"); // Debian's, since its package is for that alone
}

TEST_F(ClientStreams, node)
{
    play({"node", "--test-reporter=spec"}, "node_streams.mjs");
}

} // namespace
} // namespace keelson::e2e
