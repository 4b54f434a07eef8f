// SPDX-License-Identifier: Apache-2.0
#include "log_server.h"
#include "ui/live_cluster.h"

#include "kube/log_follower.h"
#include "models/item.h"
#include "workloads/logs_panel.h"

#include <gtest/gtest.h>

#include <QElapsedTimer>

namespace keelson::ui {
namespace {

/// "12:00:01.5 text" as the API writes it.
QString line(const char* time, const char* text)
{
    return QStringLiteral("2026-01-31T%1Z %2").arg(QLatin1String(time), QLatin1String(text));
}

TEST(LogPlace, tellsEachLineOnce)
{
    kube::LogPlace place;
    const auto told = [&](std::initializer_list<QString> lines) {
        QStringList out;
        for (const auto& one : lines)
            if (const auto text = place.take(one))
                out << *text;
        return out.join(QLatin1Char(' ')).toStdString();
    };
    EXPECT_EQ(told({line("12:00:01.1", "a"), line("12:00:02.1", "b"), line("12:00:02.1", "b")}), "a b b");
    EXPECT_EQ(place.since(), QStringLiteral("2026-01-31T12:00:02Z"));
    place.breakOff();
    // The whole second comes again: the same line twice, as it was, and a third time, which is new.
    EXPECT_EQ(
        told({line("12:00:02.1", "b"), line("12:00:02.1", "b"), line("12:00:02.1", "b"), line("12:00:02.9", "c")}),
        "b c");
    place.breakOff();
    EXPECT_EQ(told({line("12:00:02.9", "c"), line("12:00:02.1", "b"), line("12:00:02.1", "b"), line("12:00:02.1", "b"),
                    line("12:00:03", "d")}),
              "d")
        << "in whatever order";
    EXPECT_EQ(place.since(), QStringLiteral("2026-01-31T12:00:03Z"));
    EXPECT_EQ(told({QStringLiteral("rest of a long line")}), "rest of a long line");
    EXPECT_EQ(told({line("12:00:03.2", "")}), "") << "an empty line is one";
    EXPECT_TRUE(kube::LogPlace().since().isEmpty());
}

TEST(LogPlace, keepsTheZoneOfTheTimes)
{
    kube::LogPlace place;
    EXPECT_EQ(*place.take(QStringLiteral("2026-01-31T12:00:01.123456789+02:00 a")), QStringLiteral("a"));
    EXPECT_EQ(place.since(), QStringLiteral("2026-01-31T12:00:01+02:00"));
}

class FollowedLog : public testing::Test {
protected:
    void SetUp() override
    {
        kube::ClusterAccess access;
        access.context = QStringLiteral("logs");
        access.server = m_server.url();
        m_cluster = std::make_unique<Cluster>(access, realTime);
        m_server.write(line("12:00:01.1", "one"));
        m_server.write(line("12:00:01.2", "two"));
    }
    void follow(int silenceMsMax = 30'000)
    {
        kube::LogTarget target;
        target.path = QStringLiteral("/api/v1/namespaces/default/pods/web/log");
        target.container = QStringLiteral("main");
        target.silenceMsMax = silenceMsMax;
        target.retryFirstMs = 20;
        m_follower = std::make_unique<kube::LogFollower>(m_cluster->client(), target);
        using Follower = kube::LogFollower;
        auto* follower = m_follower.get();
        QObject::connect(follower, &Follower::lines, [this](const QStringList& lines) { m_lines << lines; });
        QObject::connect(follower, &Follower::lost, [this](const Error&) { m_story << QStringLiteral("lost"); });
        QObject::connect(follower, &Follower::resumed, [this] { m_story << QStringLiteral("resumed"); });
        QObject::connect(follower, &Follower::ended, [this] { m_story << QStringLiteral("ended"); });
        QObject::connect(follower, &Follower::refused, [this](const Error&) { m_story << QStringLiteral("refused"); });
    }
    static void passes(int ms)
    {
        QElapsedTimer clock;
        clock.start();
        eventually([&] { return clock.elapsed() >= ms; });
    }
    bool has(const char* lines)
    {
        return eventually([&] { return m_lines.join(QLatin1Char(' ')) == QLatin1String(lines); });
    }
    std::string lines() const { return m_lines.join(QLatin1Char(' ')).toStdString(); }
    std::string story() const { return m_story.join(QLatin1Char(' ')).toStdString(); }

    LogServer m_server;
    std::unique_ptr<Cluster> m_cluster;
    std::unique_ptr<kube::LogFollower> m_follower;
    QStringList m_lines, m_story;
};

TEST_F(FollowedLog, goesOnWhereTheConnectionBrokeOff)
{
    follow();
    ASSERT_TRUE(has("one two")) << lines();
    m_server.write(line("12:00:02.1", "three"));
    ASSERT_TRUE(has("one two three")) << lines();
    m_server.cutInTheMiddleOfTheNextLine();
    m_server.write(line("12:00:02.2", "four"));
    m_server.write(line("12:00:02.3", "five")); // while nobody listens
    ASSERT_TRUE(has("one two three four five")) << lines();
    EXPECT_EQ(story(), "lost resumed");
    EXPECT_TRUE(m_server.queries().last().contains(QLatin1String("sinceTime=2026-01-31T12"))) << "not from the start";
}

TEST_F(FollowedLog, waitsForAServerThatIsAway)
{
    follow();
    ASSERT_TRUE(has("one two")) << lines();
    m_server.stopListening();
    m_server.cut();
    m_server.write(line("12:00:03.1", "three"));
    ASSERT_TRUE(eventually([&] { return story() == "lost"; })) << story();
    passes(100); // several tries
    EXPECT_EQ(story(), "lost") << "said once";
    m_server.listenAgain();
    ASSERT_TRUE(has("one two three")) << lines();
    EXPECT_EQ(story(), "lost resumed");
}

TEST_F(FollowedLog, noticesThatItsConnectionIsDead)
{
    follow(300);
    ASSERT_TRUE(has("one two")) << lines();
    m_server.silence();
    m_server.write(line("12:00:01.3", "three"));
    ASSERT_TRUE(has("one two three")) << lines();
    EXPECT_EQ(story(), "") << "nothing to worry about";
}

TEST_F(FollowedLog, aServerThatShutsDownIsNoEndOfTheLog)
{
    follow();
    ASSERT_TRUE(has("one two")) << lines();
    m_server.finish();
    m_server.write(line("12:00:04.1", "three"));
    ASSERT_TRUE(has("one two three")) << lines();
    EXPECT_EQ(story(), "");
    m_server.setStopped(true);
    m_server.finish();
    ASSERT_TRUE(eventually([&] { return story() == "ended"; })) << story();
    EXPECT_EQ(lines(), "one two three");
}

TEST_F(FollowedLog, aRefusalIsTheEnd)
{
    m_server.refuseFromNowOn();
    follow();
    ASSERT_TRUE(eventually([&] { return story() == "refused"; })) << story();
    passes(100);
    EXPECT_EQ(m_server.queries().size(), 1);
}

TEST_F(FollowedLog, thePanelSaysThatItBrokeOff)
{
    const auto pod = *api::parseJson(R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"web","namespace":"default",
        "uid":"u"},"spec":{"containers":[{"name":"main"}]}})");
    LogsPanel panel(*m_cluster, projectObject(*findKind(QStringLiteral("pods")), pod));
    const auto shows = [&](const char* text) {
        return eventually([&] { return panel.text().contains(QLatin1String(text)); });
    };
    ASSERT_TRUE(shows("one\ntwo")) << panel.text().toStdString();
    m_server.stopListening();
    m_server.cut();
    ASSERT_TRUE(shows("the connection broke off")) << panel.text().toStdString();
    m_server.write(line("12:00:05.1", "three"));
    m_server.listenAgain();
    ASSERT_TRUE(shows("the log goes on where it broke off")) << panel.text().toStdString();
    ASSERT_TRUE(shows("three")) << panel.text().toStdString();
    EXPECT_EQ(panel.text().count(QLatin1String("one")), 1) << panel.text().toStdString();
}

} // namespace
} // namespace keelson::ui
