// SPDX-License-Identifier: GPL-3.0-or-later
#include "localcluster/local_cluster.h"

#include "localcluster/fake_programs.h"

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
        m_options.dockerSocket = m_folder.filePath("no.sock");
        m_options.mayStartEngine = false;
        writeProgram(m_folder.filePath("keelsond"), test::fakeServer);
        writeProgram(m_folder.filePath("keelson-agent"), test::fakeAgent);
        m_clusters.emplace(m_options, m_clock);
    }
    void TearDown() override
    {
        if (m_clusters)
            (void)m_clusters->remove("dev");
    }

    Result<LocalCluster::UpResult> up(int nodes)
    {
        m_steps.clear();
        return m_clusters->up({"dev", nodes, "simulated"}, [&](const StepReport& report) {
            if (report.state == StepReport::State::Running)
                return;
            m_steps += report.step.toStdString();
            m_steps += report.state == StepReport::State::Failed ? " FAILED\n" : "\n";
        });
    }

    QTemporaryDir m_folder;
    LocalClusterOptions m_options;
    SystemClock m_clock;
    std::optional<LocalCluster> m_clusters;
    std::string m_steps;
};

TEST_F(LocalClusters, goUpStayUpAndGoDown)
{
    const auto first = up(2);
    ASSERT_TRUE(first) << first.error().message;
    EXPECT_FALSE(first->alreadyUp);
    EXPECT_EQ(m_steps, "engine\nfolder\nserver\nready\nagents\nnodes\nkubeconfig\n");
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
    ::kill(static_cast<pid_t>(before->processes[2].pid), SIGKILL);
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

    EXPECT_EQ(m_clusters->up({"../x", 1, "simulated"}, [](const StepReport&) {}).error().reason, Reason::Invalid);
    EXPECT_EQ(m_clusters->down("nobody").error().reason, Reason::NotFound);
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
