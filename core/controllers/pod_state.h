// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/core_v1.h"
#include "base/clock.h"

#include <optional>
#include <string_view>

namespace keelson::controllers {

/// The condition of that type, or null.
const api::PodCondition* findCondition(const api::Pod& pod, std::string_view type);
/// The condition Ready is True.
bool isReady(const api::Pod& pod);
/// Ready for at least `minReadySeconds`. `waitFor` receives how long until it would be, when that is all that lacks.
bool isAvailable(const api::Pod& pod, std::int32_t minReadySeconds, WallTime now,
                 std::optional<Duration>* waitFor = nullptr);
/// Succeeded or Failed.
bool isFinished(const api::Pod& pod);
/// Neither finished nor on its way out.
bool isActive(const api::Pod& pod);

} // namespace keelson::controllers
