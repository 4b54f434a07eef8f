// SPDX-License-Identifier: GPL-3.0-or-later
// The designer on a real keelsond: applying from the canvas, drift, import and ghost pods.
#include "ui/live_cluster.h"

#include "designer/designer.h"
#include "designer/ghost_watch.h"
#include "designer/import_dialog.h"
#include "designer/live_watch.h"
#include "editor/apply_panel.h"
#include "editor/manifests_page.h"

#include <gtest/gtest.h>

#include <QTemporaryDir>
#include <QTest>
#include <QTreeWidget>

namespace keelson::ui {
namespace {

class LiveDesigner : public testing::Test {
protected:
    static void SetUpTestSuite() { s_live = new LiveCluster; }
    static void TearDownTestSuite()
    {
        delete s_live;
        s_live = nullptr;
    }

    void SetUp() override
    {
        ASSERT_TRUE(s_live->ready()) << s_live->log();
        m_page =
            std::make_unique<ManifestsPage>(&s_live->cluster(), realTime, m_folder.filePath(QStringLiteral("unsaved")));
        m_designer = new Designer(*m_page, m_folder.filePath(QStringLiteral("layouts")));
        m_page->resize(1300, 1000);
        m_page->setDesigning(true);
        m_page->show();
    }
    DesignModel& model() { return m_designer->model(); }
    design::CardId card(const std::string& kind, const std::string& name)
    {
        for (const auto& each : model().cards())
            if (each.object.kind == kind && each.object.name == name)
                return each.id;
        return design::noCard;
    }
    QString word(design::CardId id) { return m_designer->view()->marks().value(id).liveWord; }
    void create(const char* text)
    {
        m_page->session().create(QString::fromUtf8(text));
        ASSERT_TRUE(eventually([&] { return m_page->isSettled() && m_designer->isSettled(); }));
    }

    QTemporaryDir m_folder;
    std::unique_ptr<ManifestsPage> m_page;
    Designer* m_designer = nullptr;
    static LiveCluster* s_live;
};

LiveCluster* LiveDesigner::s_live = nullptr;

TEST_F(LiveDesigner, whatIsAppliedIsLiveAndDriftIsMarked)
{
    create("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: drift}\ndata: {a: '1'}\n");
    const auto id = card("ConfigMap", "drift");
    EXPECT_TRUE(eventually([&] { return word(id) == QStringLiteral("draft"); }));
    m_page->apply();
    auto& runner = m_page->applyPanel()->runner();
    ASSERT_TRUE(eventually([&] { return runner.phase() == ApplyRunner::Phase::Tried; }));
    runner.apply();
    EXPECT_TRUE(eventually([&] { return word(id) == QStringLiteral("live"); })) << word(id).toStdString();
    m_page->backToText();
    // Somebody else changes it.
    ASSERT_TRUE(s_live->call("PUT", QStringLiteral("/api/v1/namespaces/default/configmaps/drift"),
                             R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"drift"},"data":{"a":"2"}})"));
    EXPECT_TRUE(eventually([&] { return word(id) == QStringLiteral("differs"); }));
    EXPECT_TRUE(m_designer->view()->marks().value(id).liveDetail.contains(QStringLiteral("data.a")));
    // The text is changed to what is there: said at once.
    ASSERT_TRUE(model().edit(id, {document::SetValue{document::parsePath("data.a"), "2"}}, QStringLiteral("Change")));
    EXPECT_EQ(word(id), QStringLiteral("live"));
}

TEST_F(LiveDesigner, objectsAreImportedAsCleanManifests)
{
    s_live->createApplication(QStringLiteral("shop"), 2);
    ImportDialog dialog(s_live->cluster(), m_page->kinds(), m_page.get());
    ASSERT_TRUE(eventually([&] { return dialog.isSettled(); }));
    dialog.checkAll(QStringLiteral("default"));
    m_designer->insertObjects(dialog.manifests(), QStringLiteral("Import"));
    ASSERT_NE(card("Deployment", "shop"), design::noCard);
    ASSERT_NE(card("Service", "shop"), design::noCard);
    EXPECT_EQ(card("Service", "kubernetes"), design::noCard);
    const auto text = std::as_const(*m_page->current()).text().text();
    for (const auto* noise : {"status", "uid", "resourceVersion", "clusterIP", "progressDeadlineSeconds", "dnsPolicy",
                              "terminationMessagePath", "managedFields", "sessionAffinity"})
        EXPECT_EQ(text.find(noise), std::string::npos) << noise << "\n" << text;
    EXPECT_FALSE(model().relations().empty()) << "the Service and its pods are connected";
    const auto id = card("Deployment", "shop");
    EXPECT_TRUE(eventually([&] { return word(id) == QStringLiteral("live"); }))
        << m_designer->view()->marks().value(id).liveDetail.toStdString();
}

TEST_F(LiveDesigner, ghostPodsSayWhereAndWhyNot)
{
    for (const auto& [node, cpu] : {std::pair("roomy", "4"), std::pair("small", "1")}) {
        const auto amounts = QStringLiteral(R"({"cpu":"%1","memory":"8Gi","pods":"10"})").arg(QLatin1String(cpu));
        const auto body = QStringLiteral(R"({"apiVersion":"v1","kind":"Node","metadata":{"name":"%1"},)"
                                         R"("status":{"capacity":%2,"allocatable":%2}})")
                              .arg(QLatin1String(node), amounts);
        const auto made = s_live->call("POST", QStringLiteral("/api/v1/nodes"), body.toUtf8());
        ASSERT_TRUE(made) << made.error().message;
    }
    create(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: big}\nspec:\n  replicas: 1\n  selector: {matchLabels: "
        "{app: big}}\n  template:\n    metadata: {labels: {app: big}}\n    spec:\n      tolerations: [{operator: "
        "Exists}]\n      containers: [{name: c, image: i, resources: {requests: {cpu: '2'}}}]\n");
    m_designer->setGhosts(true);
    ASSERT_TRUE(
        eventually([&] { return m_designer->ghosts()->isSettled() && !m_designer->ghosts()->plans().isEmpty(); }));
    const auto id = card("Deployment", "big");
    auto mark = m_designer->view()->marks().value(id);
    EXPECT_EQ(mark.ghosts, QStringList{QStringLiteral("roomy")}) << mark.ghostRefusal.toStdString();
    EXPECT_TRUE(mark.ghostDetails.contains(QStringLiteral("small: Insufficient cpu")))
        << mark.ghostDetails.join(QLatin1Char('\n')).toStdString();
    ASSERT_TRUE(
        model().edit(id, {document::SetValue{document::parsePath("spec.replicas"), 3}}, QStringLiteral("Scale")));
    ASSERT_TRUE(eventually([&] { return !m_designer->view()->marks().value(id).ghostRefusal.isEmpty(); }));
    EXPECT_TRUE(m_designer->view()->marks().value(id).ghostRefusal.contains(QStringLiteral("Insufficient cpu")));
    m_designer->setGhosts(false);
    EXPECT_TRUE(m_designer->view()->marks().value(id).ghosts.isEmpty());
}

} // namespace
} // namespace keelson::ui
