// SPDX-License-Identifier: Apache-2.0
// The place of a cursor, told by indentation and brackets, against what a reader of YAML says of the same text.
#include "document/corpus.h"
#include "document/manifest_text.h"
#include "document/scan.h"
#include "manifests/cursor_place.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>

namespace keelson::manifests {
namespace {

using document::NodeId;
using document::NodeKind;
using document::NodeStyle;
using document::Path;

bool isQuoted(const document::Node& node)
{
    return node.style == NodeStyle::DoubleQuoted || node.style == NodeStyle::SingleQuoted;
}

/// A key on one line, as nearly all are; the merge of an alias is no field.
bool isPlainKey(const document::Tree& tree, const document::Member& member, std::string_view text)
{
    const auto& key = tree.node(member.key);
    return key.kind == NodeKind::Scalar && key.anchor.empty() && !key.hasTag && key.content.size() > 0 &&
           member.separator && text[member.begin] != '?' && key.text != "<<" &&
           text.substr(key.content.begin, key.content.size()).find('\n') == std::string_view::npos;
}

struct Tally {
    int right = 0;
    std::map<std::string, int> wrong; ///< What was found, by how often; a few are enough to see why.
};

void compare(const std::string& name, std::string_view text, const document::Tree& tree, NodeId map,
             const document::Member& member, Tally& tally)
{
    const auto& key = tree.node(member.key);
    const auto end = key.content.end - (isQuoted(key) ? 1 : 0); // inside the quotes
    const auto place = placeAt(text, end);
    auto found = place.object;
    found.insert(found.end(), place.path.begin(), place.path.end());
    const bool isRight = place.what == CursorPlace::What::Entry && found == tree.pathOf(map) && place.hasColon &&
                         place.span == key.content && (isQuoted(key) || place.token == key.text);
    if (isRight)
        ++tally.right;
    else
        ++tally.wrong[fmt::format("{}: {} of {} is {} '{}' of {}", name, key.text, document::pathText(tree.pathOf(map)),
                                  static_cast<int>(place.what), place.token, document::pathText(found))];
}

} // namespace

TEST(CursorRoundTrip, everyKeyIsFoundWhereYamlSaysItIs)
{
    Tally tally;
    for (const auto& manifest : document::corpus()) {
        const document::ManifestText text(manifest.text);
        for (std::size_t i = 0; i < text.documents(); ++i) {
            const auto tree = text.tree(i);
            for (NodeId id = 0; tree->root() != document::noNode && id < tree->size(); ++id)
                if (const auto& node = tree->node(id); node.kind == NodeKind::Map)
                    for (const auto& member : node.members)
                        if (isPlainKey(*tree, member, text.textOf(i)))
                            compare(manifest.name, text.textOf(i), *tree, id, member, tally);
        }
    }
    EXPECT_GT(tally.right, 10'000);
    std::string shown;
    for (const auto& [what, count] : tally.wrong)
        if (shown.size() < 6'000)
            shown += what + "\n";
    EXPECT_EQ(tally.wrong.size(), 0u) << tally.right << " are right; wrong are\n" << shown;
}

} // namespace keelson::manifests
