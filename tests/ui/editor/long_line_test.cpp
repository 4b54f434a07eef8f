// SPDX-License-Identifier: Apache-2.0
// Texts with a line that would hold the window up.
#include "editor/long_line_pane.h"
#include "editor/manifest_editor.h"
#include "editor/manifests_page.h"
#include "ui/live_cluster.h"
#include "widgets/banner.h"

#include <gtest/gtest.h>

#include <QPushButton>
#include <QTemporaryDir>

namespace keelson::ui {
namespace {

class LongLine : public testing::Test {
protected:
    void SetUp() override
    {
        m_page.resize(1100, 760);
        m_page.show();
    }
    void open(const std::string& text)
    {
        m_page.session().create(QString::fromStdString(text));
        ASSERT_TRUE(eventually([&] { return m_page.isSettled(); }));
    }
    void press(QWidget* where, const char* words)
    {
        for (auto* button : where->findChildren<QPushButton*>())
            if (button->text() == QLatin1String(words))
                button->click();
    }
    std::string text() { return std::as_const(*m_page.current()).text().text(); }

    QTemporaryDir m_folder;
    ManifestsPage m_page{nullptr, realTime, m_folder.path()};
};

/// A ConfigMap on one line.
std::string oneLine(std::size_t members, const std::string& value)
{
    std::string text = R"({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "large"}, "data": {)";
    for (std::size_t i = 0; i < members; ++i)
        text += (i > 0 ? ", " : "") + ("\"key-" + std::to_string(i)) + "\": \"" + value + "\"";
    return text + "}}\n";
}

TEST_F(LongLine, isShownOnceItIsBroken)
{
    const auto given = oneLine(800, std::string(700, 'x'));
    ASSERT_GT(LongLinePane::longestLine(given), LongLinePane::bytesMax);
    open(given);
    EXPECT_EQ(m_page.editor(), nullptr);
    EXPECT_TRUE(m_page.notice().contains(QStringLiteral("is open, but not shown"))) << m_page.notice().toStdString();
    EXPECT_EQ(text(), given);
    m_page.reveal(m_page.current()->id(), 0, {}); // from the list of problems: nowhere to go
    press(m_page.findChild<LongLinePane*>(), "Break it into lines");
    ASSERT_TRUE(eventually([&] { return m_page.editor() && m_page.isSettled(); }));
    EXPECT_LT(LongLinePane::longestLine(text()), 800u);
    EXPECT_EQ(*api::parseYaml(text()), *api::parseYaml(given)) << "the same document";
    EXPECT_TRUE(m_page.notice().isEmpty()) << m_page.notice().toStdString();
    EXPECT_TRUE(text() != given && m_page.current()->text().canUndo());
}

TEST_F(LongLine, isShownAsItIsWhenTheUserWantsIt)
{
    const auto given = oneLine(1, std::string(LongLinePane::bytesMax, 'x')); // breaking it would not help
    open(given);
    EXPECT_EQ(m_page.editor(), nullptr);
    press(m_page.findChild<Banner*>(), "Show it all the same");
    ASSERT_TRUE(eventually([&] { return m_page.editor() != nullptr; }));
    EXPECT_EQ(m_page.editor()->text().toStdString(), given);
    EXPECT_TRUE(m_page.notice().isEmpty());
}

TEST_F(LongLine, isLookedForInAllLines)
{
    EXPECT_EQ(LongLinePane::longestLine(""), 0u);
    EXPECT_EQ(LongLinePane::longestLine("abc"), 3u);
    EXPECT_EQ(LongLinePane::longestLine("a\nabcd\r\nab\n"), 4u);
    open("kind: ConfigMap\n");
    EXPECT_NE(m_page.editor(), nullptr);
}

} // namespace
} // namespace keelson::ui
