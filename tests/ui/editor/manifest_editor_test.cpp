// SPDX-License-Identifier: Apache-2.0
// The manifest editor without a cluster: text and keys.
#include "ui/editor/editor_page.h"

#include "editor/completion_popup.h"
#include "editor/file_list.h"
#include "editor/find_bar.h"
#include "editor/outline_panel.h"

#include <QApplication>
#include <QDir>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QLineEdit>
#include <QListView>
#include <QMenu>
#include <QSettings>
#include <QTest>
#include <QToolButton>
#include <QToolTip>

#include <algorithm>
#include <optional>
#include <set>

namespace keelson::ui {
namespace {

TEST_F(EditorPage, typingGoesIntoTheDocumentAndUndoIsItsOwn)
{
    openFile(write(QStringLiteral("web.yaml"), deployment));
    cursorBehind("name: web");
    QTest::keyClicks(&editor(), QStringLiteral("-2"));
    EXPECT_NE(text().find("name: web-2\n"), std::string::npos);
    EXPECT_EQ(text(), shown());
    EXPECT_TRUE(m_page->current()->isEdited());
    QTest::keyClick(&editor(), Qt::Key_Z, Qt::ControlModifier);
    EXPECT_EQ(text(), deployment.toStdString());
    EXPECT_EQ(text(), shown());
    EXPECT_FALSE(m_page->current()->isEdited());
    QTest::keyClick(&editor(), Qt::Key_Y, Qt::ControlModifier);
    EXPECT_NE(shown().find("name: web-2\n"), std::string::npos);
}

TEST_F(EditorPage, aNewLineAndItsIndentAreOneStep)
{
    openFile(write(QStringLiteral("web.yaml"), deployment));
    cursorBehind("image: web:1");
    QTest::keyClick(&editor(), Qt::Key_Return);
    EXPECT_NE(text().find("web:1\n          \n"), std::string::npos) << "indented as the line above";
    m_page->current()->text().undo();
    EXPECT_EQ(shown(), deployment.toStdString());
}

TEST_F(EditorPage, changesOfTheDocumentShow)
{
    openFile(write(QStringLiteral("web.yaml"), deployment));
    ASSERT_TRUE(m_page->current()->text().edit(0, document::SetValue{document::parsePath("spec.replicas"), 3}, "Form"));
    EXPECT_EQ(text(), shown());
    EXPECT_NE(shown().find("  replicas: 3\n"), std::string::npos);
    QTest::keyClick(&editor(), Qt::Key_Z, Qt::ControlModifier);
    EXPECT_EQ(shown(), deployment.toStdString()) << "the form's step is undone from the text";
}

TEST_F(EditorPage, textBeyondAsciiKeepsItsPlaces)
{
    openFile(write(QStringLiteral("a.yaml"), "# Größe ☃ 漢字\r\na: ä\r\n"));
    cursorBehind("a: ä");
    for (const QChar letter : QStringLiteral("öß")) { // QTest knows ASCII alone
        QKeyEvent press(QEvent::KeyPress, Qt::Key_unknown, Qt::NoModifier, QString(letter));
        QApplication::sendEvent(&editor(), &press);
    }
    EXPECT_EQ(text(), "# Größe ☃ 漢字\r\na: äöß\r\n");
    QTest::keyClick(&editor(), Qt::Key_Return);
    EXPECT_EQ(text(), "# Größe ☃ 漢字\r\na: äöß\r\n\r\n") << "as the file's lines end";
    EXPECT_EQ(text(), shown());
}

TEST_F(EditorPage, proposesAndExplains)
{
    openFile(write(QStringLiteral("web.yaml"), deployment));
    cursorBehind("spec:");
    QTest::keyClick(&editor(), Qt::Key_Return);
    QTest::keyClicks(&editor(), QStringLiteral("  repl"));
    ASSERT_TRUE(editor().popup()->isVisible());
    EXPECT_EQ(editor().popup()->labels(), QStringList{QStringLiteral("replicas")});
    EXPECT_TRUE(editor().popup()->explanation().contains(QStringLiteral("spec.replicas")));
    QTest::keyClick(&editor(), Qt::Key_Return);
    EXPECT_FALSE(editor().popup()->isVisible());
    EXPECT_NE(shown().find("spec:\n  replicas: \n"), std::string::npos);
    QTest::keyClicks(&editor(), QStringLiteral("2"));
    EXPECT_NE(text().find("spec:\n  replicas: 2\n"), std::string::npos);
}

TEST_F(EditorPage, theListOfProposalsIsKeptToTheKeyboard)
{
    openFile(write(QStringLiteral("pod.yaml"), "apiVersion: v1\nkind: Pod\nspec:\n  restartPolicy: \n"));
    cursorBehind("restartPolicy: ");
    QTest::keyClick(&editor(), Qt::Key_Space, Qt::ControlModifier);
    ASSERT_TRUE(editor().popup()->isVisible());
    const auto labels = editor().popup()->labels();
    QTest::keyClick(&editor(), Qt::Key_Down);
    QTest::keyClick(&editor(), Qt::Key_Tab);
    EXPECT_NE(text().find("restartPolicy: " + labels[1].toStdString() + "\n"), std::string::npos);
    QTest::keyClick(&editor(), Qt::Key_Space, Qt::ControlModifier);
    QTest::keyClick(&editor(), Qt::Key_Escape);
    EXPECT_FALSE(editor().popup()->isVisible());
}

TEST_F(EditorPage, proposesBetweenBrackets)
{
    openFile(write(QStringLiteral("pod.yaml"), "apiVersion: v1\nkind: Pod\nspec: {}\n"));
    cursorBehind("spec: {");
    QTest::keyClicks(&editor(), QStringLiteral("containe"));
    ASSERT_TRUE(editor().popup()->isVisible());
    QTest::keyClick(&editor(), Qt::Key_Return);
    EXPECT_NE(text().find("spec: {containers: [{}]}\n"), std::string::npos) << text();
    EXPECT_EQ(editor().cursor(), text().find("}]}")) << "one types on between the brackets";
    EXPECT_TRUE(editor().popup()->labels().contains(QStringLiteral("image")));
    editor().undo();
    EXPECT_NE(text().find("spec: {containe}\n"), std::string::npos) << "one step: " << text();
}

TEST_F(EditorPage, coloursKeysAndValues)
{
    openFile(write(QStringLiteral("web.yaml"), deployment));
    editor().SendScintilla(QsciScintillaBase::SCI_COLOURISE, 0UL, -1L);
    std::set<long> styles;
    for (const auto* part : {"kind", "Deployment", "# mine"})
        styles.insert(editor().SendScintilla(QsciScintillaBase::SCI_GETSTYLEAT,
                                             static_cast<unsigned long>(text().find(part) + 1)));
    EXPECT_EQ(styles.size(), 3u);
}

TEST_F(EditorPage, foldsWhatBelongsTogether)
{
    openFile(write(QStringLiteral("web.yaml"), deployment));
    editor().SendScintilla(QsciScintillaBase::SCI_COLOURISE, 0UL, -1L);
    const auto isShown = [&](const char* words) {
        const auto line = std::ranges::count(text().substr(0, text().find(words)), '\n');
        return editor().SendScintilla(QsciScintillaBase::SCI_GETLINEVISIBLE, static_cast<unsigned long>(line)) != 0;
    };
    cursorBehind("template:");
    editor().toggleFold();
    EXPECT_TRUE(isShown("template:"));
    EXPECT_FALSE(isShown("containers:"));
    EXPECT_FALSE(isShown("image:"));
    cursorBehind("image:");
    EXPECT_TRUE(isShown("image:")) << "whoever goes there sees it";
    editor().toggleFold();
    EXPECT_FALSE(isShown("image:")) << "a line that holds none folds what it is in";
    EXPECT_EQ(editor().cursor(), text().find("        - name: web")) << "the cursor is not left where nobody sees it";
    EXPECT_TRUE(isShown("containers:"));
    editor().toggleFolds();
    editor().toggleFolds();
    EXPECT_TRUE(isShown("image:"));
    const auto line = std::ranges::count(text().substr(0, text().find("spec:")), '\n');
    const auto height = editor().textHeight(0);
    const auto left = editor().marginWidth(0) + editor().marginWidth(1) + editor().marginWidth(2) / 2;
    editor().setFirstVisibleLine(0);
    QTest::mouseClick(editor().viewport(), Qt::LeftButton, {},
                      QPoint(left, static_cast<int>(line) * height + height / 2));
    EXPECT_FALSE(isShown("template:")) << "and by the mark in the margin";
}

TEST_F(EditorPage, explainsWhatThePointerIsOn)
{
    auto wrong = deployment;
    wrong.replace("image:", "imagge:");
    openFile(write(QStringLiteral("web.yaml"), wrong));
    const auto cardAt = [&](const char* words) {
        const auto at = static_cast<long>(text().find(words) + 1);
        const QPoint point(
            static_cast<int>(editor().SendScintilla(QsciScintillaBase::SCI_POINTXFROMPOSITION, 0UL, at)),
            static_cast<int>(editor().SendScintilla(QsciScintillaBase::SCI_POINTYFROMPOSITION, 0UL, at)) + 2);
        QHelpEvent ask(QEvent::ToolTip, point, editor().viewport()->mapToGlobal(point));
        QApplication::sendEvent(editor().viewport(), &ask);
        return QToolTip::text();
    };
    EXPECT_TRUE(cardAt("containers:").contains(QStringLiteral("spec.template.spec.containers")));
    EXPECT_TRUE(cardAt("matchLabels").contains(QStringLiteral("spec.selector.matchLabels"))) << "between braces";
    EXPECT_TRUE(cardAt("imagge").contains(QStringLiteral("Did you mean image?"))) << QToolTip::text().toStdString();
    cursorBehind("selec");
    editor().explainHere();
    EXPECT_TRUE(QToolTip::text().contains(QStringLiteral("spec.selector"))) << "by a key, too";
}

TEST_F(EditorPage, curesOfALineAreInItsMenu)
{
    auto wrong = deployment;
    wrong.replace("template:", "tmeplate:");
    openFile(write(QStringLiteral("web.yaml"), wrong));
    cursorBehind("tmepl");
    editor().showCures();
    auto* menu = editor().findChild<QMenu*>();
    ASSERT_TRUE(menu);
    ASSERT_FALSE(menu->actions().isEmpty());
    EXPECT_EQ(menu->actions().first()->text().toStdString(), "Rename to template");
    menu->actions().first()->trigger();
    EXPECT_EQ(shown(), deployment.toStdString());
    menu->close();
}

TEST_F(EditorPage, problemsAreListedJumpedToAndMended)
{
    auto wrong = deployment;
    wrong.replace("template:", "tmeplate:");
    openFile(write(QStringLiteral("web.yaml"), wrong));
    ASSERT_TRUE(eventually([&] { return problems().size() >= 1; }));
    const auto row =
        problems().indexOf(QStringLiteral("web.yaml:7 Deployment has no field spec.tmeplate – Did you mean template?"));
    ASSERT_GE(row, 0) << problems().join(QLatin1Char('\n')).toStdString();
    emit m_page->problems()->list()->activated(m_page->problems()->model()->index(static_cast<int>(row)));
    EXPECT_EQ(editor().cursor(), text().find("tmeplate"));
    const auto cures = editor().curesHere();
    ASSERT_FALSE(cures.empty());
    EXPECT_EQ(cures.front().second.title, "Rename to template");
    editor().carryOut(cures.front().first, cures.front().second);
    EXPECT_EQ(shown(), deployment.toStdString());
    EXPECT_TRUE(eventually([&] { return settled() && problems().isEmpty(); }));
    editor().carryOut(cures.front().first, cures.front().second);
    EXPECT_TRUE(m_page->notice().contains(QStringLiteral("has changed since"))) << "an old cure does no harm";
    EXPECT_EQ(shown(), deployment.toStdString());
}

TEST_F(EditorPage, hintsAreMendedOrSwitchedOffFromTheirRow)
{
    openFile(write(QStringLiteral("web.yaml"), deployment));
    const auto row = [&](const char* code) -> std::optional<Finding> {
        auto* model = m_page->problems()->model();
        for (int i = 0; i < model->rowCount(); ++i)
            if (model->row(i).finding.what.code == code)
                return model->row(i).finding;
        return std::nullopt;
    };
    ASSERT_TRUE(eventually([&] { return row("no-limits").has_value(); }));
    std::unique_ptr<QMenu> menu(m_page->problems()->menuOf(*row("no-limits")));
    EXPECT_EQ(menu->actions().first()->text().toStdString(), "Add a limit of 256Mi");
    menu->actions().last()->trigger();
    EXPECT_TRUE(eventually([&] { return settled() && !row("no-limits"); }));
    EXPECT_TRUE(row("no-requests")) << "the others stay";
    menu.reset(m_page->problems()->menuOf(*row("no-requests")));
    menu->actions().first()->trigger();
    EXPECT_NE(shown().find("requests:"), std::string::npos);
    QSettings().remove(QStringLiteral("manifests/hintsOff"));
}

TEST_F(EditorPage, filesAreCheckedAgainstEachOther)
{
    QDir(m_folder.path()).mkdir(QStringLiteral("set"));
    write(QStringLiteral("set/web.yaml"), deployment);
    write(QStringLiteral("set/service.yaml"), "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec:\n"
                                              "  selector: {app: wbe}\n  ports: [{port: 80}]\n");
    m_page->open({m_folder.filePath(QStringLiteral("set"))});
    ASSERT_TRUE(eventually([&] { return m_page->files()->count() == 2 && settled(); }));
    EXPECT_TRUE(
        problems().join(QLatin1Char(' ')).contains(QStringLiteral("service.yaml:5 The selector matches no pod")))
        << problems().join(QLatin1Char('\n')).toStdString();
}

TEST_F(EditorPage, outlineLeadsToThePlaces)
{
    openFile(
        write(QStringLiteral("two.yaml"), deployment + "---\napiVersion: v1\nkind: Service\nmetadata: {name: s}\n"));
    auto* outline = m_page->outline();
    ASSERT_EQ(outline->topLevelItemCount(), 2);
    EXPECT_EQ(outline->topLevelItem(0)->text(0).toStdString(), "Deployment web");
    EXPECT_EQ(outline->topLevelItem(1)->text(0).toStdString(), "Service s");
    emit outline->itemActivated(outline->topLevelItem(1), 0);
    EXPECT_EQ(editor().cursor(), text().find("apiVersion: v1\nkind: Service"));
    openFile(write(QStringLiteral("list.yaml"),
                   "apiVersion: v1\nkind: List\nitems:\n- kind: Service\n  apiVersion: v1\n"
                   "  metadata: {name: s}\n- {kind: Secret, apiVersion: v1}\n"));
    ASSERT_EQ(outline->topLevelItemCount(), 1);
    const auto* items = outline->topLevelItem(0)->child(0);
    ASSERT_TRUE(items && items->childCount() == 2);
    EXPECT_EQ(items->child(0)->text(0).toStdString(), "Service s");
    EXPECT_EQ(items->child(1)->text(0).toStdString(), "Secret");
}

TEST_F(EditorPage, findsAndReplaces)
{
    openFile(write(QStringLiteral("web.yaml"), deployment));
    m_page->find(true);
    m_page->findBar()->wordsField()->setText(QStringLiteral("app: web"));
    m_page->findBar()->replacementField()->setText(QStringLiteral("app: shop"));
    m_page->findBar()->find(true);
    EXPECT_EQ(editor().selection().begin, text().find("app: web"));
    m_page->findBar()->replaceAll();
    EXPECT_EQ(text().find("app: web"), std::string::npos);
    EXPECT_EQ(text(), shown());
    m_page->current()->text().undo();
    EXPECT_EQ(shown(), deployment.toStdString()) << "one step";
}

TEST_F(EditorPage, linesAreCommentedOutAndIn)
{
    openFile(write(QStringLiteral("a.yaml"), "a: 1\n  b: 2\n"));
    editor().selectAll();
    editor().toggleComment();
    EXPECT_EQ(shown(), "# a: 1\n  # b: 2\n");
    editor().selectAll();
    editor().toggleComment();
    EXPECT_EQ(shown(), "a: 1\n  b: 2\n");
}

TEST_F(EditorPage, offlineSaysWhatNeedsACluster)
{
    m_page->create();
    for (auto* button : m_page->findChildren<QToolButton*>())
        if (button->text() == QStringLiteral("Apply…")) {
            EXPECT_FALSE(button->isEnabled());
            EXPECT_TRUE(button->toolTip().contains(QStringLiteral("No cluster is connected")));
            return;
        }
    FAIL() << "there is no such button";
}

TEST_F(EditorPage, panesAreReachedByKeys)
{
    openFile(write(QStringLiteral("web.yaml"), deployment));
    editor().setFocus();
    m_page->nextPane();
    EXPECT_TRUE(m_page->problems()->list()->hasFocus());
    m_page->nextPane();
    EXPECT_TRUE(m_page->files()->hasFocus());
    m_page->nextPane();
    EXPECT_TRUE(m_page->outline()->hasFocus());
    m_page->nextPane();
    EXPECT_TRUE(editor().hasFocus());
    for (auto* button : m_page->findChildren<QToolButton*>()) {
        const bool isQts = qobject_cast<QLineEdit*>(button->parentWidget()) != nullptr; // clears the field
        EXPECT_FALSE(!isQts && button->text().isEmpty() && button->accessibleName().isEmpty()) << "has no name";
    }
}

} // namespace
} // namespace keelson::ui
