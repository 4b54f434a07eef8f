// SPDX-License-Identifier: Apache-2.0
#include "document/corpus.h"
#include "document/edit_invariants.h"
#include "document/manifest_text.h"
#include "document/scan.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>
#include <random>

namespace keelson::document {

namespace {

constexpr int editsEach = 40;

/// Draws edits that make sense for a tree: any place, any operation, values of all shapes.
class Dice {
public:
    explicit Dice(unsigned seed) : m_engine(seed) {}

    std::size_t below(std::size_t count) { return std::uniform_int_distribution<std::size_t>(0, count - 1)(m_engine); }

    api::Value value()
    {
        static const std::vector<const char*> values{"1",
                                                     "true",
                                                     "null",
                                                     R"("text")",
                                                     R"("true")",
                                                     R"("")",
                                                     "-7",
                                                     "{}",
                                                     "[]",
                                                     R"("a: b # c")",
                                                     R"("two\nlines\n")",
                                                     R"("it's \"quoted\"")",
                                                     "1.5",
                                                     R"("-x")",
                                                     R"("ünï")",
                                                     R"({"a":1,"b":[1]})",
                                                     R"([{"x":"y"},"z"])",
                                                     R"({"m":{"n":"o"}})",
                                                     R"("end\n\n")",
                                                     R"(" space ")",
                                                     R"(["a","b"])",
                                                     R"("no newline\nat the end")",
                                                     R"("tab\tin")"};
        return *api::parseJson(values[below(values.size())]);
    }

    std::optional<Edit> edit(const Tree& tree)
    {
        std::vector<NodeId> places;
        for (NodeId id = 0; id < tree.size(); ++id) {
            const auto& node = tree.node(id);
            if (node.parent == noNode || tree.memberIndex(node.parent, id))
                places.push_back(id);
        }
        if (places.empty())
            return std::nullopt;
        const auto id = places[below(places.size())];
        const auto path = tree.pathOf(id);
        const auto& node = tree.node(id);
        const bool isItem = !path.empty() && std::holds_alternative<std::size_t>(path.back());
        const auto key = fmt::format("new{}", below(1000));
        const bool isMap = node.kind == NodeKind::Map;
        const bool isList = node.kind == NodeKind::Sequence;
        switch (below(7)) {
        case 0:
            return isMap || isList ? std::nullopt : std::optional<Edit>(SetValue{path, value()});
        case 1:
            return isMap ? std::optional<Edit>(InsertKey{path, key, value(), below(node.members.size() + 1)})
                         : std::nullopt;
        case 2:
            if (path.empty())
                return std::nullopt;
            return isItem ? Edit(RemoveItem{path}) : Edit(RemoveKey{path});
        case 3:
            return path.empty() || isItem ? std::nullopt : std::optional<Edit>(RenameKey{path, key});
        case 4:
            return isList ? std::optional<Edit>(InsertItem{path, below(node.members.size() + 1), value()})
                          : std::nullopt;
        case 5:
            return isList && node.members.size() > 1
                       ? std::optional<Edit>(MoveItem{path, below(node.members.size()), below(node.members.size())})
                       : std::nullopt;
        default:
            return path.empty() ? std::nullopt : std::optional<Edit>(SetValue{path, value()});
        }
    }

private:
    std::mt19937 m_engine;
};

/// How many comments of the generated manifests stand in the text.
int comments(std::string_view text)
{
    int count = 0;
    for (auto at = text.find("# comment "); at != std::string_view::npos; at = text.find("# comment ", at + 1))
        ++count;
    return count;
}

/// What a node means, its aliases followed.
api::Value meant(const Tree& tree, NodeId id)
{
    const auto& node = tree.node(id);
    if (node.kind == NodeKind::Alias)
        return meant(tree, node.target);
    if (node.kind == NodeKind::Scalar)
        return tree.outline(id);
    auto value = tree.outline(id);
    std::size_t at = 0;
    if (node.kind == NodeKind::Map)
        for (auto& member : value.get_object())
            member.value() = meant(tree, node.members[at++].value);
    else
        for (auto& item : value.get_array())
            item = meant(tree, node.members[at++].value);
    return value;
}

struct Tally {
    int done = 0;
    int refused = 0;
    std::map<std::string, int> why;
};

/// One edit, with everything that must hold of it.
void tryEdit(ManifestText& text, std::size_t document, const Edit& edit, Tally& tally)
{
    const std::string whole = text.text();
    const std::string before(text.textOf(document));
    const auto tree = text.tree(document);
    const auto offset = text.offsetOf(document);
    const auto done = text.edit(document, edit, "edit");
    if (!done) {
        ++tally.refused;
        ++tally.why[done.error().message.substr(0, 60)];
        ASSERT_EQ(text.text(), whole) << "a refusal changes nothing";
        return;
    }
    ++tally.done;
    const std::string after(text.textOf(document));
    ASSERT_EQ(brokenBy(edit, *tree, before, after), "") << before << "\n=>\n" << after;
    ASSERT_EQ(text.text().substr(0, offset), whole.substr(0, offset)) << "documents around it are the same bytes";
    ASSERT_EQ(text.text().substr(offset + after.size()), whole.substr(offset + before.size()));
    if (!std::holds_alternative<SetValue>(edit) && !std::holds_alternative<RemoveKey>(edit) &&
        !std::holds_alternative<RemoveItem>(edit))
        ASSERT_EQ(comments(before), comments(after)) << before << "\n=>\n" << after;
    // One step back is exactly where it was, and forth again exactly here.
    if (after != before) {
        const auto changed = text.text();
        text.undo();
        ASSERT_EQ(text.text(), whole);
        text.redo();
        ASSERT_EQ(text.text(), changed);
    }
}

} // namespace

TEST(RoundTrip, everyManifestIsReadAsTheApiReadsIt)
{
    int documents = 0;
    for (const auto& manifest : corpus()) {
        const ManifestText text(manifest.text);
        for (std::size_t i = 0; i < text.documents(); ++i, ++documents) {
            const auto tree = text.tree(i);
            ASSERT_FALSE(tree->error()) << manifest.name << ": " << tree->error()->message << "\n" << manifest.text;
            EXPECT_TRUE(tree->isExact()) << manifest.name << "\n" << manifest.text;
            const auto value = api::parseYaml(text.textOf(i));
            ASSERT_TRUE(value) << manifest.name << value.error().message;
            if (manifest.name != "anchors.yaml" && tree->root() != noNode) // which has merge keys
                EXPECT_EQ(api::writeJson(meant(*tree, tree->root())), api::writeJson(*value)) << manifest.name;
        }
    }
    EXPECT_GT(documents, 700);
}

TEST(RoundTrip, scalarsStandWhereTheTreeSays)
{
    for (const auto& manifest : corpus()) {
        const ManifestText text(manifest.text);
        for (std::size_t i = 0; i < text.documents(); ++i) {
            const auto tree = text.tree(i);
            for (NodeId id = 0; tree->root() != noNode && id < tree->size(); ++id) {
                const auto& node = tree->node(id);
                if (node.kind != NodeKind::Scalar || node.style == NodeStyle::Literal ||
                    node.style == NodeStyle::Folded || node.style == NodeStyle::Empty)
                    continue;
                const auto source = text.textOf(i).substr(node.content.begin, node.content.size());
                const auto alone = Tree::read(source);
                ASSERT_FALSE(alone.error()) << manifest.name << ": " << source;
                ASSERT_NE(alone.root(), noNode) << manifest.name << ": '" << source << "' of " << node.text;
                EXPECT_EQ(alone.node(alone.root()).text, node.text) << manifest.name << ": " << source;
            }
        }
    }
}

TEST(RoundTrip, brokenLinesDifferByWhiteSpaceAlone)
{
    const auto bare = [](std::string text) {
        std::erase_if(text, [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; });
        return text;
    };
    int broken = 0;
    for (const auto& manifest : corpus()) {
        const ManifestText text(manifest.text);
        for (std::size_t i = 0; i < text.documents(); ++i) {
            const auto tree = text.tree(i);
            const std::string before(text.textOf(i));
            const auto after = brokenIntoLines(*tree, before);
            broken += after != before;
            ASSERT_EQ(bare(after), bare(before)) << manifest.name;
            const auto again = Tree::read(after);
            ASSERT_FALSE(again.error()) << manifest.name << "\n" << after;
            ASSERT_EQ(api::writeJson(again.outline()), api::writeJson(tree->outline())) << manifest.name << "\n"
                                                                                        << after;
            ASSERT_EQ(brokenIntoLines(again, after), after) << manifest.name;
        }
    }
    EXPECT_GT(broken, 5);
}

TEST(RoundTrip, randomEditsTouchNothingElse)
{
    Tally tally;
    unsigned seed = 20;
    for (const auto& manifest : corpus()) {
        Dice dice(seed++);
        ManifestText text(manifest.text);
        for (int i = 0; i < editsEach; ++i) {
            const auto document = dice.below(text.documents());
            if (const auto edit = dice.edit(*text.tree(document)))
                tryEdit(text, document, *edit, tally);
            if (testing::Test::HasFatalFailure())
                FAIL() << manifest.name << ", edit " << i;
        }
        while (text.canUndo())
            text.undo();
        ASSERT_EQ(text.text(), manifest.text) << manifest.name;
    }
    EXPECT_GT(tally.done, 5000);
    EXPECT_LT(tally.refused * 100, tally.done) << testing::PrintToString(tally.why);
    RecordProperty("done", tally.done);
    RecordProperty("refused", tally.refused);
}

} // namespace keelson::document
