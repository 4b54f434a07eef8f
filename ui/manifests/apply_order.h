// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "api/value.h"
#include "base/error.h"

#include <string>
#include <string_view>
#include <vector>

namespace keelson::manifests {

/// When an object is applied, among those of a set: what others need comes first (namespaces, definitions, accounts,
/// roles, configuration, claims, services, workloads, what watches over them). Smaller is earlier.
int applyRank(std::string_view kind);
/// The order in which objects of these kinds are applied, as indices; those of one rank stay as they are.
std::vector<std::size_t> applyOrder(const std::vector<std::string>& kinds);

/// Somebody else owns a field that is to be applied with another value.
struct FieldConflict {
    std::string manager; ///< "kubectl"
    std::string field;   ///< ".spec.replicas", as managed fields write paths.
    bool operator==(const FieldConflict&) const = default;
};
/// Those of a refusal to apply (`Conflict`); none for another.
std::vector<FieldConflict> conflictsOf(const Error& error);

/// Takes the field out of an object, so that applying leaves it to whom it belongs; lists are entered by the members
/// that tell their items apart: `.spec.containers[name="web"].image`, `.spec.finalizers[="a"]`, `[0]`. False when it is
/// not there.
bool withoutField(api::Value& object, std::string_view field);

} // namespace keelson::manifests
