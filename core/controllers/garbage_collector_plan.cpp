// SPDX-License-Identifier: Apache-2.0
#include "controllers/garbage_collector_plan.h"

#include <algorithm>

namespace keelson::controllers {

bool hasFinalizer(const api::ObjectMeta& meta, std::string_view finalizer)
{
    return std::ranges::find(meta.finalizers, finalizer) != meta.finalizers.end();
}

Fate planFate(const api::ObjectMeta& meta, std::span<const OwnerState> owners, bool hasDependents)
{
    const auto count = [&](OwnerState state) { return std::ranges::count(owners, state); };
    if (owners.empty() || meta.deletionTimestamp)
        return Fate::Stay;
    if (count(OwnerState::Present) > 0)
        return count(OwnerState::Present) == std::ssize(owners) ? Fate::Stay : Fate::DropReferences;
    if (hasFinalizer(meta, orphanFinalizer))
        return Fate::DeleteOrphaning;
    if (hasFinalizer(meta, foregroundFinalizer) || (count(OwnerState::WaitsForDependents) > 0 && hasDependents))
        return Fate::DeleteForeground;
    return Fate::DeleteBackground;
}

} // namespace keelson::controllers
