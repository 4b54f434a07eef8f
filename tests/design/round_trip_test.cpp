// SPDX-License-Identifier: Apache-2.0
// Random gestures of canvas and form on manifests in all styles: what was not asked for stays, byte by byte.
#include "design/connect.h"
#include "design/form.h"
#include "design/palette.h"
#include "design/relations.h"
#include "design/set.h"
#include "document/corpus.h"
#include "document/edit_invariants.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

namespace keelson::design {
namespace {

constexpr int rowsTried = 4; // not every text fits a field
constexpr int gesturesEach = 25;
constexpr int pairsTried = 8; // most kinds have nothing to do with each other

const std::string others =
    "---\n# Beside it\nkind: Service\napiVersion: v1\nmetadata: {name: s}\nspec: {ports: [{port: "
    "80}]}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n    name: c # four\ndata:\n    a: |\n      "
    "  two\n        lines\n---\napiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: "
    "d}\nspec: {}\n---\nkind: ServiceAccount\napiVersion: v1\nmetadata:\n  name: 'a'\n";

class Gestures {
public:
    Gestures(TestSet& set, unsigned seed) : m_set(set), m_dice(seed) {}

    /// Carries out one; what it was, or empty when there was nothing to do.
    std::string one()
    {
        m_set.update();
        switch (below(7)) {
        case 0:
            return connect();
        case 1:
            return disconnect();
        case 2:
            return add();
        case 3:
            return remove();
        case 4:
            return duplicate();
        default:
            for (int i = 0; i < rowsTried; ++i)
                if (auto done = form(); !done.empty())
                    return done;
            return {};
        }
    }

private:
    std::size_t below(std::size_t count) { return std::uniform_int_distribution<std::size_t>(0, count - 1)(m_dice); }
    std::vector<std::string> documents() const
    {
        std::vector<std::string> all;
        for (std::size_t i = 0; i < m_set.manifest.documents(); ++i)
            all.emplace_back(m_set.manifest.textOf(i));
        return all;
    }

    /// Edits of one object: the other documents stay, the text means what was asked for, each edit leaves all but its
    /// own place as it was, byte by byte, and undo brings back every byte.
    void edit(const Card& card, const std::vector<document::Edit>& own, const std::string& what)
    {
        const auto document = card.document;
        const auto edits = inDocument(card, own);
        const auto before = documents();
        const auto whole = m_set.manifest.text();
        if (const auto done = m_set.manifest.edit(document, edits, what); !done) {
            EXPECT_EQ(m_set.manifest.text(), whole) << what << ": a refusal changes nothing";
            return;
        }
        const auto after = documents();
        ASSERT_EQ(after.size(), before.size()) << what;
        for (std::size_t i = 0; i < after.size(); ++i)
            if (i != document) {
                EXPECT_EQ(after[i], before[i]) << what;
            }
        document::ManifestText oneByOne(before[document]);
        for (const auto& each : edits) {
            const auto tree = oneByOne.tree(0);
            const auto text = oneByOne.text();
            ASSERT_TRUE(oneByOne.edit(0, each, what)) << what;
            ASSERT_EQ(document::brokenBy(each, *tree, text, oneByOne.text()), "") << what << "\n"
                                                                                  << text << "\n=>\n"
                                                                                  << oneByOne.text();
        }
        EXPECT_EQ(oneByOne.text(), after[document]) << what;
        if (after[document] == before[document])
            return;
        m_set.manifest.undo();
        EXPECT_EQ(m_set.manifest.text(), whole) << what;
        m_set.manifest.redo();
        EXPECT_EQ(documents(), after) << what;
    }

    std::string connect()
    {
        auto offers = offersBetween(m_set.cards(), 0, 0);
        for (int i = 0; i < pairsTried && offers.empty(); ++i)
            offers = offersBetween(m_set.cards(), below(m_set.cards().size()), below(m_set.cards().size()));
        if (offers.empty())
            return {};
        const auto& offer = offers[below(offers.size())];
        for (const auto& [card, edits] : offer.edits)
            edit(m_set.cards()[card], edits, offer.title);
        return "connect: " + offer.title;
    }

    std::string disconnect()
    {
        const auto relations = relationsOf(m_set.cards());
        if (relations.empty())
            return {};
        const auto& relation = relations[below(relations.size())];
        const auto& from = m_set.cards()[relation.from];
        if (const auto edits = from.isEditable() ? withoutRelation(from, relation)
                                                 : Result<std::vector<document::Edit>>(fail(Reason::Invalid, ""))) {
            edit(from, *edits, "disconnect " + relation.label);
            return "disconnect";
        }
        return {};
    }

    std::string add()
    {
        const auto known = paletteOf(document::Kinds());
        const auto& entry = *known[below(known.size())];
        const auto before = m_set.manifest.text();
        m_set.manifest.appendDocument(
            writtenLike(m_set.manifest, starterIn(entry, m_set.cards(), "default", "default")), "Add");
        EXPECT_TRUE(m_set.manifest.text().starts_with(before)) << "what was there is a beginning of what is";
        m_set.update();
        EXPECT_EQ(m_set.cards().back().object.kind, entry.kind) << m_set.manifest.text();
        m_set.manifest.undo();
        EXPECT_EQ(m_set.manifest.text(), before);
        m_set.manifest.redo();
        return "add";
    }

    std::string duplicate()
    {
        if (m_set.cards().size() > 9)
            return {};
        const auto card = m_set.cards()[below(m_set.cards().size())];
        const auto text = textOf(card, m_set.manifest);
        const auto copies = freshCopies(m_set.cards(), text, document::Kinds(), "default");
        if (!copies)
            return {};
        const auto before = m_set.manifest.text();
        const auto first = m_set.manifest.documents();
        m_set.manifest.appendDocument(copies->front(), "Duplicate");
        EXPECT_TRUE(m_set.manifest.text().starts_with(before)) << "what was there is a beginning of what is";
        EXPECT_EQ(m_set.manifest.documents(), first + 1);
        const auto comments = [](std::string_view in) { return std::ranges::count(in, '#'); };
        EXPECT_EQ(comments(copies->front()), comments(text)) << text << "\n=>\n" << copies->front();
        m_set.update();
        EXPECT_EQ(m_set.cards().back().object.kind, card.object.kind) << m_set.manifest.text();
        EXPECT_NE(m_set.cards().back().object.name, card.object.name);
        m_set.manifest.undo();
        EXPECT_EQ(m_set.manifest.text(), before);
        m_set.manifest.redo();
        return "duplicate";
    }

    std::string remove()
    {
        if (m_set.cards().size() < 4)
            return {};
        const auto& card = m_set.cards()[below(m_set.cards().size())];
        if (card.isInList()) {
            edit(card, {document::RemoveItem{}}, "remove from the List");
            return "remove from the List";
        }
        const auto gone = card.document;
        auto wanted = documents();
        wanted.erase(wanted.begin() + static_cast<std::ptrdiff_t>(gone));
        const auto before = m_set.manifest.text();
        m_set.manifest.removeDocument(gone, "Remove");
        auto left = documents();
        if (gone == 0) { // the marker of the second may have gone with the first
            left.erase(left.begin());
            wanted.erase(wanted.begin());
        }
        EXPECT_EQ(left, wanted);
        m_set.manifest.undo();
        EXPECT_EQ(m_set.manifest.text(), before);
        m_set.manifest.redo();
        return "remove";
    }

    std::string form()
    {
        const auto& card = m_set.cards()[below(m_set.cards().size())];
        const auto* kind = document::Kinds().find(card.apiVersion, card.object.kind);
        if (!kind || !card.isEditable())
            return {};
        // Down to a row, as one opens it.
        std::vector<FormRow> rows = formRows(*kind, card.value, {}, below(2) == 0 ? FormLevel::Basic : FormLevel::Full);
        FormRow row;
        for (int depth = 0; depth < 7 && !rows.empty(); ++depth) {
            row = rows[below(rows.size())];
            if (!row.hasRows())
                break;
            rows = formRows(*kind, card.value, row.path, FormLevel::Full);
        }
        static const std::vector<std::string> texts{"1",    "80", "true", "a: b # c", "",
                                                    "500m", "ü",  "- x",  "Always",   "'"};
        const auto where = "form " + document::pathText(row.path);
        if (row.path.size() < 2)
            return {};
        Result<document::Edit> made = row.hasRows() && below(2) == 0 ? formAdd(row, card.value, "key")
                                      : row.isSet && below(4) == 0   ? Result<document::Edit>(formRemove(row))
                                                                     : formEdit(row, texts[below(texts.size())]);
        if (!made)
            return {};
        edit(card, {*made}, where);
        return where;
    }

    TestSet& m_set;
    std::mt19937 m_dice;
};

TEST(DesignRoundTrip, gesturesTouchNothingElse)
{
    unsigned seed = 1;
    std::map<std::string, std::size_t> gestures;
    std::size_t manifests = 0;
    for (const auto& manifest : document::corpus()) {
        SCOPED_TRACE(manifest.name);
        const bool isJson = manifest.text.find_first_not_of(" \r\n") != std::string::npos &&
                            manifest.text[manifest.text.find_first_not_of(" \r\n")] == '{';
        auto text = manifest.text;
        if (!text.ends_with('\n'))
            text += '\n';
        TestSet set(isJson ? manifest.text : text + others);
        Gestures dice(set, seed++);
        for (int i = 0; i < gesturesEach && !testing::Test::HasFailure(); ++i)
            ++gestures[dice.one()];
        ++manifests;
        if (testing::Test::HasFailure()) {
            ADD_FAILURE() << set.manifest.text();
            return;
        }
    }
    EXPECT_GT(manifests, 500U);
    std::size_t forms = 0;
    std::size_t connections = 0;
    for (const auto& [what, count] : gestures) {
        forms += what.starts_with("form ") ? count : 0;
        connections += what.starts_with("connect: ") ? count : 0;
    }
    EXPECT_GT(forms, 2'000U);
    EXPECT_GT(connections, 500U);
    for (const auto* what : {"disconnect", "add", "remove", "duplicate"})
        EXPECT_GT(gestures[what], 300U) << what;
    EXPECT_GT(gestures["remove from the List"], 10U);
}

} // namespace
} // namespace keelson::design
