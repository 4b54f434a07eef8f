// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "document/kinds.h"
#include "document/tree.h"
#include "manifests/explanation.h"
#include "manifests/surroundings.h"

#include <string>
#include <string_view>
#include <vector>

namespace keelson::manifests {

/// Something that could stand at the cursor.
struct Proposal {
    enum class Sort { Field, Word, Name, Object };
    Sort sort = Sort::Field;
    std::string label;
    std::string detail; ///< Its type, or where the name comes from.
    std::string insert; ///< What replaces `Completion::span`; the cursor goes behind it.
    std::string after;  ///< What follows the cursor then: closing brackets.
    Explanation explanation;
    bool isRequired = false;
};

struct Completion {
    document::Span span;             ///< Within the document.
    std::vector<Proposal> proposals; ///< The best first; at most proposalsMax.
};
inline constexpr std::size_t proposalsMax = 200;

/// What could stand at `offset` of a document: fields of its kind there, words of enumerations, apiVersion and kind,
/// names of objects in the set and in the cluster, keys of ConfigMaps, names of ports. Pure; the document may be half
/// typed. `source`: the document's own number among the objects of the set.
Completion complete(std::string_view document, std::size_t offset, const document::Kinds& kinds,
                    const Surroundings& surroundings, std::size_t source = noSource);

/// How well `text` fits what was typed: 0 not at all; a beginning is better than letters in order.
int fitness(std::string_view text, std::string_view typed);

} // namespace keelson::manifests
