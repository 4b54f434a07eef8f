// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "api/value.h"

#include <string>
#include <vector>

namespace keelson::manifests {

/// An object in the order in which people read it: apiVersion, kind, metadata (name, namespace, labels, annotations,
/// then the rest), spec, what else there is, status. Without managed fields.
api::Value readable(const api::Value& object);
/// `readable` as YAML.
std::string readableYaml(const api::Value& object);

/// What of a live object a manifest could say: without status, uid, resourceVersion, generation, times and the notes
/// that controllers and kubectl leave in annotations; in readable order.
api::Value comparable(const api::Value& object);

/// A line of a difference: what it was, what it is, or both.
struct DiffLine {
    enum class Kind { Same, Added, Removed } kind = Kind::Same;
    std::string text;
    bool isDefault = false; ///< The server filled it in; the manifest does not say it.
    bool operator==(const DiffLine&) const = default;
};

/// The shortest difference by lines; for texts that differ too much, all of one and all of the other. Pure.
std::vector<DiffLine> diffLines(std::string_view before, std::string_view after);

/// From what is live (null: nothing) to what would be (null: nothing), as YAML, in which what the manifest (null: not
/// known) does not say itself is marked as a default.
std::vector<DiffLine> diffObjects(const api::Value& live, const api::Value& wanted, const api::Value& manifest);

/// How many lines come and go.
struct DiffCount {
    std::size_t added = 0;
    std::size_t removed = 0;
};
DiffCount countOf(const std::vector<DiffLine>& lines);

} // namespace keelson::manifests
