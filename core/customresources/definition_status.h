// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/value.h"
#include "base/clock.h"

#include <string_view>
#include <vector>

namespace keelson::customresources {

/// Holds back a definition that is being deleted until its objects are gone.
inline constexpr std::string_view cleanupFinalizer = "customresourcecleanup.apiextensions.k8s.io";

/// Of a definition that is not being deleted yet: the finalizer and the condition Terminating, for its deletion.
void beginRemoval(api::Value& definition, WallTime now);

struct Condition {
    std::string_view type;
    bool status = false;
    std::string_view reason;
    std::string_view message;
};
/// Sets a condition of the definition; its time stays when its status does.
void setCondition(api::Value& definition, const Condition& condition, WallTime now);

/// The definition with the status that it deserves: the names that are free become its own, NamesAccepted and
/// Established say so. `others`: the other definitions, as far as they are of the same group. Pure.
/// Source: Kubernetes, API of apiextensions.k8s.io/v1, CustomResourceDefinitionStatus.
api::Value withAcceptedNames(api::Value definition, const std::vector<api::Value>& others, WallTime now);

} // namespace keelson::customresources
