// SPDX-License-Identifier: Apache-2.0
// What is shown of a real keelsond by a clock of one's own: all of it is as old as that clock says.
#include "ui/live_cluster.h"

#include "models/read.h"
#include "rollout/rollout_panel.h"
#include "window/connection_label.h"
#include "workloads/inspector.h"
#include "workloads/object_page.h"
#include "workloads/overview_page.h"
#include "workloads/overview_rows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <QLocale>
#include <QTreeView>
#include <QTreeWidget>

namespace keelson::ui {
namespace {

using testing::Each;
using testing::EndsWith;

/// What a screen reader says of the lines of a page.
std::vector<std::string> said(const QWidget& page)
{
    std::vector<std::string> lines;
    for (const auto* row : page.findChildren<ItemRow*>())
        lines.push_back(row->accessibleName().toStdString());
    return lines;
}

/// A cluster with an application, seen three days later.
class ThreeDaysLater : public testing::Test {
protected:
    static void SetUpTestSuite()
    {
        s_live = new LiveCluster;
        if (s_live->ready())
            s_live->createApplication(QStringLiteral("shop"), 1);
    }
    static void TearDownTestSuite()
    {
        delete s_live;
        s_live = nullptr;
    }
    void SetUp() override
    {
        ASSERT_TRUE(s_live->ready()) << s_live->log();
        cluster = std::make_unique<Cluster>(s_live->access(), clock);
        lease = cluster->watch(QStringLiteral("deployments"));
        ASSERT_TRUE(eventually([&] { return deployment() != nullptr; }));
    }
    ItemPtr deployment() const
    {
        return cluster->store(QStringLiteral("deployments"))
            ->findByName(QStringLiteral("default"), QStringLiteral("shop"));
    }

    static inline LiveCluster* s_live = nullptr;
    SimulatedClock clock{SystemClock().wall() + std::chrono::hours{73}};
    std::unique_ptr<Cluster> cluster;
    FeedLease lease;
};

TEST_F(ThreeDaysLater, tables)
{
    ObjectPage page(*cluster, *findKind(QStringLiteral("deployments")));
    page.show();
    const auto* model = page.findChild<QTreeView*>()->model();
    ASSERT_TRUE(eventually([&] { return model->rowCount() == 1; }));
    EXPECT_EQ(model->index(0, model->columnCount() - 1).data().toString().toStdString(), "3d");
}

TEST_F(ThreeDaysLater, overview)
{
    OverviewPage page(*cluster);
    page.show();
    ASSERT_TRUE(eventually([&] { return page.isSettled() && !said(page).empty(); }));
    EXPECT_THAT(said(page), Each(EndsWith(", 3d"))) << "what waits for a node, and what happened";
}

TEST_F(ThreeDaysLater, inspector)
{
    Inspector page(*cluster);
    page.setVisible(true);
    page.show(deployment());
    ASSERT_TRUE(eventually([&] { return page.isSettled() && said(page).size() > 1; }));
    EXPECT_THAT(said(page), Each(EndsWith(", 3d"))) << "what belongs to it, and its events";
}

TEST_F(ThreeDaysLater, rollouts)
{
    RolloutPanel panel(*cluster, deployment());
    ASSERT_TRUE(eventually([&] { return panel.list()->topLevelItemCount() == 1; }));
    const auto created = QDateTime::fromMSecsSinceEpoch(panel.revisions().front().createdMs);
    EXPECT_TRUE(panel.list()->topLevelItem(0)->text(1).contains(QLocale().toString(created, QStringLiteral("d MMM"))))
        << "not of today: " << panel.list()->topLevelItem(0)->text(1).toStdString();
}

TEST_F(ThreeDaysLater, connectionAndLag)
{
    cluster->connectNow();
    ConnectionLabel label(clock);
    ASSERT_TRUE(eventually([&] { return cluster->health().silentMs() < 1'000 && !cluster->health().isAsking(); }));
    label.showHealth(cluster->health());
    const auto answered = QDateTime::fromMSecsSinceEpoch(nowMs(clock) - cluster->health().silentMs());
    EXPECT_TRUE(label.toolTip().contains(QLocale().toString(answered.time(), QLocale::ShortFormat)))
        << label.toolTip().toStdString();
    EXPECT_EQ(cluster->lagMs(), 0) << "by a clock that stands still nothing waits";
}

} // namespace
} // namespace keelson::ui
