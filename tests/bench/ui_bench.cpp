// SPDX-License-Identifier: Apache-2.0
// The window with 10,000 pods, without a server: what the GUI thread does, and what it costs.
#include "bench/figures.h"

#include "editor/manifest_editor.h"
#include "editor/manifests_page.h"
#include "models/cluster.h"
#include "topology/topology_view.h"
#include "window/workbench.h"
#include "workloads/object_page.h"

#include <QApplication>
#include <QElapsedTimer>
#include <QFile>
#include <QKeyEvent>
#include <QScrollBar>
#include <QTemporaryDir>
#include <QTreeView>

#include <algorithm>
#include <ctime>
#include <functional>
#include <string>
#include <unistd.h>

namespace keelson::ui {
namespace {

constexpr int podCount = 10'000;
constexpr int frameCount = 200;

/// Since the kernel made this process, to a hundredth of a second.
double msSinceProcessStart()
{
    QFile stat(QStringLiteral("/proc/self/stat"));
    if (!stat.open(QIODevice::ReadOnly))
        return 0;
    const auto text = stat.readAll();
    const auto fields = text.mid(text.lastIndexOf(')') + 2).split(' ');
    const auto startedMs = fields.value(19).toDouble() * 1000 / static_cast<double>(sysconf(_SC_CLK_TCK));
    timespec now{};
    clock_gettime(CLOCK_BOOTTIME, &now);
    return static_cast<double>(now.tv_sec) * 1000 + static_cast<double>(now.tv_nsec) / 1e6 - startedMs;
}

double residentMegabytes()
{
    QFile statm(QStringLiteral("/proc/self/statm"));
    if (!statm.open(QIODevice::ReadOnly))
        return 0;
    return statm.readAll().split(' ').value(1).toDouble() * static_cast<double>(sysconf(_SC_PAGESIZE)) / (1024 * 1024);
}

bench::Figure timed(const std::string& name, const std::string& target, int rounds,
                    const std::function<void(int)>& work)
{
    std::vector<double> took;
    for (int i = 0; i < rounds; ++i) {
        QElapsedTimer timer;
        timer.start();
        work(i);
        took.push_back(static_cast<double>(timer.nsecsElapsed()) / 1e6);
    }
    std::ranges::sort(took);
    const auto at = [&took](double share) {
        return took[static_cast<std::size_t>(share * static_cast<double>(took.size() - 1))];
    };
    return {name, at(0.99), "ms, p99", at(0.5), at(0.99), took.back(), target};
}

class FirstPaint : public QObject {
public:
    double ms = 0;
    bool eventFilter(QObject*, QEvent* event) override
    {
        if (event->type() == QEvent::Paint && ms == 0)
            ms = msSinceProcessStart();
        return false;
    }
};

ItemPtr pod(int i)
{
    const auto n = std::to_string(i);
    const auto app = std::to_string(i / 20);
    const auto value = api::parseJson(
        R"({"metadata":{"name":"app-)" + app + "-7d9f8b6c5-" + n + R"(","uid":"uid-)" + n + R"(","namespace":"team-)" +
        std::to_string(i % 10) + R"(","resourceVersion":")" + n +
        R"(","creationTimestamp":"2026-01-01T00:00:00Z","labels":{"app":"app-)" + app +
        R"("},"ownerReferences":[{"kind":"ReplicaSet","name":"app-)" + app + R"(-7d9f8b6c5","uid":"set-)" + app +
        R"(","controller":true}]},"spec":{"nodeName":"node-)" + std::to_string(i % 100) +
        R"(","containers":[{"name":"main","resources":{"requests":{"cpu":"100m","memory":"64Mi"}}}]},
        "status":{"phase":"Running","podIP":"10.244.1.1","containerStatuses":[{"name":"main","ready":true,
        "restartCount":0,"state":{"running":{}}}],"conditions":[{"type":"Ready","status":"True"}]}})");
    return value ? projectObject(*findKind(QStringLiteral("pods")), *value) : nullptr;
}

void benchTable(Cluster& cluster, std::vector<bench::Figure>& figures)
{
    auto* store = cluster.store(QStringLiteral("pods"));
    ObjectPage page(cluster, *findKind(QStringLiteral("pods")));
    page.resize(1200, 800);
    page.show();
    store->setState(ObjectStore::State::Live);
    QApplication::processEvents();
    auto* bar = page.view()->verticalScrollBar();
    figures.push_back(timed("table of 10,000 pods, frame when scrolled", "16", frameCount, [&](int i) {
        bar->setValue(static_cast<int>(static_cast<qint64>(bar->maximum()) * i / frameCount));
        page.view()->viewport()->repaint();
    }));
    const QStringList strokes{"a",     "ap",           "app",       "app-1",     "app-12",
                              "app-1", "status:error", "status:ok", "ns:team-3", ""};
    figures.push_back(timed("filter, key stroke to picture", "30", 40, [&](int i) {
        page.setFilterText(strokes[i % strokes.size()]);
        page.repaint();
        page.view()->viewport()->repaint();
    }));
    QVector<std::pair<QString, ItemPtr>> burst;
    for (int i = 0; i < 500; ++i) {
        auto changed = std::make_shared<Item>(*pod(i * 20));
        changed->status = {StatusRole::Progress, QStringLiteral("ContainerCreating"), {}};
        burst.push_back({changed->uid, changed});
    }
    figures.push_back(timed("500 pods change, model and picture", "16", 20, [&](int) {
        store->apply(burst);
        page.view()->viewport()->repaint();
    }));
}

void benchTopology(Cluster& cluster, std::vector<bench::Figure>& figures)
{
    GraphInput input;
    input.pods = cluster.store(QStringLiteral("pods"))->items();
    LayoutMemory memory;
    Graph graph;
    figures.push_back(timed("map of 500 stacks, made off the GUI thread", "", 5, [&](int) {
        graph = buildGraph(input);
        arrange(graph, memory);
    }));
    input.stackOver = podCount;
    memory = {};
    figures.push_back(timed("map of 10,000 cards, made off the GUI thread", "", 3, [&](int) {
        graph = buildGraph(input);
        arrange(graph, memory);
    }));
    TopologyView view(cluster.clock());
    view.resize(1200, 800);
    view.show();
    view.setGraph(graph);
    QApplication::processEvents();
    figures.push_back(timed("map of 10,000 cards, frame, all in sight", "16", 40, [&](int) { view.repaint(); }));
    view.zoomBy(0.5 / view.zoom(), QPointF(600, 400));
    figures.push_back(timed("map of 10,000 cards, frame, with names", "16", 40, [&](int) { view.repaint(); }));
}

/// 10,000 lines: one object, or one of a hundred lines a hundred times.
QString manifestLines(bool isOneDocument)
{
    const auto head = QStringLiteral("apiVersion: v1\nkind: Pod\nmetadata:\n  name: pod-%1\nspec:\n  containers:\n"
                                     "    - name: main\n      image: web:1\n      env:\n");
    QString text;
    for (int document = 0; document < (isOneDocument ? 1 : 100); ++document) {
        text += (document > 0 ? QStringLiteral("---\n") : QString()) + head.arg(document);
        for (int i = 0; i < (isOneDocument ? 4'995 : 45); ++i)
            text += QStringLiteral("        - name: NAME_%1\n          value: \"%1\"\n").arg(i);
    }
    return text;
}

/// Key strokes in the middle of a long manifest, from the key to the picture, while checks run on other threads.
void benchEditor(bool isOneDocument, std::vector<bench::Figure>& figures)
{
    const QTemporaryDir unsaved;
    const SystemClock clock;
    ManifestsPage page(nullptr, clock, unsaved.path());
    page.resize(1200, 800);
    page.show();
    page.session().create(manifestLines(isOneDocument));
    while (!page.isSettled())
        QApplication::processEvents(QEventLoop::WaitForMoreEvents, 20);
    auto& editor = *page.editor();
    const auto& text = page.current()->text();
    editor.goTo(text.text().find("value:", text.text().size() / 2) + 7);
    const auto type = [&](int key, const QString& words) {
        QKeyEvent press(QEvent::KeyPress, key, Qt::NoModifier, words);
        QApplication::sendEvent(&editor, &press);
        editor.viewport()->repaint();
    };
    const std::string what = isOneDocument ? "10,000 lines in one object" : "10,000 lines in 100 objects";
    figures.push_back(timed("key stroke to picture, " + what, "16", frameCount, [&](int i) {
        if (i % 8 == 7)
            type(Qt::Key_Return, QStringLiteral("\r"));
        else
            type(Qt::Key_A + i % 26, QString(QChar(QLatin1Char('a').unicode() + i % 26)));
        QApplication::processEvents(QEventLoop::ExcludeUserInputEvents, 4);
    }));
    editor.goTo(text.text().rfind("- name: NAME_") + 4); // the last item of a list, to which all before it count
    figures.push_back(timed("proposals, " + what, "16", 20, [&](int) { editor.propose(); }));
    QElapsedTimer timer;
    timer.start();
    while (!page.isSettled())
        QApplication::processEvents(QEventLoop::WaitForMoreEvents, 5);
    figures.push_back({"typed to checked, " + what, static_cast<double>(timer.elapsed()), "ms", 0, 0, 0, "500"});
}

int run(QApplication& application)
{
    std::vector<bench::Figure> figures;
    Options options;
    options.page = QStringLiteral("welcome");
    const SystemClock clock;
    Workbench window(options, clock);
    FirstPaint first;
    window.installEventFilter(&first);
    window.start();
    window.show();
    while (first.ms == 0)
        application.processEvents(QEventLoop::WaitForMoreEvents);
    figures.push_back({"start to first paint", first.ms, "ms", 0, 0, 0, "300"});
    figures.push_back({"resident memory, empty", residentMegabytes(), "MB", 0, 0, 0, "90"});
    kube::ClusterAccess nowhere;
    nowhere.server = QUrl(QStringLiteral("http://127.0.0.1:1"));
    Cluster cluster(nowhere, clock);
    QVector<std::pair<QString, ItemPtr>> pods;
    for (int i = 0; i < podCount; ++i)
        if (const auto item = pod(i))
            pods.push_back({item->uid, item});
    cluster.store(QStringLiteral("pods"))->apply(pods);
    pods = {};
    benchTable(cluster, figures);
    figures.push_back({"resident memory, table of 10,000 pods", residentMegabytes(), "MB", 0, 0, 0, "200"});
    benchTopology(cluster, figures);
    benchEditor(false, figures);
    benchEditor(true, figures);
    bench::print("ui", figures);
    return 0;
}

} // namespace
} // namespace keelson::ui

int main(int argc, char** argv)
{
    qputenv("QT_QPA_PLATFORM", "offscreen");
    const QTemporaryDir settings;
    qputenv("XDG_CONFIG_HOME", settings.path().toUtf8());
    QApplication application(argc, argv);
    return keelson::ui::run(application);
}
