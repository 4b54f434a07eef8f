// SPDX-License-Identifier: GPL-3.0-or-later
// A List is taken apart: each of its objects is a card, and what is edited is a span inside the List.
#include "ui/designer/designer_page.h"

#include "designer/form_panel.h"
#include "editor/manifest_editor.h"

#include <gtest/gtest.h>

#include <QApplication>
#include <QClipboard>
#include <QTest>
#include <QTreeWidget>

namespace keelson::ui {
namespace {

const QByteArray list = "# As kubectl wrote it\n"
                        "apiVersion: v1\n"
                        "kind: List\n"
                        "items:\n"
                        "- apiVersion: v1\n"
                        "  kind: Service # the first\n"
                        "  metadata: {name: front}\n"
                        "  spec: {ports: [{port: 80}]}\n"
                        "# before the second\n"
                        "- apiVersion: apps/v1\n"
                        "  kind: Deployment\n"
                        "  metadata:\n"
                        "    name: web\n"
                        "  spec:\n"
                        "    selector: {matchLabels: {app: web}}\n"
                        "    template:\n"
                        "      metadata: {labels: {app: web}}\n"
                        "      spec:\n"
                        "        containers:\n"
                        "        - name: web\n"
                        "          image: web:1\n"
                        "metadata: {}\n";

class DesignerList : public DesignerPage {
protected:
    void SetUp() override
    {
        DesignerPage::SetUp();
        openText(list);
        m_front = card("Service", "front");
        m_web = card("Deployment", "web");
        ASSERT_NE(m_front, design::noCard);
        ASSERT_NE(m_web, design::noCard);
        view().setFocus();
    }
    std::string with(const char* before, const char* after)
    {
        return QByteArray(list).replace(before, after).toStdString();
    }
    design::CardId m_front = design::noCard, m_web = design::noCard;
};

TEST_F(DesignerList, eachObjectIsACard)
{
    EXPECT_EQ(model().cards().size(), 2U);
    EXPECT_EQ(card("List", ""), design::noCard);
    click(middle(m_web));
    EXPECT_EQ(text().substr(m_page->editor()->cursor(), 24), "apiVersion: apps/v1\n  ki") << "its own text is shown";
    m_page->editor()->setFocus();
    m_page->editor()->goTo(text().find("port: 80"));
    EXPECT_TRUE(eventually([&] { return view().selected() == CardSet{m_front}; })) << "and the other way round";
}

TEST_F(DesignerList, aFormEditsASpanInsideIt)
{
    view().select({m_web});
    auto& form = *m_designer->form();
    ASSERT_TRUE(form.itemOf("spec.replicas"));
    form.enter(form.itemOf("spec.replicas"), QStringLiteral("3"));
    EXPECT_EQ(text(), with("image: web:1\n", "image: web:1\n    replicas: 3\n"));
    QTest::keyClick(&view(), Qt::Key_Z, Qt::ControlModifier);
    EXPECT_EQ(text(), list.toStdString());
}

TEST_F(DesignerList, itsObjectsAreConnected)
{
    mouse(view(), QEvent::MouseMove, middle(m_front), Qt::NoButton);
    drag(view(), view().portOf(m_front), middle(m_web));
    EXPECT_EQ(text(), with("[{port: 80}]}", "[{port: 80}], selector: {app: web}}"));
    EXPECT_EQ(model().relations().size(), 1U);
    click(view().relationMiddle(0));
    QTest::keyClick(&view(), Qt::Key_Delete);
    EXPECT_EQ(text(), list.toStdString());
}

TEST_F(DesignerList, oneIsDeletedAndComesBack)
{
    const auto place = model().places().at(m_web);
    view().select({m_front});
    QTest::keyClick(&view(), Qt::Key_Delete);
    EXPECT_EQ(card("Service", "front"), design::noCard);
    EXPECT_EQ(card("Deployment", "web"), m_web) << "the other one stays itself";
    EXPECT_EQ(model().places().at(m_web), place);
    EXPECT_TRUE(text().starts_with("# As kubectl wrote it\napiVersion: v1\nkind: List\nitems:\n")) << text();
    EXPECT_NE(text().find("# before the second\n- apiVersion: apps/v1\n"), std::string::npos) << text();
    QTest::keyClick(&view(), Qt::Key_Z, Qt::ControlModifier);
    EXPECT_EQ(text(), list.toStdString());
    QTest::keyClick(&view(), Qt::Key_A, Qt::ControlModifier);
    QTest::keyClick(&view(), Qt::Key_Delete);
    EXPECT_EQ(text(), "") << "without its last object it is nothing";
    QTest::keyClick(&view(), Qt::Key_Z, Qt::ControlModifier);
    EXPECT_EQ(text(), list.toStdString());
}

TEST_F(DesignerList, oneIsCopiedAsADocumentOfItsOwn)
{
    view().select({m_web});
    QTest::keyClick(&view(), Qt::Key_C, Qt::ControlModifier);
    EXPECT_EQ(QApplication::clipboard()->text(), QStringLiteral("apiVersion: apps/v1\n"
                                                                "kind: Deployment\n"
                                                                "metadata:\n"
                                                                "  name: web\n"
                                                                "spec:\n"
                                                                "  selector: {matchLabels: {app: web}}\n"
                                                                "  template:\n"
                                                                "    metadata: {labels: {app: web}}\n"
                                                                "    spec:\n"
                                                                "      containers:\n"
                                                                "      - name: web\n"
                                                                "        image: web:1\n"));
    QTest::keyClick(&view(), Qt::Key_V, Qt::ControlModifier);
    EXPECT_NE(card("Deployment", "web-2"), design::noCard);
    EXPECT_TRUE(text().starts_with(list.toStdString())) << "behind the List";
}

TEST_F(DesignerList, whatIsTypedKeepsItsCards)
{
    m_page->editor()->setFocus();
    m_page->editor()->goTo(text().find("name: front}") + 11);
    QTest::keyClicks(m_page->editor(), QStringLiteral("-2"));
    EXPECT_TRUE(eventually([&] { return model().find(m_front) && model().find(m_front)->object.name == "front-2"; }));
    EXPECT_EQ(card("Deployment", "web"), m_web);
    m_page->editor()->goTo(text().find("image: web:1"));
    QTest::keyClicks(m_page->editor(), QStringLiteral("["));
    ASSERT_TRUE(eventually([&] { return model().find(m_web) && !model().find(m_web)->isEditable(); }));
    EXPECT_FALSE(model().find(m_front)->isEditable()) << "it is one document";
    QTest::keyClick(m_page->editor(), Qt::Key_Backspace);
    EXPECT_TRUE(eventually([&] { return model().find(m_web)->isEditable() && model().find(m_front)->isEditable(); }));
}

} // namespace
} // namespace keelson::ui
