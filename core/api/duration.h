// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.h"
#include "base/result.h"

#include <string>
#include <string_view>

namespace keelson::api {

/// "1h2m3.5s", "250ms", "0s": the text of Kubernetes' `Duration` (Go's).
std::string formatDuration(Duration duration);
/// Reads "1h30m", "-1.5s", "300ms", "0". `BadRequest` when the text is no duration.
Result<Duration> parseDuration(std::string_view text);

} // namespace keelson::api
