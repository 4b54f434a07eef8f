// SPDX-License-Identifier: Apache-2.0
#include "ui/live_cluster.h"

#include "editor/conflict_list.h"
#include "editor/yaml_tab.h"
#include "widgets/banner.h"

#include <gtest/gtest.h>

#include <QAbstractButton>
#include <QSignalSpy>
#include <QTest>

#include <algorithm>

namespace keelson::ui {
namespace {

using Phase = ObjectEdit::Phase;

/// The YAML of a ConfigMap {color: red, size: 1}, while others change it, on a real keelsond.
class YamlOfAnObject : public testing::Test {
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
        m_lease = cluster().watch(QStringLiteral("configmaps"));
        m_name = QString::fromLatin1(testing::UnitTest::GetInstance()->current_test_info()->name()).toLower();
        const auto body = QStringLiteral(R"({"metadata":{"name":"%1"},"data":{"color":"red","size":"1"}})").arg(m_name);
        ASSERT_TRUE(live().call("POST", collection(), body.toUtf8()));
        const auto* store = cluster().store(QStringLiteral("configmaps"));
        ASSERT_TRUE(eventually([&] { return store->findByName(QStringLiteral("default"), m_name) != nullptr; }));
        m_tab = std::make_unique<YamlTab>(cluster(), store->findByName(QStringLiteral("default"), m_name));
        ASSERT_TRUE(eventually([&] { return m_tab->isLoaded(); }));
    }

    Cluster& cluster() { return s_live->cluster(); }
    LiveCluster& live() { return *s_live; }
    YamlTab& tab() { return *m_tab; }
    QString collection() const { return QStringLiteral("/api/v1/namespaces/default/configmaps"); }
    QString path() const { return collection() + QLatin1Char('/') + m_name; }

    void type(const char* before, const char* after)
    {
        ASSERT_TRUE(tab().text().contains(QLatin1String(before)));
        tab().setText(tab().text().replace(QLatin1String(before), QLatin1String(after)));
    }
    void othersWrite(const char* data)
    {
        const auto body = QStringLiteral(R"({"metadata":{"name":"%1"},"data":%2})").arg(m_name, QLatin1String(data));
        const auto made = live().call("PUT", path(), body.toUtf8());
        ASSERT_TRUE(made) << made.error().message;
    }
    bool reaches(Phase phase)
    {
        return eventually([&] { return tab().edit().phase() == phase; });
    }
    std::string liveData()
    {
        const auto now = live().call("GET", path());
        const auto* data = now ? api::find(*now->document, {"data"}) : nullptr;
        return data ? api::writeJson(*data) : now ? "none" : std::string(reasonName(now.error().reason));
    }
    /// "-old +new": the lines that come and go, without the server's own.
    std::string shownChanges()
    {
        std::string text;
        for (const auto& line : tab().edit().difference())
            if (line.kind != manifests::DiffLine::Kind::Same)
                text += (line.kind == manifests::DiffLine::Kind::Added ? "+" : "-") + line.text + "\n";
        return text;
    }
    QAbstractButton* button(QWidget& in, const QString& text)
    {
        const auto buttons = in.findChildren<QAbstractButton*>();
        const auto at = std::ranges::find(buttons, text, &QAbstractButton::text);
        return at == buttons.end() ? nullptr : *at;
    }

    QString m_name;
    FeedLease m_lease;
    std::unique_ptr<YamlTab> m_tab;
    static LiveCluster* s_live;
};

LiveCluster* YamlOfAnObject::s_live = nullptr;

TEST_F(YamlOfAnObject, keepsWhatOthersChangedMeanwhile)
{
    type("color: red", "color: blue");
    othersWrite(R"({"color":"red","size":"2","shape":"round"})");
    tab().apply();
    ASSERT_TRUE(reaches(Phase::Proven)) << tab().banner()->text().toStdString();
    EXPECT_EQ(shownChanges(), "-  color: red\n+  color: blue\n");
    EXPECT_TRUE(tab().banner()->text().contains(QLatin1String("changed since you opened it")));
    QSignalSpy applied(&tab(), &YamlTab::applied);
    tab().confirmApply();
    ASSERT_TRUE(eventually([&] { return applied.size() == 1; }));
    EXPECT_EQ(liveData(), R"({"color":"blue","shape":"round","size":"2"})");
    EXPECT_TRUE(tab().text().contains(QLatin1String("shape: round"))) << "what is live is the text now";
    EXPECT_FALSE(tab().isEdited());
}

TEST_F(YamlOfAnObject, asksWhereBothChangedTheSameField)
{
    type("color: red", "color: blue");
    type("size: \"1\"", "size: \"7\"");
    const auto typed = tab().text();
    othersWrite(R"({"color":"green","size":"1"})");
    tab().apply();
    ASSERT_TRUE(reaches(Phase::Undecided)) << tab().banner()->text().toStdString();
    ASSERT_EQ(tab().edit().conflicts().size(), 1U);
    EXPECT_EQ(tab().edit().conflicts()[0].field, "data.color");
    EXPECT_EQ(tab().text(), typed);
    ASSERT_TRUE(button(tab(), QStringLiteral("Apply now")));
    EXPECT_FALSE(button(tab(), QStringLiteral("Apply now"))->isEnabled());

    auto* mine = button(*tab().conflictList(), QStringLiteral("Keep mine: \"blue\""));
    ASSERT_TRUE(mine);
    mine->click();
    ASSERT_TRUE(reaches(Phase::Proven));
    EXPECT_EQ(shownChanges(), "-  color: green\n-  size: \"1\"\n+  color: blue\n+  size: \"7\"\n");

    auto* theirs = button(*tab().conflictList(), QStringLiteral("Take theirs: \"green\""));
    ASSERT_TRUE(theirs) << "one may think again";
    theirs->click();
    ASSERT_TRUE(eventually([&] { return shownChanges() == "-  size: \"1\"\n+  size: \"7\"\n"; })) << shownChanges();
    ASSERT_TRUE(reaches(Phase::Proven));
    button(tab(), QStringLiteral("Apply now"))->click();
    EXPECT_TRUE(eventually([&] { return liveData() == R"({"color":"green","size":"7"})"; })) << liveData();
}

TEST_F(YamlOfAnObject, showsAnewWhatChangesAfterItWasShown)
{
    type("color: red", "color: blue");
    tab().apply();
    ASSERT_TRUE(reaches(Phase::Proven));
    othersWrite(R"({"color":"red","size":"2"})");
    QSignalSpy applied(&tab(), &YamlTab::applied);
    QSignalSpy phases(&tab().edit(), &ObjectEdit::phaseChanged);
    tab().confirmApply();
    ASSERT_TRUE(eventually([&] { return phases.size() > 1 && tab().isProven(); }));
    EXPECT_EQ(liveData(), R"({"color":"red","size":"2"})") << "this is not what the user has seen";
    EXPECT_TRUE(tab().banner()->text().contains(QLatin1String("changed since you opened it")));
    tab().confirmApply();
    ASSERT_TRUE(eventually([&] { return applied.size() == 1; }));
    EXPECT_EQ(liveData(), R"({"color":"blue","size":"2"})");
}

TEST_F(YamlOfAnObject, aChangedStatusMakesNoDifference)
{
    const auto pods = QStringLiteral("/api/v1/namespaces/default/pods");
    ASSERT_TRUE(
        live().call("POST", pods, R"({"metadata":{"name":"busy"},"spec":{"containers":[{"name":"a","image":"b"}]}})"));
    const auto lease = cluster().watch(QStringLiteral("pods"));
    const auto busy = [&] {
        return cluster().store(QStringLiteral("pods"))->findByName(QStringLiteral("default"), QStringLiteral("busy"));
    };
    ASSERT_TRUE(eventually([&] { return busy() != nullptr; }));
    YamlTab pod(cluster(), busy());
    ASSERT_TRUE(eventually([&] { return pod.isLoaded(); }));
    pod.setText(pod.text().replace(QLatin1String("image: b\n"), QLatin1String("image: c\n")));
    pod.apply();
    ASSERT_TRUE(eventually([&] { return pod.isProven(); })) << pod.banner()->text().toStdString();
    const auto status = live().call("PUT", pods + QStringLiteral("/busy/status"),
                                    R"({"metadata":{"name":"busy"},"status":{"message":"still busy"}})");
    ASSERT_TRUE(status) << status.error().message;
    QSignalSpy applied(&pod, &YamlTab::applied);
    pod.confirmApply();
    ASSERT_TRUE(eventually([&] { return applied.size() == 1; })) << pod.banner()->text().toStdString();
    const auto now = live().call("GET", pods + QStringLiteral("/busy"));
    EXPECT_NE(now->text.indexOf(R"("image":"c")"), -1) << now->text.toStdString();
    EXPECT_EQ(api::stringAt(*now->document, {"status", "message"}), "still busy");
}

TEST_F(YamlOfAnObject, saysThatItWasDeletedAndKeepsTheText)
{
    type("color: red", "color: blue");
    const auto typed = tab().text();
    tab().apply();
    ASSERT_TRUE(reaches(Phase::Proven));
    ASSERT_TRUE(live().call("DELETE", path()));
    tab().confirmApply();
    ASSERT_TRUE(reaches(Phase::Idle));
    EXPECT_TRUE(tab().banner()->text().contains(QLatin1String("deleted"))) << tab().banner()->text().toStdString();
    EXPECT_EQ(tab().text(), typed);
    EXPECT_FALSE(tab().isComparing());
    tab().apply();
    ASSERT_TRUE(reaches(Phase::Idle));
    EXPECT_EQ(tab().text(), typed);

    auto* anew = button(*tab().banner(), QStringLiteral("Create it anew"));
    ASSERT_TRUE(anew);
    anew->click();
    ASSERT_TRUE(reaches(Phase::Proven)) << tab().banner()->text().toStdString();
    QSignalSpy applied(&tab(), &YamlTab::applied);
    tab().confirmApply();
    ASSERT_TRUE(eventually([&] { return applied.size() == 1; })) << tab().banner()->text().toStdString();
    EXPECT_EQ(liveData(), R"({"color":"blue","size":"1"})");
}

TEST_F(YamlOfAnObject, theServersYesIsForTheTextThatItSaw)
{
    type("color: red", "color: blue");
    tab().apply();
    ASSERT_TRUE(reaches(Phase::Proven));
    EXPECT_TRUE(tab().stateText().contains(QLatin1String("accepts"))) << tab().stateText().toStdString();
    type("color: blue", "color: pink");
    EXPECT_FALSE(tab().stateText().contains(QLatin1String("accepts"))) << tab().stateText().toStdString();
    EXPECT_FALSE(tab().isComparing()) << "the difference was another text's";
    tab().apply();
    type("color: pink", "color: grey");
    ASSERT_TRUE(eventually([&] { return cluster().client().pendingCalls() == 0; }));
    EXPECT_FALSE(tab().isProven()) << "typed while the server tried it";
    EXPECT_FALSE(tab().isComparing());
    ASSERT_TRUE(eventually([&] { return tab().stateText() == QLatin1String("Edited, valid"); }));
}

TEST_F(YamlOfAnObject, anUntouchedNewObjectIsNothingToLose)
{
    YamlTab fresh(cluster(), nullptr);
    EXPECT_TRUE(fresh.isLoaded());
    EXPECT_FALSE(fresh.isEdited());
    fresh.setText(fresh.text() + QStringLiteral("# mine\n"));
    EXPECT_TRUE(fresh.isEdited());
    fresh.apply();
    ASSERT_TRUE(eventually([&] { return fresh.isProven(); })) << fresh.banner()->text().toStdString();
    QSignalSpy applied(&fresh, &YamlTab::applied);
    fresh.confirmApply();
    ASSERT_TRUE(eventually([&] { return applied.size() == 1; }));
    EXPECT_FALSE(fresh.isEdited()) << "it is on the cluster now";
}

} // namespace
} // namespace keelson::ui
