// SPDX-License-Identifier: Apache-2.0
// What kubectl does through a stream to a pod: exec, attach, cp, port-forward and the proxy, with the newest kubectl
// (WebSockets) and with Debian's (SPDY).
#include "e2e/cluster.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>

namespace keelson::e2e {
namespace {

using std::chrono::seconds;
using support::eventually;
using testing::HasSubstr;

class Streams : public testing::Test {
protected:
    static void SetUpTestSuite()
    {
        s_engine = std::make_unique<support::DockerEngine>();
        s_registry = std::make_unique<support::ImageRegistry>();
        const auto image = pushWebImage(*s_engine, *s_registry);
        s_cluster = std::make_unique<Cluster>(*s_engine, Cluster::Options{.nodes = 1});
        s_cluster->out({"apply", "-f", "-"}, webManifest("Deployment", "web", image, 1) + "---" +
                                                 serviceManifest("web") +
                                                 fmt::format(R"(---
apiVersion: v1
kind: Pod
metadata: {{name: echo}}
spec:
  terminationGracePeriodSeconds: 0
  containers: [{{name: shell, image: {0}, stdin: true, command: [sh, -c, 'while read line; do echo "heard $line"; done']}}]
---
apiVersion: v1
kind: Pod
metadata: {{name: inner}}
spec:
  terminationGracePeriodSeconds: 0
  containers:
    - name: shell
      image: {0}
      command: [sh, -c, 'echo "from inside" > /www/index.html; exec httpd -f -p 127.0.0.1:9000 -h /www']
)",
                                                             image));
        EXPECT_TRUE(
            s_cluster->shows({"get", "pods", "-o", "jsonpath={.items[*].status.phase}"}, "Running Running Running"))
            << s_cluster->logs();
        EXPECT_TRUE(s_cluster->shows({"get", "deploy", "web", "-o", "jsonpath={.status.readyReplicas}"}, "1"));
    }

    static void TearDownTestSuite()
    {
        s_cluster.reset();
        s_registry.reset();
        s_engine.reset();
    }

    static Cluster& cluster() { return *s_cluster; }

    /// Each story is told by each kubectl.
    static void withEach(const std::function<void()>& story)
    {
        for (const auto& kubectl : kubectls()) {
            SCOPED_TRACE(kubectl);
            cluster().useKubectl(kubectl);
            story();
        }
    }

    static std::string podOf(const std::string& app)
    {
        return cluster().out({"get", "pod", "-l", "app=" + app, "-o", "jsonpath={.items[0].metadata.name}"});
    }

    static inline std::unique_ptr<support::DockerEngine> s_engine;
    static inline std::unique_ptr<support::ImageRegistry> s_registry;
    static inline std::unique_ptr<Cluster> s_cluster;
};

TEST_F(Streams, execSendsBothWaysAndEndsWithTheCodeOfTheCommand)
{
    withEach([] {
        EXPECT_EQ(cluster().out({"exec", "deploy/web", "--", "sh", "-c", "echo out; echo err >&2"}), "out");
        EXPECT_EQ(cluster().out({"exec", "-i", "deploy/web", "--", "cat"}, "through\nthe pipe\n"), "through\nthe pipe");
        const auto failed = cluster().kubectl({"exec", "deploy/web", "--", "sh", "-c", "echo err >&2; exit 7"});
        EXPECT_EQ(failed.exitCode, 7);
        EXPECT_THAT(failed.error, HasSubstr("err\n"));
        const auto none = cluster().kubectl({"exec", "deploy/web", "--", "no-such-command"});
        EXPECT_NE(none.exitCode, 0);
        const std::string big(std::size_t{3} * 1024 * 1024, 'x');
        EXPECT_EQ(cluster().out({"exec", "-i", "deploy/web", "--", "sh", "-c", "wc -c"}, big),
                  std::to_string(big.size()));
    });
}

TEST_F(Streams, execGivesATerminal)
{
    withEach([] {
        const auto said = support::run(
            {"/bin/sh", "-c",
             fmt::format(
                 "(sleep 1; printf 'word\\n'; sleep 1) | script -qec \"{} --kubeconfig {} exec -it deploy/web -- "
                 "sh -c 'tty; read word; echo heard \\$word; exit 5'\" /dev/null",
                 cluster().kubectlProgram(), cluster().kubeconfig().string())});
        EXPECT_THAT(said.output, testing::ContainsRegex("/dev/(pts/[0-9]+|console)"));
        EXPECT_THAT(said.output, HasSubstr("heard word"));
        EXPECT_EQ(said.exitCode, 5) << said.output << said.error;
    });
}

TEST_F(Streams, attachTalksToTheProcessThatRuns)
{
    int turn = 0;
    withEach([&] {
        const auto word = fmt::format("word{}", ++turn);
        // The process goes on, and so does the attach: it is ended from here.
        const auto said =
            support::run({"/bin/sh", "-c",
                          fmt::format("(sleep 1; echo {}; sleep 2) | timeout 5 {} --kubeconfig {} attach -i echo", word,
                                      cluster().kubectlProgram(), cluster().kubeconfig().string())});
        EXPECT_THAT(said.output, HasSubstr("heard " + word)) << said.error;
        EXPECT_TRUE(eventually(seconds{10}, [&] {
            return cluster().kubectl({"logs", "echo"}).output.find("heard " + word) != std::string::npos;
        }));
    });
}

TEST_F(Streams, cpCarriesFilesBothWays)
{
    int turn = 0;
    withEach([&] {
        const auto pod = podOf("web");
        const auto file = cluster().folder() / fmt::format("sent{}", ++turn);
        const std::string text(300'000, static_cast<char>('a' + turn));
        support::writeFile(file, text);
        cluster().out({"cp", file, fmt::format("{}:/tmp/there{}", pod, turn)});
        const auto back = cluster().folder() / fmt::format("back{}", turn);
        cluster().out({"cp", fmt::format("{}:/tmp/there{}", pod, turn), back});
        EXPECT_TRUE(support::readFile(back) == text);
        const auto folder = cluster().folder() / fmt::format("folder{}", turn);
        std::filesystem::create_directories(folder / "deep");
        support::writeFile(folder / "deep" / "a b", "one");
        support::writeFile(folder / "empty", "");
        cluster().out({"cp", folder, fmt::format("default/{}:/tmp", pod), "-c", "web"});
        const auto copy = cluster().folder() / fmt::format("copy{}", turn);
        cluster().out({"cp", fmt::format("default/{}:/tmp/folder{}", pod, turn), copy, "-c", "web"});
        EXPECT_EQ(support::readFile(copy / "deep" / "a b"), "one");
        EXPECT_TRUE(std::filesystem::exists(copy / "empty"));
        EXPECT_EQ(cluster().kubectl({"cp", file, "none:/tmp/x"}).exitCode, 1);
        // What tar says of it kubectl may not wait for.
        const auto none = cluster().folder() / fmt::format("none{}", turn);
        cluster().kubectl({"cp", pod + ":/tmp/none", none});
        EXPECT_FALSE(std::filesystem::exists(none));
    });
}

/// kubectl port-forward, and what comes through it.
class Forward {
public:
    Forward(const Cluster& cluster, const std::string& what, const std::string& port)
        : m_process({cluster.kubectlProgram(), "--kubeconfig", cluster.kubeconfig(), "port-forward", what, ":" + port},
                    cluster.folder() / fmt::format("forward{}.log", ++s_count))
    {
        EXPECT_TRUE(eventually(seconds{10}, [this] {
            constexpr std::string_view mark = "127.0.0.1:";
            const auto text = log();
            const auto at = text.find(mark);
            const auto end = text.find(' ', at);
            if (at == std::string::npos || end == std::string::npos)
                return false;
            m_port = text.substr(at + mark.size(), end - at - mark.size());
            return true;
        })) << log();
    }
    std::string get() const
    {
        return support::run({"curl", "-sf", "--max-time", "10", fmt::format("http://127.0.0.1:{}/", m_port)}).output;
    }
    std::string log() const { return m_process.log(); }

private:
    static inline int s_count = 0; ///< A log of its own for each: they are appended to.
    support::Process m_process;
    std::string m_port;
};

TEST_F(Streams, portForwardReachesThePort)
{
    withEach([] {
        const Forward forward(cluster(), "service/web", "80");
        for (int i = 0; i < 3; ++i)
            EXPECT_EQ(forward.get(), podOf("web") + "\n") << forward.log();
    });
}

TEST_F(Streams, portForwardReachesWhatListensInsideThePodAlone)
{
    withEach([] {
        const Forward forward(cluster(), "pod/inner", "9000");
        EXPECT_EQ(forward.get(), "from inside\n") << forward.log();
        EXPECT_EQ(forward.get(), "from inside\n") << forward.log();
        const auto proxied = cluster().kubectl({"get", "--raw", "/api/v1/namespaces/default/pods/inner:9000/proxy/"});
        EXPECT_THAT(proxied.error, HasSubstr("error trying to reach service")) << "the proxy comes from outside";
    });
}

TEST_F(Streams, anExecEndsWithItsTunnel)
{
    int turn = 4710;
    withEach([&] {
        const auto sleep = fmt::format("sleep {}", ++turn);
        const auto runs = [&] {
            const auto processes = cluster().out({"exec", "deploy/web", "--", "ps"});
            return processes.find(sleep) != std::string::npos;
        };
        {
            const support::Process exec({cluster().kubectlProgram(), "--kubeconfig", cluster().kubeconfig(), "exec",
                                         "deploy/web", "--", "sh", "-c", sleep + "; true"},
                                        cluster().folder() / "exec.log");
            EXPECT_TRUE(eventually(seconds{10}, runs)) << exec.log();
            exec.signal(SIGKILL);
        }
        EXPECT_TRUE(eventually(seconds{10}, [&] { return !runs(); })) << "the shell and what it started are gone";
        EXPECT_EQ(cluster().out({"get", "deploy", "web", "-o", "jsonpath={.status.readyReplicas}"}), "1");
    });
}

TEST_F(Streams, theProxyReachesPodsAndServices)
{
    withEach([] {
        const auto pod = podOf("web");
        const std::string base = "/api/v1/namespaces/default";
        for (const auto& what : {"/pods/" + pod + ":8080", "/pods/" + pod, std::string("/services/web:http"),
                                 std::string("/services/web:80")})
            EXPECT_EQ(cluster().out({"get", "--raw", base + what + "/proxy/"}), pod) << what;
        const auto missing = cluster().kubectl({"get", "--raw", base + "/services/web:http/proxy/none"});
        EXPECT_NE(missing.exitCode, 0);
        EXPECT_THAT(missing.error, HasSubstr("NotFound"));
        const auto refused = cluster().kubectl({"get", "--raw", base + "/pods/" + pod + ":9/proxy/"});
        EXPECT_THAT(refused.error, HasSubstr("error trying to reach service"));
        const auto node =
            cluster().kubectl({"get", "--raw", fmt::format("/api/v1/nodes/{}/proxy/metrics", cluster().nodeName(0))});
        EXPECT_THAT(node.error, HasSubstr("is no kubelet"));
        cluster().out({"exec", "deploy/web", "--", "sh", "-c", "echo '<a href=\"/x\">' > /www/page.html"});
        EXPECT_EQ(cluster().out({"get", "--raw", base + "/services/web:http/proxy/page.html"}),
                  fmt::format("<a href=\"{}/services/web:http/proxy/x\">", base));
    });
}

} // namespace
} // namespace keelson::e2e
