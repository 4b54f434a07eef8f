// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/value.h"

namespace keelson::registry {

/// The terms of a new pod's affinity that want labels equal to the pod's own (`matchLabelKeys`), or other ones
/// (`mismatchLabelKeys`), get the requirements that this amounts to into their selectors: who schedules reads these.
/// A label that the pod has not asks for nothing. Pure.
void selectByOwnLabels(api::Value& pod);

} // namespace keelson::registry
