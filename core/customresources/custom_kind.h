// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/kind.h"
#include "api/value.h"
#include "customresources/conversion_review.h"

#include <memory>
#include <string>
#include <vector>

namespace keelson::customresources {

/// The kinds that a CustomResourceDefinition makes: one for each version that is served, the stored one first when it
/// is among them.
///
/// A definition counts when it is Established, under the names that status.acceptedNames says; otherwise there are
/// none. It must have passed `checkDefinition` when it was written. Each kind keeps alive what it points to; any
/// thread. Objects are converted by their apiVersion alone (strategy None), or by a webhook.
struct ServedDefinition {
    std::vector<std::shared_ptr<const api::Kind>> kinds;
    std::shared_ptr<const api::Kind> stored; ///< Of the stored version, served or not; null: there are no kinds.
    std::string fingerprint;                 ///< Equal for definitions that make equal kinds.
};
ServedDefinition servedDefinition(const api::Value& definition, const ConversionWebhooks& webhooks = {});

/// Whether the kind is CustomResourceDefinition.
bool isDefinitionKind(const api::Kind& kind);
/// Whether a condition of the definition has the status True.
bool holds(const api::Value& definition, std::string_view condition);

} // namespace keelson::customresources
