// SPDX-License-Identifier: Apache-2.0
// The files of the manifest editor: saving, what others write, bad input, disks that are full, and what comes back.
#include "ui/editor/editor_page.h"

#include "editor/file_list.h"
#include "support/small_disk.h"

#include <QApplication>
#include <QDir>
#include <QListView>
#include <QSignalSpy>
#include <QTest>
#include <QToolButton>

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <unistd.h>

namespace keelson::ui {
namespace {

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
             {"no.yaml", "a: [1, 2\nb: 3\n", "no.yaml:1 The [ that opens here is never closed – Close it with ]"},
             {"quote.yaml", head + "data: {}\n\n# '\nimmutable: 'true\n",
              "quote.yaml:7 The quote that opens here is never closed – Close it with another '"},
             {"chart.yaml", head + "data: {{ .Values.data }}\n",
              "chart.yaml:4 {{ }} is filled in by a template tool such as Helm, not by the cluster – Of a template"},
             {"text.yaml", "Dear reader,\n",
              "text.yaml:1 A manifest is a map with apiVersion, kind and metadata – Begin"},
             {"twice.yaml", head + "kind: Secret\n",
              "twice.yaml:4 kind stands here and on line 2; the last one would win silently – Remove one of them."},
             {"second.yaml", head + "---\n" + head + "dat: {}\n",
              "second.yaml:8 ConfigMap has no field dat – Did you mean data?"},
             {"cycle.yaml", head + "data: &x {a: *x}\n",
              "cycle.yaml:4 *x stands inside the value that it names, which would never end – Write out what is meant"},
             {"alias.yaml", head + "data: *nowhere\n",
              "alias.yaml:4 No anchor has the name that * asks for here – An alias needs its anchor"},
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

TEST_F(EditorPage, theListOfFilesSaysWhichHaveErrorsAndWhichWarnings)
{
    const QByteArray warned = "apiVersion: v1\nkind: ConfgMap\nmetadata: {name: a}\n";
    const struct {
        const char* name;
        QByteArray text;
        const char* words; ///< Nothing: it is as calm as before.
    } cases[] = {
        {"well.yaml", deployment, ""},
        {"warned.yaml", warned, "1 warnings"},
        {"wrong.yaml", warned + "---\napiVersion: v1\nkind: Pod\nmetadata: {nme: a}\n", "errors"},
    };
    for (const auto& each : cases)
        openFile(write(QLatin1String(each.name), each.text));
    std::set<QRgb> colours; // of the glyphs
    for (const auto& each : cases) {
        const auto* item = m_page->files()->findItems(QLatin1String(each.name), Qt::MatchExactly).value(0);
        ASSERT_TRUE(item) << each.name;
        const auto tip = [&] { return item->toolTip().section(QLatin1Char('\n'), 1); };
        ASSERT_TRUE(eventually([&] { return settled() && tip().contains(QLatin1String(each.words)); }))
            << tip().toStdString();
        EXPECT_EQ(tip().isEmpty(), *each.words == 0) << each.name << ": " << tip().toStdString();
        EXPECT_TRUE(item->toolTip().startsWith(m_folder.filePath(QLatin1String(each.name))));
        EXPECT_TRUE(item->data(Qt::AccessibleTextRole).toString().endsWith(*each.words == 0 ? item->text() : tip()));
        m_page->files()->setCurrentItem(nullptr);
        auto glyph = m_page->files()->visualItemRect(item);
        glyph.setWidth(34);
        const auto picture = m_page->files()->viewport()->grab(glyph).toImage();
        std::map<QRgb, int> counts;
        for (int y = 0; y < picture.height(); ++y)
            for (int x = 0; x < picture.width(); ++x)
                ++counts[picture.pixel(x, y)];
        counts.erase(picture.pixel(0, 0));
        colours.insert(std::ranges::max_element(counts, {}, &std::pair<const QRgb, int>::second)->first);
    }
    EXPECT_EQ(colours.size(), 3U) << "each has a glyph of its own";
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
    m_page = std::make_unique<ManifestsPage>(nullptr, realTime, QString::fromStdString(kept.string()));
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

TEST(ManifestSession, forgetsAnApplyThatWasCutOffAWeekAgo)
{
    const struct {
        int hours;
        int found;
    } cases[] = {{7 * 24, 1}, {8 * 24 + 1, 0}};
    for (const auto& [hours, found] : cases) {
        const QTemporaryDir folder;
        const auto journal = folder.filePath(QStringLiteral("ended/apply.journal"));
        ASSERT_TRUE(QDir(folder.path()).mkdir(QStringLiteral("ended")));
        support::writeFile(journal.toStdString(), "cut off");
        const SimulatedClock clock(SystemClock().wall() + std::chrono::hours{hours});
        ManifestSession session(folder.path(), clock);
        const QSignalSpy applies(&session, &ManifestSession::applyFound);
        session.recover();
        EXPECT_EQ(applies.size(), found) << hours;
        EXPECT_EQ(QFile::exists(journal), found == 1) << hours;
    }
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

} // namespace
} // namespace keelson::ui
