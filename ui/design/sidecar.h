// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "design/arrangement.h"

#include <filesystem>
#include <string>
#include <string_view>

namespace keelson::design {

/// A card as a file remembers it.
struct NamedCard {
    std::optional<Place> place;
    std::string group; ///< Empty: none.
    bool operator==(const NamedCard&) const = default;
};
/// The canvas as a file remembers it: by what objects are called, since ids end with the session. Objects of the same
/// name are told apart by their order.
struct NamedLayout {
    std::map<std::string, NamedCard, std::less<>> cards;
    std::set<std::string, std::less<>> folded; ///< Groups.
    bool isEmpty() const { return cards.empty(); }
    void merge(NamedLayout other); ///< What is there already stays.
    bool operator==(const NamedLayout&) const = default;
};

/// More than so many places are not read.
inline constexpr std::size_t sidecarPlacesMax = 20'000;

/// The file beside a manifest that holds places and groups of its cards: ".web.yaml.layout" for "web.yaml". Hidden, so
/// that it is no manifest.
std::filesystem::path sidecarOf(const std::filesystem::path& manifest);

/// Of the cards of one manifest.
NamedLayout named(const Arrangement& arrangement, const std::vector<Card>& cards, std::uint64_t manifest);
/// Gives the cards of a manifest that have no place, or no group, what the file remembers. Each group is given once, so
/// that a card which leaves it does not come back; groups of several files that are called the same are one.
void adopt(Arrangement& arrangement, const std::vector<Card>& cards, std::uint64_t manifest, NamedLayout& remembered);
/// Remembers the cards that are not there any more, for when they come back.
void remember(NamedLayout& remembered, const Arrangement& arrangement, CardId card, const std::string& name);

/// JSON, one card a line, in the order of their names: differences read well.
std::string writeSidecar(const NamedLayout& layout);
/// What can be understood of it; a text that is no sidecar gives none: places are worth no message.
NamedLayout readSidecar(std::string_view text);

} // namespace keelson::design
