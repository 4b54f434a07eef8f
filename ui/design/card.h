// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "document/kinds.h"
#include "document/manifest_text.h"
#include "document/tree.h"
#include "manifests/surroundings.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace keelson::design {

/// Stays with a document while it is edited, renamed, moved in its stream or, for a time, no YAML.
using CardId = std::uint64_t;
inline constexpr CardId noCard = 0;

/// One document of the set as it stands now.
struct Source {
    std::uint64_t manifest = 0;
    std::size_t document = 0;
    std::uint64_t revision = 0;                 ///< Changes with its text.
    std::string_view text;                      ///< Lives as long as the call.
    std::shared_ptr<const document::Tree> tree; ///< Null: not read yet; the card stays as it was.
};

/// An object as the canvas shows it: a document, or an item of a List.
struct Card {
    CardId id = noCard;
    std::uint64_t manifest = 0;
    std::size_t document = 0;
    document::Path base;        ///< Where the object stands in its document: its root, or an item of a List.
    std::uint64_t revision = 0; ///< Of the document's text that was seen last.
    std::string apiVersion;
    manifests::ObjectName object; ///< Its namespace is the default one where the document names none.
    bool namespaced = true;
    api::Value value;    ///< Of the last text that could be read; null: there was none.
    std::string problem; ///< Why the text as it is now cannot be read; then nothing is edited from the canvas.

    /// Whether it is shown: an object with a kind, or a text that cannot be read. Comments alone are no card.
    bool isShown() const { return !object.kind.empty() || !problem.empty(); }
    bool isEditable() const { return problem.empty(); }
    bool isInList() const { return !base.empty(); }
};

/// Edits of an object as edits of its document.
std::vector<document::Edit> inDocument(const Card& card, std::vector<document::Edit> edits);
/// The card whose object holds that place of its document; null when none does.
const Card* cardAt(const std::vector<Card>& cards, std::uint64_t manifest, std::size_t document,
                   const document::Tree& tree, std::size_t offset);
/// The text of an object as a document of its own, as somebody wrote it; out of a List it is moved to the left.
std::string textOf(const Card& card, const document::ManifestText& manifest);

/// The documents of a set as cards; Lists are taken apart. A document whose text has errors keeps what was last read of
/// it.
/// One thread at a time; the same sources give the same cards, but for their ids.
class CardList {
public:
    /// `sources` are in the order of their manifests and documents. True when anything has changed.
    bool update(const std::vector<Source>& sources, const document::Kinds& kinds, const std::string& defaultNameSpace);
    /// Kinds or the default namespace have changed: the next update reads every text again.
    void readAgain();
    const std::vector<Card>& cards() const { return m_cards; }
    const Card* find(CardId id) const;

private:
    using Sheet = std::vector<Card>; ///< The cards of one document: one, but for Lists.
    Sheet read(Sheet sheet, const Source& source, const document::Kinds& kinds, const std::string& nameSpace);
    Sheet taken(Sheet before, const api::Array& items);

    std::vector<Card> m_cards;
    std::string m_nameSpace;
    CardId m_lastId = noCard;
};

/// Its containers, init containers among them, each with its path; none for kinds without pods.
struct ContainerPlace {
    document::Path path;
    const api::Value* value = nullptr;
    std::string name;
};
std::vector<ContainerPlace> containersOf(const Card& card);
/// The path of its pod spec; empty when it has none.
document::Path podSpecPathOf(const Card& card);
bool isWorkload(const Card& card);

/// A few words on what it is: "3 × nginx:1.27", "80 → 8080", "4 keys".
std::string summaryOf(const Card& card);

} // namespace keelson::design
