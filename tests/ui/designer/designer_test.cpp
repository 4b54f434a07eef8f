// SPDX-License-Identifier: GPL-3.0-or-later
// The canvas itself: adding, selecting, moving, copying and looking around, on the real widgets, without a cluster.
#include "ui/designer/designer_page.h"

#include "design/palette.h"
#include "designer/form_panel.h"
#include "designer/palette_list.h"
#include "editor/manifest_editor.h"

#include <gtest/gtest.h>

#include <QApplication>
#include <QClipboard>
#include <QContextMenuEvent>
#include <QFile>
#include <QImage>
#include <QMouseEvent>
#include <QPushButton>
#include <QTest>
#include <QToolButton>
#include <QWheelEvent>

#include <set>

namespace keelson::ui {
namespace {

TEST_F(DesignerPage, anEmptyCanvasExplainsItselfAndBegins)
{
    EXPECT_FALSE(view().isVisible());
    auto* begin = m_designer->findChild<QPushButton*>();
    ASSERT_TRUE(begin);
    begin->click();
    EXPECT_TRUE(view().isVisible());
    ASSERT_NE(card("Deployment", "web"), design::noCard);
    EXPECT_EQ(view().selected(), CardSet{card("Deployment", "web")});
    EXPECT_EQ(text().substr(0, 37), "apiVersion: apps/v1\nkind: Deployment\n");
    ASSERT_TRUE(m_page->editor());
    EXPECT_EQ(m_page->editor()->text().toStdString(), text()) << "the text below says the same";
}

TEST_F(DesignerPage, aKindIsDraggedOntoTheCanvas)
{
    openText(shop);
    const auto before = text();
    view().fit();
    const QPointF at(view().width() / 2.0, view().height() - 50);
    dragFromPalette("Secret", at);
    const auto made = card("Secret", "credentials");
    ASSERT_NE(made, design::noCard);
    EXPECT_TRUE(view().rectOf(made).adjusted(-12, -12, 12, 12).contains(at)) << "where it was dropped";
    EXPECT_EQ(text().substr(0, before.size()), before);
    EXPECT_EQ(text().substr(before.size(), 4), "---\n");
    EXPECT_EQ(view().selected(), CardSet{made});
    QTest::keyClick(&view(), Qt::Key_Z, Qt::ControlModifier);
    EXPECT_EQ(text(), before);
    QTest::keyClick(&view(), Qt::Key_Y, Qt::ControlModifier);
    EXPECT_TRUE(view().rectOf(card("Secret", "credentials")).adjusted(-12, -12, 12, 12).contains(at))
        << "it comes back where it was";
    dragFromPalette("Secret", at + QPointF(0, -40));
    EXPECT_NE(card("Secret", "credentials-2"), design::noCard) << "names are unique";
}

TEST_F(DesignerPage, everyKindOfThePaletteIsDraggedOntoTheCanvas)
{
    const std::set<std::string> wanted{"Deployment",
                                       "ReplicaSet",
                                       "StatefulSet",
                                       "DaemonSet",
                                       "Job",
                                       "CronJob",
                                       "Service",
                                       "Ingress",
                                       "NetworkPolicy",
                                       "ConfigMap",
                                       "Secret",
                                       "PersistentVolumeClaim",
                                       "Role",
                                       "RoleBinding",
                                       "HorizontalPodAutoscaler",
                                       "Namespace",
                                       "ServiceAccount",
                                       "PodDisruptionBudget"};
    openText(shop);
    std::set<std::string> drawn;
    for (const auto& entry : design::palette()) {
        const std::string kind(entry.kind);
        m_designer->palette()->scrollToItem(m_designer->palette()->itemOf(QString::fromStdString(kind)));
        view().fit();
        dragFromPalette(kind.c_str(), QPointF(view().width() / 2.0, view().height() - 30));
        ASSERT_EQ(view().selected().size(), 1U) << kind;
        const auto made = *view().selected().begin();
        ASSERT_TRUE(eventually([&] { return settled(); }));
        ASSERT_TRUE(model().find(made)) << kind;
        EXPECT_EQ(model().find(made)->object.kind, kind);
        EXPECT_EQ(view().marks().value(made).errors, 0) << view().marks().value(made).problem.toStdString();
        EXPECT_GT(text().size(), static_cast<std::size_t>(shop.size()));
        drawn.insert(kind);
        QTest::keyClick(&view(), Qt::Key_Z, Qt::ControlModifier);
        EXPECT_EQ(text(), shop.toStdString()) << kind;
    }
    EXPECT_EQ(drawn, wanted);
}

TEST_F(DesignerPage, theCanvasGetsTheMostAlsoInASmallWindow)
{
    openText(shop);
    const auto* palette = m_designer->palette();
    const struct {
        int width;
        bool hasWords;
    } cases[] = {{1300, true}, {814, false}, {1300, true}}; // 814: of a window of 1024, beside the sidebar
    for (const auto& [width, hasWords] : cases) {
        m_page->resize(width, 800);
        QApplication::processEvents();
        EXPECT_EQ(palette->hasWords(), hasWords) << width;
        EXPECT_GT(view().width(), palette->width() + m_designer->form()->width()) << width;
        EXPECT_GE(m_designer->form()->width(), m_designer->form()->minimumWidth()) << width;
    }
    m_page->resize(814, 800);
    dragFromPalette("Secret", QPointF(view().width() / 2.0, 40));
    EXPECT_NE(card("Secret", "credentials"), design::noCard) << "icons are dragged as names are";
}

TEST_F(DesignerPage, aDragThatEndsElsewhereAddsNothing)
{
    openText(shop);
    const auto before = text();
    dragFromPalette("Secret", QPointF(-60, 40));
    EXPECT_EQ(text(), before);
}

TEST_F(DesignerPage, aKindThatIsDroppedOnACardIsConnectedToIt)
{
    openText(shop);
    dragFromPalette("ServiceAccount", middle(card("Deployment", "web")));
    EXPECT_NE(text().find("      serviceAccountName: app\n"), std::string::npos) << text();
}

TEST_F(DesignerPage, kindsAreAddedFromThePaletteWithTheKeys)
{
    openText(shop);
    auto* palette = m_designer->palette();
    palette->setCurrentItem(palette->itemOf(QStringLiteral("ConfigMap")));
    QTest::keyClick(palette, Qt::Key_Return);
    EXPECT_NE(card("ConfigMap", "settings-2"), design::noCard);
    EXPECT_TRUE(view().hasFocus());
}

TEST_F(DesignerPage, aTemplateIsInsertedAndAComposeFileConverted)
{
    m_designer->insertTemplate(design::templates().front());
    EXPECT_EQ(view().selected().size(), 3U);
    EXPECT_EQ(model().relations().size(), 2U);
    EXPECT_TRUE(text().starts_with("# Settings that the pods read")) << "with its comments";
    QFile file(m_folder.filePath(QStringLiteral("compose.yaml")));
    ASSERT_TRUE(file.open(QIODevice::WriteOnly));
    file.write("services: {api: {image: 'api:1', ports: ['80:8080'], build: .}}");
    file.close();
    m_designer->importCompose(file.fileName());
    ASSERT_TRUE(eventually([&] { return card("Service", "api") != design::noCard; }));
    EXPECT_NE(text().find("# services.api.build: left out"), std::string::npos) << text();
    EXPECT_TRUE(m_page->notice().contains(QStringLiteral("compose.yaml"))) << m_page->notice().toStdString();
    const auto before = text();
    m_designer->importCompose(m_folder.filePath(QStringLiteral("none.yaml")));
    ASSERT_TRUE(eventually([&] { return m_page->notice().contains(QStringLiteral("none.yaml")); }));
    EXPECT_EQ(text(), before);
}

TEST_F(DesignerPage, severalAreSelectedAndDeletedTogether)
{
    openText(shop);
    const auto before = text();
    drag(view(), QPointF(3, 3), QPointF(view().width() - 3, view().height() - 3));
    EXPECT_EQ(view().selected().size(), 3U) << "by a band";
    click(middle(card("Deployment", "web")), Qt::ControlModifier);
    EXPECT_EQ(view().selected().size(), 2U) << "less one";
    QTest::keyClick(&view(), Qt::Key_Delete);
    EXPECT_EQ(text(), before.substr(0, before.find("---\n")));
    QTest::keyClick(&view(), Qt::Key_Z, Qt::ControlModifier);
    EXPECT_EQ(text(), before) << "in one step";
    QTest::keyClick(&view(), Qt::Key_A, Qt::ControlModifier);
    EXPECT_EQ(view().selected().size(), 3U);
    QTest::keyClick(&view(), Qt::Key_Escape);
    EXPECT_TRUE(view().selected().empty());
}

TEST_F(DesignerPage, cardsAreCopiedPastedAndDuplicated)
{
    openText(shop);
    view().setFocus();
    view().select({card("Deployment", "web")});
    QTest::keyClick(&view(), Qt::Key_C, Qt::ControlModifier);
    EXPECT_TRUE(QApplication::clipboard()->text().startsWith(QStringLiteral("# The shop\napiVersion")));
    QTest::keyClick(&view(), Qt::Key_V, Qt::ControlModifier);
    EXPECT_NE(card("Deployment", "web-2"), design::noCard);
    EXPECT_NE(text().find("  name: web-2 # mine\n"), std::string::npos) << "comments come with it";
    EXPECT_EQ(view().selected(), CardSet{card("Deployment", "web-2")});
    QTest::keyClick(&view(), Qt::Key_D, Qt::ControlModifier);
    EXPECT_NE(card("Deployment", "web-3"), design::noCard);
    QTest::keyClick(&view(), Qt::Key_X, Qt::ControlModifier);
    EXPECT_EQ(card("Deployment", "web-3"), design::noCard);
    QApplication::clipboard()->setText(QStringLiteral("no manifest: ["));
    const auto before = text();
    QTest::keyClick(&view(), Qt::Key_V, Qt::ControlModifier);
    EXPECT_EQ(text(), before);
    EXPECT_TRUE(view().notice().contains(QStringLiteral("line 1"))) << view().notice().toStdString();
}

TEST_F(DesignerPage, arrowsGoFromCardToCardAndMoveThem)
{
    openText(shop);
    QTest::keyClick(&view(), Qt::Key_L);
    view().select({card("Deployment", "web")});
    const auto web = view().current();
    QTest::keyClick(&view(), Qt::Key_N);
    EXPECT_EQ(view().current(), card("Service", "front"));
    QTest::keyClick(&view(), Qt::Key_P);
    EXPECT_EQ(view().current(), web);
    QTest::keyClick(&view(), Qt::Key_Left);
    EXPECT_NE(view().current(), web);
    QTest::keyClick(&view(), Qt::Key_Right, Qt::ShiftModifier);
    EXPECT_EQ(view().selected().size(), 2U);
    const auto at = model().places().at(web);
    QTest::keyClick(&view(), Qt::Key_Down, Qt::ControlModifier);
    EXPECT_EQ(model().places().at(web).y, at.y + design::raster);
    QTest::keyClick(&view(), Qt::Key_Space);
    EXPECT_EQ(view().selected().size(), 1U);
}

TEST_F(DesignerPage, theViewIsZoomedPannedAndFitted)
{
    openText(shop);
    view().fit();
    const auto zoom = view().zoom();
    QTest::keyClick(&view(), Qt::Key_Plus);
    EXPECT_GT(view().zoom(), zoom);
    QTest::keyClick(&view(), Qt::Key_0);
    EXPECT_EQ(view().zoom(), zoom);
    const auto web = card("Deployment", "web");
    const auto at = middle(web);
    drag(view(), {5, 5}, {65, 35}, Qt::MiddleButton);
    EXPECT_EQ(middle(web), at + QPointF(60, 30));
    const QPointF about(200, 100);
    QWheelEvent wheel(about, view().mapToGlobal(about), {}, {0, 120}, Qt::NoButton, Qt::ControlModifier,
                      Qt::NoScrollPhase, false);
    QApplication::sendEvent(&view(), &wheel);
    EXPECT_GT(view().zoom(), zoom);
}

TEST_F(DesignerPage, aPictureShowsTheWholeCanvas)
{
    const auto path = m_folder.filePath(QStringLiteral("canvas.png"));
    EXPECT_FALSE(m_designer->exportPicture(path)) << "nothing is there";
    openText(shop);
    view().zoomBy(2, {0, 0});
    ASSERT_TRUE(m_designer->exportPicture(path));
    const QImage picture(path);
    EXPECT_GT(picture.width(), 2 * 224);
    EXPECT_FALSE(m_designer->exportPicture(m_folder.filePath(QStringLiteral("none/canvas.png"))));
}

TEST_F(DesignerPage, aFolderGivesTheCardsOfAllItsFilesOrOfTheCurrentOne)
{
    openText(shop, QStringLiteral("web.yaml"));
    openText("apiVersion: v1\nkind: Secret\nmetadata: {name: key}\n", QStringLiteral("secret.yaml"));
    open();
    m_page->open({m_folder.path()});
    ASSERT_TRUE(eventually([&] { return settled() && card("Secret", "key") != design::noCard; }));
    EXPECT_NE(card("Deployment", "web"), design::noCard);
    const bool isSecret = m_page->current()->path().endsWith(QStringLiteral("secret.yaml"));
    for (auto* button : m_designer->findChildren<QToolButton*>())
        if (button->text() == QStringLiteral("This file only"))
            button->click();
    EXPECT_EQ(card("Secret", "key") != design::noCard, isSecret);
    EXPECT_EQ(card("Deployment", "web") != design::noCard, !isSecret);
}

TEST_F(DesignerPage, theMenuOfACardHasItsCommands)
{
    openText(shop);
    const auto at = middle(card("Service", "front"));
    QMouseEvent press(QEvent::MouseButtonPress, at, view().mapToGlobal(at), Qt::RightButton, Qt::RightButton, {});
    QApplication::sendEvent(&view(), &press);
    EXPECT_EQ(view().selected(), CardSet{card("Service", "front")});
    QContextMenuEvent event(QContextMenuEvent::Mouse, at.toPoint(), view().mapToGlobal(at).toPoint());
    QApplication::sendEvent(&view(), &event);
    const auto entries = menu(QStringLiteral("card"), QStringLiteral("Duplicate"));
    EXPECT_TRUE(entries.contains(QStringLiteral("Connect…")));
    EXPECT_NE(card("Service", "front-2"), design::noCard);
}

} // namespace
} // namespace keelson::ui
