// SPDX-License-Identifier: Apache-2.0
#include "ui/live_cluster.h"

#include "editor/manifests_page.h"
#include "editor/yaml_tab.h"
#include "window/cluster_view.h"
#include "window/dock.h"
#include "window/workbench.h"

#include <gtest/gtest.h>

#include <QAbstractButton>
#include <QDir>
#include <QDirIterator>
#include <QFile>
#include <QMessageBox>
#include <QTemporaryDir>

namespace keelson::ui {
namespace {

/// A window with a text that was typed and not applied, and a manifest that was not saved.
class Leaving : public testing::Test {
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
        QDir(ManifestSession::usualRecoveryFolder()).removeRecursively();
        open();
    }
    void open()
    {
        Options options;
        options.kubeconfig = s_live->kubeconfig();
        options.page = QStringLiteral("configmaps");
        m_window = std::make_unique<Workbench>(options, realTime);
        m_window->start();
        m_window->show();
        ASSERT_TRUE(eventually([&] { return m_window->view() && m_window->view()->isSettled(); }));
    }
    YamlTab& type(const char* text)
    {
        auto* tab = m_window->view()->dock().openYaml(nullptr);
        tab->setText(tab->text() + QLatin1String(text));
        return *tab;
    }
    /// The manifests of the window, which are recovered when they are shown first.
    const QVector<Manifest*>& manifests()
    {
        m_window->view()->showPage(QStringLiteral("manifests"));
        auto& session = m_window->manifestsPage()->session();
        eventually([&] { return !session.isBusy(); });
        return session.manifests();
    }
    /// A file that says it is a Pod, opened in the window, where "Node" is typed instead.
    void openAndType(QFile& file)
    {
        ASSERT_TRUE(file.open(QIODevice::WriteOnly));
        file.write("kind: Pod\n");
        file.close();
        m_window->view()->showPage(QStringLiteral("manifests"));
        auto& session = m_window->manifestsPage()->session();
        session.openFile(file.fileName());
        ASSERT_TRUE(eventually([&] { return session.manifests().size() == 1; }));
        session.manifests().first()->text().setText("kind: Node\n", "type");
    }
    QMessageBox* question() { return m_window->findChild<QMessageBox*>(QStringLiteral("leaving")); }
    void answer(const char* button)
    {
        ASSERT_TRUE(question());
        auto* found = question()->findChild<QAbstractButton*>(QLatin1String(button));
        ASSERT_TRUE(found) << button;
        found->click();
    }
    int copies()
    {
        int count = 0;
        QDirIterator files(ManifestSession::usualRecoveryFolder(), {QStringLiteral("*.unsaved")}, QDir::Files,
                           QDirIterator::Subdirectories);
        for (; files.hasNext(); files.next())
            ++count;
        return count;
    }
    bool isClosed()
    {
        return eventually([&] { return !m_window->isVisible(); });
    }

    std::unique_ptr<Workbench> m_window;
    static LiveCluster* s_live;
};

LiveCluster* Leaving::s_live = nullptr;

TEST_F(Leaving, nothingToLoseIsNotAskedFor)
{
    m_window->view()->dock().openYaml(nullptr); // an untouched template
    m_window->close();
    EXPECT_FALSE(m_window->isVisible());
}

TEST_F(Leaving, quittingAsksAndCancelKeepsEverythingAsItIs)
{
    auto& tab = type("# mine\n");
    const auto typed = tab.text();
    m_window->close();
    EXPECT_TRUE(m_window->isVisible());
    ASSERT_TRUE(question());
    EXPECT_TRUE(question()->informativeText().contains(QLatin1String("New object: not applied")))
        << question()->informativeText().toStdString();
    m_window->close();
    EXPECT_EQ(m_window->findChildren<QMessageBox*>().size(), 1) << "one question at a time";
    answer("stay");
    EXPECT_TRUE(eventually([&] { return !question(); }));
    EXPECT_TRUE(m_window->isVisible());
    EXPECT_EQ(tab.text(), typed);
}

TEST_F(Leaving, whatIsKeptComesBackTheNextTime)
{
    type("# typed in a tab\n");
    m_window->view()->showPage(QStringLiteral("manifests"));
    m_window->manifestsPage()->session().create()->text().setText("kind: Pod # never saved\n", "type");
    m_window->close();
    answer("keep");
    ASSERT_TRUE(isClosed());
    m_window.reset();
    open();
    QStringList texts;
    for (const auto* manifest : manifests())
        texts << QString::fromStdString(manifest->text().text());
    EXPECT_EQ(texts.size(), 2) << texts.join(QLatin1Char('\n')).toStdString();
    EXPECT_EQ(texts.filter(QStringLiteral("typed in a tab")).size(), 1);
    EXPECT_EQ(texts.filter(QStringLiteral("never saved")).size(), 1);
}

TEST_F(Leaving, whatIsDiscardedDoesNot)
{
    type("# not wanted\n");
    ASSERT_TRUE(eventually([&] { return copies() == 1; })) << "written meanwhile";
    m_window->close();
    answer("discard");
    ASSERT_TRUE(isClosed());
    m_window.reset();
    EXPECT_EQ(copies(), 0);
    open();
    EXPECT_EQ(manifests().size(), 0);
}

TEST_F(Leaving, applyShowsWhatItWouldChangeInsteadOfClosing)
{
    auto& tab = type("# mine\n");
    m_window->view()->showPage(QStringLiteral("overview"));
    m_window->close();
    answer("apply");
    EXPECT_TRUE(eventually([&] { return tab.isProven(); })) << tab.stateText().toStdString();
    EXPECT_TRUE(m_window->isVisible());
    m_window->view()->dock().currentYaml()->discard();
}

TEST_F(Leaving, savesManifestsAndCloses)
{
    const QTemporaryDir folder;
    QFile file(folder.filePath(QStringLiteral("web.yaml")));
    ASSERT_NO_FATAL_FAILURE(openAndType(file));
    m_window->close();
    answer("save");
    ASSERT_TRUE(isClosed());
    ASSERT_TRUE(file.open(QIODevice::ReadOnly));
    EXPECT_EQ(file.readAll(), "kind: Node\n");
}

TEST_F(Leaving, whatCannotBeSavedStaysOpen)
{
    const QTemporaryDir folder;
    QFile file(folder.filePath(QStringLiteral("web.yaml")));
    ASSERT_NO_FATAL_FAILURE(openAndType(file));
    ASSERT_TRUE(file.open(QIODevice::WriteOnly)); // somebody else writes it meanwhile
    file.write("kind: Secret\n");
    file.close();
    auto& session = m_window->manifestsPage()->session();
    m_window->close();
    answer("save");
    ASSERT_TRUE(eventually([&] { return !session.isBusy() && !m_window->manifestsPage()->notice().isEmpty(); }));
    EXPECT_TRUE(m_window->isVisible());
    EXPECT_EQ(session.manifests().first()->text().text(), "kind: Node\n");
    session.close(session.manifests().first());
}

TEST_F(Leaving, closingATabKeepsItsTextAmongTheManifests)
{
    type("# from a tab\n");
    m_window->view()->dock().closeCurrent();
    answer("stay");
    EXPECT_TRUE(m_window->view()->dock().currentYaml());
    EXPECT_TRUE(eventually([&] { return !question(); }));
    m_window->view()->dock().closeCurrent();
    answer("keep");
    EXPECT_FALSE(m_window->view()->dock().currentYaml());
    ASSERT_EQ(manifests().size(), 1);
    EXPECT_TRUE(manifests().first()->isEdited());
    EXPECT_NE(manifests().first()->text().text().find("# from a tab"), std::string::npos);
    m_window->manifestsPage()->session().close(manifests().first());
}

TEST_F(Leaving, anotherClusterAsksForTheTextsOfThisOne)
{
    type("# for the first cluster\n");
    auto* before = m_window->view();
    m_window->openKubeconfig(s_live->kubeconfig(), {});
    ASSERT_TRUE(question());
    EXPECT_TRUE(question()->windowTitle().startsWith(QLatin1String("Open"))) << question()->windowTitle().toStdString();
    answer("keep");
    ASSERT_TRUE(eventually([&] { return m_window->view() && m_window->view() != before; }));
    ASSERT_EQ(manifests().size(), 1);
    EXPECT_NE(manifests().first()->text().text().find("# for the first cluster"), std::string::npos);
    m_window->manifestsPage()->session().close(manifests().first());
}

} // namespace
} // namespace keelson::ui
