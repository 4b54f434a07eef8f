// SPDX-License-Identifier: Apache-2.0
// A local cluster as the window creates it, of the real programs with simulated nodes, and the logs of a pod there.
#include "ui/live_cluster.h"

#include "support/tree.h"
#include "widgets/step_list.h"
#include "window/local_cluster_page.h"
#include "workloads/logs_panel.h"

#include <gtest/gtest.h>

#include <QElapsedTimer>
#include <QSignalSpy>
#include <QTemporaryDir>

#include <csignal>
#include <optional>

namespace keelson::ui {
namespace {

class CreatedCluster : public testing::Test {
protected:
    CreatedCluster()
    {
        m_options.root = m_folder.filePath(QStringLiteral("clusters"));
        m_options.programFolder = QString::fromStdString(support::binaryFolder() + "/bin");
        m_options.kubeconfig = m_folder.filePath(QStringLiteral("config"));
        m_options.dockerHost = QStringLiteral("unix:///nowhere/docker.sock"); // simulated nodes need none
        m_clusters.emplace(m_options, m_clock);
    }
    ~CreatedCluster() override
    {
        const auto removed = clusters().remove(QStringLiteral("dev"));
        EXPECT_TRUE(removed) << removed.error().message;
    }

    localcluster::LocalCluster& clusters() { return *m_clusters; }

    /// The form knows no runtimes: that of a cluster that has been there stays.
    void chooseSimulatedNodes()
    {
        const auto up = clusters().up(
            {.name = QStringLiteral("dev"), .nodes = 1, .runtime = QStringLiteral("simulated")}, [](const auto&) {});
        ASSERT_TRUE(up) << up.error().message;
    }

    QTemporaryDir m_folder;
    localcluster::LocalClusterOptions m_options;
    SystemClock m_clock;
    std::optional<localcluster::LocalCluster> m_clusters;
};

TEST_F(CreatedCluster, comesUpStepByStepAndShowsThePodsLogs)
{
    ASSERT_NO_FATAL_FAILURE(chooseSimulatedNodes());
    ASSERT_TRUE(clusters().down(QStringLiteral("dev")));
    LocalClusterPage page(m_options, m_clock);
    QSignalSpy created(&page, &LocalClusterPage::created);
    page.start();
    const auto* steps = page.findChild<StepList*>();
    ASSERT_TRUE(eventually([&] { return !created.isEmpty(); })) << [&] {
        std::string said;
        for (const auto& step : steps->steps())
            said += (step.title + QStringLiteral(": ") + step.detail + QLatin1Char('\n')).toStdString();
        return said;
    }();
    for (const auto& step : steps->steps())
        EXPECT_TRUE(step.role == StatusRole::Ok || step.role == StatusRole::Done) << step.title.toStdString();
    EXPECT_EQ(clusters().status(QStringLiteral("dev"))->nodesReady, 2) << "as many as the form says";

    const auto config = kube::Kubeconfig::load(created[0][0].toString());
    ASSERT_TRUE(config) << config.error().message;
    Cluster cluster(*config->access(created[0][1].toString()), m_clock);
    const auto lease = cluster.watch(QStringLiteral("pods"));
    kube::Request request;
    request.method = "POST";
    request.path = QStringLiteral("/api/v1/namespaces/default/pods");
    request.body = R"({"metadata":{"name":"talker"},"spec":{"containers":[{"name":"main","image":"busybox",
        "command":["sh","-c","echo first words; sleep 1000"]}]}})";
    std::optional<Result<kube::Response>> made;
    cluster.client().send(request, &page, [&](const Result<kube::Response>& answer) { made = answer; });
    ASSERT_TRUE(eventually([&] { return made.has_value(); }));
    ASSERT_TRUE(*made) << made->error().message;
    const auto talker = [&] {
        return cluster.store(QStringLiteral("pods"))->findByName(QStringLiteral("default"), QStringLiteral("talker"));
    };
    ASSERT_TRUE(eventually([&] { return talker() && talker()->status.role == StatusRole::Ok; }));
    LogsPanel logs(cluster, talker());
    logs.show();
    EXPECT_TRUE(eventually([&] { return logs.text().contains(QStringLiteral("first words")); }))
        << logs.text().toStdString();
    EXPECT_EQ(logs.lineCount(), 1);
}

TEST_F(CreatedCluster, doesNotHoldTheWindowUpWhenItsServerHangs)
{
    ASSERT_NO_FATAL_FAILURE(chooseSimulatedNodes());
    const auto server = clusters().status(QStringLiteral("dev"))->processes.at(0);
    ASSERT_EQ(::kill(static_cast<pid_t>(server.pid), SIGSTOP), 0);
    LocalClusterPage page(m_options, m_clock);
    QElapsedTimer timer;
    timer.start();
    page.start();
    EXPECT_LT(timer.elapsed(), 1000) << "what it asks the server it asks on its own thread";
    ASSERT_EQ(::kill(static_cast<pid_t>(server.pid), SIGCONT), 0);
}

} // namespace
} // namespace keelson::ui
