// SPDX-License-Identifier: Apache-2.0
// The walk of docs/WALK.md: from an empty canvas to a web application behind a Service, then a rollout, its trace and
// the way back; and the lesson. In the window, as a user does it. With KEELSON_PICTURES=FOLDER it leaves pictures
// there.
#include "e2e/cluster.h"

#include "design/templates.h"
#include "designer/designer.h"
#include "designer/form_panel.h"
#include "designer/ghost_watch.h"
#include "editor/apply_panel.h"
#include "editor/manifests_page.h"
#include "rollout/rollout_panel.h"
#include "support/tree.h"
#include "tracing/guide_panel.h"
#include "tracing/learn_panel.h"
#include "tracing/trace_canvas.h"
#include "tracing/trace_page.h"
#include "window/cluster_view.h"
#include "window/dock.h"
#include "window/workbench.h"
#include "workloads/confirm_dialog.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <QApplication>
#include <QComboBox>
#include <QCursor>
#include <QElapsedTimer>
#include <QListWidget>
#include <QPushButton>
#include <QTest>
#include <QTimer>
#include <QTreeWidget>

#include <algorithm>
#include <functional>
#include <set>
#include <string>

namespace keelson::ui {
namespace {

using testing::HasSubstr;

constexpr int patienceMs = 40'000;

bool eventually(const std::function<bool()>& holds)
{
    return QTest::qWaitFor(holds, patienceMs);
}

/// The 256 colours that a picture has most of; a window has few, and the rest are the edges of letters.
QList<QRgb> coloursOf(const QImage& image)
{
    QHash<QRgb, int> counts;
    for (int y = 0; y < image.height(); ++y)
        for (int x = 0; x < image.width(); ++x)
            ++counts[image.pixel(x, y)];
    auto colours = counts.keys();
    std::ranges::sort(colours, std::ranges::greater(), [&](QRgb colour) { return counts.value(colour); });
    return colours.mid(0, 256);
}

/// How many pods have given these answers.
std::size_t podsIn(const std::string& answers)
{
    std::set<std::string> pods;
    for (std::size_t at = 0; (at = answers.find("web-", at)) != std::string::npos; ++at)
        pods.insert(answers.substr(at, answers.find(',', at) - at));
    return pods.size();
}

class Walk : public testing::Test {
protected:
    void SetUp() override
    {
        for (const auto* image : {"keelson/shop:1", "keelson/shop:2"}) {
            const auto made = support::run({support::sourceFolder() + "/tools/sample_image", image, "serve"},
                                           {.input = {}, .environment = {{"DOCKER_HOST", engine.address()}}});
            ASSERT_TRUE(made.ok()) << made.error;
        }
        Options options;
        options.kubeconfig = QString::fromStdString((cluster.folder() / "server" / "admin.kubeconfig").string());
        options.page = QStringLiteral("designer");
        options.size = {1280, 800};
        window = std::make_unique<Workbench>(options, clock);
        window->start();
        window->show();
        window->activateWindow();
        QCursor::setPos(window->geometry().bottomRight() + QPoint(1, 1)); // nothing is pointed at in the pictures
        ASSERT_TRUE(eventually([&] { return window->view() && window->view()->isSettled(); }));
    }

    ClusterView& view() { return *window->view(); }
    ManifestsPage& manifests() { return *view().manifestsPage(); }
    Designer& designer() { return *view().designer(); }
    design::CardId card(const std::string& kind)
    {
        for (const auto& each : designer().model().cards())
            if (each.object.kind == kind)
                return each.id;
        return design::noCard;
    }
    /// Finds a row of the form of a card by its name and types into it.
    void enter(const std::string& kind, const std::string& path, const char* text)
    {
        auto& form = *designer().form();
        designer().view()->select({card(kind)});
        form.find(QString::fromStdString(path.substr(path.rfind('.') + 1)));
        ASSERT_TRUE(eventually([&] { return form.itemOf(path) != nullptr; })) << path;
        EXPECT_TRUE(form.tree()->visualItemRect(form.itemOf(path)).isValid()) << path << " is not shown";
        form.enter(form.itemOf(path), QString::fromUtf8(text));
        EXPECT_TRUE(form.message().isEmpty()) << form.message().toStdString();
        form.find({});
    }
    void apply(const char* pictureOfIt = nullptr)
    {
        manifests().apply();
        auto& runner = manifests().applyPanel()->runner();
        ASSERT_TRUE(eventually([&] { return runner.phase() == ApplyRunner::Phase::Tried; }));
        ASSERT_GT(runner.readyCount(), 0) << manifests().applyPanel()->summary().toStdString();
        if (pictureOfIt)
            picture(pictureOfIt);
        runner.apply();
        ASSERT_TRUE(eventually([&] { return runner.phase() == ApplyRunner::Phase::Applied; }));
        manifests().backToText();
    }
    ItemPtr deployment()
    {
        return view()
            .cluster()
            .store(QStringLiteral("deployments"))
            ->findByName(QStringLiteral("default"), QStringLiteral("web"));
    }
    /// What twelve calls of the Service's address answer.
    std::string answers()
    {
        const auto pod = cluster.out({"get", "pods", "-l", "app=web", "-o", "jsonpath={.items[0].metadata.name}"});
        const auto calls = "for i in 1 2 3 4 5 6 7 8 9 10 11 12; do wget -qO- http://web; done";
        return cluster.kubectl({"exec", pod, "--", "sh", "-c", calls}).output;
    }
    /// Whether all of them come from this version.
    bool isServed(const std::string& version, const std::string& noMore)
    {
        return eventually([&] {
            const auto said = answers(); // a pod that ends may be asked, and say nothing
            return said.contains("version " + version) && !said.contains("version " + noMore);
        });
    }
    bool isRolledOut() const
    {
        return cluster.shows({"rollout", "status", "deployment/web", "--timeout=60s"},
                             "deployment \"web\" successfully rolled out");
    }
    TracePage* tracePage() { return view().findChild<TracePage*>(); }
    bool tells(const char* step)
    {
        const auto& steps = tracePage()->canvas()->trace().steps;
        return std::ranges::find(steps, step, &trace::TracedStep::step) != steps.end();
    }
    /// Saves the window, in 256 colours, when pictures are wanted.
    void picture(const char* name)
    {
        const auto folder = qEnvironmentVariable("KEELSON_PICTURES");
        if (folder.isEmpty())
            return;
        QElapsedTimer passed; // the last batch is laid out, a notice fades
        passed.start();
        eventually([&] { return passed.elapsed() > 500 && view().isSettled(); });
        const auto file = QStringLiteral("%1/%2.png").arg(folder, QLatin1String(name));
        const auto shown = window->grab().toImage().convertToFormat(QImage::Format_RGB32);
        EXPECT_TRUE(shown.convertToFormat(QImage::Format_Indexed8, coloursOf(shown), Qt::AvoidDither).save(file))
            << file.toStdString();
    }

    // The parts of the walk, one after the other.
    void draw();
    void run();
    void change();
    void goBack();
    void learn();

    const support::DockerEngine engine;
    e2e::Cluster cluster{engine, {.nodes = 2, .name = "node", .serverArguments = {}}};
    const SystemClock clock;
    std::unique_ptr<Workbench> window;
};

void acceptNextQuestion()
{
    auto* look = new QTimer(qApp);
    QObject::connect(look, &QTimer::timeout, qApp, [look] {
        if (auto* dialog = qobject_cast<ConfirmDialog*>(QApplication::activeModalWidget())) {
            look->deleteLater();
            dialog->accept();
        }
    });
    look->start(5);
}

void Walk::draw()
{
    picture("walk-1-canvas");

    const auto kinds = design::templatesOf(manifests().kinds());
    const auto web = std::ranges::find(kinds, "Web application", &design::Template::title);
    ASSERT_NE(web, kinds.end());
    designer().insertTemplate(**web);
    ASSERT_TRUE(eventually([&] { return card("Service") != design::noCard; }));
    ASSERT_TRUE(designer().model().edit(
        card("ConfigMap"), {document::SetValue{document::parsePath("data"), api::Object{{"GREETING", "Hello"}}}},
        QStringLiteral("Change")));
    ASSERT_NO_FATAL_FAILURE(enter("Deployment", "spec.template.spec.containers[0].image", "keelson/shop:1"));
    ASSERT_NO_FATAL_FAILURE(enter("Deployment", "spec.replicas", "3"));
    designer().setGhosts(true);
    ASSERT_TRUE(eventually([&] { return designer().ghosts()->isSettled() && manifests().isSettled(); }));
    const auto mark = designer().view()->marks().value(card("Deployment"));
    EXPECT_EQ(mark.ghosts.size(), 2) << "on both nodes: " << mark.ghostDetails.join(QLatin1Char('\n')).toStdString();
    picture("walk-2-designed");
    designer().setGhosts(false);
}

void Walk::run()
{
    ASSERT_NO_FATAL_FAILURE(apply("walk-3-apply"));
    ASSERT_TRUE(isRolledOut());
    ASSERT_TRUE(isServed("1", "2"));
    EXPECT_TRUE(eventually([&] { return podsIn(answers()) >= 2; })) << "the Service spreads the calls\n" << answers();
    EXPECT_THAT(answers(), HasSubstr("Hello, from web-"));
    view().showPage(QStringLiteral("topology"));
    ASSERT_TRUE(eventually([&] { return view().isSettled(); }));
    view().inspect(view()
                       .cluster()
                       .store(QStringLiteral("services"))
                       ->findByName(QStringLiteral("default"), QStringLiteral("web")));
    ASSERT_TRUE(eventually([&] { return view().isSettled(); }));
    picture("walk-4-running");
    view().inspect(nullptr);
}

void Walk::change()
{
    view().showPage(QStringLiteral("designer"));
    ASSERT_NO_FATAL_FAILURE(enter("Deployment", "spec.template.spec.containers[0].image", "keelson/shop:2"));
    ASSERT_TRUE(eventually([&] { return manifests().isSettled() && designer().isSettled(); }));
    ASSERT_NO_FATAL_FAILURE(apply("walk-5-change"));
    ASSERT_TRUE(eventually([&] { return deployment() != nullptr; }));
    view().trace(deployment());
    ASSERT_TRUE(isRolledOut());
    EXPECT_TRUE(isServed("2", "1"));
    ASSERT_TRUE(eventually([&] { return tracePage()->isSettled() && tells("controller") && tells("proxy"); }));
    tracePage()->setGuideShown(true);
    tracePage()->guide()->setLane(4);
    picture("walk-6-trace");
    tracePage()->setGuideShown(false);
}

void Walk::goBack()
{
    view().showPage(QStringLiteral("deployments"));
    ASSERT_TRUE(eventually([&] { return view().isSettled(); }));
    view().inspect(deployment());
    view().runCommand(QStringLiteral("row.rollouts"));
    view().inspect(nullptr);
    auto* rollouts = view().dock().currentRollouts();
    ASSERT_TRUE(rollouts);
    ASSERT_TRUE(eventually([&] { return rollouts->revisions().size() == 2; }));
    EXPECT_TRUE(rollouts->revisions()[0].isCurrent);
    EXPECT_EQ(rollouts->revisions()[1].images, QStringList{QStringLiteral("keelson/shop:1")});
    EXPECT_TRUE(eventually([&] { return rollouts->rollbackButton()->isEnabled(); }));
    picture("walk-7-rollouts");
    acceptNextQuestion();
    QTest::mouseClick(rollouts->rollbackButton(), Qt::LeftButton);
    ASSERT_TRUE(eventually([&] { return !rollouts->revisions().empty() && rollouts->revisions()[0].number == 3; }));
    ASSERT_TRUE(isRolledOut());
    EXPECT_TRUE(isServed("1", "2"));
    EXPECT_EQ(rollouts->revisions()[0].images, QStringList{QStringLiteral("keelson/shop:1")});
    ASSERT_TRUE(
        eventually([&] { return rollouts->revisions()[0].ready == 3 && rollouts->revisions()[1].wanted == 0; }));
    picture("walk-8-back");
    view().dock().closeCurrent();
}

void Walk::learn()
{
    view().learn();
    auto* panel = tracePage()->learnPanel();
    auto& lesson = panel->lesson();
    ASSERT_TRUE(eventually([&] { return lesson.phase() == Lesson::Phase::Asking; }));
    panel->images()->setCurrentText(QStringLiteral("localhost:5000/none:1"));
    QTest::mouseClick(panel->mainButton(), Qt::LeftButton);
    ASSERT_TRUE(eventually([&] { return lesson.views()[6].role == StatusRole::Error; })) << panel->text().toStdString();
    panel->setChapter(6);
    EXPECT_TRUE(panel->retryButton()->isVisible());
    picture("learn-image");
    panel->images()->setCurrentText(QStringLiteral("keelson/shop:1")); // it has a shell and httpd as well
    QTest::mouseClick(panel->retryButton(), Qt::LeftButton);
    ASSERT_TRUE(eventually([&] {
        return std::ranges::all_of(lesson.views(), [](const auto& one) { return one.role == StatusRole::Done; });
    })) << panel->text().toStdString();
    panel->setChapter(5);
    picture("learn-node");
    panel->setChapter(9);
    EXPECT_TRUE(panel->text().contains(QStringLiteral("2 pods are ready for the Service")))
        << panel->text().toStdString();
    QTest::mouseClick(panel->mainButton(), Qt::LeftButton);
    ASSERT_TRUE(eventually([&] { return lesson.phase() == Lesson::Phase::Cleaned; })) << panel->text().toStdString();
    EXPECT_THAT(cluster.kubectl({"get", "namespace", "keelson-lesson"}).error, HasSubstr("NotFound"));
}

TEST_F(Walk, fromAnEmptyCanvasToARollbackAndALesson)
{
    ASSERT_NO_FATAL_FAILURE(draw());
    ASSERT_NO_FATAL_FAILURE(run());
    ASSERT_NO_FATAL_FAILURE(change());
    ASSERT_NO_FATAL_FAILURE(goBack());
    ASSERT_NO_FATAL_FAILURE(learn());
}

} // namespace
} // namespace keelson::ui
