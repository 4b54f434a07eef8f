// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "design/layout.h"

#include <filesystem>
#include <string>
#include <string_view>

namespace keelson::design {

/// Places as a file remembers them: by what the object is called, since ids end with the session. Objects of the same
/// name are told apart by their order.
using NamedPlaces = std::map<std::string, Place, std::less<>>;

/// More than so many places are not read.
inline constexpr std::size_t sidecarPlacesMax = 20'000;

/// The file beside a manifest that holds the places of its cards: ".web.yaml.layout" for "web.yaml". Hidden, so that
/// it is no manifest.
std::filesystem::path sidecarOf(const std::filesystem::path& manifest);

/// Of the cards of one manifest.
NamedPlaces named(const Places& places, const std::vector<Card>& cards, std::uint64_t manifest);
/// Gives the cards of a manifest that have no place the ones that the file remembers. True when there was one.
bool adopt(Places& places, const std::vector<Card>& cards, std::uint64_t manifest, const NamedPlaces& remembered);

/// JSON, one place a line, in the order of their names: differences read well.
std::string writeSidecar(const NamedPlaces& places);
/// What can be understood of it; a text that is no sidecar gives none: places are worth no message.
NamedPlaces readSidecar(std::string_view text);

} // namespace keelson::design
