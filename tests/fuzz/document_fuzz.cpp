// SPDX-License-Identifier: Apache-2.0
#include "document/diagnostics.h"
#include "document/edit_invariants.h"
#include "document/encoding.h"
#include "document/manifest_text.h"

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

// Input: a byte that says how many edits, four bytes for each that choose it and its place, then a file. Whatever the
// file holds, it is read without harm and said what is wrong with it; an edit is either refused and changes nothing, or
// means what it should and leaves all else as it was, byte by byte; and all of them can be undone and redone.

namespace {

using namespace keelson;
using namespace keelson::document;

constexpr std::size_t editsMax = 6;
constexpr std::size_t choiceBytes = 4;

void check(bool holds, const std::string& what)
{
    if (holds)
        return;
    std::fprintf(stderr, "%s\n", what.c_str());
    std::abort();
}

api::Value valueFor(std::uint8_t choice)
{
    static const std::vector<api::Value> values{1,
                                                "text",
                                                "a: b\n# c\n",
                                                nullptr,
                                                api::Object{{"k", api::Array{1, "x"}}},
                                                api::Array{},
                                                api::Object{},
                                                "true",
                                                "",
                                                " - x",
                                                "two\n\nlines",
                                                "'\"#",
                                                api::Array{api::Object{{"a", "b"}}, api::Array{"c"}},
                                                -0.5};
    return values[choice % values.size()];
}

std::string keyFor(std::uint8_t choice)
{
    static const std::vector<std::string> keys{"added", "true", "a: b", "", "#c", "8080", "- x", "ü/x.y"};
    return keys[choice % keys.size()];
}

/// Any operation at any value of the document, whether it makes sense there or not.
Edit chosen(const Tree& tree, const std::uint8_t* choice)
{
    const auto id = static_cast<NodeId>(choice[1] * 256U + choice[2]) % static_cast<NodeId>(tree.size());
    const auto path = tree.pathOf(id);
    const auto count = tree.node(id).members.size();
    const std::size_t index = choice[3] % (count + 1);
    switch (choice[0] % 7) {
    case 0:
        return SetValue{path, valueFor(choice[3])};
    case 1:
        return InsertKey{path, keyFor(choice[3] / 16), valueFor(choice[3]), index};
    case 2:
        return RemoveKey{path};
    case 3:
        return RenameKey{path, keyFor(choice[3])};
    case 4:
        return InsertItem{path, index, valueFor(choice[3])};
    case 5:
        return RemoveItem{path};
    default:
        return MoveItem{path, index, count == 0 ? 0 : count - 1 - index % count};
    }
}

void tryEdit(ManifestText& text, std::size_t document, const std::uint8_t* choice)
{
    const auto tree = text.tree(document);
    if (tree->root() == noNode)
        return;
    const auto edit = chosen(*tree, choice);
    const auto whole = text.text();
    const auto offset = text.offsetOf(document);
    const std::string before(text.textOf(document));
    const auto documents = text.documents();
    if (!text.edit(document, edit, "edit")) {
        check(text.text() == whole, "a refusal has changed the text");
        return;
    }
    check(text.documents() == documents, "a document has come or gone");
    const std::string after(text.textOf(document));
    check(text.text() == whole.substr(0, offset) + after + whole.substr(offset + before.size()),
          "a document beside it has changed");
    const auto broken = brokenBy(edit, *tree, before, after);
    check(broken.empty(), broken + "\n--- before\n" + before + "\n--- after\n" + after);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size == 0)
        return 0;
    const std::size_t edits = 1 + data[0] % editsMax;
    const std::size_t head = 1 + edits * choiceBytes;
    if (size < head)
        return 0;
    const std::string_view bytes(reinterpret_cast<const char*>(data) + head, size - head);
    const auto decoded = decode(bytes);
    if (!decoded)
        return 0;
    check(encode(decoded->text, decoded->encoding) == bytes, "reading and writing has changed the file");
    ManifestText text(decoded->text);
    for (std::size_t i = 0; i < text.documents(); ++i)
        diagnose(text.textOf(i), *text.tree(i), Kinds());
    for (std::size_t i = 0; i < edits; ++i) {
        const auto* choice = data + 1 + i * choiceBytes;
        tryEdit(text, (choice[0] / 7) % text.documents(), choice);
    }
    const auto edited = text.text();
    while (text.canUndo())
        text.undo();
    check(text.text() == decoded->text, "undo does not bring back what was there");
    while (text.canRedo())
        text.redo();
    check(text.text() == edited, "redo does not bring back what was done");
    return 0;
}
