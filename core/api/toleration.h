// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/core_v1.h"

#include <span>

namespace keelson::api {

/// Whether a pod with this toleration bears the taint. Empty fields of the toleration mean "any"; an empty key needs
/// the operator Exists. Source: Kubernetes API, `Toleration`.
inline bool tolerates(const Toleration& toleration, const Taint& taint)
{
    if (!toleration.effect.empty() && toleration.effect != taint.effect)
        return false;
    if (!toleration.key.empty() && toleration.key != taint.key)
        return false;
    if (toleration.operator_ == "Exists")
        return true;
    return !toleration.key.empty() && (toleration.operator_.empty() || toleration.operator_ == "Equal") &&
           toleration.value == taint.value;
}

/// The first toleration that bears the taint, or null.
inline const Toleration* findToleration(std::span<const Toleration> tolerations, const Taint& taint)
{
    for (const auto& toleration : tolerations) {
        if (tolerates(toleration, taint))
            return &toleration;
    }
    return nullptr;
}

} // namespace keelson::api
