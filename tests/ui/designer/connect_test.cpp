// SPDX-License-Identifier: GPL-3.0-or-later
// Cards are connected, with the mouse and with the keys.
#include "ui/designer/designer_page.h"

#include <gtest/gtest.h>

#include <QTest>

namespace keelson::ui {
namespace {

TEST_F(DesignerPage, aPortIsDraggedToACardToConnectThem)
{
    openText(shop);
    const auto front = card("Service", "front");
    const auto web = card("Deployment", "web");
    mouse(view(), QEvent::MouseMove, middle(front), Qt::NoButton);
    mouse(view(), QEvent::MouseButtonPress, view().portOf(front));
    EXPECT_TRUE(view().isConnecting());
    mouse(view(), QEvent::MouseMove, middle(web));
    mouse(view(), QEvent::MouseButtonRelease, middle(web));
    EXPECT_NE(text().find("spec: {ports: [{port: 80}], selector: {app: web}}"), std::string::npos) << text();
    EXPECT_EQ(model().relations().size(), 1U);
    QTest::keyClick(&view(), Qt::Key_Z, Qt::ControlModifier);
    EXPECT_EQ(text(), shop.toStdString());
}

TEST_F(DesignerPage, whereThereAreSeveralWaysTheyAreOffered)
{
    openText(shop);
    const auto settings = card("ConfigMap", "settings");
    mouse(view(), QEvent::MouseMove, middle(settings), Qt::NoButton);
    drag(view(), view().portOf(settings), middle(card("Deployment", "web")));
    EXPECT_EQ(text(), shop.toStdString()) << "nothing before one is chosen";
    const auto ways = menu(QStringLiteral("offers"), QStringLiteral("All keys as environment"));
    EXPECT_EQ(ways, (QStringList{QStringLiteral("All keys as environment"), QStringLiteral("Files in /etc/settings"),
                                 QStringLiteral("Variable LEVEL from level")}));
    EXPECT_NE(text().find("          envFrom:\n            - configMapRef:\n                name: settings\n"),
              std::string::npos)
        << text();
}

TEST_F(DesignerPage, whatCannotBeConnectedSaysWhy)
{
    openText(shop);
    const auto settings = card("ConfigMap", "settings");
    mouse(view(), QEvent::MouseMove, middle(settings), Qt::NoButton);
    drag(view(), view().portOf(settings), middle(card("Service", "front")));
    EXPECT_EQ(text(), shop.toStdString());
    EXPECT_TRUE(view().notice().contains(QStringLiteral("have nothing to say to each other")))
        << view().notice().toStdString();
    EXPECT_FALSE(view().isConnecting());
}

TEST_F(DesignerPage, cardsAreConnectedWithTheKeys)
{
    openText(shop);
    view().setFocus();
    view().select({card("Service", "front")});
    QTest::keyClick(&view(), Qt::Key_C);
    EXPECT_TRUE(view().isConnecting());
    EXPECT_EQ(view().current(), card("Deployment", "web")) << "the only card that it can be connected to";
    QTest::keyClick(&view(), Qt::Key_Escape);
    EXPECT_FALSE(view().isConnecting());
    EXPECT_EQ(view().current(), card("Service", "front"));
    QTest::keyClick(&view(), Qt::Key_C);
    QTest::keyClick(&view(), Qt::Key_Return);
    EXPECT_NE(text().find("selector: {app: web}}"), std::string::npos) << text();
}

TEST_F(DesignerPage, aRelationIsClickedAndDeleted)
{
    openText(shop);
    const auto connected = QByteArray(shop).replace("[{port: 80}]}", "[{port: 80}], selector: {app: web}}");
    m_page->current()->text().setText(connected.toStdString(), "Connect");
    model().refresh();
    ASSERT_EQ(model().relations().size(), 1U);
    click(view().relationMiddle(0));
    ASSERT_TRUE(view().selectedRelation());
    QTest::keyClick(&view(), Qt::Key_Delete);
    EXPECT_EQ(text(), shop.toStdString());
}

} // namespace
} // namespace keelson::ui
