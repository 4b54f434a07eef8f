// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "design/card.h"
#include "document/edit.h"

#include <string>
#include <utility>
#include <vector>

namespace keelson::design {

/// A way to connect two cards: what it is called, and the fields that it writes.
struct Offer {
    std::string title; ///< "All keys as environment of web".
    std::string label; ///< Of the undo step: "Connect Service web to Deployment web".
    /// By index of the card; carried out together, in this order.
    std::vector<std::pair<std::size_t, std::vector<document::Edit>>> edits;
};

/// At most so many ways are offered between two cards.
inline constexpr std::size_t offersMax = 24;

/// Every valid relation between the two cards that is not there yet, the usual one first; the order of the two does not
/// matter. Pure.
std::vector<Offer> offersBetween(const std::vector<Card>& cards, std::size_t one, std::size_t other);

/// Why nothing is offered between them, for people.
std::string whyNoOffer(const std::vector<Card>& cards, std::size_t one, std::size_t other);

} // namespace keelson::design
