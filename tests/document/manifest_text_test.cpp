// SPDX-License-Identifier: Apache-2.0
#include "base/clock.h"
#include "document/manifest_text.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <random>

namespace keelson::document {

namespace {

std::string kindsOf(const ManifestText& text)
{
    std::string kinds;
    for (std::size_t i = 0; i < text.documents(); ++i) {
        const auto value = text.value(i);
        kinds += (kinds.empty() ? "" : " ") + (value ? std::string(api::stringAt(*value, {"kind"})) : "?");
    }
    return kinds;
}

std::string manyLines(int lines)
{
    std::string text;
    for (int i = 0; i * 10 < lines; ++i)
        text += fmt::format("---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: map-{}\n  labels:\n    app: web\n"
                            "data:\n  a: \"one\"\n  b: two # comment\n",
                            i);
    return text;
}

} // namespace

TEST(ManifestText, isSplitAtItsMarkers)
{
    const auto documents = [](std::string text) { return ManifestText(std::move(text)).documents(); };
    EXPECT_EQ(documents(""), 1U);
    EXPECT_EQ(documents("a: 1\n---\nb: 2\n"), 2U);
    EXPECT_EQ(documents("# head\n---\na: 1\n---\nb: 2\n"), 2U);
    EXPECT_EQ(documents("a: |\n  ---\n  text\n"), 1U); // indented: text
    EXPECT_EQ(documents("a: 1\n...\n# next\n---\nb: 2\n"), 2U);
    EXPECT_EQ(documents("---\n---\n"), 2U);
    EXPECT_EQ(documents("a: 1\n---b: 2\n"), 1U);
}

TEST(ManifestText, anEditEndsBeforeTheMarkerThatEndsTheDocument)
{
    const std::vector<std::pair<std::string, std::string>> rows{{"plain\n", "other\n"},
                                                                {"'quoted'\n", "'other'\n"},
                                                                {"|\n  two\n  lines\n", "other\n"},
                                                                {"--- |\n almost at the margin\n", "--- other\n"}};
    const std::string rest = "...\n# next\nb: 1\n";
    for (const auto& [before, after] : rows) {
        ManifestText text(before + rest);
        ASSERT_EQ(text.documents(), 2U) << before;
        ASSERT_TRUE(text.edit(0, SetValue{{}, "other"}, "edit")) << before;
        EXPECT_EQ(text.documents(), 2U) << text.text();
        EXPECT_EQ(text.text(), after + rest);
    }
}

TEST(ManifestText, aDocumentKeepsItsRevisionWhenTheOneBeforeItGoes)
{
    ManifestText text("a: 1\n---\nb: 2\n---\nc: 3\n");
    const auto last = text.revisionOf(2);
    text.removeDocument(1, "Remove");
    ASSERT_EQ(text.documents(), 2U);
    EXPECT_EQ(text.revisionOf(1), last);
    text.undo();
    EXPECT_EQ(text.revisionOf(2), last);
}

TEST(ManifestText, aQuoteThatNeverEndsIsNotEdited)
{
    const std::string before = ": on\n\": true\n here\n---\nb: 1\n"; // yaml-cpp reads it without a word
    ManifestText text(before);
    for (const auto& edit : std::vector<Edit>{RenameKey{{": true here"}, "c"}, InsertKey{{}, "c", 1}, SetValue{{}, 1}})
        EXPECT_FALSE(text.edit(0, edit, "edit"));
    EXPECT_EQ(text.text(), before);
}

TEST(ManifestText, isSplitTheSameAfterAnyTyping)
{
    std::mt19937 engine(7);
    const std::vector<std::string> pieces{"---\n", "\n", "a: 1\n", "-", "...\n", "# c\n", " ", "x"};
    ManifestText text;
    for (int i = 0; i < 3'000; ++i) {
        const auto offset = engine() % (text.text().size() + 1);
        const auto length = engine() % 3 == 0 ? engine() % 8 : 0;
        text.replace(offset, length, engine() % 2 == 0 ? "" : pieces[engine() % pieces.size()]);
        if (text.text().size() > 300)
            text.replace(0, 200, "");
        const ManifestText fresh(text.text());
        ASSERT_EQ(text.documents(), fresh.documents()) << text.text();
        for (std::size_t d = 0; d < fresh.documents(); ++d) {
            ASSERT_EQ(text.textOf(d), fresh.textOf(d)) << text.text();
            ASSERT_EQ(text.lineOf(d), fresh.lineOf(d));
        }
    }
}

TEST(ManifestText, takesDocumentsInAndOut)
{
    const api::Value secret = api::Object{{"kind", "Secret"}};
    for (const auto* start : {"kind: A\n---\nkind: B\n", "---\nkind: A\n---\nkind: B\n", "kind: A\n---\nkind: B"}) {
        ManifestText text(start);
        ASSERT_TRUE(text.insertDocument(2, secret, "add"));
        EXPECT_EQ(kindsOf(text), "A B Secret");
        text.removeDocument(1, "remove");
        EXPECT_EQ(kindsOf(text), "A Secret");
        ASSERT_TRUE(text.insertDocument(0, secret, "add"));
        EXPECT_EQ(kindsOf(text), "Secret A Secret");
        text.removeDocument(0, "remove");
        EXPECT_EQ(kindsOf(text), "A Secret");
        text.removeDocument(0, "remove");
        EXPECT_EQ(kindsOf(text), "Secret");
        while (text.canUndo())
            text.undo();
        EXPECT_EQ(text.text(), start);
    }
    ManifestText empty;
    ASSERT_TRUE(empty.insertDocument(0, secret, "add"));
    EXPECT_EQ(empty.text(), "kind: Secret\n");
}

TEST(ManifestText, undoesTypingByWordsAndFormsByStep)
{
    ManifestText text("a: 1\n");
    std::size_t at = 5;
    for (const char c : std::string("b: two"))
        text.replace(at++, 0, std::string(1, c));
    ASSERT_TRUE(text.edit(0, {SetValue{parsePath("a"), 2}, SetValue{parsePath("c"), 3}}, "Form"));
    EXPECT_EQ(text.undoLabel(), "Form");
    text.undo();
    EXPECT_EQ(text.text(), "a: 1\nb: two");
    text.undo();
    EXPECT_EQ(text.text(), "a: 1\nb:");
    text.redo();
    text.redo();
    EXPECT_EQ(text.text(), "a: 2\nb: two\nc: 3");
    EXPECT_FALSE(text.canRedo());
    EXPECT_FALSE(text.isClean());
    while (text.canUndo())
        text.undo();
    EXPECT_TRUE(text.isClean());
}

TEST(ManifestText, carriesOutAllEditsOrNone)
{
    ManifestText text("a: 1\n");
    EXPECT_FALSE(text.edit(0, {SetValue{parsePath("a"), 2}, RemoveKey{parsePath("missing")}}, "Form"));
    EXPECT_EQ(text.text(), "a: 1\n");
    EXPECT_FALSE(text.canUndo());
}

TEST(ManifestText, tellsListenersEachChange)
{
    ManifestText text("a: 1\nb: 2\n");
    std::string copy = text.text();
    text.listen([&copy](const TextChange& change) {
        ASSERT_EQ(copy.substr(change.offset, change.removed.size()), change.removed);
        copy.replace(change.offset, change.removed.size(), change.inserted);
    });
    text.replace(0, 1, "key");
    ASSERT_TRUE(text.edit(0, {SetValue{parsePath("b"), 7}, InsertKey{{}, "c", 1}}, "Form"));
    text.undo();
    text.undo();
    text.redo();
    EXPECT_EQ(copy, text.text());
}

TEST(ManifestText, readsOnlyTheDocumentThatWasTouched)
{
    ManifestText text(manyLines(10'000));
    EXPECT_EQ(text.pending().size(), text.documents());
    for (const auto& job : text.pending())
        EXPECT_TRUE(text.adopt(ManifestText::parse(job)));
    EXPECT_TRUE(text.pending().empty());
    const auto place = text.offsetOf(500) + text.textOf(500).find("two");
    text.replace(place, 3, "three");
    const auto jobs = text.pending();
    ASSERT_EQ(jobs.size(), 1U);
    EXPECT_EQ(jobs[0].document, 500U);
    text.replace(place, 1, "T");
    EXPECT_FALSE(text.adopt(ManifestText::parse(jobs[0]))) << "a result of an older text is dropped";
    EXPECT_TRUE(text.adopt(ManifestText::parse(text.pending()[0])));
}

TEST(ManifestText, keepsUpWithTypingInTenThousandLines)
{
    ManifestText text(manyLines(10'000));
    for (std::size_t i = 0; i < text.documents(); ++i)
        text.tree(i);
    const SystemClock clock;
    const auto start = clock.steady();
    constexpr int keys = 500;
    for (int i = 0; i < keys; ++i) {
        const auto place = text.offsetOf(500) + text.textOf(500).find("name: map") + 6;
        text.replace(place, 0, "x");
        text.tree(500);
    }
    const std::chrono::duration<double, std::milli> took = clock.steady() - start;
    EXPECT_LT(took.count() / keys, 5.0) << "a key with its document read again; typically under 0.5 ms";
}

TEST(ManifestText, aDocumentAsTextGoesToTheEnd)
{
    struct Row {
        const char* before;
        const char* text;
        const char* after;
    };
    for (const auto& row :
         {Row{"", "a: b\n", "a: b\n"}, Row{"# mine", "a: b", "# mine\na: b\n"},
          Row{"a: b", "c: d # e\n", "a: b\n---\nc: d # e\n"}, Row{"a: b\r\n", "---\nc: d", "a: b\r\n---\nc: d\r\n"}}) {
        ManifestText text(row.before);
        text.appendDocument(row.text, "Paste");
        EXPECT_EQ(text.text(), row.after);
        EXPECT_EQ(text.undoSteps(), 1U);
        text.undo();
        EXPECT_EQ(text.text(), row.before);
        EXPECT_EQ(text.redoSteps(), 1U);
    }
}

} // namespace keelson::document
