// SPDX-License-Identifier: GPL-3.0-or-later
// The canvas as a screen reader finds it.
#include "ui/designer/designer_page.h"

#include "designer/form_panel.h"

#include <gtest/gtest.h>

#include <QAccessible>
#include <QTest>
#include <QTreeWidget>

namespace keelson::ui {
namespace {

QByteArray connectedShop()
{
    return QByteArray(shop).replace("[{port: 80}]}", "[{port: 80}], selector: {app: web}}");
}

class DesignerAccess : public DesignerPage {
protected:
    void SetUp() override
    {
        DesignerPage::SetUp();
        openText(connectedShop());
    }
    QAccessibleInterface& canvas() { return *QAccessible::queryAccessibleInterface(&view()); }
    QAccessibleInterface* child(const char* name)
    {
        for (int i = 0; i < canvas().childCount(); ++i)
            if (auto* each = canvas().child(i); each->text(QAccessible::Name) == QLatin1String(name))
                return each;
        return nullptr;
    }
    std::string names()
    {
        QStringList all;
        for (int i = 0; i < canvas().childCount(); ++i)
            all << canvas().child(i)->text(QAccessible::Name);
        return all.join(QStringLiteral(", ")).toStdString();
    }
    std::string describe(const char* name) { return child(name)->text(QAccessible::Description).toStdString(); }
};

TEST_F(DesignerAccess, cardsAreChildrenWithNamesAndConnections)
{
    EXPECT_EQ(names(), "Deployment web, Service front, ConfigMap settings");
    EXPECT_EQ(describe("Service front"), "80; in namespace default; selects Deployment web (80)");
    EXPECT_EQ(describe("Deployment web"), "1 × web:1; in namespace default; selected by Service front (80)");
    auto* front = child("Service front");
    EXPECT_EQ(front->role(), QAccessible::ListItem);
    EXPECT_EQ(front->parent(), &canvas());
    EXPECT_EQ(canvas().indexOfChild(front), 1);
    EXPECT_EQ(canvas().child(1), front) << "the same as long as it is there";
    const auto related = front->relations();
    ASSERT_EQ(related.size(), 1);
    EXPECT_EQ(related[0].first, child("Deployment web"));
    EXPECT_EQ(related[0].second, QAccessible::Controlled);
}

TEST_F(DesignerAccess, cardsHavePlacesAndStates)
{
    const auto front = card("Service", "front");
    auto* access = child("Service front");
    const auto seen = view().rectOf(front);
    EXPECT_EQ(access->rect().topLeft(), view().mapToGlobal(seen.topLeft().toPoint()));
    const auto middleOfIt = access->rect().center();
    EXPECT_EQ(canvas().childAt(middleOfIt.x(), middleOfIt.y()), access);
    EXPECT_FALSE(access->state().selected);
    view().setFocus();
    view().select({front});
    EXPECT_TRUE(access->state().selected);
    EXPECT_TRUE(access->state().focused);
    EXPECT_EQ(canvas().focusChild(), access);
    QTest::keyClick(&view(), Qt::Key_P);
    EXPECT_EQ(canvas().focusChild(), child("Deployment web")) << "the keys take it along";
    EXPECT_FALSE(access->state().offscreen);
    drag(view(), {5, 5}, {5, 3'000}, Qt::MiddleButton);
    EXPECT_TRUE(access->state().offscreen);
}

TEST_F(DesignerAccess, whatCanBeDoneWithACardIsDone)
{
    auto* access = child("ConfigMap settings")->actionInterface();
    ASSERT_TRUE(access);
    EXPECT_EQ(access->actionNames(), (QStringList{QStringLiteral("SetFocus"), QStringLiteral("Press"),
                                                  QStringLiteral("Select"), QStringLiteral("Connect")}));
    EXPECT_EQ(access->keyBindingsForAction(QStringLiteral("Connect")), QStringList{QStringLiteral("C")});
    access->doAction(QStringLiteral("Select"));
    EXPECT_EQ(view().selected(), CardSet{card("ConfigMap", "settings")});
    access->doAction(QStringLiteral("SetFocus"));
    EXPECT_TRUE(view().hasFocus());
    access->doAction(QStringLiteral("Connect"));
    EXPECT_TRUE(view().isConnecting());
    EXPECT_EQ(view().current(), card("Deployment", "web"));
    QTest::keyClick(&view(), Qt::Key_Escape);
    access->doAction(QStringLiteral("Press"));
    EXPECT_TRUE(m_designer->form()->tree()->hasFocus());
}

TEST_F(DesignerAccess, problemsAreTold)
{
    m_page->current()->text().setText(connectedShop().replace("image: web:1", "image: [").toStdString(), "x");
    model().refresh();
    EXPECT_TRUE(eventually([&] { return describe("Deployment web").starts_with("the text has an error: line"); }))
        << describe("Deployment web");
    EXPECT_FALSE(child("Deployment web")->actionInterface()->actionNames().contains(QStringLiteral("Connect")));
}

TEST_F(DesignerAccess, groupsAreChildrenToo)
{
    view().select({card("Deployment", "web"), card("ConfigMap", "settings")});
    model().renameGroup(model().group(view().selected()), "inside");
    EXPECT_EQ(names(), "Group inside, Deployment web, Service front, ConfigMap settings");
    auto* group = child("Group inside");
    EXPECT_EQ(group->role(), QAccessible::Grouping);
    EXPECT_EQ(describe("Group inside"), "2 objects: Deployment web, ConfigMap settings");
    EXPECT_TRUE(describe("Deployment web").find("in group inside") != std::string::npos);
    EXPECT_TRUE(group->state().expanded);
    group->actionInterface()->doAction(QStringLiteral("Press"));
    EXPECT_TRUE(group->state().collapsed);
    EXPECT_EQ(names(), "Group inside, Service front") << "what is folded is not walked through";
    EXPECT_EQ(canvas().focusChild(), group);
    EXPECT_EQ(child("Service front")->relations()[0].first, group);
    group->actionInterface()->doAction(QStringLiteral("Ungroup"));
    EXPECT_EQ(names(), "Deployment web, Service front, ConfigMap settings");
}

} // namespace
} // namespace keelson::ui
