// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/meta_v1.h"

#include <span>
#include <string>
#include <vector>

namespace keelson::controllers {

inline constexpr std::string_view foregroundFinalizer = "foregroundDeletion";
inline constexpr std::string_view orphanFinalizer = "orphan";

/// What is known of an owner that an object names.
enum class OwnerState {
    Present,
    Absent,             ///< Gone, or another object has its name.
    WaitsForDependents, ///< Is being deleted in the foreground.
};

/// What happens to an object because of its owners.
enum class Fate {
    Stay,
    DropReferences, ///< Some owners are gone, others not: the references to the former go.
    DeleteBackground,
    DeleteForeground, ///< It has dependents that its owner waits for, too.
    DeleteOrphaning,  ///< It asked to orphan its own dependents.
};

/// Pure. `owners` are the states of meta.ownerReferences, in their order. Source: Kubernetes, "Garbage collection".
Fate planFate(const api::ObjectMeta& meta, std::span<const OwnerState> owners, bool hasDependents);

bool hasFinalizer(const api::ObjectMeta& meta, std::string_view finalizer);

} // namespace keelson::controllers
