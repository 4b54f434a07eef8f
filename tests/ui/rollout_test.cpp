// SPDX-License-Identifier: Apache-2.0
// The rollouts of a Deployment, against a real keelsond: revisions, and going back.
#include "ui/live_cluster.h"

#include "editor/yaml_view.h"
#include "rollout/rollout_panel.h"
#include "widgets/banner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <QPushButton>
#include <QTest>
#include <QTreeWidget>

namespace keelson::ui {
namespace {

using testing::HasSubstr;

class RolloutOfLive : public testing::Test {
protected:
    static void SetUpTestSuite() { s_live = new LiveCluster; }
    static void TearDownTestSuite()
    {
        delete s_live;
        s_live = nullptr;
    }

    void SetUp() override { ASSERT_TRUE(s_live->ready()) << s_live->log(); }
    static QString path(const char* name)
    {
        return QStringLiteral("/apis/apps/v1/namespaces/default/deployments/") + QLatin1String(name);
    }
    ItemPtr item(const char* name)
    {
        const auto answer = s_live->call("GET", path(name));
        return answer ? projectObject(*findKind(QStringLiteral("deployments")), *answer->document) : nullptr;
    }
    /// A Deployment with two revisions: of busybox, and of busybox:2.
    void makeTwo(const char* name)
    {
        s_live->createApplication(QLatin1String(name), 1);
        panel = std::make_unique<RolloutPanel>(s_live->cluster(), item(name));
        panel->resize(1100, 340);
        panel->show();
        ASSERT_TRUE(eventually([&] { return panel->revisions().size() == 1; }));
        EXPECT_FALSE(panel->rollbackButton()->isEnabled());
        EXPECT_THAT(panel->rollbackButton()->toolTip().toStdString(), HasSubstr("nothing to go back to"));
        setImage(name, "busybox:2");
        ASSERT_TRUE(eventually([&] { return panel->revisions().size() == 2; }));
    }
    void setImage(const char* name, const char* image)
    {
        ASSERT_TRUE(eventually([&] { // controllers write it too
            auto wanted = *s_live->call("GET", path(name))->document;
            auto& pod = wanted.as_object()["spec"].as_object()["template"].as_object()["spec"].as_object();
            pod["containers"].as_array().front().as_object()["image"] = image;
            return s_live->call("PUT", path(name), QByteArray::fromStdString(api::writeJson(wanted))).has_value();
        }));
    }
    std::string imageOf(const char* name)
    {
        const auto answer = s_live->call("GET", path(name));
        const auto* containers = api::find(*answer->document, {"spec", "template", "spec", "containers"});
        return std::string(api::stringAt(containers->get_array().front(), {"image"}));
    }

    static inline LiveCluster* s_live = nullptr;
    std::unique_ptr<RolloutPanel> panel;
};

TEST_F(RolloutOfLive, showsWhatGoingBackChangesAndGoesBack)
{
    makeTwo("shop");
    EXPECT_EQ(panel->list()->topLevelItem(0)->text(0), QStringLiteral("2 (now)"));
    EXPECT_EQ(panel->list()->currentItem()->text(0), QStringLiteral("1")) << "the one before is what people go back to";
    for (int column = 0; column < 4; ++column) { // nothing is cut
        const auto words = panel->list()->fontMetrics().horizontalAdvance(panel->list()->topLevelItem(0)->text(column));
        EXPECT_TRUE(eventually([&] { return panel->list()->columnWidth(column) > words + 12; })) << column;
    }
    const auto shown = panel->difference()->text();
    EXPECT_THAT(shown.toStdString(), HasSubstr("busybox:2"));
    EXPECT_FALSE(shown.contains(QStringLiteral("pod-template-hash")));
    ASSERT_TRUE(panel->rollbackButton()->isEnabled());

    panel->rollBackTo(panel->revisions()[1]);
    ASSERT_TRUE(eventually([&] { return panel->revisions()[0].number == 3; }));
    EXPECT_EQ(panel->revisions().size(), 2);
    EXPECT_EQ(panel->revisions()[0].images, QStringList{QStringLiteral("busybox")});
    EXPECT_EQ(imageOf("shop"), "busybox");
    panel->select(3);
    EXPECT_FALSE(panel->rollbackButton()->isEnabled());
}

TEST_F(RolloutOfLive, doesNotTouchAnotherOfTheSameName)
{
    makeTwo("again");
    const auto old = panel->revisions()[1];
    auto* banner = panel->findChild<Banner*>();
    ASSERT_TRUE(s_live->call("DELETE", path("again")));
    ASSERT_TRUE(eventually([&] { return !s_live->call("GET", path("again")); }));
    s_live->call("DELETE", QStringLiteral("/api/v1/namespaces/default/services/again"));
    s_live->createApplication(QStringLiteral("again"), 1);
    setImage("again", "busybox:9");
    panel->rollBackTo(old); // before it has read the new one, or after
    EXPECT_TRUE(eventually([&] { return banner->isVisible(); }));
    EXPECT_EQ(imageOf("again"), "busybox:9");
}

TEST(Revisions, areThoseOfTheDeploymentNewestFirst)
{
    const auto read = [](const char* yaml) { return api::parseYaml(yaml).value(); };
    const auto deployment = read("metadata: {name: web, uid: d}");
    const auto revisions =
        revisionsOf(deployment, {read(R"(
metadata: {name: web-a, annotations: {deployment.kubernetes.io/revision: '9', kubernetes.io/change-cause: colour},
  ownerReferences: [{uid: d, controller: true}]}
spec: {replicas: 0, template: {metadata: {labels: {app: web, pod-template-hash: a}}, spec: {containers: [{image: web:1}]}}}
)"),
                                 read(R"(
metadata: {name: web-b, annotations: {deployment.kubernetes.io/revision: '10'},
  ownerReferences: [{uid: d, controller: true}]}
spec: {replicas: 3, template: {spec: {containers: [{image: web:2}, {image: log:1}]}}}
status: {readyReplicas: 2}
)"),
                                 read("metadata: {name: other, ownerReferences: [{uid: x, controller: true}]}")});
    ASSERT_EQ(revisions.size(), 2);
    EXPECT_EQ(revisions[0].number, 10);
    EXPECT_TRUE(revisions[0].isCurrent);
    EXPECT_EQ(revisions[0].images.join(QLatin1Char(' ')), QStringLiteral("web:2 log:1"));
    EXPECT_EQ(revisions[0].ready, 2);
    EXPECT_EQ(revisions[1].cause, QStringLiteral("colour"));
    EXPECT_EQ(api::writeJson(*api::find(revisions[1].podTemplate, {"metadata", "labels"})), R"({"app":"web"})");
    EXPECT_EQ(rollbackPatch(revisions[1]).indexOf("pod-template-hash"), -1);
}

} // namespace
} // namespace keelson::ui
