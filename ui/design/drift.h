// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "api/kind.h"
#include "document/path.h"

#include <vector>

namespace keelson::design {

/// At most so many differences are told.
inline constexpr std::size_t driftMax = 50;

/// The places where a live object says something else than its manifest. What the manifest does not say is not
/// compared: servers and controllers fill it in. Lists whose items have keys are compared by key; amounts by what they
/// mean (0.5 and 500m). Pure. `kind` may be null: then nothing is known of keys and amounts.
std::vector<document::Path> driftOf(const api::Kind* kind, const api::Value& manifest, const api::Value& live);

} // namespace keelson::design
