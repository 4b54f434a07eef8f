// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/apiregistration_v1.h"
#include "api/catalog.h"
#include "client/api_availability.h"

#include <optional>
#include <string>
#include <string_view>

namespace keelson::controllers {

/// Marks the APIServices that this server makes for itself: "onstart", or "true" for those of custom kinds, which go
/// with them.
inline constexpr std::string_view managedLabel = "kube-aggregator.kubernetes.io/automanaged";

/// The group versions that this server serves itself, as names of APIServices: "v1.", "v1.apps".
std::vector<std::string> localApiServiceNames(const api::Catalog& catalog);
/// The APIService of that name for what this server serves itself; nothing when it does not.
std::optional<api::Value> localApiService(const api::Catalog& catalog, std::string_view name);

/// A local APIService that this server has made and does not serve any more.
bool isLeftOver(const api::APIService& service, const api::Catalog& catalog);

/// What is true of every local one.
client::ApiAvailability localAvailability();
/// The status with the condition Available as `found`; the time of its last change stays where its status does.
api::APIServiceStatus withAvailability(api::APIServiceStatus status, const client::ApiAvailability& found,
                                       WallTime now);

} // namespace keelson::controllers
