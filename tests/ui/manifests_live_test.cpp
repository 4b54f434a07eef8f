// SPDX-License-Identifier: Apache-2.0
// The manifest editor on a real keelsond: its kinds and names, comparing, applying, and taking it back.
#include "live_cluster.h"

#include "editor/apply_panel.h"
#include "editor/cluster_knowledge.h"
#include "editor/completion_popup.h"
#include "editor/manifest_editor.h"
#include "editor/manifests_page.h"
#include "editor/problems_panel.h"
#include "editor/yaml_view.h"
#include "widgets/banner.h"

#include <gtest/gtest.h>

#include <QTemporaryDir>
#include <QTest>

namespace keelson::ui {
namespace {

using State = ApplyEntry::State;
using Phase = ApplyRunner::Phase;

class LivePage : public testing::Test {
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
        m_page = std::make_unique<ManifestsPage>(&s_live->cluster(), m_folder.path());
        m_page->resize(1100, 760);
        m_page->show();
        m_page->activateWindow();
    }

    LiveCluster& live() { return *s_live; }
    ApplyRunner& runner() { return m_page->applyPanel()->runner(); }
    void create(const char* text)
    {
        m_page->session().create(QString::fromUtf8(text));
        ASSERT_TRUE(eventually([&] { return m_page->isSettled(); }));
    }
    /// Tries the text on the server.
    void tryIt()
    {
        m_page->apply();
        ASSERT_TRUE(eventually([&] { return runner().phase() == Phase::Tried; }));
    }
    void applyIt()
    {
        tryIt();
        runner().apply();
        ASSERT_TRUE(eventually([&] { return runner().phase() == Phase::Applied; }));
    }
    bool exists(const char* path) { return live().call("GET", QLatin1String(path)).has_value(); }
    std::string states()
    {
        std::string all;
        for (const auto& entry : runner().entries())
            all += (all.empty() ? "" : ", ") + entry.object.kind + " " + stateWord(entry).toStdString();
        return all;
    }

    QTemporaryDir m_folder;
    std::unique_ptr<ManifestsPage> m_page;
    static LiveCluster* s_live;
};

LiveCluster* LivePage::s_live = nullptr;

const char* const set = "apiVersion: apps/v1\n"
                        "kind: Deployment\n"
                        "metadata: {name: shop, namespace: market}\n"
                        "spec:\n"
                        "  replicas: 0\n"
                        "  selector: {matchLabels: {app: shop}}\n"
                        "  template:\n"
                        "    metadata: {labels: {app: shop}}\n"
                        "    spec: {containers: [{name: shop, image: 'shop:1'}]}\n"
                        "---\n"
                        "apiVersion: v1\n"
                        "kind: ConfigMap\n"
                        "metadata: {name: shop, namespace: market}\n"
                        "data: {colour: red}\n"
                        "---\n"
                        "apiVersion: v1\n"
                        "kind: Namespace\n"
                        "metadata: {name: market}\n";

TEST_F(LivePage, kindsComeFromTheCluster)
{
    ClusterKnowledge knowledge(live().cluster());
    knowledge.setActive(true);
    ASSERT_TRUE(eventually([&] { return knowledge.isSettled(); }));
    EXPECT_TRUE(knowledge.kinds().hasCluster());
    ASSERT_TRUE(knowledge.kinds().find("apps/v1", "Deployment"));
    EXPECT_EQ(knowledge.kinds().find("apps/v1", "Deployment")->plural, "deployments");
}

TEST_F(LivePage, namesOfTheClusterAreProposedAndChecked)
{
    ASSERT_TRUE(live().call("POST", QStringLiteral("/api/v1/namespaces/default/configmaps"),
                            R"({"metadata":{"name":"settings"},"data":{"colour":"red","size":"9"}})"));
    create("apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: default}\nspec:\n  containers:\n"
           "    - name: a\n      image: b:1\n      env:\n        - name: A\n          valueFrom:\n"
           "            configMapKeyRef:\n              name: settings\n              key: color\n");
    const auto has = [&](const char* code) {
        for (const auto& finding : m_page->checker().findings())
            if (finding.what.code == code)
                return true;
        return false;
    };
    ASSERT_TRUE(eventually([&] { return has("missing-key"); }));
    EXPECT_FALSE(has("missing-reference"));
    auto& editor = *m_page->editor();
    const auto& text = m_page->current()->text().text();
    editor.goTo(text.find("key: color") + 5);
    editor.propose();
    EXPECT_EQ(editor.popup()->labels(), (QStringList{QStringLiteral("colour"), QStringLiteral("size")}));
    editor.goTo(text.find("name: settings") + 6);
    editor.propose();
    EXPECT_TRUE(editor.popup()->labels().contains(QStringLiteral("settings")));
}

TEST_F(LivePage, setsAreAppliedInTheOrderOfTheirNeedsAndTakenBack)
{
    create(set);
    tryIt();
    EXPECT_EQ(states(), "Namespace New, ConfigMap New, Deployment New")
        << m_page->applyPanel()->summary().toStdString();
    EXPECT_FALSE(exists("/api/v1/namespaces/market")) << "trying changes nothing";
    runner().apply();
    ASSERT_TRUE(eventually([&] { return runner().phase() == Phase::Applied; }));
    EXPECT_EQ(m_page->applyPanel()->summary().toStdString(), "3 created");
    EXPECT_TRUE(exists("/apis/apps/v1/namespaces/market/deployments/shop"));

    applyIt();
    EXPECT_EQ(states(), "Namespace Unchanged, ConfigMap Unchanged, Deployment Unchanged");

    auto& text = m_page->current()->text();
    ASSERT_TRUE(text.edit(1, document::SetValue{document::parsePath("data.colour"), "blue"}, "Form"));
    applyIt();
    EXPECT_EQ(states(), "Namespace Unchanged, ConfigMap Applied, Deployment Unchanged");
    runner().undo();
    ASSERT_TRUE(eventually([&] { return runner().phase() == Phase::Undone; }));
    const auto map = live().call("GET", QStringLiteral("/api/v1/namespaces/market/configmaps/shop"));
    ASSERT_TRUE(map);
    EXPECT_EQ(api::stringAt(*map->document, {"data", "colour"}), "red");
}

TEST_F(LivePage, whatWasCreatedGoesWhenUndone)
{
    create("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: passing, namespace: default}\ndata: {a: b}\n");
    applyIt();
    EXPECT_TRUE(exists("/api/v1/namespaces/default/configmaps/passing"));
    runner().undo();
    ASSERT_TRUE(eventually([&] { return runner().phase() == Phase::Undone; }));
    EXPECT_FALSE(exists("/api/v1/namespaces/default/configmaps/passing"));
    EXPECT_EQ(states(), "ConfigMap Undone");
}

TEST_F(LivePage, whatOthersChangedMeanwhileIsNotUndone)
{
    create("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: shared, namespace: default}\ndata: {a: '1'}\n");
    applyIt();
    ASSERT_TRUE(m_page->current()->text().edit(0, document::SetValue{document::parsePath("data.a"), "2"}, "Form"));
    applyIt();
    ASSERT_TRUE(live().call("PUT", QStringLiteral("/api/v1/namespaces/default/configmaps/shared"),
                            R"({"metadata":{"name":"shared"},"data":{"a":"theirs"}})"));
    runner().undo();
    ASSERT_TRUE(eventually([&] { return runner().phase() == Phase::Undone; }));
    EXPECT_EQ(states(), "ConfigMap Not undone");
    EXPECT_EQ(runner().entries().front().error.reason, Reason::Conflict);
}

TEST_F(LivePage, conflictsNameTheirOwnersAndAreDecidedOneByOne)
{
    const auto path = QStringLiteral("/api/v1/namespaces/default/configmaps");
    ASSERT_TRUE(live().call("POST", path, R"({"metadata":{"name":"owned"},"data":{"colour":"red","size":"9"}})",
                            QUrlQuery(QStringLiteral("fieldManager=pipeline"))));
    create("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: owned, namespace: default}\n"
           "data: {colour: blue, size: '10'}\n");
    tryIt();
    EXPECT_FALSE(runner().isPlain());
    ASSERT_EQ(states(), "ConfigMap Conflict");
    const std::vector<manifests::FieldConflict> wanted{{"pipeline", ".data.colour"}, {"pipeline", ".data.size"}};
    EXPECT_EQ(runner().entries().front().conflicts, wanted);
    EXPECT_EQ(runner().readyCount(), 0) << "nothing is applied before it is decided";
    EXPECT_EQ(manifests::countOf(runner().entries().front().diff).added, 2u) << "what it is about is shown";
    runner().decide(0, ".data.colour", true);
    EXPECT_EQ(states(), "ConfigMap Conflict") << "one is left";
    runner().decide(0, ".data.size", false);
    ASSERT_TRUE(eventually([&] { return runner().phase() == Phase::Tried; }));
    ASSERT_EQ(states(), "ConfigMap Changed");
    runner().apply();
    ASSERT_TRUE(eventually([&] { return runner().phase() == Phase::Applied; }));
    const auto map = live().call("GET", path + QStringLiteral("/owned"));
    ASSERT_TRUE(map);
    EXPECT_EQ(api::stringAt(*map->document, {"data", "colour"}), "blue");
    EXPECT_EQ(api::stringAt(*map->document, {"data", "size"}), "9") << "left to its owner";
}

TEST_F(LivePage, aConflictThatTheServerRefusesInAnyCaseSaysSo)
{
    const auto path = QStringLiteral("/api/v1/namespaces/default/configmaps");
    ASSERT_TRUE(live().call("POST", path, R"({"metadata":{"name":"fixed"},"immutable":true,"data":{"colour":"red"}})",
                            QUrlQuery(QStringLiteral("fieldManager=pipeline"))));
    create("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: fixed, namespace: default}\ndata: {colour: blue}\n");
    tryIt();
    ASSERT_EQ(states(), "ConfigMap Conflict");
    const auto& refusal = runner().entries().front().refusal;
    ASSERT_TRUE(refusal.has_value());
    EXPECT_NE(refusal->message.find("immutable"), std::string::npos) << refusal->message;
    const auto* banner = m_page->applyPanel()->findChild<Banner*>();
    ASSERT_NE(banner, nullptr);
    EXPECT_TRUE(eventually([&] { return banner->text().contains(QStringLiteral("immutable")); }))
        << banner->text().toStdString();
    EXPECT_TRUE(banner->isVisibleTo(m_page->applyPanel()));
}

TEST_F(LivePage, fieldsThatTheManifestNoLongerSaysGo)
{
    create("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: less, namespace: default}\ndata: {a: '1', b: '2'}\n");
    applyIt();
    ASSERT_TRUE(m_page->current()->text().edit(0, document::RemoveKey{document::parsePath("data.b")}, "Form"));
    applyIt();
    const auto map = live().call("GET", QStringLiteral("/api/v1/namespaces/default/configmaps/less"));
    ASSERT_TRUE(map);
    EXPECT_EQ(api::find(*map->document, {"data", "b"}), nullptr);
}

TEST_F(LivePage, refusalsStandBesideTheirObjects)
{
    create(
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: fine, namespace: default}\n---\n"
        "apiVersion: v1\nkind: Service\nmetadata: {name: wrong, namespace: default}\nspec: {ports: [{port: 99999}]}\n"
        "---\napiVersion: example.com/v1\nkind: Widget\nmetadata: {name: w}\n");
    tryIt();
    EXPECT_EQ(states(), "ConfigMap New, Service Refused, Widget Refused");
    EXPECT_EQ(runner().entries()[1].error.reason, Reason::Invalid);
    EXPECT_EQ(runner().entries()[2].error.message, "the cluster has no kind Widget of example.com/v1");
    EXPECT_EQ(runner().readyCount(), 1);
    runner().setIncluded(0, false);
    EXPECT_EQ(runner().readyCount(), 0);
}

TEST_F(LivePage, comparesWithWhatIsLive)
{
    ASSERT_TRUE(live().call("POST", QStringLiteral("/api/v1/namespaces/default/services"),
                            R"({"metadata":{"name":"front"},"spec":{"selector":{"app":"a"},"ports":[{"port":80}]}})"));
    create("apiVersion: v1\nkind: Service\nmetadata: {name: front, namespace: default}\n"
           "spec: {selector: {app: b}, ports: [{port: 80}]}\n");
    m_page->compare();
    ASSERT_TRUE(eventually([&] { return runner().phase() == Phase::Tried; }));
    const auto shown = m_page->applyPanel()->difference()->text();
    EXPECT_TRUE(shown.contains(QStringLiteral("-     app: a\n+     app: b\n"))) << shown.toStdString();
    EXPECT_FALSE(shown.contains(QStringLiteral("resourceVersion")));
    const auto& diff = runner().entries().front().diff;
    const auto line = std::ranges::find_if(diff, [](const auto& one) { return one.text.contains("clusterIP:"); });
    ASSERT_NE(line, diff.end());
    EXPECT_TRUE(line->isDefault) << "the manifest does not say it";
}

} // namespace
} // namespace keelson::ui
