// SPDX-License-Identifier: Apache-2.0
#include "ui/live_cluster.h"

#include "editor/find_bar.h"
#include "editor/manifest_editor.h"
#include "editor/manifests_page.h"
#include "editor/yaml_tab.h"
#include "support/tree.h"
#include "widgets/action_registry.h"
#include "widgets/command_palette.h"
#include "widgets/step_list.h"
#include "window/cluster_view.h"
#include "window/connection_label.h"
#include "window/dock.h"
#include "window/local_cluster_page.h"
#include "window/workbench.h"
#include "workloads/confirm_dialog.h"
#include "workloads/inspector.h"
#include "workloads/object_page.h"
#include "workloads/overview_rows.h"
#include "workloads/row_commands.h"

#include <gtest/gtest.h>

#include <QApplication>
#include <QDialogButtonBox>
#include <QDir>
#include <QImage>
#include <QLineEdit>
#include <QListWidget>
#include <QProcess>
#include <QPushButton>
#include <QRegularExpression>
#include <QTemporaryDir>
#include <QTest>
#include <QTimer>
#include <QTreeView>

#include <algorithm>
#include <csignal>

namespace keelson::ui {
namespace {

/// A whole window, connected to a real keelsond.
class WholeWindow : public testing::Test {
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
        QDir(ManifestSession::usualRecoveryFolder()).removeRecursively(); // what other stories typed and left
        Options options;
        options.kubeconfig = s_live->kubeconfig();
        options.page = QStringLiteral("configmaps");
        m_window = std::make_unique<Workbench>(options, realTime);
        m_window->start();
        m_window->show();
        m_window->activateWindow();
        ASSERT_TRUE(eventually([&] { return m_window->view() && m_window->view()->isSettled(); }));
    }

    ClusterView& view() { return *m_window->view(); }
    LiveCluster& live() { return *s_live; }
    ItemPtr find(const char* kind, const char* nameSpace, const char* name)
    {
        return view().cluster().store(QLatin1String(kind))->findByName(QLatin1String(nameSpace), QLatin1String(name));
    }
    void makeConfigMap(const QString& nameSpace, const QString& name)
    {
        const auto body = QStringLiteral(R"({"metadata":{"name":"%1","labels":{"app":"%1"}}})").arg(name);
        ASSERT_TRUE(
            live().call("POST", QStringLiteral("/api/v1/namespaces/%1/configmaps").arg(nameSpace), body.toUtf8()));
    }
    QStringList names(ObjectPage& page)
    {
        QStringList shown;
        for (int row = 0; row < page.model()->rowCount(); ++row)
            shown << page.model()->item(row)->name;
        return shown;
    }

    std::unique_ptr<Workbench> m_window;
    static LiveCluster* s_live;
};

LiveCluster* WholeWindow::s_live = nullptr;

/// Answers the next question that the window asks; `accept`: with its verb.
void answerNextQuestion(bool accept, QString* names = nullptr)
{
    auto* look = new QTimer(qApp);
    QObject::connect(look, &QTimer::timeout, qApp, [look, accept, names] {
        auto* dialog = qobject_cast<ConfirmDialog*>(QApplication::activeModalWidget());
        if (!dialog)
            return;
        look->deleteLater();
        if (names)
            *names = dialog->windowTitle();
        accept ? dialog->accept() : dialog->reject();
    });
    look->start(5);
}

TEST_F(WholeWindow, theRailsKeysOpenPalettePagesAndFilter)
{
    QTest::keyClick(m_window.get(), Qt::Key_K, Qt::ControlModifier);
    auto* palette = m_window->findChild<CommandPalette*>();
    ASSERT_TRUE(palette);
    ASSERT_TRUE(eventually([&] { return palette->isVisible(); }));
    auto* input = palette->findChild<QLineEdit*>();
    input->setText(QStringLiteral(":po"));
    QTest::keyClick(input, Qt::Key_Return);
    EXPECT_TRUE(eventually([&] { return view().currentPage() == QLatin1String("pods"); }));

    QTest::keyClick(m_window.get(), Qt::Key_2, Qt::ControlModifier);
    EXPECT_EQ(view().currentPage().toStdString(), "topology");
    QTest::keyClick(m_window.get(), Qt::Key_Left, Qt::AltModifier);
    EXPECT_EQ(view().currentPage().toStdString(), "pods");
    QTest::keyClick(m_window.get(), Qt::Key_Right, Qt::AltModifier);
    EXPECT_EQ(view().currentPage().toStdString(), "topology");
}

TEST_F(WholeWindow, keysInAManifestAreText)
{
    view().showPage(QStringLiteral("manifests"));
    auto* page = view().manifestsPage();
    ASSERT_TRUE(page);
    EXPECT_TRUE(m_window->findChild<ActionRegistry*>()->refusedKeys().isEmpty())
        << m_window->findChild<ActionRegistry*>()->refusedKeys().join(QLatin1Char('\n')).toStdString();
    page->create();
    const auto& text = page->current()->text();
    // Elsewhere these describe, filter, jump, show the keys, open the YAML and cordon.
    QTest::keyClicks(page->editor(), QStringLiteral("d/:?y c"));
    EXPECT_EQ(text.text(), "d/:?y c");
    EXPECT_FALSE(m_window->findChild<CommandPalette*>()->isVisible());
    QTest::keyClick(page->editor(), Qt::Key_F, Qt::ControlModifier);
    EXPECT_TRUE(page->findBar()->isVisible());
    QTest::keyClick(page->findBar()->wordsField(), Qt::Key_Escape);
    EXPECT_FALSE(page->findBar()->isVisible());
    EXPECT_TRUE(page->editor()->hasFocus());
    QTest::keyClick(page->editor(), Qt::Key_Slash, Qt::ControlModifier);
    EXPECT_EQ(text.text(), "# d/:?y c");
    page->session().close(page->current());
    EXPECT_EQ(page->editor(), nullptr);
}

TEST_F(WholeWindow, filterSpeaksItsLanguage)
{
    makeConfigMap(QStringLiteral("default"), QStringLiteral("filter-one"));
    makeConfigMap(QStringLiteral("default"), QStringLiteral("filter-two"));
    ASSERT_TRUE(eventually(
        [&] { return find("configmaps", "default", "filter-one") && find("configmaps", "default", "filter-two"); }));
    auto& page = *view().objectPage();
    const struct {
        const char* text;
        const char* rows;
    } table[] = {
        {"filter-", "filter-one filter-two"},   {"filter- -two", "filter-one"},
        {"label:app=filter-two", "filter-two"}, {"filter- ns:default", "filter-one filter-two"},
        {"filter- ns:elsewhere", ""},
    };
    for (const auto& [text, rows] : table) {
        page.setFilterText(QLatin1String(text));
        EXPECT_EQ(names(page).join(QLatin1Char(' ')).toStdString(), rows) << text;
    }
}

TEST_F(WholeWindow, allPagesShareTheNamespacesThatAreShown)
{
    ASSERT_TRUE(live().call("POST", QStringLiteral("/api/v1/namespaces"), R"({"metadata":{"name":"apart"}})"));
    makeConfigMap(QStringLiteral("apart"), QStringLiteral("shared-a"));
    makeConfigMap(QStringLiteral("default"), QStringLiteral("shared-b"));
    auto& page = *view().objectPage();
    page.setFilterText(QStringLiteral("shared-"));
    ASSERT_TRUE(eventually([&] { return names(page).size() == 2; }));
    view().cluster().setNameSpaces({QStringLiteral("apart")});
    EXPECT_EQ(names(page), QStringList{QStringLiteral("shared-a")});
    view().showPage(QStringLiteral("serviceaccounts"));
    auto& accounts = *view().objectPage();
    ASSERT_TRUE(eventually([&] { return accounts.model()->rowCount() > 0; }));
    for (int row = 0; row < accounts.model()->rowCount(); ++row)
        EXPECT_EQ(accounts.model()->item(row)->nameSpace.toStdString(), "apart");
}

TEST_F(WholeWindow, deleteAsksAndThenDeletes)
{
    makeConfigMap(QStringLiteral("default"), QStringLiteral("condemned"));
    ASSERT_TRUE(eventually([&] { return find("configmaps", "default", "condemned") != nullptr; }));
    view().inspect(find("configmaps", "default", "condemned"));
    QString title;
    answerNextQuestion(false, &title);
    view().runCommand(QStringLiteral("row.delete"));
    EXPECT_EQ(title.toStdString(), "Delete");
    EXPECT_TRUE(live().call("GET", QStringLiteral("/api/v1/namespaces/default/configmaps/condemned"))) << "no is no";
    answerNextQuestion(true);
    view().runCommand(QStringLiteral("row.delete"));
    EXPECT_TRUE(eventually([&] { return !find("configmaps", "default", "condemned"); }));
}

TEST_F(WholeWindow, scalesAndRestarts)
{
    live().createApplication(QStringLiteral("moved"), 1);
    view().showPage(QStringLiteral("deployments"));
    ASSERT_TRUE(eventually([&] { return find("deployments", "default", "moved") != nullptr; }));
    RowCommands commands(view().cluster(), nullptr);
    commands.scaleTo({find("deployments", "default", "moved")}, 3);
    EXPECT_TRUE(
        eventually([&] { return find("deployments", "default", "moved")->factsAs<WorkloadFacts>()->wanted == 3; }));
    view().inspect(find("deployments", "default", "moved"));
    answerNextQuestion(true);
    view().runCommand(QStringLiteral("row.restart"));
    const auto path = QStringLiteral("/apis/apps/v1/namespaces/default/deployments/moved");
    EXPECT_TRUE(eventually([&] {
        const auto now = live().call("GET", path);
        return now && now->text.contains("restartedAt");
    }));
}

TEST(CreateLocalCluster, namesTheStepThatFailsAndWhatToDo)
{
    QTemporaryDir folder;
    auto options = localcluster::LocalClusterOptions::defaults();
    options.root = folder.path() + QStringLiteral("/clusters");
    options.kubeconfig = folder.path() + QStringLiteral("/config");
    options.dockerHost = QStringLiteral("unix://") + folder.path() + QStringLiteral("/no-engine.sock");
    LocalClusterPage page(options, realTime);
    auto* steps = page.findChild<StepList*>();
    const auto names = localcluster::stepNames();
    ASSERT_EQ(static_cast<std::size_t>(steps->steps().size()), names.size());
    for (std::size_t i = 0; i < names.size(); ++i)
        EXPECT_EQ(steps->steps()[static_cast<qsizetype>(i)].title.toStdString(), names[i].title)
            << "as keelsonctl does";
    page.start();
    const auto failed = [&] { return steps->steps().first().role == StatusRole::Error; };
    ASSERT_TRUE(eventually(failed));
    EXPECT_EQ(steps->steps().first().id.toStdString(), "engine");
    EXPECT_FALSE(steps->steps().first().detail.isEmpty());
    EXPECT_FALSE(steps->steps().first().advice.isEmpty()) << "what to do";
    const auto isUntouched = [](const StepList::Step& step) { return step.role == StatusRole::Ending; };
    EXPECT_TRUE(std::all_of(steps->steps().begin() + 1, steps->steps().end(), isUntouched));
    const auto mayRetry = [&] {
        const auto buttons = page.findChildren<QPushButton*>();
        return std::ranges::any_of(buttons, [](const QPushButton* button) {
            return button->text() == QLatin1String("Create") && button->isEnabled();
        });
    };
    EXPECT_TRUE(eventually(mayRetry));
}

TEST_F(WholeWindow, showsTheEventsOfOneObjectOnly)
{
    makeConfigMap(QStringLiteral("default"), QStringLiteral("told"));
    makeConfigMap(QStringLiteral("default"), QStringLiteral("told-other"));
    ASSERT_TRUE(eventually([&] { return find("configmaps", "default", "told") != nullptr; }));
    const auto told = find("configmaps", "default", "told");
    const struct {
        const char* name;
        const char* uid;
        const char* reason;
    } events[] = {{"told", nullptr, "ItsOwn"}, {"told", "an-earlier-one", "BeforeIt"}, {"told-other", "x", "Others"}};
    for (const auto& [name, uid, reason] : events) {
        const auto body = QStringLiteral(R"({"metadata":{"generateName":"e-"},"reason":"%3","message":"told said told",
            "involvedObject":{"kind":"ConfigMap","namespace":"default","name":"%1","uid":"%2"}})")
                              .arg(QLatin1String(name), uid ? QLatin1String(uid) : told->uid, QLatin1String(reason));
        const auto made = live().call("POST", QStringLiteral("/api/v1/namespaces/default/events"), body.toUtf8());
        ASSERT_TRUE(made) << made.error().message;
    }
    view().inspect(told);
    EXPECT_FALSE(view().isSettled()) << "the events are not there yet";
    ASSERT_TRUE(eventually([&] { return view().isSettled(); }));
    QStringList said;
    for (const auto* row : view().inspector().findChildren<ItemRow*>())
        said << row->accessibleName();
    EXPECT_TRUE(said.join(QLatin1Char(' ')).contains(QLatin1String("ItsOwn"))) << said.join('|').toStdString();
    EXPECT_FALSE(said.join(QLatin1Char(' ')).contains(QLatin1String("BeforeIt"))) << said.join('|').toStdString();

    view().cluster().setNameSpaces({QStringLiteral("elsewhere")});
    view().runCommand(QStringLiteral("row.events"));
    ASSERT_TRUE(eventually([&] { return view().isSettled(); }));
    auto* page = view().dock().findChild<ObjectPage*>();
    ASSERT_TRUE(page);
    ASSERT_EQ(page->model()->rowCount(), 1);
    EXPECT_EQ(page->model()->item(0)->factsAs<EventFacts>()->reason.toStdString(), "ItsOwn");
}

TEST_F(WholeWindow, theDocksEventsAreAwaited)
{
    makeConfigMap(QStringLiteral("default"), QStringLiteral("awaited"));
    ASSERT_TRUE(eventually([&] { return find("configmaps", "default", "awaited") != nullptr; }));
    EXPECT_EQ(view().cluster().store(QStringLiteral("events"))->state(), ObjectStore::State::Idle)
        << "a page that was not asked for was not shown on the way";
    view().dock().openEvents(find("configmaps", "default", "awaited"));
    EXPECT_FALSE(view().isSettled()) << "it says that it loads";
    EXPECT_TRUE(eventually([&] { return view().isSettled(); }));
}

TEST_F(WholeWindow, typesIntoTheYamlThatWasOpened)
{
    makeConfigMap(QStringLiteral("default"), QStringLiteral("typed"));
    ASSERT_TRUE(eventually([&] { return find("configmaps", "default", "typed") != nullptr; }));
    auto& page = *view().objectPage();
    page.setFilterText(QStringLiteral("typed"));
    page.view()->setFocus();
    page.view()->setCurrentIndex(page.model()->index(0, 0));
    const auto hasFocus = [this] {
        auto* focused = QApplication::focusWidget();
        return focused && view().dock().currentYaml() && view().dock().currentYaml()->isAncestorOf(focused);
    };
    QTest::keyClick(page.view(), Qt::Key_Y);
    EXPECT_TRUE(eventually(hasFocus)) << "opened by its key";
    view().dock().closeCurrent();
    EXPECT_TRUE(page.view()->hasFocus()) << "the table again, once nothing is open";
    QTest::keyClick(m_window.get(), Qt::Key_N, Qt::ControlModifier);
    ASSERT_TRUE(eventually(hasFocus)) << "a new one";
    page.view()->setFocus();
    QTest::keyClick(m_window.get(), Qt::Key_N, Qt::ControlModifier);
    EXPECT_TRUE(eventually(hasFocus)) << "one that was open already";
}

TEST_F(WholeWindow, cordonsWhenTheAnswerIsYes)
{
    ASSERT_TRUE(live().call("POST", QStringLiteral("/api/v1/nodes"), R"({"metadata":{"name":"cordoned"}})"));
    view().showPage(QStringLiteral("nodes"));
    ASSERT_TRUE(eventually([&] { return find("nodes", "", "cordoned") != nullptr; }));
    view().inspect(find("nodes", "", "cordoned"));
    const auto isCordoned = [&] {
        const auto node = live().call("GET", QStringLiteral("/api/v1/nodes/cordoned"));
        return node && api::boolAt(*node->document, {"spec", "unschedulable"});
    };
    QString title;
    answerNextQuestion(false, &title);
    view().runCommand(QStringLiteral("row.cordon"));
    EXPECT_EQ(title.toStdString(), "Cordon");
    EXPECT_FALSE(isCordoned()) << "no is no";
    answerNextQuestion(true);
    view().runCommand(QStringLiteral("row.cordon"));
    EXPECT_TRUE(eventually(isCordoned));
}

TEST_F(WholeWindow, thePaletteHasEachPageOnce)
{
    QTest::keyClick(m_window.get(), Qt::Key_K, Qt::ControlModifier);
    auto* palette = m_window->findChild<CommandPalette*>();
    const auto* list = palette->findChild<QListWidget*>();
    const struct {
        const char* title;
        const char* ways;
    } pages[] = {
        {"Config maps", ":cm  ·  Ctrl+6"}, {"Pods", ":po  ·  Ctrl+4"}, {"Secrets", "page"}, {"Topology", "Ctrl+2"}};
    for (const auto& [title, ways] : pages) {
        palette->findChild<QLineEdit*>()->setText(QLatin1String(title));
        const auto found = list->findItems(QLatin1String(title), Qt::MatchExactly);
        ASSERT_EQ(found.size(), 1) << title;
        EXPECT_EQ(found.first()->data(Qt::UserRole).toString().toStdString(), ways) << title;
    }
    palette->hide();
}

TEST_F(WholeWindow, opensWhatTheCommandLineAsksForWithoutAPictureToo)
{
    makeConfigMap(QStringLiteral("default"), QStringLiteral("wanted"));
    Options options;
    options.kubeconfig = live().kubeconfig();
    options.page = QStringLiteral("configmaps");
    options.select = QStringLiteral("wanted");
    options.dock = QStringLiteral("yaml");
    Workbench window(options, realTime);
    window.start();
    window.show();
    EXPECT_TRUE(eventually([&] {
        const auto item = window.view() ? window.view()->inspector().item() : nullptr;
        const auto* yaml = window.view() ? window.view()->dock().currentYaml() : nullptr;
        return item && item->name == QLatin1String("wanted") && yaml && yaml->isLoaded();
    }));
    EXPECT_TRUE(eventually([&] { return window.progress().ready; }));
}

TEST(StatusBar, saysHowTheClusterAnswers)
{
    LiveCluster live;
    ASSERT_TRUE(live.ready()) << live.log();
    Options options;
    options.kubeconfig = live.kubeconfig();
    options.page = QStringLiteral("configmaps");
    Workbench window(options, realTime);
    window.start();
    window.show();
    const auto* label = window.findChild<ConnectionLabel*>();
    ASSERT_TRUE(label);
    const auto says = [label](const char* words, int withinMs) {
        return QTest::qWaitFor([&] { return label->text().startsWith(QLatin1String(words)); }, withinMs);
    };
    ASSERT_TRUE(eventually([&] { return window.view() && window.view()->isSettled(); }));
    EXPECT_TRUE(says("Connected", 3'000)) << label->text().toStdString();

    live.process().signal(SIGSTOP);
    EXPECT_TRUE(says("Slow", 6'000)) << label->text().toStdString();
    EXPECT_TRUE(says("Not available", 6'000)) << label->text().toStdString();
    live.process().signal(SIGCONT);
    EXPECT_TRUE(says("Connected", 6'000)) << label->text().toStdString();

    live.process().signal(SIGKILL);
    EXPECT_TRUE(says("Not available", 4'000)) << label->text().toStdString();
    EXPECT_TRUE(label->toolTip().contains(QLatin1String("connection refused"))) << label->toolTip().toStdString();
}

struct Outcome {
    int status = -1;
    QString errors;
};

Outcome runKeelson(const QStringList& arguments)
{
    QProcess program;
    auto environment = QProcessEnvironment::systemEnvironment();
    environment.remove(QStringLiteral("DISPLAY"));
    environment.remove(QStringLiteral("QT_QPA_PLATFORM"));
    program.setProcessEnvironment(environment);
    program.start(QString::fromStdString(support::binaryFolder() + "/bin/keelson"), arguments);
    EXPECT_TRUE(program.waitForFinished(60'000)) << program.errorString().toStdString();
    return {program.exitCode(), QString::fromUtf8(program.readAllStandardError()).trimmed()};
}

TEST_F(WholeWindow, screenshotCommandDrawsWithoutADisplay)
{
    QTemporaryDir folder;
    const auto file = folder.filePath(QStringLiteral("page.png"));
    const auto done = runKeelson(
        {"--kubeconfig", live().kubeconfig(), "--page", "namespaces", "--screenshot", file, "--size", "1024x700"});
    EXPECT_EQ(done.status, 0) << done.errors.toStdString();
    EXPECT_EQ(done.errors.toStdString(), "");
    EXPECT_EQ(QImage(file).size(), QSize(1024, 700));
}

TEST_F(WholeWindow, screenshotCommandSaysInOneLineWhatIsWrong)
{
    QTemporaryDir folder;
    const auto file = folder.filePath(QStringLiteral("page.png"));
    QFile config(live().kubeconfig());
    ASSERT_TRUE(config.open(QIODevice::ReadOnly));
    auto text = QString::fromUtf8(config.readAll());
    text.replace(QRegularExpression(QStringLiteral("127\\.0\\.0\\.1:\\d+")), QStringLiteral("127.0.0.1:1"));
    QFile broken(folder.filePath(QStringLiteral("config")));
    ASSERT_TRUE(broken.open(QIODevice::WriteOnly));
    broken.write(text.toUtf8());
    broken.close();
    const struct {
        QStringList arguments;
        int status;
        const char* words;
    } table[] = {
        {{"--kubeconfig", broken.fileName(), "--screenshot", file}, 1, "connection refused"},
        {{"--kubeconfig", folder.filePath("missing"), "--screenshot", file}, 1, "missing"},
        {{"--kubeconfig", live().kubeconfig(), "--page", "nonsense", "--screenshot", file}, 2, "there is no page"},
        {{"--kubeconfig", live().kubeconfig(), "--dock", "log", "--select", "x", "--screenshot", file},
         2,
         "--dock is one of yaml, logs, events, rollouts, apply, compare, proposals; got \"log\""},
        {{"--kubeconfig", live().kubeconfig(), "--dock", "yaml", "--screenshot", file}, 2, "wants --select"},
        {{"--kubeconfig", live().kubeconfig(), "--screenshot", folder.filePath("no/such/folder.png")},
         1,
         "no/such/folder.png: No such file or directory"},
        {{"--colour", "--screenshot", file}, 2, "Unknown option 'colour'"},
        {{"--colour"}, 2, "Unknown option 'colour'"},
        {{}, 1, "there is no display; use --screenshot FILE"},
    };
    for (const auto& [arguments, status, words] : table) {
        const auto done = runKeelson(arguments);
        EXPECT_EQ(done.status, status) << words;
        EXPECT_TRUE(done.errors.contains(QLatin1String(words))) << done.errors.toStdString();
        EXPECT_FALSE(done.errors.contains(QLatin1Char('\n'))) << done.errors.toStdString();
        EXPECT_FALSE(QFile::exists(file)) << words;
    }
}

} // namespace
} // namespace keelson::ui
