// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <mutex>
#include <string>
#include <string_view>

#include "base/result.h"

namespace keelson {

using Milliseconds = std::chrono::milliseconds;
using Duration = std::chrono::nanoseconds;
/// Time since the epoch, UTC, as objects carry it.
using WallTime = std::chrono::sys_time<std::chrono::nanoseconds>;
/// Time that only moves forward; for delays and deadlines.
using SteadyTime = std::chrono::time_point<std::chrono::steady_clock, std::chrono::nanoseconds>;

/// The only source of time for logic. Any thread may ask.
class Clock {
public:
    virtual ~Clock() = default;
    virtual WallTime wall() const = 0;
    virtual SteadyTime steady() const = 0;
};

/// The machine's clock.
class SystemClock : public Clock {
public:
    WallTime wall() const override;
    SteadyTime steady() const override;
};

/// A clock that stands still until it is told to move; for tests and simulation.
class SimulatedClock : public Clock {
public:
    explicit SimulatedClock(WallTime start = WallTime{std::chrono::seconds{1'700'000'000}});
    WallTime wall() const override;
    SteadyTime steady() const override;
    void advance(Duration by);

private:
    mutable std::mutex m_mutex;
    WallTime m_start;
    Duration m_elapsed{0};
};

/// "2026-01-31T12:00:00Z": Kubernetes' `Time`, whole seconds (RFC 3339).
std::string formatTime(WallTime time);
/// "2026-01-31T12:00:00.123456Z": Kubernetes' `MicroTime`.
std::string formatMicroTime(WallTime time);
/// Reads any RFC 3339 time, with fraction and offset. `Invalid` when it is not one.
Result<WallTime> parseTime(std::string_view text);

} // namespace keelson
