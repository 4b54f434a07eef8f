// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "registry/registry.h"

#include "base/clock.h"

namespace keelson::registry {

/// What a DELETE does to an object.
struct DeletionPlan {
    enum class Effect {
        Nothing, ///< It is being deleted already, and no sooner than asked.
        Mark,    ///< `object` is written: with deletionTimestamp, and it waits for finalizers or its grace period.
        Remove,  ///< It goes at once.
    };
    Effect effect = Effect::Nothing;
    Value object;
};

/// Pure. `Conflict` when a precondition does not hold. Source: Kubernetes API concepts, "Resource deletion", and
/// "Garbage Collection" for propagation.
Result<DeletionPlan> planDeletion(const Kind& kind, const StoredObject& stored, Value object,
                                  const DeleteOptions& options, WallTime now);

} // namespace keelson::registry
