// SPDX-License-Identifier: Apache-2.0
#include "document/manifest_text.h"

#include <gtest/gtest.h>

namespace keelson::document {

namespace {

/// The text after an edit of its first document, or the refusal.
std::string after(const std::string& text, const Edit& edit)
{
    ManifestText manifest(text);
    const auto done = manifest.edit(0, edit, "edit");
    return done ? manifest.text() : "refused: " + done.error().message;
}

api::Value json(const char* text)
{
    return *api::parseJson(text);
}

} // namespace

TEST(Edit, setsAScalarInItsOwnStyle)
{
    const auto set = [](const char* text, const api::Value& value) {
        return after(text, SetValue{parsePath("a"), value});
    };
    EXPECT_EQ(set("a: 1 # one\nb: 2\n", 3), "a: 3 # one\nb: 2\n");
    EXPECT_EQ(set("a: 'x'\n", "it's"), "a: 'it''s'\n");
    EXPECT_EQ(set("a: \"x\"\n", "y"), "a: \"y\"\n");
    EXPECT_EQ(set("a: x\n", "yes"), "a: \"yes\"\n");
    EXPECT_EQ(set("a:   # soon\nb: 1\n", "x"), "a: x   # soon\nb: 1\n");
    EXPECT_EQ(set("a: |\n    one\nb: 1\n", "two\nlines\n"), "a: |\n    two\n    lines\nb: 1\n");
    EXPECT_EQ(set("a: x # why\n", "two\nlines\n"), "a: | # why\n  two\n  lines\n");
    EXPECT_EQ(set("a: !!str 1\n", 2), "a: 2\n");
    EXPECT_EQ(set("{\"a\": \"x\"}", "y"), "{\"a\": \"y\"}");
    EXPECT_EQ(set("a: x\r\nb: y\r\n", json(R"({"c":[1]})")), "a:\r\n  c:\r\n    - 1\r\nb: y\r\n");
}

TEST(Edit, makesWhatIsMissingOnTheWay)
{
    EXPECT_EQ(after("kind: Pod\n", SetValue{parsePath("metadata.labels.app"), "web"}),
              "kind: Pod\nmetadata:\n  labels:\n    app: web\n");
    EXPECT_EQ(after("# only a comment\n", SetValue{parsePath("kind"), "Pod"}), "# only a comment\nkind: Pod\n");
    EXPECT_EQ(after("spec: {}\n", InsertKey{parsePath("spec"), "replicas", 2}), "spec:\n  replicas: 2\n");
    EXPECT_EQ(after("", SetValue{parsePath("kind"), "Pod"}), "kind: Pod\n");
}

TEST(Edit, insertsAsTheNeighboursAreWritten)
{
    EXPECT_EQ(after("l:\n- a\n- b # two\nk: 1\n", InsertItem{parsePath("l"), 2, "c"}),
              "l:\n- a\n- b # two\n- c\nk: 1\n");
    EXPECT_EQ(after("m:\n    a: 1\n", InsertKey{{Step("m")}, "b", json(R"({"c":1})")}),
              "m:\n    a: 1\n    b:\n        c: 1\n");
    EXPECT_EQ(after("[\n  1,\n  2\n]", InsertItem{{}, 1, 7}), "[\n  1,\n  7,\n  2\n]");
    EXPECT_EQ(after("{\n  \"a\": 1\n}\n", InsertKey{{}, "b", json(R"({"c":[1]})")}),
              "{\n  \"a\": 1,\n  \"b\": {\n    \"c\": [\n      1\n    ]\n  }\n}\n");
    EXPECT_EQ(after("{\"a\":1}", InsertKey{{}, "b", "x"}), "{\"a\":1, \"b\":\"x\"}");
    EXPECT_EQ(after("a: 1", InsertKey{{}, "b", 2}), "a: 1\nb: 2");
}

TEST(Edit, removesTheLineAndNothingElse)
{
    EXPECT_EQ(after("a: 1\n# about b\nb: 2 # two\n# about c\nc: 3\n", RemoveKey{parsePath("b")}),
              "a: 1\n# about b\n# about c\nc: 3\n");
    EXPECT_EQ(after("m:\n  a: 1\nn: 2\n", RemoveKey{parsePath("m.a")}), "m: {}\nn: 2\n");
    EXPECT_EQ(after("l:\n- a: 1\n  b: 2\n", RemoveKey{parsePath("l[0].a")}), "l:\n- b: 2\n");
    EXPECT_EQ(after("l:\n- a: 1\n  # about b\n  b: 2\n", RemoveKey{parsePath("l[0].a")}),
              "l:\n-\n  # about b\n  b: 2\n");
    EXPECT_EQ(after("[1, 2, 3]", RemoveItem{parsePath("[1]")}), "[1, 3]");
    EXPECT_EQ(after("[1, 2, 3]", RemoveItem{parsePath("[2]")}), "[1, 2]");
}

TEST(Edit, movesAnItemWithItsComments)
{
    EXPECT_EQ(after("l:\n  # first\n  - a # A\n  # second\n  - b\n  - c\n", MoveItem{parsePath("l"), 0, 2}),
              "l:\n  # second\n  - b\n  - c\n  # first\n  - a # A\n");
    EXPECT_EQ(after("[1, 2, 3]", MoveItem{{}, 2, 0}), "[3, 1, 2]");
}

TEST(Edit, setsACollectionByWhatDiffers)
{
    EXPECT_EQ(after("m:\n  a: 1 # keep\n  b: 2\n", SetValue{parsePath("m"), json(R"({"a":1,"b":3,"c":4})")}),
              "m:\n  a: 1 # keep\n  b: 3\n  c: 4\n");
    EXPECT_EQ(after("l:\n- a # keep\n- b\n- c # too\n", SetValue{parsePath("l"), json(R"(["a","c"])")}),
              "l:\n- a # keep\n- c # too\n");
}

TEST(Edit, saysWhyItCannot)
{
    const std::string anchored = "a: &x {k: 1}\nb: *x\n";
    EXPECT_EQ(after(anchored, SetValue{parsePath("b.k"), 2}),
              "refused: b is taken from the anchor &x on line 1, which others may use too; change it there");
    EXPECT_EQ(after(anchored, RemoveKey{parsePath("a")}),
              "refused: the anchor &x in it is used on line 2; change that place first");
    EXPECT_EQ(after("a: 1\na: 2\n", SetValue{parsePath("a"), 3}),
              "refused: a stands on lines 1 and 2; remove one of them first");
    EXPECT_EQ(after("a: 1\n", RemoveKey{parsePath("b")}), "refused: there is no b in the document");
    EXPECT_EQ(after("a: 1\nb: 2\n", RenameKey{parsePath("a"), "b"}), "refused: b exists already beside a");
    EXPECT_EQ(after("a: text\n", SetValue{parsePath("a.b"), 1}),
              "refused: a on line 1 is no map, so a.b has no place there");
    EXPECT_EQ(after("a: [1\n", SetValue{parsePath("a"), 1}).substr(0, 65),
              "refused: line 1 is not read as YAML (The [ that opens here is nev");
    // An alias itself may be replaced: that changes this place alone.
    EXPECT_EQ(after(anchored, SetValue{parsePath("b"), 2}), "a: &x {k: 1}\nb: 2\n");
}

TEST(Path, isReadAndWritten)
{
    for (const auto* text : {"spec.containers[0].image", "metadata.labels[app.kubernetes.io/name]", "[3]", ""})
        EXPECT_EQ(pathText(parsePath(text)), text);
    EXPECT_EQ(parsePath("a[0].b"), Path{} / "a" / 0 / "b");
}

} // namespace keelson::document
