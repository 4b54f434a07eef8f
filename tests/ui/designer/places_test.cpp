// SPDX-License-Identifier: GPL-3.0-or-later
// Where cards stand: moved, aligned, arranged, and kept beside the file.
#include "ui/designer/designer_page.h"

#include "designer/form_panel.h"
#include "editor/manifest_editor.h"

#include <gtest/gtest.h>

#include <QFile>
#include <QMenu>
#include <QTest>
#include <QToolButton>

namespace keelson::ui {
namespace {

TEST_F(DesignerPage, cardsAreMovedAndPlacesAreKeptBesideTheFile)
{
    openText(shop);
    const auto before = text();
    const auto web = card("Deployment", "web");
    const auto from = model().places().at(web);
    drag(view(), middle(web) - QPointF(20, 0), middle(web) + QPointF(140, 90));
    const auto to = model().places().at(web);
    EXPECT_GT(to.x, from.x + 100);
    EXPECT_EQ(design::snapped(to), to);
    EXPECT_EQ(text(), before);
    QTest::keyClick(&view(), Qt::Key_Z, Qt::ControlModifier);
    EXPECT_EQ(model().places().at(web), from);
    QTest::keyClick(&view(), Qt::Key_Z, Qt::ControlModifier | Qt::ShiftModifier);
    EXPECT_EQ(model().places().at(web), to);
    m_page.reset();
    EXPECT_TRUE(QFile::exists(m_folder.filePath(QStringLiteral(".shop.yaml.layout"))));
    open();
    openText(shop);
    EXPECT_EQ(model().places().at(card("Deployment", "web")), to);
}

TEST_F(DesignerPage, theTextBelowHasSomeLinesInAnyWindow)
{
    openText(shop);
    for (const QSize size : {QSize(812, 560), QSize(1400, 1000)}) {
        m_page->resize(size);
        EXPECT_TRUE(eventually([&] { return m_page->editor()->height() > 110; }))
            << m_page->editor()->height() << " of " << size.height();
        EXPECT_GT(view().height(), m_page->editor()->height());
        EXPECT_EQ(m_page->width(), size.width()) << "it fits";
        EXPECT_GE(m_designer->form()->width(), 260) << "fields have their values beside them";
    }
}

TEST_F(DesignerPage, lookingAtAFileWritesNothingBesideIt)
{
    openText(shop);
    m_page.reset();
    EXPECT_FALSE(QFile::exists(m_folder.filePath(QStringLiteral(".shop.yaml.layout"))));
}

TEST_F(DesignerPage, placesOfTextsWithoutAFileAreKeptToo)
{
    m_designer->add(QStringLiteral("Deployment"));
    const auto web = card("Deployment", "web");
    model().move({{web, {320, 480}}});
    m_page.reset();
    open();
    m_page->session().recover();
    ASSERT_TRUE(eventually([&] { return m_page->current() && card("Deployment", "web") && settled(); }));
    EXPECT_EQ(model().places().at(card("Deployment", "web")), (design::Place{320, 480}));
}

TEST_F(DesignerPage, cardsAreAlignedAtAnyEdge)
{
    openText(shop);
    const auto web = card("Deployment", "web");
    const auto front = card("Service", "front");
    int count = 0;
    for (auto* button : m_designer->findChildren<QToolButton*>()) {
        if (button->text() != QStringLiteral("Align"))
            continue;
        for (auto* action : button->menu()->actions()) {
            model().move({{web, {16, 320}}, {front, {640, 16}}});
            view().select({web, front});
            action->trigger();
            const auto& places = model().places();
            const bool isColumn = count++ < 3;
            EXPECT_EQ(places.at(web).x == places.at(front).x, isColumn) << action->text().toStdString();
            EXPECT_EQ(places.at(web).y == places.at(front).y, !isColumn) << action->text().toStdString();
        }
    }
    EXPECT_EQ(count, 6);
}

TEST_F(DesignerPage, cardsAreAlignedAndArranged)
{
    openText(shop);
    const auto web = card("Deployment", "web");
    const auto front = card("Service", "front");
    model().move({{web, {16, 320}}, {front, {640, 16}}});
    view().select({web, front});
    model().align(view().selected(), design::Alignment::Left);
    EXPECT_EQ(model().places().at(web).x, model().places().at(front).x);
    QTest::keyClick(&view(), Qt::Key_L);
    EXPECT_LT(model().places().at(front).x, model().places().at(web).x) << "a Service stands before its pods' columns";
    QTest::keyClick(&view(), Qt::Key_Z, Qt::ControlModifier);
    EXPECT_EQ(model().places().at(web).x, model().places().at(front).x);
}

} // namespace
} // namespace keelson::ui
