// SPDX-License-Identifier: Apache-2.0
// kubectl debug in its forms, with real Docker: a container put into a running pod, a copy of the pod, a node.
#include "e2e/cluster.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace keelson::e2e {
namespace {

using std::chrono::seconds;
using support::eventually;
using testing::HasSubstr;

class Debug : public testing::Test {
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
  containers:
    - {{name: web, image: "{0}", command: [sh, -c, 'echo here > /www/index.html; exec httpd -f -p 8080 -h /www']}}
)",
                                                         s_image));
        EXPECT_TRUE(phaseIs("web", "Running")) << s_cluster->logs();
    }

    static void TearDownTestSuite()
    {
        s_cluster.reset();
        s_registry.reset();
        s_engine.reset();
    }

    static Cluster& cluster() { return *s_cluster; }

    static bool phaseIs(const std::string& pod, const std::string& phase)
    {
        return s_cluster->shows({"get", "pod", pod, "-o", "jsonpath={.status.phase}"}, phase);
    }

    /// Debian's kubectl asks for an alpha form of ephemeral containers that Kubernetes has given up.
    static bool asksForTheAlphaForm()
    {
        return cluster().out({"version", "--client", "-o", "json"}).contains(R"("minor": "20)");
    }

    /// Whether the ephemeral container of that name runs, in the end.
    static bool looks(const std::string& container)
    {
        const auto path = fmt::format(
            "jsonpath={{.status.ephemeralContainerStatuses[?(@.name==\"{}\")].state.running.startedAt}}", container);
        return eventually(seconds{30},
                          [&] { return !cluster().kubectl({"get", "pod", "web", "-o", path}).output.empty(); });
    }

    static inline std::unique_ptr<support::DockerEngine> s_engine;
    static inline std::unique_ptr<support::ImageRegistry> s_registry;
    static inline std::unique_ptr<Cluster> s_cluster;
    static inline std::string s_image;
};

TEST_F(Debug, putsAContainerIntoARunningPod)
{
    const auto image = "--image=" + s_image;
    if (asksForTheAlphaForm()) {
        EXPECT_THAT(cluster().kubectl({"debug", "web", image, "-c", "look"}).error,
                    HasSubstr("the body holds a EphemeralContainers of v1; this path takes a Pod of v1"));
        return;
    }
    cluster().out({"debug", "web", image, "-c", "look", "--", "sh", "-c", "echo looking; exec sleep 600"});
    ASSERT_TRUE(looks("look")) << cluster().out({"get", "pod", "web", "-o", "yaml"});
    EXPECT_EQ(cluster().out({"exec", "web", "-c", "look", "--", "wget", "-qO-", "http://127.0.0.1:8080/"}), "here")
        << "it shares the pod's network";
    EXPECT_EQ(cluster().out({"logs", "web", "-c", "look"}), "looking");
    EXPECT_THAT(cluster().out({"exec", "web", "-c", "look", "--", "ps"}), testing::Not(HasSubstr("httpd")));

    cluster().out({"debug", "web", image, "-c", "inside", "--target=web", "--", "sleep", "600"});
    ASSERT_TRUE(looks("inside")) << cluster().out({"get", "pod", "web", "-o", "yaml"});
    EXPECT_THAT(cluster().out({"exec", "web", "-c", "inside", "--", "ps"}), HasSubstr("httpd"))
        << "it sees the processes of its target";
    EXPECT_EQ(cluster().out({"exec", "web", "-c", "inside", "--", "cat", "/proc/1/root/www/index.html"}), "here");

    const auto said =
        support::run({"/bin/sh", "-c",
                      fmt::format("(sleep 2; echo word; sleep 2) | kubectl --kubeconfig {} debug -i web {} -c talk -- "
                                  "sh -c 'read word; echo heard $word'",
                                  (cluster().folder() / "server" / "admin.kubeconfig").string(), image)},
                     {.input = {}, .environment = {{"HOME", cluster().folder()}}, .limit = seconds{60}});
    EXPECT_THAT(said.output, HasSubstr("heard word")) << said.error;
    const std::string state =
        "jsonpath={.status.ephemeralContainerStatuses[?(@.name==\"talk\")].state.terminated.reason} {.status.phase} "
        "{.status.containerStatuses[0].restartCount}";
    EXPECT_TRUE(cluster().shows({"get", "pod", "web", "-o", state}, "Completed Running 0"));
    EXPECT_THAT(cluster().out({"describe", "pod", "web"}), HasSubstr("Ephemeral Containers:"));
}

TEST_F(Debug, refusesAContainerThatCannotBe)
{
    const auto image = "--image=" + s_image;
    const bool alpha = asksForTheAlphaForm();
    if (!alpha) {
        const auto taken = cluster().kubectl({"debug", "web", image, "-c", "web"});
        EXPECT_EQ(taken.exitCode, 1);
        EXPECT_THAT(taken.error, HasSubstr("].name: Duplicate value: \"web\""));
        const auto target = cluster().kubectl({"debug", "web", image, "-c", "lost", "--target=none"});
        EXPECT_EQ(target.exitCode, 1);
        EXPECT_THAT(target.error, HasSubstr("targetContainerName: Not found: \"none\""));
    }
    const auto joe = cluster().kubectl({"debug", "web", image, "--as=joe", "--as-group=system:authenticated"});
    EXPECT_THAT(joe.error, HasSubstr("User \"joe\" cannot get resource \"pods\""));
    cluster().out({"create", "clusterrolebinding", "joe-edits", "--clusterrole=edit", "--user=joe"});
    const auto edits = cluster().kubectl({"debug", "web", image, "--as=joe"});
    EXPECT_EQ(edits.exitCode, 1) << "to edit pods is not to debug them";
    EXPECT_THAT(edits.error, HasSubstr(fmt::format("cannot {} resource \"pods/ephemeralcontainers\"",
                                                   alpha ? "get" : "patch"))); // the alpha form begins by reading it
}

TEST_F(Debug, copiesAPod)
{
    for (const auto& kubectl : kubectls()) {
        SCOPED_TRACE(kubectl);
        cluster().useKubectl(kubectl);
        cluster().out({"debug", "web", "--image=" + s_image, "--copy-to=copy", "--same-node", "-c", "look",
                       "--share-processes", "--", "sleep", "600"});
        EXPECT_TRUE(phaseIs("copy", "Running"));
        EXPECT_EQ(cluster().out({"get", "pod", "copy", "-o",
                                 "jsonpath={.spec.containers[*].name} {.spec.shareProcessNamespace}"}),
                  "web look true");
        EXPECT_THAT(cluster().out({"exec", "copy", "-c", "look", "--", "ps"}), HasSubstr("httpd"));
        cluster().out({"debug", "web", "--copy-to=other", "-c", "web", "--image=" + s_image, "--", "sleep", "601"});
        EXPECT_TRUE(phaseIs("other", "Running"));
        EXPECT_EQ(cluster().out({"get", "pod", "other", "-o", "jsonpath={.spec.containers[*].command}"}),
                  "[\"sleep\",\"601\"]")
            << "its own container, with another command";
        cluster().out({"delete", "pod", "copy", "other", "--grace-period=0", "--force"});
    }
    cluster().useKubectl("kubectl");
}

TEST_F(Debug, entersANode)
{
    for (const auto& kubectl : kubectls()) {
        SCOPED_TRACE(kubectl);
        cluster().useKubectl(kubectl);
        support::writeFile(cluster().folder() / "mark", "the machine");
        cluster().out({"debug", "node/" + cluster().nodeName(0), "--image=" + s_image, "--", "sleep", "600"});
        const auto pod = cluster().out({"get", "pods", "-o", "name"});
        const auto at = pod.find("node-debugger-" + cluster().nodeName(0));
        ASSERT_NE(at, std::string::npos) << pod;
        const auto name = pod.substr(at, pod.find('\n', at) - at);
        EXPECT_TRUE(phaseIs(name, "Running"));
        EXPECT_EQ(cluster().out({"exec", name, "--", "cat", fmt::format("/host{}/mark", cluster().folder().string())}),
                  "the machine")
            << "it sees the node's files";
        EXPECT_THAT(cluster().out({"exec", name, "--", "ps"}), HasSubstr("keelson-agent")) << "and its processes";
        cluster().out({"delete", "pod", name, "--grace-period=0", "--force"});
    }
    cluster().useKubectl("kubectl");
}

} // namespace
} // namespace keelson::e2e
