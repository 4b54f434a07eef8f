// SPDX-License-Identifier: Apache-2.0
// The page Trace, against a real keelsond without nodes: pods wait, and the page says what for.
#include "ui/live_cluster.h"

#include "support/process.h"

#include "tracing/derived_trace.h"
#include "tracing/derived_watch.h"
#include "tracing/guide_panel.h"
#include "tracing/lanes.h"
#include "tracing/trace_canvas.h"
#include "tracing/trace_page.h"

#include <gtest/gtest.h>

#include <QComboBox>
#include <QPushButton>
#include <QSignalSpy>
#include <QTest>
#include <QTreeWidget>

#include <algorithm>
#include <set>

namespace keelson::ui {
namespace {

class TraceOfLive : public testing::Test {
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
        page = std::make_unique<TracePage>(s_live->cluster());
        page->resize(1200, 800);
        page->show();
    }

    ItemPtr deployment(const char* name)
    {
        return s_live->cluster()
            .store(QStringLiteral("deployments"))
            ->findByName(QStringLiteral("default"), QLatin1String(name));
    }
    bool tells(const char* step) const
    {
        const auto& steps = page->canvas()->trace().steps;
        return std::ranges::find(steps, step, &trace::TracedStep::step) != steps.end();
    }
    /// A Deployment whose pods have been refused by the scheduler, since there are no nodes.
    void showWaiting(const char* name)
    {
        s_live->createApplication(QLatin1String(name), 2);
        ASSERT_TRUE(eventually([&] { return deployment(name) != nullptr; }));
        page->TracePage::show(deployment(name));
        ASSERT_TRUE(eventually([&] { return page->isSettled() && tells("scheduling") && tells("controller"); }));
    }

    static inline LiveCluster* s_live = nullptr;
    std::unique_ptr<TracePage> page;
};

TEST_F(TraceOfLive, followsAnObjectFromTheRequestToWhereItWaits)
{
    showWaiting("first");
    for (const auto* step : {"authentication", "authorization", "admission", "store", "controller", "scheduling"})
        EXPECT_TRUE(tells(step)) << step;
    const auto& trace = page->canvas()->trace();
    EXPECT_EQ(trace.root.text(), "Deployment/first");
    const auto scheduling = std::ranges::find(trace.steps, "scheduling", &trace::TracedStep::step);
    EXPECT_TRUE(scheduling->failed);
    EXPECT_EQ(scheduling->summary, "no nodes available to schedule pods");
    EXPECT_EQ(page->list()->topLevelItemCount(), static_cast<int>(trace.steps.size()));
    EXPECT_TRUE(page->note().isEmpty());
}

TEST_F(TraceOfLive, showsOneStepInFull)
{
    showWaiting("second");
    auto* canvas = page->canvas();
    const auto& steps = canvas->trace().steps;
    const auto completed = std::ranges::find_if(
        steps, [](const auto& step) { return step.step == "admission" && !step.details.is_null(); });
    ASSERT_NE(completed, steps.end());
    const auto index = static_cast<int>(completed - steps.begin());
    page->list()->setCurrentItem(page->list()->topLevelItem(index));
    EXPECT_EQ(canvas->current(), index);

    canvas->setFocus();
    QTest::keyClick(canvas, Qt::Key_Right);
    EXPECT_EQ(canvas->current(), index + 1);
    EXPECT_EQ(page->list()->currentIndex().row(), index + 1);

    canvas->setCurrent(-1);
    QTest::mouseClick(canvas->viewport(), Qt::LeftButton, {}, canvas->stepRect(0).center());
    EXPECT_GE(canvas->current(), 0);
}

TEST_F(TraceOfLive, zoomsAndFits)
{
    showWaiting("third");
    auto* canvas = page->canvas();
    const auto last = static_cast<int>(canvas->trace().steps.size()) - 1;
    const auto before = canvas->stepRect(last).left();
    canvas->zoomBy(4, 0);
    EXPECT_GT(canvas->stepRect(last).left(), before);
    canvas->fit();
    EXPECT_EQ(canvas->stepRect(last).left(), before);
}

TEST_F(TraceOfLive, explainsEachStepWithWhatHappenedThere)
{
    showWaiting("fourth");
    page->setGuideShown(true);
    auto* guide = page->guide();
    EXPECT_TRUE(guide->isVisible());
    EXPECT_EQ(guide->lane(), 0);
    const auto buttons = guide->findChildren<QPushButton*>();
    ASSERT_EQ(buttons.size(), 2);
    EXPECT_FALSE(buttons[0]->isEnabled());
    for (int lane = 1; lane < lanes().size(); ++lane) {
        QTest::mouseClick(buttons[1], Qt::LeftButton);
        EXPECT_EQ(guide->lane(), lane);
    }
    EXPECT_FALSE(buttons[1]->isEnabled());
}

TEST_F(TraceOfLive, offersWhatPeopleMade)
{
    showWaiting("fifth");
    ASSERT_TRUE(eventually([&] { return page->objects()->findText(QStringLiteral("fifth"), Qt::MatchContains) >= 0; }));
    for (int i = 0; i < page->objects()->count(); ++i)
        EXPECT_FALSE(page->objects()->itemText(i).startsWith(QLatin1String("pod/fifth-")));
}

TEST_F(TraceOfLive, namesTheBindingTheMutationsAndTheCallersTraceId)
{
    const auto core = QStringLiteral("/api/v1/namespaces/default/");
    ASSERT_TRUE(s_live->call("POST", core + QStringLiteral("serviceaccounts"), R"({"metadata":{"name":"deployer"}})"));
    ASSERT_TRUE(s_live->call(
        "POST", QStringLiteral("/apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings"),
        R"({"metadata":{"name":"deployers"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole",)"
        R"("name":"edit"},"subjects":[{"kind":"ServiceAccount","name":"deployer","namespace":"default"}]})"));
    const auto token = s_live->call("POST", core + QStringLiteral("serviceaccounts/deployer/token"),
                                    R"({"apiVersion":"authentication.k8s.io/v1","kind":"TokenRequest","spec":{}})");
    ASSERT_TRUE(token);
    const std::string traceId = "0af7651916cd43dd8448eb211c80319c";
    const auto server = s_live->cluster().client().access().server.toString().toStdString();
    const auto path = QStringLiteral("/apis/apps/v1/namespaces/default/deployments");
    const auto post = [&] {
        return support::run(
            {"curl", "-sk", "-H", "Content-Type: application/json", "-H",
             "traceparent: 00-" + traceId + "-00f067aa0ba902b7-01", "-H",
             "Authorization: Bearer " + std::string(api::stringAt(*token->document, {"status", "token"})), "-d",
             R"({"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"theirs"},"spec":{"replicas":1,)"
             R"("selector":{"matchLabels":{"app":"theirs"}},"template":{"metadata":{"labels":{"app":"theirs"}},)"
             R"("spec":{"containers":[{"name":"main","image":"busybox"}]}}}})",
             server + path.toStdString()});
    };
    // The binding is heard of a moment after it is written.
    ASSERT_TRUE(eventually([&] { return post().output.contains("\"kind\":\"Deployment\""); })) << post().output;
    const auto traced = [&](const char* format) {
        QUrlQuery query;
        if (*format)
            query.addQueryItem(QStringLiteral("format"), QLatin1String(format));
        const auto answer =
            s_live->call("GET", QStringLiteral("/trace/v1") + path + QStringLiteral("/theirs"), {}, query);
        return answer ? answer->text.toStdString() : answer.error().message;
    };
    EXPECT_TRUE(eventually([&] { return traced("").contains("\"step\":\"scheduling\""); }));
    const auto told = traced("");
    for (const auto* words : {
             "system:serviceaccount:default:deployer, by bearer token",
             R"(RBAC: allowed by RoleBinding \"deployers/default\" of ClusterRole \"edit\")",
             "created as revision ",
             R"({"step":"ServiceAccount","changes":[{"path":"/spec/)",
             R"({"path":"/spec/serviceAccountName","value":"default"})",
             R"("nanoseconds":)",
         })
        EXPECT_TRUE(told.contains(words)) << words << " is not in\n" << told;
    const auto exported = traced("otlp");
    EXPECT_TRUE(exported.contains("\"traceId\":\"" + traceId + "\"")) << exported;
    EXPECT_TRUE(exported.contains("keelson-apiserver") && exported.contains("keelson-scheduler")) << exported;
}

TEST_F(TraceOfLive, isDerivedWhereNoTracesAreKept)
{
    showWaiting("sixth");
    Result<trace::TraceView> derived = fail(Reason::InternalError, "not yet");
    DerivedWatch watch(s_live->cluster().client(), deployment("sixth"));
    QObject::connect(&watch, &DerivedWatch::traced, page.get(),
                     [&](const QString&, const auto& trace) { derived = *trace; });
    const auto isWhole = [&] {
        watch.look();
        if (!derived)
            return false;
        std::set<std::string> steps;
        for (const auto& step : derived->steps)
            steps.insert(step.step);
        return steps.contains("store") && steps.contains("controller") && steps.contains("scheduling");
    };
    EXPECT_TRUE(eventually(isWhole));
    EXPECT_EQ(derived->root.text(), "Deployment/sixth");
    EXPECT_EQ(derived->objects.size(), 4); // a ReplicaSet and two pods

    QSignalSpy traced(&watch, &DerivedWatch::traced);
    const auto isQuiet = [&] {
        watch.look();
        return !traced.wait(100);
    };
    EXPECT_TRUE(eventually(isQuiet)) << "nothing is put together anew while nothing changes";
    ASSERT_TRUE(
        s_live->call("DELETE", deployment("sixth")->kind->path(QStringLiteral("default"), QStringLiteral("sixth"))));
    EXPECT_TRUE(eventually([&] {
        watch.look();
        return !derived && derived.error().reason == Reason::NotFound;
    }));
}

/// Whose cluster answers as one of another make does: with nothing under /trace.
TEST_F(TraceOfLive, thatIsNotGivenIsDerivedAndSaysSo)
{
    showWaiting("seventh");
    const auto core = QStringLiteral("/api/v1/namespaces/default/");
    const auto rbac = QStringLiteral("/apis/rbac.authorization.k8s.io/v1/");
    ASSERT_TRUE(s_live->call("POST", core + QStringLiteral("serviceaccounts"), R"({"metadata":{"name":"lister"}})"));
    ASSERT_TRUE(s_live->call("POST", rbac + QStringLiteral("clusterroles"),
                             R"({"metadata":{"name":"lister"},"rules":[{"apiGroups":["*"],"resources":["*"],)"
                             R"("verbs":["list","watch"]}]})"));
    ASSERT_TRUE(s_live->call("POST", rbac + QStringLiteral("clusterrolebindings"),
                             R"({"metadata":{"name":"lister"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io",)"
                             R"("kind":"ClusterRole","name":"lister"},"subjects":[{"kind":"ServiceAccount",)"
                             R"("name":"lister","namespace":"default"}]})"));
    const auto token = s_live->call("POST", core + QStringLiteral("serviceaccounts/lister/token"),
                                    R"({"apiVersion":"authentication.k8s.io/v1","kind":"TokenRequest","spec":{}})");
    ASSERT_TRUE(token);
    auto access = s_live->cluster().client().access();
    access.certificatePem.clear();
    access.keyPem.clear();
    access.token = QByteArray::fromStdString(std::string(api::stringAt(*token->document, {"status", "token"})));
    const auto seventh = deployment("seventh");
    Cluster cluster(access, realTime);
    page = std::make_unique<TracePage>(cluster);
    page->show();
    page->TracePage::show(seventh);
    EXPECT_TRUE(eventually([&] { return tells("store") && tells("controller") && tells("scheduling"); }))
        << page->note().toStdString();
    EXPECT_TRUE(page->note().startsWith(QStringLiteral("This cluster keeps no traces, or shows you none.")))
        << page->note().toStdString();
    page.reset(); // before its cluster
}

TEST(TraceFromBeforeARestart, isDerivedAndSaysSo)
{
    LiveCluster live;
    ASSERT_TRUE(live.ready()) << live.log();
    live.createApplication(QStringLiteral("old"), 1);
    ASSERT_TRUE(eventually([&] {
        const auto events = live.call("GET", QStringLiteral("/api/v1/namespaces/default/events"));
        return events && events->text.contains("FailedScheduling");
    }));
    ASSERT_TRUE(live.restart()) << live.log();
    TracePage page(live.cluster());
    page.resize(1200, 800);
    page.show();
    const auto* deployments = live.cluster().store(QStringLiteral("deployments"));
    const auto old = [&] { return deployments->findByName(QStringLiteral("default"), QStringLiteral("old")); };
    ASSERT_TRUE(eventually([&] { return old() != nullptr; }));
    page.TracePage::show(old());
    const auto tells = [&](const char* step) {
        const auto& steps = page.canvas()->trace().steps;
        return std::ranges::find(steps, step, &trace::TracedStep::step) != steps.end();
    };
    EXPECT_TRUE(eventually([&] { return tells("store") && tells("controller") && tells("scheduling"); }))
        << page.note().toStdString();
    EXPECT_TRUE(page.note().startsWith(QStringLiteral("The control plane has forgotten"))) << page.note().toStdString();
}

TEST(DerivedTrace, readsConditionsContainersAndEvents)
{
    const auto pod = api::parseYaml(R"(
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: default, uid: u1, creationTimestamp: "2026-01-01T00:00:00Z",
  managedFields: [{manager: kubelet, operation: Update, subresource: status, time: "2026-01-01T00:00:09Z"}]}
spec: {nodeName: n1}
status:
  conditions: [{type: Ready, status: "True", lastTransitionTime: "2026-01-01T00:00:08Z"}]
  containerStatuses: [{state: {running: {startedAt: "2026-01-01T00:00:05Z"}}}]
)")
                         .value();
    const auto event = api::parseYaml(R"(
involvedObject: {uid: u1}
reason: FailedScheduling
type: Warning
message: 0/1 nodes are available
source: {component: default-scheduler}
firstTimestamp: "2026-01-01T00:00:01Z"
lastTimestamp: "2026-01-01T00:00:03Z"
)")
                           .value();
    const auto trace = derivedTrace({pod}, {event});
    ASSERT_EQ(trace.steps.size(), 4);
    EXPECT_EQ(trace.steps[0].summary, "created");
    EXPECT_EQ(trace.steps[1].step, "scheduling");
    EXPECT_TRUE(trace.steps[1].failed);
    EXPECT_EQ(trace.steps[1].length, std::chrono::seconds{2});
    EXPECT_EQ(trace.steps[2].step, "probe");
    EXPECT_EQ(trace.steps[2].length, std::chrono::seconds{3});
    EXPECT_EQ(trace.steps[3].summary, "last write of kubelet to status");
}

TEST(Stacking, keepsWhatHappensAtOnceApart)
{
    trace::TraceView trace;
    const auto step = [](const char* name, int begin, int length) {
        trace::TracedStep made;
        made.step = name;
        made.begin = WallTime{std::chrono::seconds{begin}};
        made.length = std::chrono::seconds{length};
        return made;
    };
    trace.steps = {step("image", 0, 5), step("image", 1, 5), step("probe", 1, 9), step("image", 2, 9),
                   step("image", 6, 1), step("image", 7, 0), step("image", 7, 0), step("other", 8, 1)};
    const auto stacking = stackOf(trace, std::chrono::seconds{1}, 2);
    EXPECT_EQ(stacking.rows, (std::vector{0, 1, 0, 1, 0, 0, 1, 0})) << "a third row would be needed at 2 s and at 7 s";
    EXPECT_EQ(stacking.rowsOfLanes[static_cast<std::size_t>(laneOf("image"))], 2);
    EXPECT_EQ(stacking.rowsOfLanes[static_cast<std::size_t>(laneOf("probe"))], 1);
}

TEST(Waits, areThePausesThatAFailureExplains)
{
    trace::TraceView trace;
    trace.objects.push_back({});
    const auto step = [](int begin, int length, bool failed) {
        trace::TracedStep made;
        made.begin = WallTime{std::chrono::seconds{begin}};
        made.length = std::chrono::seconds{length};
        made.failed = failed;
        return made;
    };
    trace.steps = {step(0, 1, false), step(5, 1, true), step(20, 1, false), step(30, 1, false)};
    const auto waits = waitsOf(trace, std::chrono::seconds{1});
    ASSERT_EQ(waits.size(), 1);
    EXPECT_EQ(waits[0].begin, WallTime{std::chrono::seconds{6}});
    EXPECT_EQ(waits[0].end, WallTime{std::chrono::seconds{20}});
    EXPECT_EQ(waits[0].after, 1);
}

TEST(Waits, lastUntilWhatFailedIsDone)
{
    trace::TraceView trace;
    trace.objects.resize(2);
    const auto step = [](const char* name, std::size_t object, int begin, bool failed, const char* summary = "") {
        trace::TracedStep made;
        made.step = name;
        made.object = object;
        made.begin = WallTime{std::chrono::seconds{begin}};
        made.length = std::chrono::seconds{1};
        made.failed = failed;
        made.summary = summary;
        return made;
    };
    const auto waits = [&](std::vector<trace::TracedStep> steps) {
        trace.steps = std::move(steps);
        std::string all;
        for (const auto& wait : waitsOf(trace, std::chrono::seconds{2}))
            all += std::to_string(wait.begin.time_since_epoch() / std::chrono::seconds{1}) + "-" +
                   std::to_string(wait.end.time_since_epoch() / std::chrono::seconds{1}) + " " +
                   std::to_string(wait.after) + "\n";
        return all;
    };
    // The pod's condition is written in between, and says nothing of its scheduling.
    EXPECT_EQ(waits({step("scheduling", 0, 0, true), step("store", 0, 1, false), step("scheduling", 0, 9, true),
                     step("scheduling", 0, 20, false), step("probe", 0, 30, false)}),
              "2-9 0\n10-20 2\n");
    EXPECT_EQ(waits({step("image", 0, 0, true), step("image", 1, 1, false), step("probe", 1, 9, false)}), "2-9 0\n");
    EXPECT_EQ(waits({step("image", 0, 0, true), step("store", 0, 1, false, "deleted as revision 7"),
                     step("probe", 1, 9, false)}),
              "");
}

TEST(Waits, areToldWhereTheyAreWithTheirReason)
{
    trace::TraceView trace;
    trace.objects.push_back({});
    const auto step = [](const char* name, int begin, bool failed, const char* summary) {
        trace::TracedStep made;
        made.step = name;
        made.begin = WallTime{std::chrono::seconds{begin}};
        made.length = std::chrono::seconds{1};
        made.failed = failed;
        made.summary = summary;
        return made;
    };
    trace.steps = {step("store", 0, false, "created"), step("scheduling", 1, true, "no nodes available"),
                   step("scheduling", 16, false, "n1 is the only node that fits")};
    TraceCanvas canvas;
    canvas.resize(900, 500);
    canvas.setTrace(trace);
    EXPECT_EQ(canvas.waitAfter(1), QStringLiteral("Then nothing happened for 14.00 s"));
    EXPECT_EQ(canvas.waitAfter(0), QString());
    const QPoint between((canvas.stepRect(1).right() + canvas.stepRect(2).left()) / 2, canvas.stepRect(0).center().y());
    EXPECT_EQ(canvas.tipAt(between), QStringLiteral("Waited for 14.00 s, since:\nno nodes available"));
    EXPECT_TRUE(canvas.tipAt(canvas.stepRect(2).center()).startsWith(QStringLiteral("n1 is the only node")));
    EXPECT_EQ(canvas.tipAt(QPoint(5, 60)), QString()) << "the names of the lanes";
    EXPECT_GE(canvas.stepRect(1).width(), 12) << "with room for the cross of a failure";
}

} // namespace
} // namespace keelson::ui
