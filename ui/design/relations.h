// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "design/card.h"
#include "document/edit.h"

#include <string>
#include <vector>

namespace keelson::design {

enum class RelationKind {
    Selects, ///< By labels: a Service, a disruption budget, a network policy and the pods that it means.
    Routes,  ///< An Ingress and its Services.
    Scales,  ///< An autoscaler and its workload.
    Uses,    ///< Configuration, secrets, claims, accounts: what a workload names.
    Binds,   ///< A binding, its role and its subjects.
    Within,  ///< A namespace and what lives in it.
};

/// A line between two cards, as the fields of `from` say.
struct Relation {
    std::size_t from = 0; ///< Index of the card that holds the fields.
    std::size_t to = 0;
    RelationKind kind = RelationKind::Uses;
    std::string label;                  ///< "80 → http", "env", "/data"; may be empty.
    std::vector<document::Path> places; ///< The fields of `from` that say so.

    bool operator==(const Relation&) const = default;
};

/// All relations between the cards, each pair and kind once. Pure; in the order of the cards.
std::vector<Relation> relationsOf(const std::vector<Card>& cards);

/// The edits of `from` that end the relation. `Invalid`: the object would not be valid without it; the message says
/// what to do instead.
Result<std::vector<document::Edit>> withoutRelation(const Card& from, const Relation& relation);

} // namespace keelson::design
