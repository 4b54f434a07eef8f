// SPDX-License-Identifier: Apache-2.0
// The manifest editor without a cluster: text, keys, files.
#include "ui/live_cluster.h"

#include "editor/completion_popup.h"
#include "editor/file_list.h"
#include "editor/find_bar.h"
#include "editor/manifest_editor.h"
#include "editor/manifests_page.h"
#include "editor/outline_panel.h"
#include "editor/problems_panel.h"
#include "support/small_disk.h"

#include <gtest/gtest.h>

#include <QApplication>
#include <QDir>
#include <QFile>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QLineEdit>
#include <QListView>
#include <QMenu>
#include <QSettings>
#include <QTemporaryDir>
#include <QTest>
#include <QToolButton>
#include <QToolTip>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>
#include <set>
#include <unistd.h>

namespace keelson::ui {
namespace {

const QByteArray deployment = "apiVersion: apps/v1\n"
                              "kind: Deployment\n"
                              "metadata: # mine\n"
                              "  name: web\n"
                              "spec:\n"
                              "  selector: {matchLabels: {app: web}}\n"
                              "  template:\n"
                              "    metadata: {labels: {app: web}}\n"
                              "    spec:\n"
                              "      containers:\n"
                              "        - name: web\n"
                              "          image: web:1\n";

class EditorPage : public testing::Test {
protected:
    void SetUp() override { open(); }

    void open()
    {
        m_page.reset();
        m_page = std::make_unique<ManifestsPage>(nullptr, m_folder.filePath(QStringLiteral("unsaved")));
        m_page->resize(1100, 760);
        m_page->show();
        m_page->activateWindow();
    }

    QString write(const QString& name, const QByteArray& text)
    {
        const auto path = m_folder.filePath(name);
        QFile file(path);
        EXPECT_TRUE(file.open(QIODevice::WriteOnly));
        file.write(text);
        return path;
    }
    QByteArray read(const QString& path)
    {
        QFile file(path);
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    }
    void openFile(const QString& path)
    {
        m_page->open({path});
        ASSERT_TRUE(eventually([&] { return m_page->current() && m_page->current()->path() == path && settled(); }));
    }
    bool settled() { return m_page->isSettled(); }
    ManifestEditor& editor() { return *m_page->editor(); }
    std::string text() { return m_page->current()->text().text(); }
    std::string shown() { return editor().text().toStdString(); }
    void cursorBehind(const char* words) { editor().goTo(text().find(words) + std::string_view(words).size()); }
    QStringList problems()
    {
        QStringList all;
        auto* model = m_page->problems()->model();
        for (int i = 0; i < model->rowCount(); ++i)
            if (model->row(i).finding.what.severity != document::Severity::Hint)
                all << model->row(i).place + QLatin1Char(' ') + model->row(i).text;
        return all;
    }

    QTemporaryDir m_folder;
    std::unique_ptr<ManifestsPage> m_page;
};

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

TEST_F(EditorPage, savesWhatWasWritten)
{
    const auto path = write(QStringLiteral("web.yaml"), deployment);
    openFile(path);
    cursorBehind("name: web");
    QTest::keyClicks(&editor(), QStringLiteral("x"));
    EXPECT_EQ(m_page->files()->item(0)->data(Qt::AccessibleTextRole).toString().toStdString(), "web.yaml, edited");
    m_page->save();
    ASSERT_TRUE(eventually([&] { return settled() && !m_page->current()->isEdited(); }));
    EXPECT_EQ(read(path).toStdString(), text());
    EXPECT_EQ(m_page->files()->item(0)->data(Qt::AccessibleTextRole).toString().toStdString(), "web.yaml");
}

TEST_F(EditorPage, neverSavesOverWhatOthersWrote)
{
    const auto path = write(QStringLiteral("web.yaml"), deployment);
    openFile(path);
    cursorBehind("name: web");
    QTest::keyClicks(&editor(), QStringLiteral("mine"));
    write(QStringLiteral("web.yaml"), "theirs: 1\n");
    m_page->save();
    ASSERT_TRUE(eventually([&] { return m_page->current()->isOutOfDate() && settled(); }));
    EXPECT_EQ(read(path).toStdString(), "theirs: 1\n");
    EXPECT_TRUE(m_page->notice().contains(QStringLiteral("changed on the disk"))) << m_page->notice().toStdString();
    EXPECT_NE(shown().find("webmine"), std::string::npos);
    m_page->session().reload(m_page->current());
    ASSERT_TRUE(eventually([&] { return shown() == "theirs: 1\n"; }));
    editor().undo();
    EXPECT_NE(shown().find("webmine"), std::string::npos) << "taking theirs can be undone";
}

TEST_F(EditorPage, followsADiskThatChangesUnderAnUneditedText)
{
    openFile(write(QStringLiteral("web.yaml"), deployment));
    write(QStringLiteral("web.yaml"), "theirs: 1\n");
    EXPECT_TRUE(eventually([&] { return shown() == "theirs: 1\n"; }));
}

TEST_F(EditorPage, saysWhyAFileCannotBeOpenedOrSaved)
{
    m_page->open({m_folder.filePath(QStringLiteral("nowhere.yaml"))});
    ASSERT_TRUE(eventually([&] { return m_page->notice().contains(QStringLiteral("cannot be found")); }));
    if (geteuid() == 0)
        return; // nothing is read-only for root
    const auto path = write(QStringLiteral("web.yaml"), deployment);
    openFile(path);
    QFile::setPermissions(path, QFileDevice::ReadOwner);
    QTest::keyClicks(&editor(), QStringLiteral("#"));
    m_page->save();
    ASSERT_TRUE(eventually([&] { return m_page->notice().contains(QStringLiteral("may not be written")); }));
    EXPECT_TRUE(m_page->current()->isEdited());
}

TEST_F(EditorPage, badInputIsNamedByFileLineAndCure)
{
    struct Row {
        const char* file;
        QByteArray text;
        const char* problem;
    };
    const QByteArray head = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n";
    QByteArray bomb = head + "data:\n  a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
    for (int i = 1; i < 10; ++i) {
        bomb += "  a" + QByteArray::number(i) + ": &a" + QByteArray::number(i) + " [";
        for (int j = 0; j < 10; ++j)
            bomb += (j > 0 ? ", *a" : "*a") + QByteArray::number(i - 1);
        bomb += "]\n";
    }
    for (const auto& [file, bytes, problem] : std::vector<Row>{
             {"tab.yaml", head + "data:\n\ta: b\n",
              "tab.yaml:5 A tab indents this line – YAML is indented with spaces"},
             {"no.yaml", "a: [1, 2\nb: 3\n", "Not YAML"},
             {"text.yaml", "Dear reader,\n",
              "text.yaml:1 A manifest is a map with apiVersion, kind and metadata – Begin"},
             {"twice.yaml", head + "kind: Secret\n",
              "twice.yaml:4 kind stands here and on line 2; the last one would win silently – Remove one of them."},
             {"second.yaml", head + "---\n" + head + "dat: {}\n",
              "second.yaml:8 ConfigMap has no field dat – Did you mean data?"},
             {"cycle.yaml", head + "data: &x {a: *x}\n",
              "cycle.yaml:4 *x stands inside the value that it names, which would never end – Write out what is meant"},
             {"alias.yaml", head + "data: *nowhere\n", "alias.yaml:4 Not YAML"},
             {"bomb.yaml", bomb, "Write out what the aliases stand for."},
             {"deep.yaml", head + "data: " + QByteArray(300, '[') + QByteArray(300, ']') + "\n",
              "No cluster takes objects that are nested so deep."},
             {"large.yaml", head + "data: {a: '" + QByteArray(4'000'000, 'x') + "'}\n",
              "Split it into several objects."},
             {"kind.yaml", "apiVersion: v1\nkind: ConfgMap\nmetadata: {name: a}\n",
              "kind.yaml:2 The kind ConfgMap of v1 is not known here, so its fields are not checked – Did you mean "
              "ConfigMap?"},
             {"zero.yaml", head + QByteArray("data: {a: b\0}\n", 14),
              "zero.yaml:4 The control character 0x00 may not stand in YAML – Remove it"},
         }) {
        openFile(write(QLatin1String(file), bytes));
        EXPECT_TRUE(eventually([&] { return problems().join(QLatin1Char('\n')).contains(QString::fromUtf8(problem)); }))
            << file << ":\n"
            << problems().join(QLatin1Char('\n')).toStdString();
        EXPECT_EQ(text(), bytes.toStdString()) << file << " can be read and mended";
        m_page->session().close(m_page->current());
        QApplication::processEvents();
    }
}

TEST_F(EditorPage, filesThatAreNoTextAreNamedAndTheOthersOpen)
{
    QDir(m_folder.path()).mkdir(QStringLiteral("set"));
    write(QStringLiteral("set/web.yaml"), deployment);
    write(QStringLiteral("set/mixed.yaml"), "a: gr\xc3\xb6\xc3\x9f\nb: gr\xf6\xdf\n");
    m_page->open({m_folder.filePath(QStringLiteral("set"))});
    ASSERT_TRUE(eventually([&] { return m_page->files()->count() == 1 && !m_page->notice().isEmpty(); }));
    for (const auto* words : {"mixed.yaml", "line 2", "Save it as UTF-8"})
        EXPECT_TRUE(m_page->notice().contains(QLatin1String(words))) << m_page->notice().toStdString();
    QFile huge(write(QStringLiteral("set/huge.yaml"), "a: 1\n"));
    ASSERT_TRUE(huge.resize(qint64{65} * 1024 * 1024));
    m_page->open({m_folder.filePath(QStringLiteral("set"))});
    ASSERT_TRUE(eventually([&] { return m_page->notice().contains(QStringLiteral("2 files were not opened")); }))
        << m_page->notice().toStdString();
    for (const auto* words : {"huge.yaml", "files over 64 MB are not opened. Split it first", "mixed.yaml"})
        EXPECT_TRUE(m_page->notice().contains(QLatin1String(words))) << m_page->notice().toStdString();
}

TEST_F(EditorPage, aFolderThatMayNotBeWrittenLosesNothing)
{
    // Root may write everywhere but where the system itself allows nobody.
    const auto path = QStringLiteral("/proc/version");
    openFile(path);
    const auto before = text();
    QTest::keyClicks(&editor(), QStringLiteral("# mine"));
    m_page->save();
    ASSERT_TRUE(eventually([&] { return m_page->notice().contains(QStringLiteral("/proc/version")); }));
    EXPECT_TRUE(m_page->notice().contains(QStringLiteral("the text is kept meanwhile")))
        << m_page->notice().toStdString();
    EXPECT_EQ(text(), "# mine" + before);
    EXPECT_TRUE(m_page->current()->isEdited());
    open(); // the program ends
    ASSERT_TRUE(eventually([&] { return m_page->files()->count() == 1 && settled(); }));
    EXPECT_EQ(text(), "# mine" + before) << "and it comes back";
}

TEST_F(EditorPage, aFullDiskIsNamedAndTheCopyWrittenWhenThereIsRoom)
{
    if (::geteuid() != 0)
        GTEST_SKIP() << "it mounts a file system";
    const support::SmallDisk disk(64);
    ASSERT_TRUE(disk.mounted());
    const auto path = write(QStringLiteral("web.yaml"), deployment);
    const auto kept = disk.path() / "unsaved";
    m_page = std::make_unique<ManifestsPage>(nullptr, QString::fromStdString(kept.string()));
    m_page->resize(1100, 760);
    m_page->show();
    openFile(path);
    support::writeFile(disk.path() / "filler", std::string(std::size_t{1} << 20, 'x'));
    QTest::keyClicks(&editor(), QStringLiteral("# mine"));
    ASSERT_TRUE(eventually([&] { return !m_page->notice().isEmpty(); }));
    for (const auto* words : {"web.yaml", "No space left on device", "save it, or make room"})
        EXPECT_TRUE(m_page->notice().contains(QLatin1String(words))) << m_page->notice().toStdString();
    std::filesystem::remove(disk.path() / "filler");
    ASSERT_TRUE(eventually([&] { return m_page->notice().contains(QStringLiteral("written again")); }))
        << m_page->notice().toStdString();
    std::size_t copies = 0;
    for (const auto& entry : std::filesystem::directory_iterator(kept))
        copies += document::recoverable(entry.path()).size();
    EXPECT_EQ(copies, 1U) << "without another edit";
    m_page.reset(); // before its disk goes
}

TEST_F(EditorPage, whatWasNotSavedComesBack)
{
    const auto path = write(QStringLiteral("web.yaml"), deployment);
    openFile(path);
    cursorBehind("name: web");
    QTest::keyClicks(&editor(), QStringLiteral("-unsaved"));
    m_page->create();
    QTest::keyClicks(&editor(), QStringLiteral("new: text"));
    open(); // the page goes without a question, as when the program ends
    ASSERT_TRUE(eventually([&] { return m_page->files()->count() == 2 && settled(); }));
    QStringList texts;
    for (auto* manifest : m_page->session().manifests()) {
        EXPECT_TRUE(manifest->isEdited());
        texts << QString::fromStdString(manifest->text().text());
    }
    EXPECT_TRUE(texts.join(QLatin1Char('\n')).contains(QStringLiteral("name: web-unsaved")));
    EXPECT_TRUE(texts.join(QLatin1Char('\n')).contains(QStringLiteral("new: text")));
    EXPECT_TRUE(m_page->notice().contains(QStringLiteral("recovered")));
    EXPECT_EQ(read(path), deployment) << "the file itself is as it was";
    open();
    EXPECT_TRUE(eventually([&] { return m_page->files()->count() == 2; })) << "and again, until it is saved or closed";
}

TEST_F(EditorPage, whatComesBackIsNotSavedOverWhatOthersWroteMeanwhile)
{
    const auto path = write(QStringLiteral("web.yaml"), deployment);
    openFile(path);
    cursorBehind("name: web");
    QTest::keyClicks(&editor(), QStringLiteral("-mine"));
    m_page.reset(); // the program ends
    write(QStringLiteral("web.yaml"), "theirs: 1\n");
    open();
    ASSERT_TRUE(eventually([&] { return m_page->files()->count() == 1 && settled(); }));
    m_page->save();
    ASSERT_TRUE(eventually([&] { return m_page->notice().contains(QStringLiteral("changed on the disk")); }))
        << m_page->notice().toStdString();
    EXPECT_EQ(read(path), "theirs: 1\n");
    EXPECT_NE(shown().find("name: web-mine"), std::string::npos);
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
