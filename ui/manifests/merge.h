// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "api/schema.h"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace keelson::manifests {

/// A field that two sides have changed since they read the same object, each to something else.
struct MergeConflict {
    std::string field;              ///< `spec.containers[name="web"].image`
    std::optional<api::Value> mine; ///< None: taken out.
    std::optional<api::Value> theirs;
    bool operator==(const MergeConflict&) const = default;
};

enum class Side { Mine, Theirs };

/// Who wins a conflict. It holds for this very conflict: not when either side has changed again.
struct Decision {
    MergeConflict conflict;
    Side side = Side::Mine;
};

struct Merge {
    api::Value object;
    std::vector<MergeConflict> conflicts; ///< All, the decided ones too.
    std::size_t openCount = 0;            ///< Those not decided; in `object` they are as `mine` has them.
};

/// The changes from `base` to `mine`, made to `live`, which has gone on from `base` as well: a three-way merge.
///
/// Maps merge by member. Lists merge by the keys that `schema` names for them (list-map-keys, patch-merge-key, sets);
/// other lists are one value. resourceVersion and generation are always live's; managed fields are left out. `schema`
/// is of the whole object and may be null: then all lists are one value each. Pure.
Merge mergeOntoLive(const api::Value& base, const api::Value& mine, const api::Value& live, const api::Schema* schema,
                    std::span<const Decision> decisions);

} // namespace keelson::manifests
