// SPDX-License-Identifier: GPL-3.0-or-later
// Canvas, form and text are views of one document.
#include "ui/designer/designer_page.h"

#include "designer/form_panel.h"
#include "editor/manifest_editor.h"

#include <gtest/gtest.h>

#include <QApplication>
#include <QContextMenuEvent>
#include <QLineEdit>
#include <QTest>
#include <QToolButton>
#include <QTreeWidget>

namespace keelson::ui {
namespace {

TEST_F(DesignerPage, whatIsTypedShowsOnTheCanvas)
{
    openText(shop);
    const auto web = card("Deployment", "web");
    m_page->editor()->setFocus();
    m_page->editor()->goTo(text().find("name: web #") + 9);
    QTest::keyClicks(m_page->editor(), QStringLiteral("-2"));
    EXPECT_TRUE(eventually([&] { return model().find(web) && model().find(web)->object.name == "web-2"; }))
        << "the same card under its new name";
    EXPECT_EQ(view().selected(), CardSet{web}) << "the card follows the cursor";
    m_page->editor()->goTo(text().find("kind: Service"));
    EXPECT_TRUE(eventually([&] { return view().selected() == CardSet{card("Service", "front")}; }));
}

TEST_F(DesignerPage, aSelectedCardShowsItsText)
{
    openText(shop);
    view().setFocus();
    click(middle(card("Service", "front")));
    const auto cursor = m_page->editor()->cursor();
    EXPECT_EQ(text().substr(cursor, 27), "apiVersion: v1\nkind: Servic");
    EXPECT_TRUE(view().hasFocus()) << "the keys stay with the canvas";
    mouse(view(), QEvent::MouseButtonDblClick, middle(card("Service", "front")));
    EXPECT_TRUE(m_designer->form()->tree()->hasFocus()) << "to its fields";
}

TEST_F(DesignerPage, aFormEditsTheSmallestSpan)
{
    openText(shop);
    view().select({card("Deployment", "web")});
    auto& form = *m_designer->form();
    ASSERT_TRUE(form.itemOf("spec.replicas"));
    form.enter(form.itemOf("spec.replicas"), QStringLiteral("3"));
    EXPECT_EQ(text(), QByteArray(shop).replace("image: web:1\n", "image: web:1\n  replicas: 3\n").toStdString());
    EXPECT_EQ(form.itemOf("spec.replicas")->text(1), QStringLiteral("3"));
    form.enter(form.itemOf("spec.replicas"), QStringLiteral("many"));
    EXPECT_TRUE(form.message().contains(QStringLiteral("no whole number"))) << form.message().toStdString();
    EXPECT_EQ(form.itemOf("spec.replicas")->text(1), QStringLiteral("3")) << "it stays as it was";
    m_page->current()->text().undo();
    EXPECT_TRUE(eventually([&] { return form.itemOf("spec.replicas")->text(1).isEmpty(); }));
}

TEST_F(DesignerPage, aFormShowsAllFieldsWhenAsked)
{
    openText(shop);
    view().select({card("Deployment", "web")});
    const auto& form = *m_designer->form();
    EXPECT_FALSE(form.itemOf("metadata.finalizers"));
    auto* const all = form.findChild<QToolButton*>(QStringLiteral("allFields"));
    ASSERT_TRUE(all);
    QTest::mouseClick(all, Qt::LeftButton);
    EXPECT_EQ(form.level(), design::FormLevel::Full);
    EXPECT_TRUE(form.itemOf("metadata.finalizers"));
    const auto before = text();
    QTest::mouseClick(all, Qt::LeftButton);
    EXPECT_EQ(form.level(), design::FormLevel::Basic);
    EXPECT_FALSE(form.itemOf("metadata.finalizers"));
    EXPECT_EQ(text(), before) << "a view alone";
}

TEST_F(DesignerPage, aFormFindsFieldsInClosedRows)
{
    openText(shop);
    view().select({card("Deployment", "web")});
    auto& form = *m_designer->form();
    const std::string image = "spec.template.spec.containers[0].image";
    EXPECT_FALSE(form.itemOf(image)) << "closed at first";
    form.find(QStringLiteral("image"));
    ASSERT_TRUE(form.itemOf(image));
    EXPECT_FALSE(form.itemOf(image)->isHidden());
    EXPECT_TRUE(form.itemOf("spec.template.spec.containers[0]")->isExpanded());
    EXPECT_TRUE(form.itemOf("metadata")->isHidden());
    EXPECT_TRUE(form.itemOf("spec.replicas")->isHidden());
    form.find({});
    EXPECT_FALSE(form.itemOf("spec.replicas")->isHidden());
    EXPECT_FALSE(form.itemOf("spec.template.spec")->isExpanded()) << "as it was before";
}

TEST_F(DesignerPage, aFormIsFilledInWithTheKeys)
{
    openText(shop);
    view().select({card("Service", "front")});
    auto& form = *m_designer->form();
    auto* tree = form.tree();
    tree->setCurrentItem(form.itemOf("metadata.name"));
    tree->setFocus();
    QTest::keyClick(tree, Qt::Key_Return);
    auto* line = tree->findChild<QLineEdit*>();
    ASSERT_TRUE(line);
    line->selectAll();
    QTest::keyClicks(line, QStringLiteral("back"));
    QTest::keyClick(line, Qt::Key_Return);
    EXPECT_TRUE(eventually([&] { return text().find("metadata: {name: back}") != std::string::npos; })) << text();
    tree->setCurrentItem(form.itemOf("spec.ports"));
    QTest::keyClick(tree, Qt::Key_Insert);
    EXPECT_NE(text().find("[{port: 80}, {port: 0}]"), std::string::npos) << text();
    tree->setCurrentItem(form.itemOf("spec.ports[1]"));
    QTest::keyClick(tree, Qt::Key_Delete);
    EXPECT_NE(text().find("[{port: 80}]}"), std::string::npos) << text();
}

TEST_F(DesignerPage, textWithAnErrorKeepsTheLastGoodState)
{
    openText(shop);
    const auto web = card("Deployment", "web");
    const auto place = model().places().at(web);
    m_page->editor()->setFocus();
    m_page->editor()->goTo(text().find("image: web:1"));
    QTest::keyClicks(m_page->editor(), QStringLiteral("["));
    ASSERT_TRUE(eventually([&] { return model().find(web) && !model().find(web)->isEditable(); }));
    EXPECT_EQ(model().find(web)->object.name, "web");
    EXPECT_EQ(model().places().at(web), place);
    const auto broken = text();
    mouse(view(), QEvent::MouseMove, middle(card("Service", "front")), Qt::NoButton);
    drag(view(), view().portOf(card("Service", "front")), middle(web));
    EXPECT_EQ(text(), broken) << "what the user writes is not touched";
    EXPECT_TRUE(view().notice().contains(QStringLiteral("has an error"))) << view().notice().toStdString();
    QTest::keyClick(m_page->editor(), Qt::Key_Backspace);
    EXPECT_TRUE(eventually([&] { return model().find(web)->isEditable(); }));
}

TEST_F(DesignerPage, problemsAreMarkedOnTheirCards)
{
    openText(QByteArray(shop).replace("image: web:1", "imago: web:1"));
    const auto web = card("Deployment", "web");
    ASSERT_TRUE(eventually([&] { return view().marks().value(web).warnings + view().marks().value(web).errors > 0; }));
    EXPECT_TRUE(view().marks().value(web).problem.contains(QStringLiteral("image")))
        << view().marks().value(web).problem.toStdString();
    EXPECT_FALSE(view().marks().contains(card("ConfigMap", "settings")));
}

TEST_F(DesignerPage, aProblemIsMendedFromItsCard)
{
    openText(QByteArray(shop).replace("image: web:1", "image: web:1\n          comand: [a]"));
    const auto web = card("Deployment", "web");
    ASSERT_TRUE(eventually([&] { return view().marks().value(web).errors + view().marks().value(web).warnings > 0; }));
    view().select({web});
    QContextMenuEvent event(QContextMenuEvent::Keyboard, QPoint(), QPoint());
    QApplication::sendEvent(&view(), &event);
    const auto entries = menu(QStringLiteral("card"), QStringLiteral("Rename to command"));
    EXPECT_NE(text().find("          command: [a]\n"), std::string::npos)
        << entries.join(QLatin1Char('\n')).toStdString();
}

TEST_F(DesignerPage, severalFilesAreOneCanvasWithOneUndo)
{
    openText(shop);
    openText("kind: Service\napiVersion: v1\nmetadata: {name: second}\nspec: {ports: [{port: 80}]}\n",
             QStringLiteral("second.yaml"));
    auto* first = m_page->session().manifests().first();
    auto* second = m_page->session().manifests().last();
    ASSERT_NE(card("Deployment", "web"), design::noCard);
    const auto service = card("Service", "second");
    mouse(view(), QEvent::MouseMove, middle(service), Qt::NoButton);
    drag(view(), view().portOf(service), middle(card("Deployment", "web")));
    EXPECT_NE(second->text().text().find("selector: {app: web}"), std::string::npos);
    view().select({card("ConfigMap", "settings")});
    QTest::keyClick(&view(), Qt::Key_Delete);
    EXPECT_EQ(m_page->current(), first) << "what is selected shows its file";
    QTest::keyClick(&view(), Qt::Key_Z, Qt::ControlModifier);
    EXPECT_EQ(first->text().text(), shop.toStdString());
    QTest::keyClick(&view(), Qt::Key_Z, Qt::ControlModifier);
    EXPECT_EQ(second->text().text().find("selector"), std::string::npos);
}

} // namespace
} // namespace keelson::ui
