// SPDX-License-Identifier: Apache-2.0
// The ten steps of a deployment, with real Docker and the real kubectl, and what brings the desired state back.
#include "e2e/cluster.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <iterator>
#include <set>
#include <sstream>

namespace keelson::e2e {
namespace {

using std::chrono::seconds;
using support::eventually;

/// One engine, registry and cluster for all stories here: each uses names of its own.
class DeploymentWalk : public testing::Test {
protected:
    static void SetUpTestSuite()
    {
        s_engine = std::make_unique<support::DockerEngine>();
        s_registry = std::make_unique<support::ImageRegistry>();
        s_image = pushWebImage(*s_engine, *s_registry);
        s_cluster = std::make_unique<Cluster>(
            *s_engine, Cluster::Options{.serverArguments = {"--node-grace", "8", "--eviction-after", "2"}});
    }

    static void TearDownTestSuite()
    {
        s_cluster.reset();
        s_registry.reset();
        s_engine.reset();
    }

    static Cluster& cluster() { return *s_cluster; }

    static std::set<std::string> words(const std::string& text)
    {
        std::istringstream stream(text);
        return {std::istream_iterator<std::string>(stream), {}};
    }

    /// What a column says of the pods of an app that run and are not being deleted.
    static std::set<std::string> podNames(const std::string& app, const std::string& column = ".metadata.name")
    {
        const auto rows =
            words(cluster().out({"get", "pods", "-l", "app=" + app, "--field-selector=status.phase=Running", "-o",
                                 "jsonpath={range .items[*]}{" + column + "}={.metadata.deletionTimestamp} {end}"}));
        std::set<std::string> names;
        for (const auto& row : rows) {
            if (row.ends_with('='))
                names.insert(row.substr(0, row.size() - 1));
        }
        return names;
    }

    static bool readyReplicas(const std::string& kind, const std::string& name, int count, seconds limit = seconds{60})
    {
        return cluster().shows({"get", kind, name, "-o", "jsonpath={.status.readyReplicas}/{.status.replicas}"},
                               fmt::format("{}/{}", count, count), limit);
    }

    /// Who answers `count` calls of an address, asked from inside a pod.
    static std::set<std::string> answers(const std::string& fromPod, const std::string& address, int count)
    {
        const auto script =
            fmt::format("for i in $(seq {}); do wget -q -O - http://{}/ || echo failed; done", count, address);
        return words(cluster().out({"exec", fromPod, "--", "sh", "-c", script}));
    }

    static void startClient(const std::string& name, const std::string& node)
    {
        const auto manifest = fmt::format(R"(
apiVersion: v1
kind: Pod
metadata: {{name: {}}}
spec:
  nodeName: {}
  terminationGracePeriodSeconds: 0
  containers: [{{name: shell, image: {}, command: [sleep, '3600']}}]
)",
                                          name, node, s_image);
        cluster().out({"apply", "-f", "-"}, manifest);
        cluster().shows({"get", "pod", name, "-o", "jsonpath={.status.phase}"}, "Running");
    }

    static inline std::unique_ptr<support::DockerEngine> s_engine;
    static inline std::unique_ptr<support::ImageRegistry> s_registry;
    static inline std::unique_ptr<Cluster> s_cluster;
    static inline std::string s_image;
};

TEST_F(DeploymentWalk, goesFromApplyToAnswersFromBothNodes)
{
    int walk = 0;
    for (const auto& kubectl : kubectls()) {
        SCOPED_TRACE(kubectl);
        cluster().useKubectl(kubectl);
        const auto name = fmt::format("web{}", ++walk);
        cluster().out({"apply", "-f", "-"},
                      webManifest("ReplicaSet", name, s_image, 4) + "---" + serviceManifest(name));
        ASSERT_TRUE(readyReplicas("replicaset", name, 4));
        const auto nodes =
            words(cluster().out({"get", "pods", "-l", "app=" + name, "-o", "jsonpath={.items[*].spec.nodeName}"}));
        EXPECT_EQ(nodes, (std::set{cluster().nodeName(0), cluster().nodeName(1)}));

        const auto pods = podNames(name);
        EXPECT_EQ(pods.size(), 4);
        const auto ip = cluster().out({"get", "service", name, "-o", "jsonpath={.spec.clusterIP}"});
        for (int node = 0; node < 2; ++node) {
            const auto client = fmt::format("client{}-{}", walk, node);
            startClient(client, cluster().nodeName(node));
            EXPECT_EQ(answers(client, ip, 60), pods) << "by address, from node " << node;
            EXPECT_EQ(answers(client, name, 60), pods) << "by name, from node " << node;
            EXPECT_EQ(answers(client, name + ".default.svc.cluster.local", 10).contains("failed"), false);
            for (const auto& pod : pods) {
                const auto podIp = cluster().out({"get", "pod", pod, "-o", "jsonpath={.status.podIP}"});
                EXPECT_EQ(answers(client, podIp + ":8080", 1), std::set{pod}) << "pod to pod, from node " << node;
            }
        }
        EXPECT_THAT(cluster().out({"logs", "client" + std::to_string(walk) + "-0"}), testing::IsEmpty());
        cluster().out({"delete", "replicaset,service", name});
        cluster().out({"delete", "pod", fmt::format("client{}-0", walk), fmt::format("client{}-1", walk)});
        EXPECT_TRUE(cluster().shows({"get", "pods", "-o", "name"}, ""));
    }
    cluster().useKubectl("kubectl");
}

TEST_F(DeploymentWalk, nodesTellWhichImagesTheyHave)
{
    const auto images = cluster().out({"get", "nodes", "-o", "jsonpath={.items[*].status.images[*].names[*]}"});
    EXPECT_TRUE(words(images).contains(s_image)) << images;
    const auto sizes = cluster().out({"get", "nodes", "-o", "jsonpath={.items[*].status.images[*].sizeBytes}"});
    EXPECT_EQ(words(sizes).count("0"), 0U) << sizes;
}

TEST_F(DeploymentWalk, refusesWhoHasNoRole)
{
    const auto kubeconfig = cluster().kubeconfigFor("jane", "developers");
    const auto asJane = [&](std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), {"kubectl", "--kubeconfig", kubeconfig});
        return support::run(arguments);
    };
    const auto refused = asJane({"get", "pods"});
    EXPECT_EQ(refused.exitCode, 1);
    EXPECT_THAT(refused.error,
                testing::HasSubstr("User \"jane\" cannot list resource \"pods\" in API group \"\" in the "
                                   "namespace \"default\""));
    cluster().out({"create", "rolebinding", "jane-views", "--clusterrole=view", "--user=jane"});
    EXPECT_TRUE(asJane({"get", "pods"}).ok());
    EXPECT_FALSE(asJane({"get", "secrets"}).ok()) << "view does not show secrets";
    EXPECT_FALSE(asJane({"create", "configmap", "mine"}).ok());
    cluster().out({"delete", "rolebinding", "jane-views"});
    EXPECT_FALSE(asJane({"get", "pods"}).ok()) << "what is taken away counts at once";
}

TEST_F(DeploymentWalk, bringsTheDesiredStateBack)
{
    cluster().out({"apply", "-f", "-"}, webManifest("Deployment", "steady", s_image, 3));
    ASSERT_TRUE(readyReplicas("deployment", "steady", 3));

    const auto running = podNames("steady");
    ASSERT_EQ(running.size(), 3);
    const auto victim = *running.begin();
    const auto container =
        cluster().out({"get", "pod", victim, "-o", "jsonpath={.status.containerStatuses[0].containerID}"});
    ASSERT_TRUE(s_engine->docker({"rm", "-f", container.substr(container.rfind('/') + 1)}).ok());
    EXPECT_TRUE(cluster().shows({"get", "pod", victim, "-o",
                                 "jsonpath={.status.containerStatuses[0].restartCount} "
                                 "{.status.containerStatuses[0].ready}"},
                                "1 true"))
        << "a removed container comes back in its pod";

    cluster().out({"delete", "pod", victim});
    ASSERT_TRUE(readyReplicas("deployment", "steady", 3));
    EXPECT_FALSE(podNames("steady").contains(victim));

    cluster().out({"scale", "deployment", "steady", "--replicas=5"});
    EXPECT_TRUE(readyReplicas("deployment", "steady", 5));
    cluster().out({"scale", "deployment", "steady", "--replicas=1"});
    EXPECT_TRUE(readyReplicas("deployment", "steady", 1));
    cluster().out({"delete", "deployment", "steady"});
    EXPECT_TRUE(cluster().shows({"get", "pods", "-l", "app=steady", "-o", "name"}, ""));
}

TEST_F(DeploymentWalk, leavesHealthyPodsAloneWhenAgentOrEngineDie)
{
    cluster().out({"apply", "-f", "-"}, webManifest("Deployment", "calm", s_image, 2));
    ASSERT_TRUE(readyReplicas("deployment", "calm", 2));
    const std::vector<std::string> startTimes{
        "get",
        "pods",
        "-l",
        "app=calm",
        "-o",
        "jsonpath={range .items[*]}{.metadata.name} {.status.containerStatuses[0].state.running.startedAt} "
        "{.status.containerStatuses[0].restartCount} {.status.containerStatuses[0].ready};{end}"};
    const auto before = cluster().out(startTimes);

    cluster().agent(0).signal(SIGKILL);
    cluster().agent(0).wait(seconds{5});
    cluster().startAgent(0);
    cluster().out({"wait", "--for=condition=Ready", "nodes", "--all", "--timeout=30s"});
    EXPECT_TRUE(cluster().shows(startTimes, before)) << "after kill -9 of an agent";

    s_engine->stop();
    s_engine->start();
    EXPECT_TRUE(cluster().shows(startTimes, before)) << "after a restart of the engine";
    cluster().out({"delete", "deployment", "calm"});
}

TEST_F(DeploymentWalk, replacesThePodsOfALostNode)
{
    cluster().out({"apply", "-f", "-"}, webManifest("Deployment", "moving", s_image, 4));
    ASSERT_TRUE(readyReplicas("deployment", "moving", 4));
    cluster().agent(1).signal(SIGSTOP);
    EXPECT_TRUE(cluster().shows(
        {"get", "node", cluster().nodeName(1), "-o", "jsonpath={.status.conditions[?(@.type==\"Ready\")].status}"},
        "Unknown"));
    const std::vector<std::string> readyOnes{"get", "deployment", "moving", "-o",
                                             "jsonpath={.status.readyReplicas} {.status.availableReplicas}"};
    EXPECT_TRUE(cluster().shows(readyOnes, "4 4", seconds{90}));
    EXPECT_EQ(podNames("moving", ".spec.nodeName"), std::set{cluster().nodeName(0)});

    cluster().agent(1).signal(SIGCONT);
    cluster().out({"wait", "--for=condition=Ready", "nodes", "--all", "--timeout=60s"});
    EXPECT_TRUE(readyReplicas("deployment", "moving", 4, seconds{90}));
    cluster().out({"delete", "deployment", "moving"});
}

TEST_F(DeploymentWalk, losesNoAcknowledgedWriteWhenTheServerIsKilled)
{
    constexpr int writes = 1000;
    std::string manifest = "apiVersion: v1\nkind: List\nitems:\n";
    for (int i = 0; i < writes; ++i)
        manifest += fmt::format(
            "- {{apiVersion: v1, kind: ConfigMap, metadata: {{name: write-{}}}, data: {{n: '{}'}}}}\n", i, i);
    support::writeFile(cluster().folder() / "writes.yaml", manifest);
    const auto log = cluster().folder() / "writes.log";
    support::Process writer({"kubectl", "--kubeconfig", cluster().folder() / "server" / "admin.kubeconfig", "create",
                             "--validate=false", "-f", cluster().folder() / "writes.yaml"},
                            log);
    ASSERT_TRUE(eventually(seconds{30}, [&] { return std::ranges::count(writer.log(), '\n') > writes / 10; }));
    cluster().server().signal(SIGKILL);
    cluster().server().wait(seconds{5});
    writer.wait(seconds{60});
    const auto said = words(writer.log());
    cluster().startServer();

    const auto stored = words(cluster().out({"get", "configmaps", "-o", "name"}));
    std::size_t acknowledged = 0;
    for (const auto& word : said) {
        if (!word.starts_with("configmap/write-"))
            continue;
        ++acknowledged;
        EXPECT_TRUE(stored.contains(word)) << word << " was acknowledged and is lost";
    }
    EXPECT_GT(acknowledged, writes / 10);
    EXPECT_LT(acknowledged, writes) << "the kill came in the middle";
    cluster().out({"wait", "--for=condition=Ready", "nodes", "--all", "--timeout=30s"});
}

} // namespace
} // namespace keelson::e2e
