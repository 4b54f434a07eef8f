// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ctime>

namespace keelson {

/// What this thread has used of a processor: for tests of what must not take long, on a machine that does other things
/// too.
inline double processorSeconds()
{
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    constexpr double nanosecond = 1e-9;
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * nanosecond;
}

/// For what takes a tenth of it, but under sanitizers more.
inline constexpr double processorSecondsMax = 4;

} // namespace keelson
