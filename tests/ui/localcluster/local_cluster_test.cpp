// SPDX-License-Identifier: GPL-3.0-or-later
#include "localcluster/local_cluster.h"

#include "base/file_lock.h"
#include "localcluster/cluster_api.h"
#include "localcluster/fake_programs.h"
#include "localcluster/http_call.h"
#include "support/small_disk.h"
#include "support/tree.h"

#include <QCoreApplication>
#include <QDir>
#include <QFile>
#include <QTemporaryDir>

#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>
#include <optional>
#include <unistd.h>

namespace keelson::localcluster {
namespace {

bool haveOpenssl()
{
    return std::system("openssl version >/dev/null 2>&1") == 0; // NOLINT: no input of others
}

void writeProgram(const QString& path, const char* text)
{
    QFile file(path);
    ASSERT_TRUE(file.open(QIODevice::WriteOnly));
    file.write(text);
    file.setPermissions(QFileDevice::ReadOwner | QFileDevice::WriteOwner | QFileDevice::ExeOwner);
}

QByteArray contentOf(const QString& path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray("(none)");
}

/// Clusters of fake programs in a folder of their own.
class LocalClusters : public testing::Test {
protected:
    static void SetUpTestSuite()
    {
        static int count = 1;
        static char name[] = "localcluster_test";
        static char* arguments[] = {name, nullptr};
        static const QCoreApplication application(count, arguments);
    }
    void SetUp() override
    {
        if (!haveOpenssl())
            GTEST_SKIP() << "the fake control plane needs openssl";
        m_options.root = m_folder.filePath("clusters");
        m_options.programFolder = m_folder.path();
        m_options.kubeconfig = m_folder.filePath("kube/config");
        m_options.dockerHost = "unix://" + m_folder.filePath("no.sock");
        writeProgram(m_folder.filePath("keelsond"), test::fakeServer);
        writeProgram(m_folder.filePath("keelson-agent"), test::fakeAgent);
        m_clusters.emplace(m_options, m_clock);
    }
    void TearDown() override
    {
        if (m_clusters)
            (void)m_clusters->remove("dev", LocalCluster::Unreachable::Leave);
    }

    Result<LocalCluster::UpResult> up(std::optional<int> nodes)
    {
        m_steps.clear();
        m_titles.clear();
        return m_clusters->up({"dev", nodes, "simulated"}, [&](const StepReport& report) {
            if (report.state == StepReport::State::Running)
                return;
            m_steps += report.step.toStdString();
            m_titles.push_back(report.title.toStdString());
            m_steps += report.state == StepReport::State::Failed ? " FAILED\n" : "\n";
        });
    }

    QTemporaryDir m_folder;
    LocalClusterOptions m_options;
    SystemClock m_clock;
    std::optional<LocalCluster> m_clusters;
    std::string m_steps;
    std::vector<std::string> m_titles;
};

TEST_F(LocalClusters, goUpStayUpAndGoDown)
{
    const auto first = up(2);
    ASSERT_TRUE(first) << first.error().message;
    EXPECT_FALSE(first->alreadyUp);
    EXPECT_EQ(m_steps, "engine\nfolder\nserver\nready\nagents\nnodes\nkubeconfig\n");
    std::vector<std::string> titles;
    for (const auto& name : stepNames())
        titles.emplace_back(name.title);
    EXPECT_EQ(m_titles, titles);
    const auto again = up(2);
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_TRUE(again->alreadyUp);

    // Another program, later, finds it.
    LocalCluster other(m_options, m_clock);
    auto status = other.status("dev");
    ASSERT_TRUE(status);
    EXPECT_EQ(status->phase, ClusterStatus::Phase::Up);
    EXPECT_EQ(status->nodesReady, 2);
    EXPECT_EQ(other.joinToken("dev").value_or("none"), "secret-token");
    ASSERT_TRUE(other.down("dev"));
    EXPECT_EQ(other.status("dev")->phase, ClusterStatus::Phase::Down);
    EXPECT_EQ(other.list().size(), 1U);
    ASSERT_TRUE(other.remove("dev"));
    EXPECT_TRUE(other.list().empty());
    EXPECT_FALSE(contentOf(m_options.kubeconfig).contains("keelson-dev"));
}

TEST_F(LocalClusters, startOnlyWhatHasEnded)
{
    ASSERT_TRUE(up(2));
    const auto before = m_clusters->status("dev");
    const auto victim = processOf(static_cast<pid_t>(before->processes[2].pid));
    ::kill(static_cast<pid_t>(victim.pid), SIGKILL);
    ASSERT_TRUE(Patience(m_clock).wait([&] { return !isAlive(victim); }, Milliseconds{5'000}));
    const auto again = up(2);
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_FALSE(again->alreadyUp);
    const auto after = m_clusters->status("dev");
    EXPECT_EQ(after->processes[0].pid, before->processes[0].pid) << "the server was left alone";
    EXPECT_EQ(after->phase, ClusterStatus::Phase::Up);
}

TEST_F(LocalClusters, keepTheirPortWhenTheyComeBack)
{
    ASSERT_TRUE(up(1));
    const auto server = m_clusters->status("dev")->apiServer;
    ASSERT_TRUE(m_clusters->down("dev"));
    ASSERT_TRUE(up(1));
    EXPECT_EQ(m_clusters->status("dev")->apiServer, server);
}

TEST_F(LocalClusters, keepTheirNodesWhenTheyComeBack)
{
    ASSERT_TRUE(up(3));
    ASSERT_TRUE(m_clusters->down("dev"));
    const auto again = up(std::nullopt);
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(again->nodes, 3);
    EXPECT_EQ(m_clusters->status("dev")->processes.size(), 4U) << "the server and three agents";
    EXPECT_TRUE(up(std::nullopt)->alreadyUp);
    ASSERT_TRUE(up(4));
    EXPECT_EQ(m_clusters->status("dev")->processes.size(), 5U);
}

/// The body of what the cluster's API answers.
QByteArray ask(const ClusterState& state, HttpCall call)
{
    const auto config = kube::Kubeconfig::load(state.adminKubeconfig());
    const auto answer = callApi(config.value().access().value(), call);
    return answer ? answer->body : QByteArray::fromStdString(answer.error().message);
}

TEST_F(LocalClusters, emptyTheNodesThatGo)
{
    m_options.programFolder = QString::fromStdString(support::binaryFolder() + "/bin"); // The real ones.
    m_clusters.emplace(m_options, m_clock);
    const auto first = up(3);
    ASSERT_TRUE(first) << first.error().message;
    const auto state = *loadState(m_options.root, "dev");
    HttpCall make{.method = "POST", .target = "/apis/apps/v1/namespaces/default/deployments"};
    make.body = R"({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"},
        "spec": {"replicas": 6, "selector": {"matchLabels": {"app": "web"}}, "template": {
            "metadata": {"labels": {"app": "web"}},
            "spec": {"terminationGracePeriodSeconds": 1, "containers": [{"name": "web", "image": "web:1"}]}}}})";
    ask(state, make);
    Patience patience(m_clock);
    const auto ready = [&] {
        return ask(state, {.target = "/apis/apps/v1/namespaces/default/deployments/web"})
            .contains("\"readyReplicas\":6");
    };
    ASSERT_TRUE(patience.wait(ready, Milliseconds{20'000}));

    ASSERT_TRUE(m_clusters->down("dev")) << "a node that is away is as gone as one that runs";
    ASSERT_TRUE(up(2));
    EXPECT_EQ(readyNodes(state)->join(' ').toStdString(), "dev-worker-0 dev-worker-1");
    const auto less = up(1);
    ASSERT_TRUE(less) << less.error().message;
    EXPECT_FALSE(less->alreadyUp);
    const auto nodes = ask(state, {.target = "/api/v1/nodes"});
    EXPECT_TRUE(nodes.contains("dev-worker-0")) << nodes.toStdString();
    EXPECT_FALSE(nodes.contains("dev-worker-1")) << nodes.toStdString();
    EXPECT_FALSE(QDir(m_options.root + "/dev/dev-worker-1").exists());
    EXPECT_EQ(m_clusters->status("dev")->nodes, 1);
    EXPECT_EQ(m_clusters->status("dev")->phase, ClusterStatus::Phase::Up);
    EXPECT_TRUE(patience.wait(ready, Milliseconds{20'000})) << "its pods run on the node that is left";
    EXPECT_FALSE(ask(state, {.target = "/api/v1/pods"}).contains("dev-worker-1"));
}

TEST_F(LocalClusters, freezeAndGoOn)
{
    ASSERT_TRUE(up(1));
    ASSERT_TRUE(m_clusters->pause("dev"));
    const auto paused = m_clusters->status("dev");
    EXPECT_EQ(paused->phase, ClusterStatus::Phase::Paused);
    EXPECT_TRUE(paused->processes[0].stopped);
    ASSERT_TRUE(m_clusters->resume("dev"));
    EXPECT_EQ(m_clusters->status("dev")->phase, ClusterStatus::Phase::Up);
    EXPECT_FALSE(m_clusters->resume("dev")) << "it is not paused";
    ASSERT_TRUE(m_clusters->pause("dev"));
    EXPECT_TRUE(m_clusters->down("dev")) << "a paused one can end too";
}

TEST_F(LocalClusters, sayWhyTheyCannotStart)
{
    QDir().mkpath(m_options.root + "/dev");
    writeProgram(m_options.root + "/dev/refuse", "");
    const auto refused = up(1);
    ASSERT_FALSE(refused);
    EXPECT_EQ(m_steps, "engine\nfolder\nserver FAILED\n");
    EXPECT_TRUE(refused.error().message.contains("told to fail")) << refused.error().message;

    const auto noDocker = m_clusters->up({"dev", 1, "docker"}, [](const StepReport&) {});
    ASSERT_FALSE(noDocker);
    EXPECT_TRUE(noDocker.error().message.contains("Docker engine")) << noDocker.error().message;
    EXPECT_EQ(m_clusters->list().size(), 1U) << "it can be deleted";

    EXPECT_EQ(m_clusters->up({"../x", 1, "simulated"}, [](const StepReport&) {}).error().reason, Reason::Invalid);
    EXPECT_EQ(m_clusters->down("nobody").error().reason, Reason::NotFound);
}

TEST_F(LocalClusters, useTheEngineThatTheUserNamesOrNone)
{
    const auto socket = m_folder.filePath("no.sock");
    const struct {
        QString address;
        QString says;
    } cases[] = {
        {"tcp://127.0.0.1:1",
         "DOCKER_HOST is \"tcp://127.0.0.1:1\": a local cluster needs a Docker engine of this machine"},
        {"banana", "DOCKER_HOST is \"banana\""},
        {"unix://relative.sock", "at an address unix:///PATH"},
        {"unix://" + socket, "no Docker engine answers at unix://" + socket + ", which DOCKER_HOST names"},
    };
    for (const auto& [address, says] : cases) {
        m_options.dockerHost = address;
        m_clusters.emplace(m_options, m_clock);
        const auto refused = m_clusters->up({"dev", 1, "docker"}, [](const StepReport&) {});
        ASSERT_FALSE(refused) << address.toStdString();
        EXPECT_TRUE(refused.error().message.contains(says.toStdString())) << refused.error().message;
        EXPECT_FALSE(QDir(m_options.root + "/dev").exists()) << "nothing is left of a cluster that never was";
    }
}

/// What is known of a cluster that was started on an engine which has gone.
ClusterState strandedCluster(const QString& root, const QString& socket)
{
    ClusterState state;
    state.name = "dev";
    state.folder = root + "/dev";
    state.nodes = 2;
    state.engineSocket = socket;
    state.usesEngine = true;
    QDir().mkpath(state.folder);
    EXPECT_TRUE(saveState(state));
    return state;
}

TEST_F(LocalClusters, doNotForgetContainersOnAnEngineThatIsAway)
{
    const auto state = strandedCluster(m_options.root, m_folder.filePath("gone.sock"));
    const auto refused = m_clusters->remove("dev");
    ASSERT_FALSE(refused);
    for (const auto* part : {"gone.sock", "does not answer", "--leave-containers"})
        EXPECT_TRUE(refused.error().message.contains(part)) << refused.error().message;
    EXPECT_FALSE(m_clusters->down("dev"));
    const auto elsewhere = m_clusters->up({"dev", {}, {}}, [](const StepReport&) {});
    EXPECT_TRUE(elsewhere.error().message.contains("are on the Docker engine at unix://" +
                                                   m_folder.filePath("gone.sock").toStdString()))
        << elsewhere.error().message;
    EXPECT_EQ(m_clusters->list().size(), 1U);

    const auto left = m_clusters->remove("dev", LocalCluster::Unreachable::Leave);
    ASSERT_TRUE(left) << left.error().message;
    for (const auto* part : {"gone.sock", "dev-worker-0 dev-worker-1", "docker rm", "docker network rm"})
        EXPECT_TRUE(left->contains(part)) << left->toStdString();
    EXPECT_TRUE(m_clusters->list().empty());
}

TEST_F(LocalClusters, goAwayFromAFullDisk)
{
    if (::geteuid() != 0)
        GTEST_SKIP() << "it mounts a file system";
    const support::SmallDisk disk(530 * 1024); // as much as a new cluster wants
    ASSERT_TRUE(disk.mounted());
    const auto place = QString::fromStdString(disk.path().string());
    m_options.root = place + "/clusters";
    m_options.kubeconfig = place + "/config";
    m_clusters.emplace(m_options, m_clock);
    const auto started = up(1);
    ASSERT_TRUE(started) << started.error().message;
    QFile filler(place + "/filler");
    ASSERT_TRUE(filler.open(QIODevice::WriteOnly | QIODevice::Unbuffered));
    const QByteArray block(1 << 20, 'x');
    while (filler.write(block) == block.size()) {
    }
    for (qint64 size = block.size(); size > 0; size /= 2)
        filler.write(block.constData(), size);

    const auto again = up(1);
    ASSERT_FALSE(again);
    EXPECT_TRUE(again.error().message.contains("Prepare the data folder: only 0 MiB are free for"))
        << again.error().message;
    const auto ended = m_clusters->down("dev");
    EXPECT_TRUE(ended) << ended.error().message;
    EXPECT_EQ(m_clusters->status("dev")->phase, ClusterStatus::Phase::Down);
    const auto removed = m_clusters->remove("dev");
    EXPECT_TRUE(removed) << removed.error().message;
    EXPECT_TRUE(m_clusters->list().empty());
    EXPECT_FALSE(contentOf(m_options.kubeconfig).contains("keelson-dev"));
}

TEST_F(LocalClusters, areWorkedOnByOneProgramAtATime)
{
    ASSERT_TRUE(up(1));
    const auto lock = FileLock::acquire((m_options.root + "/dev/cluster.lock").toStdString());
    ASSERT_TRUE(lock) << lock.error().message;
    const auto refused = m_clusters->down("dev");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().reason, Reason::Conflict);
    EXPECT_TRUE(refused.error().message.contains("another program is at work on this cluster; wait for it to end"))
        << refused.error().message;
    EXPECT_TRUE(refused.error().message.contains("process " + std::to_string(::getpid()))) << refused.error().message;
}

TEST_F(LocalClusters, doNotTakeAStrangersProcessForTheirs)
{
    const auto self = processOf(::getpid());
    EXPECT_TRUE(isAlive(self));
    EXPECT_FALSE(isAlive({self.pid, self.startTicks - 1})) << "an earlier process of that number";
}

TEST_F(LocalClusters, leaveAKubeconfigAloneThatTheyCannotRead)
{
    QDir().mkpath(m_folder.filePath("kube"));
    const QByteArray strange = "- this\n- is: [no kubeconfig\n";
    QFile file(m_options.kubeconfig);
    ASSERT_TRUE(file.open(QIODevice::WriteOnly));
    file.write(strange);
    file.close();
    EXPECT_TRUE(up(1));
    EXPECT_EQ(contentOf(m_options.kubeconfig), strange);
}

} // namespace
} // namespace keelson::localcluster
