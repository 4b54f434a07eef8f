// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "design/relations.h"

#include <map>
#include <optional>

namespace keelson::design {

/// The top left corner of a card on the canvas.
struct Place {
    double x = 0;
    double y = 0;
    bool operator==(const Place&) const = default;
};
using Places = std::map<CardId, Place>;

/// The size of every card, and of the raster that cards snap to.
inline constexpr double cardWidth = 224;
inline constexpr double cardHeight = 64;
inline constexpr double raster = 16;

/// Parts of the canvas that are kept apart, by card. Cards without one are parted by their namespaces.
using Regions = std::map<CardId, std::string>;

/// Places for all cards: what belongs together stands together, what is used right of what uses it, namespaces and
/// regions apart. `aspect`: width to height of the view. Pure; the same cards in the same order give the same places.
Places arranged(const std::vector<Card>& cards, const std::vector<Relation>& relations, double aspect,
                const Regions& regions = {});

/// Places for the cards that have none: beside what they are connected to, else below everything. Those that are there
/// stay. Pure.
void placeNew(Places& places, const std::vector<Card>& cards, const std::vector<Relation>& relations);

/// The free place nearest to the wanted one, on the raster; `own` is not in its own way.
Place freePlace(const Places& places, Place wanted, CardId own = noCard);
Place snapped(Place place);
/// Where the top left corner of a block of cards can stand, at or below the wanted place.
Place blockPlace(const Places& places, const Places& block, Place wanted);

/// Which edge, or middle, cards share after aligning.
enum class Alignment { Left, Centre, Right, Top, Middle, Bottom };
/// `places` with some of them aligned; those that would lie over each other move apart along the other axis.
Places aligned(Places places, const Places& some, Alignment alignment);

} // namespace keelson::design
