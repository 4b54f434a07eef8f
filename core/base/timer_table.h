// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>

namespace keelson {

/// Something to do once.
using Task = std::move_only_function<void()>;

/// The timers of a loop, in the order of their times. A timer that is due keeps its task here until its turn has come,
/// so that it can be cancelled up to then. Threads: its owner's.
class TimerTable {
public:
    using Id = std::uint64_t; ///< Never 0.

    Id add(SteadyTime at, Task task);
    /// What it would have run, for the caller to end where it may; empty when the timer is unknown or has fired.
    Task cancel(Id timer);
    std::optional<SteadyTime> next() const;
    /// The next timer whose time has come; it is given once.
    std::optional<Id> takeDue(SteadyTime now);
    /// The task of a timer that was due; empty when it was cancelled meanwhile.
    Task take(Id due) { return cancel(due); }

private:
    struct Timer {
        SteadyTime at;
        Task task;
    };
    std::set<std::pair<SteadyTime, Id>> m_order; ///< Those that are not due.
    std::unordered_map<Id, Timer> m_timers;
    Id m_last = 0;
};

} // namespace keelson
