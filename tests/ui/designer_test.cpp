// SPDX-License-Identifier: GPL-3.0-or-later
// Each gesture of the designer, with mouse and keys, on the real widgets, without a cluster.
#include "live_cluster.h"

#include "designer/designer.h"
#include "designer/form_panel.h"
#include "designer/palette_list.h"
#include "editor/manifest_editor.h"
#include "editor/manifests_page.h"

#include <gtest/gtest.h>

#include <QApplication>
#include <QClipboard>
#include <QFile>
#include <QImage>
#include <QLineEdit>
#include <QMenu>
#include <QMouseEvent>
#include <QPushButton>
#include <QTemporaryDir>
#include <QTest>
#include <QTreeWidget>
#include <QWheelEvent>

#include <memory>

namespace keelson::ui {
namespace {

const QByteArray shop = "# The shop\n"
                        "apiVersion: apps/v1\n"
                        "kind: Deployment\n"
                        "metadata:\n"
                        "  name: web # mine\n"
                        "spec:\n"
                        "  selector: {matchLabels: {app: web}}\n"
                        "  template:\n"
                        "    metadata: {labels: {app: web}}\n"
                        "    spec:\n"
                        "      containers:\n"
                        "        - name: web\n"
                        "          image: web:1\n"
                        "---\n"
                        "apiVersion: v1\n"
                        "kind: Service\n"
                        "metadata: {name: front}\n"
                        "spec: {ports: [{port: 80}]}\n"
                        "---\n"
                        "apiVersion: v1\n"
                        "kind: ConfigMap\n"
                        "metadata: {name: settings}\n"
                        "data: {level: info}\n";

void mouse(QWidget& widget, QEvent::Type type, QPointF at, Qt::MouseButtons buttons = Qt::LeftButton,
           Qt::KeyboardModifiers modifiers = {})
{
    const auto button = type == QEvent::MouseMove    ? Qt::NoButton
                        : buttons & Qt::MiddleButton ? Qt::MiddleButton
                                                     : Qt::LeftButton;
    QMouseEvent event(type, at, widget.mapToGlobal(at), button,
                      type == QEvent::MouseButtonRelease ? Qt::MouseButtons() : buttons, modifiers);
    QApplication::sendEvent(&widget, &event);
}

void drag(QWidget& widget, QPointF from, QPointF to, Qt::MouseButtons buttons = Qt::LeftButton,
          Qt::KeyboardModifiers modifiers = {})
{
    mouse(widget, QEvent::MouseButtonPress, from, buttons, modifiers);
    for (int step = 1; step <= 8; ++step)
        mouse(widget, QEvent::MouseMove, from + (to - from) * step / 8, buttons, modifiers);
    mouse(widget, QEvent::MouseButtonRelease, to, buttons, modifiers);
}

class DesignerPage : public testing::Test {
protected:
    void SetUp() override { open(); }
    void open()
    {
        m_page.reset();
        m_page = std::make_unique<ManifestsPage>(nullptr, m_folder.filePath(QStringLiteral("unsaved")));
        m_designer = new Designer(*m_page, m_folder.filePath(QStringLiteral("layouts")));
        m_page->resize(1300, 1000);
        m_page->setDesigning(true);
        m_page->show();
        m_page->activateWindow();
        ASSERT_TRUE(eventually([&] { return settled(); }));
    }
    void openText(const QByteArray& text, const QString& name = QStringLiteral("shop.yaml"))
    {
        QFile file(m_folder.filePath(name));
        ASSERT_TRUE(file.open(QIODevice::WriteOnly));
        file.write(text);
        file.close();
        m_page->open({file.fileName()});
        ASSERT_TRUE(eventually([&] {
            return m_page->current() && m_page->current()->path() == file.fileName() && settled() &&
                   !model().places().empty();
        }));
    }
    bool settled() { return m_page->isSettled() && m_designer->isSettled(); }
    DesignModel& model() { return m_designer->model(); }
    DesignView& view() { return *m_designer->view(); }
    std::string text() { return std::as_const(*m_page->current()).text().text(); }
    design::CardId card(const std::string& kind, const std::string& name)
    {
        model().refresh();
        for (const auto& each : model().cards())
            if (each.object.kind == kind && each.object.name == name)
                return each.id;
        return design::noCard;
    }
    QPointF middle(design::CardId id) { return view().rectOf(id).center(); }
    void click(QPointF at, Qt::KeyboardModifiers modifiers = {})
    {
        mouse(view(), QEvent::MouseButtonPress, at, Qt::LeftButton, modifiers);
        mouse(view(), QEvent::MouseButtonRelease, at, Qt::LeftButton, modifiers);
    }
    /// Of a menu that is open: its entries, and choosing one.
    QStringList menu(const QString& name, const QString& choose = {})
    {
        QStringList all;
        auto* shown = m_designer->findChild<QMenu*>(name);
        if (!shown)
            return all;
        QAction* chosen = nullptr;
        for (auto* action : shown->actions()) {
            all << action->text();
            if (action->text() == choose)
                chosen = action;
        }
        if (chosen)
            chosen->trigger();
        shown->close();
        return all;
    }
    void dragFromPalette(const char* kind, QPointF to)
    {
        auto* palette = m_designer->palette();
        auto* item = palette->itemOf(QString::fromLatin1(kind));
        ASSERT_TRUE(item) << kind;
        const QPointF from = palette->visualItemRect(item).center();
        drag(*palette->viewport(), from, palette->viewport()->mapFrom(m_page.get(), view().mapTo(m_page.get(), to)));
    }
    QTemporaryDir m_folder;
    std::unique_ptr<ManifestsPage> m_page;
    Designer* m_designer = nullptr;
};

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
    EXPECT_FALSE(form.itemOf("spec.minReadySeconds") && form.itemOf("spec.progressDeadlineSeconds") &&
                 form.itemOf("metadata.finalizers"));
    form.setLevel(design::FormLevel::Full);
    EXPECT_TRUE(form.itemOf("metadata.finalizers"));
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
