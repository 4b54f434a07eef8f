// SPDX-License-Identifier: Apache-2.0
#include "document/diagnostics.h"
#include "document/encoding.h"
#include "document/manifest_text.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

// Input: four bytes that choose an edit and its place, then a file. Whatever the file holds, it is read without harm,
// said what is wrong with it, and an edit is either refused and changes nothing, or means what it should and can be
// undone.

namespace {

using namespace keelson;
using namespace keelson::document;

void check(bool holds)
{
    if (!holds)
        std::abort();
}

Edit chosen(const Tree& tree, const std::uint8_t* choice)
{
    const auto id = static_cast<NodeId>(choice[1] * 256U + choice[2]) % static_cast<NodeId>(tree.size());
    const auto path = tree.pathOf(id);
    const auto count = tree.node(id).members.size();
    const std::size_t index = count == 0 ? 0 : choice[3] % count;
    static const std::vector<api::Value> values{1, "text", "a: b\n# c\n", nullptr,
                                                api::Object{{"k", api::Array{1, "x"}}}};
    const auto& value = values[choice[3] % values.size()];
    switch (choice[0] % 7) {
    case 0:
        return SetValue{path, value};
    case 1:
        return InsertKey{path, "added", value, index};
    case 2:
        return RemoveKey{path};
    case 3:
        return RenameKey{path, "renamed"};
    case 4:
        return InsertItem{path, index, value};
    case 5:
        return RemoveItem{path};
    default:
        return MoveItem{path, index, count == 0 ? 0 : count - 1 - index};
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    constexpr std::size_t choiceBytes = 4;
    if (size < choiceBytes)
        return 0;
    const std::string_view bytes(reinterpret_cast<const char*>(data) + choiceBytes, size - choiceBytes);
    const auto decoded = decode(bytes);
    if (!decoded)
        return 0;
    check(encode(decoded->text, decoded->encoding) == bytes);
    ManifestText text(decoded->text);
    for (std::size_t i = 0; i < text.documents(); ++i) {
        const auto tree = text.tree(i);
        diagnose(text.textOf(i), *tree, Kinds());
        if (tree->root() == noNode)
            continue;
        const auto wanted = applied(tree->outline(), chosen(*tree, data));
        if (text.edit(i, chosen(*tree, data), "edit")) {
            check(wanted && text.tree(i)->outline() == *wanted);
            while (text.canUndo())
                text.undo();
        }
        check(text.text() == decoded->text);
    }
    return 0;
}
