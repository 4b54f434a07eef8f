// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/clock.h"

#include <condition_variable>
#include <functional>
#include <mutex>

namespace keelson::localcluster {

/// Waits for what other processes do, which nobody tells us about: looks again every 20 ms, until a deadline, and can
/// be called off. `wait` from one thread, `callOff` from any.
class Patience {
public:
    explicit Patience(const Clock& clock) : m_clock(clock) {}

    /// Whether `done` held before `limit` was over and nobody called it off.
    bool wait(const std::function<bool()>& done, Milliseconds limit);
    /// Ends the current wait and all later ones.
    void callOff();
    bool calledOff() const;
    const Clock& clock() const { return m_clock; }

private:
    const Clock& m_clock;
    mutable std::mutex m_mutex;
    std::condition_variable m_called;
    bool m_off = false;
};

} // namespace keelson::localcluster
