// SPDX-License-Identifier: Apache-2.0
// kubectl logs with its options, and kubectl run as a foreground command, with real Docker.
#include "e2e/cluster.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace keelson::e2e {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;

class Logs : public testing::Test {
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
metadata: {{name: two, labels: {{app: two}}}}
spec:
  terminationGracePeriodSeconds: 0
  initContainers: [{{name: first, image: "{0}", command: [sh, -c, 'echo before']}}]
  containers:
    - {{name: talk, image: "{0}", command: [sh, -c, 'echo one; echo two; sleep 0.2; echo three >&2; exec sleep 600']}}
    - {{name: fall, image: "{0}", command: [sh, -c, 'echo falling; sleep 1; exit 3']}}
---
apiVersion: v1
kind: Pod
metadata: {{name: stuck}}
spec: {{terminationGracePeriodSeconds: 0, containers: [{{name: c, image: "{0}-none"}}]}}
)",
                                                         s_image));
        EXPECT_TRUE(s_cluster->shows(
            {"get", "pod", "two", "-o", "jsonpath={.status.containerStatuses[?(@.name==\"fall\")].restartCount}"}, "1"))
            << s_cluster->logs();
    }

    static void TearDownTestSuite()
    {
        s_cluster.reset();
        s_registry.reset();
        s_engine.reset();
    }

    static Cluster& cluster() { return *s_cluster; }
    static std::string logs(std::vector<std::string> arguments)
    {
        arguments.insert(arguments.begin(), "logs");
        return cluster().out(arguments);
    }

    static inline std::unique_ptr<support::DockerEngine> s_engine;
    static inline std::unique_ptr<support::ImageRegistry> s_registry;
    static inline std::unique_ptr<Cluster> s_cluster;
    static inline std::string s_image;
};

TEST_F(Logs, areOfAContainerAndAsMuchAsIsAskedFor)
{
    for (const auto& kubectl : kubectls()) {
        SCOPED_TRACE(kubectl);
        cluster().useKubectl(kubectl);
        EXPECT_EQ(logs({"two", "-c", "talk"}), "one\ntwo\nthree");
        EXPECT_EQ(logs({"two", "first"}), "before");
        EXPECT_EQ(logs({"two", "-c", "talk", "--tail=1"}), "three");
        EXPECT_EQ(logs({"two", "-c", "talk", "--tail=0"}), "");
        EXPECT_EQ(logs({"two", "-c", "talk", "--limit-bytes=5"}), "one\nt");
        EXPECT_EQ(logs({"two", "-c", "talk", "--since=1h"}), "one\ntwo\nthree");
        EXPECT_EQ(logs({"two", "-c", "talk", "--since-time=2100-01-01T00:00:00Z"}), "");
        EXPECT_THAT(logs({"two", "-c", "talk", "--timestamps", "--tail=1"}),
                    testing::MatchesRegex("20[-0-9]+T[0-9:.]+Z three"));
        EXPECT_EQ(logs({"two", "-c", "fall", "--previous"}), "falling") << "of the run before";
        EXPECT_EQ(logs({"-l", "app=two", "-c", "talk", "--prefix", "--tail=1"}), "[pod/two/talk] three");
        EXPECT_THAT(logs({"two", "--all-containers"}),
                    testing::AllOf(HasSubstr("before"), HasSubstr("one\ntwo\nthree"), HasSubstr("falling")));
        EXPECT_EQ(cluster().out({"logs", "-f", "two", "-c", "first"}), "before") << "what has ended is not waited for";
        EXPECT_EQ(logs({"two", "-c", "talk", "--since=1s"}), "") << "it has said nothing for longer";
    }
    cluster().useKubectl("kubectl");
}

TEST_F(Logs, followWhatIsBeingSaid)
{
    int turn = 0;
    for (const auto& kubectl : kubectls()) {
        SCOPED_TRACE(kubectl);
        cluster().useKubectl(kubectl);
        const auto pod = fmt::format("count{}", ++turn);
        cluster().out({"run", pod, "--image=" + s_image, "--restart=Never", "--", "sh", "-c",
                       "for i in 1 2 3 4 5 6; do echo $i; sleep 0.5; done"});
        EXPECT_TRUE(cluster().shows({"logs", pod, "--ignore-errors", "--tail=1"}, "2"));
        EXPECT_EQ(logs({"-f", pod}), "1\n2\n3\n4\n5\n6") << "to its end";
        const auto cut = support::run({"timeout", "3", kubectl, "--kubeconfig", cluster().kubeconfig(), "logs", "-f",
                                       "two", "-c", "talk", "--tail=1"});
        EXPECT_EQ(cut.output, "three\n");
        EXPECT_EQ(cut.exitCode, 124) << "it waits for more";
        EXPECT_EQ(logs({"pod/" + pod, "--tail=1"}), "6");
    }
    cluster().useKubectl("kubectl");
}

TEST_F(Logs, sayWhyThereAreNone)
{
    for (const auto& kubectl : kubectls()) {
        SCOPED_TRACE(kubectl);
        cluster().useKubectl(kubectl);
        const auto refused = [](std::vector<std::string> arguments) {
            arguments.insert(arguments.begin(), "logs");
            const auto outcome = cluster().kubectl(arguments);
            EXPECT_EQ(outcome.exitCode, 1);
            return outcome.error;
        };
        EXPECT_THAT(refused({"two", "-c", "none"}), HasSubstr("container none is not valid for pod two"));
        if (kubectl.ends_with("1.20")) // which leaves the choice to the server
            EXPECT_THAT(refused({"two"}), HasSubstr("a container name must be specified for pod two, choose one of: "
                                                    "[talk fall] or one of the init containers: [first]"));
        EXPECT_THAT(refused({"none"}), HasSubstr("pods \"none\" not found"));
        EXPECT_THAT(refused({"two", "-c", "talk", "--previous"}),
                    HasSubstr("previous terminated container \"talk\" in pod \"two\" not found"));
        EXPECT_THAT(refused({"stuck"}), HasSubstr("container \"c\" in pod \"stuck\" is waiting to start: "));
    }
    cluster().useKubectl("kubectl");
}

TEST_F(Logs, ofACommandThatIsRunInTheForeground)
{
    for (const auto& kubectl : kubectls()) {
        SCOPED_TRACE(kubectl);
        cluster().useKubectl(kubectl);
        const auto said = cluster().kubectl(
            {"run", "once", "--image=" + s_image, "--restart=Never", "--rm", "-i", "--quiet", "--", "cat"}, "heard\n");
        EXPECT_EQ(said.exitCode, 0) << said.error;
        EXPECT_THAT(said.output, HasSubstr("heard")) << said.error;
        EXPECT_TRUE(cluster().shows({"get", "pods", "once", "--ignore-not-found", "-o", "name"}, ""));
        const auto failed = cluster().kubectl({"run", "fails", "--image=" + s_image, "--restart=Never", "--rm", "-i",
                                               "--", "sh", "-c", "sleep 1; exit 3"});
        EXPECT_EQ(failed.exitCode, 3) << failed.error;
    }
    cluster().useKubectl("kubectl");
}

} // namespace
} // namespace keelson::e2e
