// SPDX-License-Identifier: GPL-3.0-or-later
// Groups of cards that somebody makes by hand.
#include "ui/designer/designer_page.h"

#include <gtest/gtest.h>

#include <QApplication>
#include <QContextMenuEvent>
#include <QFile>
#include <QLineEdit>
#include <QTest>

namespace keelson::ui {
namespace {

class DesignerGroups : public DesignerPage {
protected:
    void SetUp() override
    {
        DesignerPage::SetUp();
        openText(shop);
        m_web = card("Deployment", "web");
        m_front = card("Service", "front");
        m_settings = card("ConfigMap", "settings");
        view().setFocus();
    }
    void group(const CardSet& cards, const char* name)
    {
        view().select(cards);
        QTest::keyClick(&view(), Qt::Key_G, Qt::ControlModifier);
        auto* line = nameLine();
        ASSERT_TRUE(line->isVisible());
        QTest::keyClicks(line, QLatin1String(name));
        QTest::keyClick(line, Qt::Key_Return);
    }
    QLineEdit* nameLine() { return view().findChild<QLineEdit*>(QStringLiteral("groupName")); }
    QPointF edgeOf(const char* group) { return view().groupRect(group).topLeft() + QPointF(60, 10) * view().zoom(); }
    QPointF markOf(const char* group) { return view().groupRect(group).topLeft() + QPointF(12, 12) * view().zoom(); }
    std::string groups()
    {
        std::string all;
        for (const auto& [name, group] : model().groups())
            all += (all.empty() ? "" : ", ") + name + (group.isFolded ? " (folded) " : " ") +
                   std::to_string(group.cards.size());
        return all;
    }

    design::CardId m_web, m_front, m_settings;
};

TEST_F(DesignerGroups, selectedCardsBecomeAGroupWithAName)
{
    const auto before = text();
    group({m_web, m_front}, "entry");
    EXPECT_EQ(groups(), "entry 2");
    EXPECT_TRUE(view().hasFocus()) << "the keys are back with the canvas";
    const auto frame = view().groupRect("entry");
    EXPECT_TRUE(frame.contains(view().rectOf(m_web)) && frame.contains(view().rectOf(m_front)));
    EXPECT_EQ(text(), before) << "no manifest knows of it";
    QTest::keyClick(&view(), Qt::Key_Z, Qt::ControlModifier);
    EXPECT_EQ(groups(), "Group 1 2") << "the name is a step";
    QTest::keyClick(&view(), Qt::Key_Z, Qt::ControlModifier);
    EXPECT_EQ(groups(), "");
    QTest::keyClick(&view(), Qt::Key_Y, Qt::ControlModifier);
    QTest::keyClick(&view(), Qt::Key_Y, Qt::ControlModifier);
    EXPECT_EQ(groups(), "entry 2");
}

TEST_F(DesignerGroups, aNameThatIsTakenOrCancelledChangesNothing)
{
    group({m_web}, "one");
    group({m_front}, "two");
    view().renameGroup("two");
    QTest::keyClicks(nameLine(), QStringLiteral("one"));
    QTest::keyClick(nameLine(), Qt::Key_Return);
    EXPECT_EQ(groups(), "one 1, two 1");
    EXPECT_TRUE(view().notice().contains(QLatin1String("called one"))) << view().notice().toStdString();
    view().select({m_front});
    QTest::keyClick(&view(), Qt::Key_F2);
    QTest::keyClicks(nameLine(), QStringLiteral("three"));
    QTest::keyClick(nameLine(), Qt::Key_Escape);
    EXPECT_FALSE(nameLine()->isVisible());
    EXPECT_EQ(groups(), "one 1, two 1");
}

TEST_F(DesignerGroups, aGroupIsMovedByItsEdge)
{
    group({m_web, m_front}, "entry");
    const auto web = model().places().at(m_web);
    const auto front = model().places().at(m_front);
    const auto settings = model().places().at(m_settings);
    view().select({});
    drag(view(), edgeOf("entry"), edgeOf("entry") + QPointF(64, 48));
    EXPECT_EQ(view().selected(), (CardSet{m_web, m_front}));
    const auto moved = model().places().at(m_web);
    EXPECT_NE(moved, web);
    EXPECT_EQ(model().places().at(m_front).x - front.x, moved.x - web.x);
    EXPECT_EQ(model().places().at(m_front).y - front.y, moved.y - web.y);
    EXPECT_EQ(model().places().at(m_settings), settings);
    QTest::keyClick(&view(), Qt::Key_Z, Qt::ControlModifier);
    EXPECT_EQ(model().places().at(m_web), web);
    QTest::keyClick(&view(), Qt::Key_G);
    EXPECT_EQ(view().selected(), (CardSet{m_web, m_front})) << "with the keys";
    QTest::keyClick(&view(), Qt::Key_Right, Qt::ControlModifier);
    EXPECT_EQ(model().places().at(m_front).x, front.x + design::raster);
}

TEST_F(DesignerGroups, aGroupIsFoldedToOneBoxAndOpened)
{
    group({m_web, m_settings}, "inside");
    click(markOf("inside"));
    EXPECT_EQ(groups(), "inside (folded) 2");
    EXPECT_EQ(view().groupRect("inside").size(), view().rectOf(m_front).size()) << "as large as a card";
    EXPECT_EQ(view().rectOf(m_web), view().rectOf(m_settings)) << "what leads to them leads to the box";
    click({3, 3});
    EXPECT_TRUE(view().selected().empty());
    click(view().groupRect("inside").center());
    EXPECT_EQ(view().selected(), (CardSet{m_web, m_settings})) << "all of it";
    const auto web = model().places().at(m_web);
    const auto settings = model().places().at(m_settings);
    const auto at = view().groupRect("inside").center();
    drag(view(), at, at + QPointF(48, 64));
    EXPECT_EQ(model().places().at(m_web).x - web.x, model().places().at(m_settings).x - settings.x);
    EXPECT_NE(model().places().at(m_web), web);
    mouse(view(), QEvent::MouseButtonDblClick, view().groupRect("inside").center());
    EXPECT_EQ(groups(), "inside 2");
    QTest::keyClick(&view(), Qt::Key_F);
    EXPECT_EQ(groups(), "inside (folded) 2") << "with the keys";
    QTest::keyClick(&view(), Qt::Key_Return);
    EXPECT_EQ(groups(), "inside 2");
}

TEST_F(DesignerGroups, theKeysGoOverAFoldedGroupAsOverOneCard)
{
    group({m_web, m_settings}, "inside");
    model().fold("inside", true);
    view().select({m_front});
    QTest::keyClick(&view(), Qt::Key_N);
    EXPECT_EQ(view().selected(), (CardSet{m_web, m_settings}));
    QTest::keyClick(&view(), Qt::Key_N);
    EXPECT_EQ(view().selected(), CardSet{m_front});
    QTest::keyClick(&view(), Qt::Key_C);
    EXPECT_TRUE(view().isConnecting());
    EXPECT_NE(view().current(), m_web) << "nothing is connected to what one does not see";
    QTest::keyClick(&view(), Qt::Key_Escape);
}

TEST_F(DesignerGroups, aGroupIsTakenApart)
{
    group({m_web, m_front}, "entry");
    view().select({m_front});
    QTest::keyClick(&view(), Qt::Key_G, Qt::ControlModifier | Qt::ShiftModifier);
    EXPECT_EQ(groups(), "");
    QTest::keyClick(&view(), Qt::Key_Z, Qt::ControlModifier);
    EXPECT_EQ(groups(), "entry 2");
    click(edgeOf("entry"));
    QContextMenuEvent event(QContextMenuEvent::Keyboard, QPoint(), QPoint());
    QApplication::sendEvent(&view(), &event);
    EXPECT_TRUE(menu(QStringLiteral("card"), QStringLiteral("Ungroup")).contains(QStringLiteral("Rename the group…")));
    EXPECT_EQ(groups(), "");
}

TEST_F(DesignerGroups, aCardThatIsDeletedAndComesBackIsInItsGroup)
{
    group({m_web, m_front}, "entry");
    view().select({m_front});
    QTest::keyClick(&view(), Qt::Key_Delete);
    EXPECT_EQ(groups(), "entry 1");
    QTest::keyClick(&view(), Qt::Key_Z, Qt::ControlModifier);
    EXPECT_EQ(model().groupOf(card("Service", "front")), "entry");
}

TEST_F(DesignerGroups, groupsAreKeptBesideTheFile)
{
    group({m_web, m_front}, "entry");
    model().fold("entry", true);
    m_page.reset();
    QFile kept(m_folder.filePath(QStringLiteral(".shop.yaml.layout")));
    ASSERT_TRUE(kept.open(QIODevice::ReadOnly));
    EXPECT_TRUE(kept.readAll().contains("\"group\": \"entry\""));
    open();
    openText(shop);
    EXPECT_EQ(groups(), "entry (folded) 2");
}

} // namespace
} // namespace keelson::ui
