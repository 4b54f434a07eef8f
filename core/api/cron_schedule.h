// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace keelson::api {

/// The times of a CronJob: minute, hour, day of the month, month and day of the week with `*`, lists, ranges, steps and
/// names; `@daily` and its like; or `@every 1h30m`. Source: Kubernetes, "CronJob", which follows the rules of cron.
struct CronSchedule {
    /// One bit for each value that is meant; bit 0 of `months` and `daysOfMonth` is not used.
    std::uint64_t minutes = 0;
    std::uint64_t hours = 0;
    std::uint64_t daysOfMonth = 0;
    std::uint64_t months = 0;
    std::uint64_t daysOfWeek = 0; ///< Sunday is 0.
    /// Whether the field was `*` or `?`: when both days are restricted, one that matches is enough.
    bool anyDayOfMonth = false;
    bool anyDayOfWeek = false;
    std::optional<std::chrono::seconds> every; ///< Set: a fixed distance, and the fields are not.

    /// `Invalid` says what is wrong with the text.
    static Result<CronSchedule> parse(std::string_view text);
};

} // namespace keelson::api
