// SPDX-License-Identifier: Apache-2.0
// The manifest editor on a real keelsond: its kinds and names, comparing, applying, and taking it back.
#include "ui/live_cluster.h"

#include "editor/apply_panel.h"
#include "editor/cluster_knowledge.h"
#include "editor/completion_popup.h"
#include "editor/manifest_editor.h"
#include "editor/manifests_page.h"
#include "editor/problems_panel.h"
#include "editor/yaml_view.h"
#include "kube/kubeconfig.h"
#include "support/tree.h"
#include "widgets/banner.h"

#include <gtest/gtest.h>

#include <QComboBox>
#include <QDirIterator>
#include <QPushButton>
#include <QTemporaryDir>
#include <QTest>
#include <QTreeWidget>

#include <algorithm>
#include <memory>

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
        m_page = std::make_unique<ManifestsPage>(&s_live->cluster(), realTime, m_folder.path());
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

const char* const widgets = "apiVersion: play.example.com/v1\n"
                            "kind: Widget\n"
                            "metadata: {name: first, namespace: default}\n"
                            "spec: {size: 3}\n"
                            "---\n"
                            "apiVersion: apiextensions.k8s.io/v1\n"
                            "kind: CustomResourceDefinition\n"
                            "metadata: {name: widgets.play.example.com}\n"
                            "spec:\n"
                            "  group: play.example.com\n"
                            "  names: {kind: Widget, plural: widgets, singular: widget, listKind: WidgetList}\n"
                            "  scope: Namespaced\n"
                            "  versions:\n"
                            "    - name: v1\n"
                            "      served: true\n"
                            "      storage: true\n"
                            "      schema:\n"
                            "        openAPIV3Schema:\n"
                            "          type: object\n"
                            "          properties:\n"
                            "            spec:\n"
                            "              type: object\n"
                            "              properties:\n"
                            "                size: {type: integer, description: How large it is.}\n";

TEST_F(LivePage, aKindIsDefinedAndUsedInOneSetAndThenKnown)
{
    create(widgets);
    applyIt();
    EXPECT_EQ(m_page->applyPanel()->summary().toStdString(), "2 created");
    EXPECT_TRUE(exists("/apis/play.example.com/v1/namespaces/default/widgets/first"));
    ASSERT_TRUE(eventually([&] { return m_page->kinds().find("play.example.com/v1", "Widget") != nullptr; }))
        << "the cluster's kinds are read again";
    create("apiVersion: play.example.com/v1\nkind: Widget\nmetadata: {name: second, namespace: default}\n"
           "spec:\n  size: large\n  si: 1\n");
    const auto said = [&](const char* words) {
        return std::ranges::any_of(m_page->checker().findings(),
                                   [&](const Finding& finding) { return finding.what.message.contains(words); });
    };
    EXPECT_TRUE(eventually([&] { return said("Widget has no field spec.si"); }));
    EXPECT_TRUE(said("spec.size: an integer is wanted, not a text"));
    auto& editor = *m_page->editor();
    editor.goTo(m_page->current()->text().text().find("  si: 1") + 4);
    editor.propose();
    EXPECT_FALSE(editor.popup()->labels().contains(QStringLiteral("size"))) << "it stands there already";
    ASSERT_TRUE(m_page->current()->text().edit(0, document::RemoveKey{document::parsePath("spec.size")}, "Form"));
    editor.goTo(m_page->current()->text().text().find("  si: 1") + 4);
    editor.propose();
    EXPECT_EQ(editor.popup()->labels(), QStringList{QStringLiteral("size")});
    EXPECT_TRUE(editor.popup()->explanation().contains(QStringLiteral("How large it is.")));
}

TEST_F(LivePage, whatIsAppliedIsLookedAtUntilItIsReady)
{
    create("apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: slow, namespace: default}\nspec:\n  replicas: 2\n"
           "  selector: {matchLabels: {app: slow}}\n  template:\n    metadata: {labels: {app: slow}}\n"
           "    spec: {containers: [{name: slow, image: 'slow:1'}]}\n");
    applyIt();
    const auto word = [&] { return progressWord(runner().entries().front()).toStdString(); };
    EXPECT_TRUE(eventually([&] { return word() == "Created · 0 of 2 ready"; })) << word();
    EXPECT_TRUE(runner().entries().front().isSettling());
    EXPECT_EQ(states(), "Deployment Created") << "nobody has to wait for it";
    support::TemporaryFolder folder;
    const support::Process agent({(std::filesystem::path(support::binaryFolder()) / "bin" / "keelson-agent").string(),
                                  "--server", live().agentAddress(), "--token-file", live().tokenFile().string(),
                                  "--node", "ready", "--data-dir", (folder.path() / "agent").string(), "--simulate",
                                  "1"},
                                 folder.path() / "agent.log");
    EXPECT_TRUE(eventually([&] { return word() == "Created · Ready"; })) << word() << agent.log();
    EXPECT_FALSE(runner().entries().front().isSettling());
}

TEST_F(LivePage, setsAreAppliedInTheOrderOfTheirNeedsAndTakenBack)
{
    create(set);
    tryIt();
    EXPECT_EQ(states(), "Namespace New, ConfigMap Untried, Deployment Untried")
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

TEST_F(LivePage, whatControllersWriteMeanwhileDoesNotKeepFromUndoing)
{
    const auto deployment = QStringLiteral("/apis/apps/v1/namespaces/default/deployments/busy");
    const auto isObserved = [&](std::int64_t generation) {
        const auto now = live().call("GET", deployment);
        return now && api::integerAt(*now->document, {"status", "observedGeneration"}) == generation;
    };
    create("apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: busy, namespace: default}\n"
           "spec:\n  replicas: 1\n  selector: {matchLabels: {app: busy}}\n  template:\n"
           "    metadata: {labels: {app: busy}}\n    spec: {containers: [{name: busy, image: 'busy:1'}]}\n");
    applyIt();
    ASSERT_TRUE(eventually([&] { return isObserved(1); }));
    ASSERT_TRUE(m_page->current()->text().edit(
        0, document::SetValue{document::parsePath("spec.template.spec.containers[0].image"), "busy:2"}, "Form"));
    applyIt();
    ASSERT_TRUE(eventually([&] { return isObserved(2); })) << "its status, and with it its version, has changed";
    runner().undo();
    ASSERT_TRUE(eventually([&] { return runner().phase() == Phase::Undone; }));
    EXPECT_EQ(states(), "Deployment Undone") << runner().entries().front().error.message;
    EXPECT_TRUE(eventually([&] { return isObserved(3); })) << "rolled back";
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
    QStringList choices; // as the panel shows them
    for (const auto* choice : m_page->applyPanel()->findChildren<QComboBox*>())
        choices << choice->accessibleName() + QStringLiteral(": ") + choice->itemText(1);
    EXPECT_EQ(choices, (QStringList{QStringLiteral(".data.colour, owned by pipeline: Leave it to pipeline"),
                                    QStringLiteral(".data.size, owned by pipeline: Leave it to pipeline")}));
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

TEST_F(LivePage, refusalsLeadToTheirPlaces)
{
    create("# one\napiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Service\n"
           "  metadata: {name: wrong, namespace: default}\n  spec:\n    ports:\n    - port: 99999\n");
    const auto name = m_page->current()->name();
    tryIt();
    ASSERT_EQ(states(), "Service Refused");
    QPushButton* found = nullptr;
    for (auto* button : m_page->applyPanel()->findChildren<QPushButton*>())
        if (button->text() == QStringLiteral("Go to %1:10").arg(name))
            found = button;
    ASSERT_TRUE(found);
    found->click();
    const auto& text = m_page->current()->text().text();
    EXPECT_TRUE(eventually([&] { return m_page->editor()->isVisible(); }));
    EXPECT_EQ(m_page->editor()->cursor(), text.find("99999"));
}

TEST_F(LivePage, whatCannotBeReadIsNamedByFileAndLine)
{
    for (const auto& [text, line, words] : std::vector<std::tuple<const char*, int, const char*>>{
             {"kind: A\n---\nkind: B\n---\na: [1\nb: 2\n", 5, "The [ that opens here is never closed"},
             {"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n---\n# b\n- list\n", 6, "Begin with"},
             {"a: b\n---\na: &x [*x]\n", 3, "Write out what is meant"}}) {
        create(text);
        const auto name = m_page->current()->name();
        m_page->apply();
        const auto wanted = QStringLiteral("%1:%2 cannot be applied").arg(name).arg(line);
        EXPECT_TRUE(eventually([&] { return m_page->notice().contains(wanted); })) << m_page->notice().toStdString();
        EXPECT_TRUE(m_page->notice().contains(QLatin1String(words))) << m_page->notice().toStdString();
        int shownLine = 0;
        int column = 0;
        m_page->editor()->getCursorPosition(&shownLine, &column);
        EXPECT_EQ(shownLine + 1, line) << text;
    }
}

TEST_F(LivePage, namesAndDifferencesFitASmallWindow)
{
    create("apiVersion: v1\nkind: PersistentVolumeClaim\n"
           "metadata: {name: recommendation-service-cache-volume, namespace: default}\n"
           "spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}\n");
    for (const int width : {814, 1230}) { // windows of 1024 and 1440 pixels
        m_page->resize(width, 540);
        tryIt();
        const auto* list = m_page->applyPanel()->findChild<QTreeWidget*>();
        const auto* item = list->topLevelItem(0);
        const int text = list->fontMetrics().horizontalAdvance(item->text(0));
        const int decoration = 70; // check box, icon and the gaps between
        EXPECT_LE(text + decoration, list->columnWidth(0)) << width;
        const auto* difference = m_page->applyPanel()->difference();
        EXPECT_GE(difference->width(), 700) << width;
        EXPECT_GE(difference->height(), 200) << width;
        m_page->backToText();
    }
}

TEST_F(LivePage, theFirstChangeIsShownAndNotTheFirstObject)
{
    create("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: seen-a}\ndata: {a: '1'}\n---\n"
           "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: seen-b}\ndata: {b: '1'}\n");
    applyIt();
    m_page->backToText();
    auto text = std::as_const(*m_page->current()).text().text();
    m_page->current()->text().setText(text.replace(text.find("b: '1'"), 6, "b: '2'"), "Change");
    tryIt();
    const auto shown = m_page->applyPanel()->difference()->text();
    EXPECT_TRUE(shown.contains(QStringLiteral("-   b: \"1\"\n+   b: \"2\""))) << shown.toStdString();
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

/// A cluster that goes away in the middle.
TEST(CutOffApply, isGoneOnWithOrUndone)
{
    const support::TemporaryFolder folder;
    const auto program = std::filesystem::path(support::binaryFolder()) / "bin" / "keelsond";
    auto process = std::make_unique<support::ControlPlaneProcess>(program, folder.path());
    ASSERT_TRUE(process->waitReady()) << process->log();
    const auto config = kube::Kubeconfig::load(QString::fromStdString(process->kubeconfig().string()));
    Cluster cluster(*config->access(), realTime);
    ManifestsPage page(&cluster, realTime, QString::fromStdString((folder.path() / "unsaved").string()));
    page.resize(1024, 640);
    page.show();
    page.session().create(QString::fromUtf8(set));
    ASSERT_TRUE(eventually([&] { return page.isSettled(); }));
    page.apply();
    auto& runner = page.applyPanel()->runner();
    ASSERT_TRUE(eventually([&] { return runner.phase() == Phase::Tried; }));
    const auto kill = QObject::connect(&runner, &ApplyRunner::entryChanged, [&](int entry) {
        if (entry == 0 && runner.entries()[0].state == State::Applied)
            process.reset();
    });
    runner.apply();
    ASSERT_TRUE(eventually([&] { return runner.phase() == Phase::CutOff; }));
    QObject::disconnect(kill);
    EXPECT_EQ(page.applyPanel()->summary().toStdString(), "1 created, 2 untried");
    EXPECT_EQ(runner.cutOffEntry(), 1);
    EXPECT_EQ(runner.readyCount(), 2) << "what is left can still be applied";
    const auto* banner = page.applyPanel()->findChild<Banner*>();
    EXPECT_TRUE(banner->text().contains(QStringLiteral("stopped answering here"))) << banner->text().toStdString();
    EXPECT_EQ(page.current()->text().text(), set) << "the text is as it was";

    process = std::make_unique<support::ControlPlaneProcess>(program, folder.path());
    ASSERT_TRUE(process->waitReady()) << process->log();
    runner.apply();
    ASSERT_TRUE(eventually([&] { return runner.phase() == Phase::Applied; }));
    EXPECT_EQ(page.applyPanel()->summary().toStdString(), "3 created");

    process.reset();
    runner.undo();
    ASSERT_TRUE(eventually([&] { return runner.phase() == Phase::CutOff; }));
    EXPECT_EQ(page.applyPanel()->summary().toStdString(), "3 created") << "not undone, and not given up";
    process = std::make_unique<support::ControlPlaneProcess>(program, folder.path());
    ASSERT_TRUE(process->waitReady()) << process->log();
    runner.undo();
    ASSERT_TRUE(eventually([&] { return runner.phase() == Phase::Undone; }));
    EXPECT_EQ(page.applyPanel()->summary().toStdString(), "3 undone");
}

/// A program that ends in the middle leaves its journal to the next one.
TEST_F(LivePage, anApplyThatTheProgramsEndCutOffIsUndoneByTheNext)
{
    const auto bazaar = QString::fromUtf8(set).replace(QStringLiteral("market"), QStringLiteral("bazaar")).toUtf8();
    const auto endAfterTheFirst = [&] {
        create(bazaar.constData());
        tryIt();
        bool isOver = false;
        QObject::connect(&runner(), &ApplyRunner::entryChanged, qApp, [&](int entry) {
            if (entry == 0 && runner().entries()[0].state == State::Applied)
                QMetaObject::invokeMethod(qApp, [&] { m_page.reset(), isOver = true; }, Qt::QueuedConnection);
        });
        runner().apply();
        return eventually([&] { return isOver; });
    };
    const auto openNext = [&] {
        m_page = std::make_unique<ManifestsPage>(&live().cluster(), realTime, m_folder.path());
        m_page->resize(1100, 760);
        m_page->show();
        const auto* banner = m_page->findChild<Banner*>();
        return eventually([&] { return banner->text().startsWith(QStringLiteral("An apply was cut off")); });
    };
    const auto press = [&](const char* text) {
        for (auto* button : m_page->findChild<Banner*>()->findChildren<QPushButton*>())
            if (button->text() == QLatin1String(text))
                button->click();
    };
    const auto hasJournal = [&] {
        return QDirIterator(m_folder.path(), {QStringLiteral("apply.journal")}, QDir::Files,
                            QDirIterator::Subdirectories)
            .hasNext();
    };

    ASSERT_TRUE(endAfterTheFirst());
    ASSERT_TRUE(exists("/api/v1/namespaces/bazaar"));
    EXPECT_TRUE(hasJournal());
    ASSERT_TRUE(openNext());
    press("Show it");
    ASSERT_TRUE(eventually([&] { return runner().phase() == Phase::CutOff; }));
    EXPECT_EQ(runner().entries()[0].state, State::Applied);
    EXPECT_EQ(runner().entries()[2].state, State::New);
    runner().undo();
    ASSERT_TRUE(eventually([&] { return runner().phase() == Phase::Undone; }));
    EXPECT_EQ(runner().entries()[0].state, State::Undone);
    ASSERT_TRUE(eventually([&] { return !exists("/api/v1/namespaces/bazaar"); }));
    m_page.reset();

    SetUp();
    ASSERT_TRUE(endAfterTheFirst());
    ASSERT_TRUE(openNext());
    press("Show it");
    ASSERT_TRUE(eventually([&] { return runner().phase() == Phase::CutOff; }));
    runner().apply();
    ASSERT_TRUE(eventually([&] { return runner().phase() == Phase::Applied; }));
    EXPECT_EQ(m_page->applyPanel()->summary().toStdString(), "3 created");
    EXPECT_TRUE(exists("/apis/apps/v1/namespaces/bazaar/deployments/shop"));
    m_page.reset();
    EXPECT_FALSE(hasJournal()) << "what has come to its end is not kept";
}

} // namespace
} // namespace keelson::ui
