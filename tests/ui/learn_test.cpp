// SPDX-License-Identifier: Apache-2.0
// The lesson "from apply to Ready", against a real keelsond: first without nodes, then with two that only play.
#include "ui/live_cluster.h"

#include "support/tree.h"
#include "tracing/learn_panel.h"
#include "tracing/trace_canvas.h"
#include "tracing/trace_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <QComboBox>
#include <QListWidget>
#include <QPushButton>
#include <QTest>

#include <algorithm>

namespace keelson::ui {
namespace {

using Phase = Lesson::Phase;

const auto lessonPath = QStringLiteral("/api/v1/namespaces/keelson-lesson");

class LessonOnLive : public testing::Test {
protected:
    static void SetUpTestSuite() { s_live = new LiveCluster; }
    static void TearDownTestSuite()
    {
        s_agent.reset();
        delete s_live;
        s_live = nullptr;
    }
    static void startNodes()
    {
        if (s_agent)
            return;
        const std::filesystem::path folder = std::filesystem::path(s_live->kubeconfig().toStdString()).parent_path();
        s_agent = std::make_unique<support::Process>(
            std::vector<std::string>{
                (std::filesystem::path(support::binaryFolder()) / "bin" / "keelson-agent").string(), "--server",
                s_live->agentAddress(), "--token-file", (folder / "agent.token").string(), "--node", "play",
                "--data-dir", (folder / "agent").string(), "--simulate", "2"},
            folder / "agent.log");
        // Both, since the lesson shows how the scheduler weighs one against the other.
        ASSERT_TRUE(eventually([&] { return isReady(QStringLiteral("play-0")) && isReady(QStringLiteral("play-1")); }))
            << s_agent->log();
    }
    static bool isReady(const QString& node)
    {
        const auto answer = s_live->call("GET", QStringLiteral("/api/v1/nodes/") + node);
        return answer && !api::find(*answer->document, {"spec", "taints"}); // one that is not ready has a taint
    }

    void SetUp() override
    {
        ASSERT_TRUE(s_live->ready()) << s_live->log();
        open(s_live->cluster());
    }
    void open(Cluster& cluster)
    {
        page = std::make_unique<TracePage>(cluster);
        page->resize(1300, 900);
        page->show();
        page->learn();
    }

    Lesson& lesson() { return page->learnPanel()->lesson(); }
    bool comes(Phase phase)
    {
        return eventually([&] { return lesson().phase() == phase; });
    }
    void make()
    {
        ASSERT_TRUE(comes(Phase::Asking)) << page->learnPanel()->text().toStdString();
        QTest::mouseClick(page->learnPanel()->mainButton(), Qt::LeftButton);
        ASSERT_TRUE(comes(Phase::Running)) << page->learnPanel()->text().toStdString();
    }
    void cleanUp()
    {
        lesson().cleanUp();
        ASSERT_TRUE(comes(Phase::Cleaned)) << page->learnPanel()->text().toStdString();
    }
    StatusRole role(int chapter) { return lesson().views()[static_cast<std::size_t>(chapter)].role; }
    std::string facts(int chapter)
    {
        return lesson().views()[static_cast<std::size_t>(chapter)].facts.join(QLatin1Char('\n')).toStdString();
    }
    bool exists(const QString& path) { return s_live->call("GET", path).has_value(); }

    static inline LiveCluster* s_live = nullptr;
    static inline std::unique_ptr<support::Process> s_agent;
    std::unique_ptr<TracePage> page;
};

TEST_F(LessonOnLive, asksBeforeItMakesAnything)
{
    ASSERT_TRUE(comes(Phase::Asking));
    EXPECT_FALSE(exists(lessonPath));
    EXPECT_TRUE(page->learnPanel()->text().contains(QStringLiteral("keelson-lesson")));
    EXPECT_EQ(page->learnPanel()->images()->currentText(), QStringLiteral("busybox:1.36"));
    QTest::mouseClick(page->learnPanel()->backButton(), Qt::LeftButton); // not now
    EXPECT_EQ(page->learnPanel(), nullptr);
    EXPECT_FALSE(exists(lessonPath));
}

TEST_F(LessonOnLive, saysWhatToDoWithoutANode)
{
    make();
    ASSERT_TRUE(eventually([&] { return role(5) == StatusRole::Waiting; }));
    page->learnPanel()->setChapter(5);
    const auto said = page->learnPanel()->text();
    EXPECT_TRUE(said.contains(QStringLiteral("no nodes available"))) << said.toStdString();
    EXPECT_TRUE(said.contains(QStringLiteral("keelsonctl cluster up"))) << said.toStdString();
    EXPECT_EQ(role(6), StatusRole::Ending);
    cleanUp();
    EXPECT_FALSE(exists(lessonPath));
}

TEST_F(LessonOnLive, leadsThroughTheStepsBackAndForthAndCleansUp)
{
    startNodes();
    make();
    ASSERT_TRUE(eventually([&] { return role(8) == StatusRole::Done; })) << s_agent->log();
    for (int chapter = 0; chapter < 8; ++chapter)
        EXPECT_EQ(role(chapter), StatusRole::Done) << chapter;
    EXPECT_THAT(facts(0), testing::HasSubstr("keelson-admin, from your client certificate"));
    EXPECT_THAT(facts(1), testing::HasSubstr("system:masters"));
    EXPECT_THAT(facts(2), testing::HasSubstr("spec.serviceAccountName = \"default\""));
    EXPECT_THAT(facts(3), testing::HasSubstr("The Deployment was created as revision "));
    // What a controller did is told when it has done it all: small pods may be ready before.
    EXPECT_TRUE(eventually([&] { return facts(4).contains("2 pods are wanted, 0 are there: creates 2"); })) << facts(4);
    EXPECT_THAT(facts(5), testing::HasSubstr("Points: play-"));
    const auto& steps = page->canvas()->trace().steps;
    const auto placed = std::ranges::find(steps, "scheduling", &trace::TracedStep::step);
    ASSERT_NE(placed, steps.end());
    const auto* scored = api::find(placed->details, {"scored"});
    ASSERT_TRUE(scored && scored->is_array());
    EXPECT_EQ(scored->get_array().size(), 2U) << api::writeJson(placed->details);
    for (const auto& node : scored->get_array())
        EXPECT_GT(api::find(node, {"rules"})->get_object().size(), 2U)
            << "each score of each node: " << api::writeJson(node);

    auto* panel = page->learnPanel();
    EXPECT_FALSE(panel->backButton()->isEnabled());
    for (int chapter = 1; chapter < chapters().size(); ++chapter) {
        QTest::mouseClick(panel->mainButton(), Qt::LeftButton);
        EXPECT_EQ(panel->chapter(), chapter);
    }
    QTest::mouseClick(panel->backButton(), Qt::LeftButton);
    EXPECT_EQ(panel->list()->currentRow(), 8);
    panel->setChapter(9);
    QTest::mouseClick(panel->mainButton(), Qt::LeftButton); // "Clean up"
    ASSERT_TRUE(comes(Phase::Cleaned));
    EXPECT_FALSE(exists(lessonPath));
}

TEST_F(LessonOnLive, goesOnWithWhatAnEarlierOneLeft)
{
    startNodes();
    make();
    const auto first = lesson().deploymentUid();
    open(s_live->cluster()); // the window was closed in the middle
    ASSERT_TRUE(comes(Phase::Asking));
    EXPECT_TRUE(page->learnPanel()->cleanButton()->isVisible());
    make();
    EXPECT_NE(lesson().deploymentUid(), first);
    ASSERT_TRUE(eventually([&] { return role(8) == StatusRole::Done; }));

    lesson().begin(QStringLiteral("keelson/sample:1")); // another image
    ASSERT_TRUE(comes(Phase::Running));
    ASSERT_TRUE(eventually([&] { return role(8) == StatusRole::Done; }));
    const auto made = s_live->call("GET", QStringLiteral("/apis/apps/v1/namespaces/keelson-lesson/deployments/web"));
    ASSERT_TRUE(made);
    EXPECT_THAT(api::writeJson(*made->document), testing::HasSubstr("keelson/sample:1"));
    cleanUp();
}

TEST_F(LessonOnLive, leavesTheNamespacesOfOthersAlone)
{
    ASSERT_TRUE(comes(Phase::Asking));
    ASSERT_TRUE(
        s_live->call("POST", QStringLiteral("/api/v1/namespaces"), R"({"metadata":{"name":"keelson-lesson"}})"));
    lesson().prepare();
    ASSERT_TRUE(comes(Phase::Asking));
    EXPECT_EQ(lesson().nameSpace(), QStringLiteral("keelson-lesson-2"));
    make();
    cleanUp();
    EXPECT_TRUE(exists(lessonPath));
    EXPECT_FALSE(exists(lessonPath + QStringLiteral("-2")));
}

TEST_F(LessonOnLive, saysWhatToDoWithoutRights)
{
    const auto accounts = QStringLiteral("/api/v1/namespaces/default/serviceaccounts");
    ASSERT_TRUE(s_live->call("POST", accounts, R"({"metadata":{"name":"newcomer"}})"));
    const auto token = s_live->call("POST", accounts + QStringLiteral("/newcomer/token"),
                                    R"({"apiVersion":"authentication.k8s.io/v1","kind":"TokenRequest","spec":{}})");
    ASSERT_TRUE(token);
    auto access = s_live->cluster().client().access();
    access.certificatePem.clear();
    access.keyPem.clear();
    access.token = QByteArray::fromStdString(std::string(api::stringAt(*token->document, {"status", "token"})));
    Cluster cluster(access, realTime);
    open(cluster);
    ASSERT_TRUE(comes(Phase::Asking)); // it may not look either, which says nothing yet
    QTest::mouseClick(page->learnPanel()->mainButton(), Qt::LeftButton);
    ASSERT_TRUE(eventually([&] { return lesson().problem().has_value(); }));
    EXPECT_EQ(lesson().problem()->error.reason, Reason::Forbidden);
    EXPECT_EQ(lesson().phase(), Phase::Asking);
    const auto said = page->learnPanel()->text();
    EXPECT_TRUE(said.contains(QStringLiteral("cannot create resource"))) << said.toStdString();
    EXPECT_TRUE(said.contains(QStringLiteral("Create local cluster"))) << said.toStdString();
    page.reset(); // before its cluster
}

/// A lesson whose calls a test answers, at a time that stands still.
class LessonWithoutCluster : public testing::Test {
protected:
    void answer(Result<kube::Response> result)
    {
        ASSERT_TRUE(m_answer);
        std::exchange(m_answer, nullptr)(result);
    }
    static kube::Response response(const char* yaml)
    {
        return {
            .status = 200, .text = {}, .document = std::make_shared<const api::Value>(api::parseYaml(yaml).value())};
    }
    void makeAll()
    {
        lesson.prepare();
        answer(fail(Reason::NotFound, "there is none"));
        answer(fail(Reason::Forbidden, "no nodes for you"));
        answer(fail(Reason::Forbidden, "no pods for you"));
        ASSERT_EQ(lesson.phase(), Phase::Asking);
        lesson.begin(lesson.image());
        for (const auto* uid : {"uid-1", "uid-2", "uid-3"})
            answer(response(("metadata: {uid: " + std::string(uid) + "}").c_str()));
        ASSERT_EQ(lesson.phase(), Phase::Running);
    }

    SimulatedClock clock;
    kube::Request asked;
    kube::ApiClient::Answer m_answer;
    Lesson lesson{[this](kube::Request request, QObject*, kube::ApiClient::Answer answer) {
                      asked = std::move(request);
                      m_answer = std::move(answer);
                  },
                  clock};
};

TEST_F(LessonWithoutCluster, waitsUntilTheClusterAnswersAgain)
{
    lesson.prepare();
    answer(fail(Reason::Timeout, "no answer within 15 s"));
    ASSERT_TRUE(lesson.problem());
    EXPECT_FALSE(lesson.problem()->advice.isEmpty());
    lesson.look();
    EXPECT_FALSE(m_answer) << "nothing is asked until it is told to";
    makeAll();
    EXPECT_FALSE(lesson.problem());
}

TEST_F(LessonWithoutCluster, deletesTheNamespaceThatItMadeAndNoOther)
{
    makeAll();
    lesson.cleanUp();
    EXPECT_EQ(asked.method, "DELETE");
    EXPECT_TRUE(asked.body.contains(R"("preconditions":{"uid":"uid-1"})")) << asked.body.constData();
    answer(response("metadata: {uid: uid-1, deletionTimestamp: '2026-01-01T00:00:00Z'}"));
    EXPECT_EQ(lesson.phase(), Phase::Cleaning);
    lesson.look();
    answer(response("metadata: {uid: another}"));
    EXPECT_EQ(lesson.phase(), Phase::Cleaned);
}

TEST_F(LessonWithoutCluster, cleansUpAfterHalfOfIt)
{
    lesson.prepare();
    answer(fail(Reason::NotFound, "there is none"));
    answer(response("items: []"));
    answer(response("items: []"));
    lesson.begin(lesson.image());
    answer(response("metadata: {uid: uid-1}"));
    answer(fail(Reason::Forbidden, "no services for you"));
    EXPECT_EQ(lesson.phase(), Phase::Asking);
    EXPECT_EQ(lesson.problem()->title, QStringLiteral("Service web could not be made"));
    EXPECT_TRUE(lesson.hasMade());
    lesson.cleanUp();
    answer(fail(Reason::Forbidden, "and no deleting either"));
    EXPECT_EQ(lesson.problem()->title, QStringLiteral("The namespace keelson-lesson cannot be deleted"));
    EXPECT_EQ(lesson.phase(), Phase::Cleaning);
}

TEST_F(LessonWithoutCluster, tellsForHowLongNothingHappens)
{
    makeAll();
    EXPECT_EQ(lesson.standstill(), Duration{0});
    clock.advance(std::chrono::seconds{30});
    EXPECT_EQ(lesson.standstill(), std::chrono::seconds{30});
    trace::TraceView trace;
    trace.objects.push_back({});
    trace.steps.push_back({});
    lesson.setTrace(trace, TraceOrigin::Kept);
    EXPECT_EQ(lesson.standstill(), Duration{0});
}

trace::TraceView traceOf(std::initializer_list<trace::TracedStep> steps)
{
    trace::TraceView trace;
    trace.root = {.group = "apps", .kind = "Deployment", .nameSpace = "l", .name = "web", .uid = "d", .owner = {}};
    trace.objects.push_back(trace.root);
    for (const auto* name : {"web-1", "web-2"})
        trace.objects.push_back(
            {.group = {}, .kind = "Pod", .nameSpace = "l", .name = name, .uid = name, .owner = "r"});
    trace.steps = steps;
    return trace;
}

trace::TracedStep stepOf(const char* step, std::size_t object, bool failed, const char* summary,
                         const char* details = "null")
{
    return {.step = step,
            .object = object,
            .actor = "n1",
            .begin = {},
            .length = std::chrono::milliseconds{5},
            .failed = failed,
            .summary = summary,
            .details = api::parseJson(details).value()};
}

TEST(Chapters, nameTheNodesThatWereRefused)
{
    const auto views = readChapters(
        traceOf(
            {stepOf("scheduling", 1, false, "n1 is the only node that fits, of 2 looked at",
                    R"({"scored":[{"node":"n1","score":120}],"refused":[{"node":"n2","why":"too little memory"}]})")}),
        TraceOrigin::Kept, lessonPods);
    EXPECT_EQ(views[5].role, StatusRole::Progress); // the other pod has not been placed
    EXPECT_EQ(views[5].facts.join(QLatin1Char('|')),
              QStringLiteral("Pod/web-1: n1 is the only node that fits, of 2 looked at (5.0 ms)\nNot n2: too little "
                             "memory"));
}

TEST(Chapters, tellWhatIsRepeatedOnce)
{
    auto trace = traceOf({stepOf("image", 2, false, "pulled"), stepOf("image", 1, true, "no such image")});
    for (int i = 0; i < 10; ++i) {
        trace.steps.push_back(trace.steps.back());
        trace.steps.back().length += std::chrono::milliseconds{1};
    }
    EXPECT_EQ(readChapters(trace, TraceOrigin::Kept, lessonPods)[6].facts.join(QLatin1Char('|')),
              QStringLiteral("Pod/web-2: pulled (n1, 5.0 ms)|Pod/web-1: no such image (n1, 15.0 ms)"));
}

TEST(Chapters, followWhatEachPodCameToLast)
{
    const auto failed = stepOf("image", 1, true, "no such image");
    const auto fetched = stepOf("image", 1, false, "pulled");
    const auto other = stepOf("image", 2, false, "pulled");
    const auto role = [](std::initializer_list<trace::TracedStep> steps) {
        return readChapters(traceOf(steps), TraceOrigin::Kept, lessonPods)[6].role;
    };
    EXPECT_EQ(role({}), StatusRole::Ending);
    EXPECT_EQ(role({stepOf("sandbox", 1, false, "volumes are ready")}), StatusRole::Progress);
    EXPECT_EQ(role({other}), StatusRole::Progress);
    EXPECT_EQ(role({failed, other}), StatusRole::Error);
    EXPECT_EQ(role({failed, fetched, other}), StatusRole::Done);
    EXPECT_FALSE(readChapters(traceOf({failed}), TraceOrigin::Kept, lessonPods)[6].advice.isEmpty());
}

TEST(Chapters, sayWhereAClusterIsSilent)
{
    const auto trace = traceOf({stepOf("store", 0, false, "created")});
    EXPECT_EQ(readChapters(trace, TraceOrigin::Kept, lessonPods)[0].role, StatusRole::Ending);
    const auto derived = readChapters(trace, TraceOrigin::Derived, lessonPods);
    EXPECT_EQ(derived[0].role, StatusRole::Done);
    EXPECT_TRUE(derived[0].facts.first().startsWith(QStringLiteral("This cluster keeps no traces")));
    EXPECT_EQ(derived[9].role, StatusRole::Ending);
}

TEST(LessonPlan, takesImagesThatAreThereFirst)
{
    const auto read = [](const char* yaml) { return std::vector{api::parseYaml(yaml).value()}; };
    const auto pods =
        read("{status: {phase: Running}, spec: {containers: [{image: nginx:1}, {image: 'keelson/sample:1'}]}}");
    const auto nodes = read("{status: {images: [{names: ['docker.io/library/busybox:1.35', 'nginx:1']}]}}");
    EXPECT_EQ(lessonImages(nodes, pods).join(QLatin1Char(' ')),
              QStringLiteral("keelson/sample:1 docker.io/library/busybox:1.35 busybox:1.36"));
    EXPECT_EQ(lessonImages({}, {}).join(QLatin1Char(' ')), QStringLiteral("busybox:1.36"));
}

TEST(LessonPlan, writesTheImageAsItIs)
{
    const auto objects = lessonObjects(QStringLiteral("l"), QStringLiteral("a\"b: {c}"));
    const auto deployment = api::parseJson(objects.last().manifest.toStdString()).value();
    const auto& containers = api::find(deployment, {"spec", "template", "spec", "containers"})->get_array();
    EXPECT_EQ(api::stringAt(containers.front(), {"image"}), "a\"b: {c}");
    EXPECT_EQ(objects.last().collection, QStringLiteral("/apis/apps/v1/namespaces/l/deployments"));
}

} // namespace
} // namespace keelson::ui
