// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "registry/registry.h"

#include <cstdint>

namespace keelson::registry {

/// A Bloom filter of an object's name, labels and fields: who looks for one among very many asks these 64 bits, which
/// lie side by side, before the objects, each of which lies elsewhere in memory.
using Traits = std::uint64_t;

Traits traitsOf(const StoredObject& object);

/// Bits that every object has which both selectors match; others may have them too. 0 when the selectors demand nothing
/// that traits know of.
Traits traitsOf(const Kind& kind, const api::LabelSelector& labels, const api::FieldSelector& fields);

inline bool mayMatch(Traits object, Traits wanted)
{
    return (object & wanted) == wanted;
}

} // namespace keelson::registry
