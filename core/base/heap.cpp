// SPDX-License-Identifier: Apache-2.0
#include "base/heap.h"

#ifdef __GLIBC__
#include <malloc.h>
#endif

#include <algorithm>
#include <thread>

namespace keelson {

void limitHeapParts()
{
#ifdef __GLIBC__
    constexpr int partsMin = 2;
    constexpr int partsMax = 16;
    const auto processors = static_cast<int>(std::thread::hardware_concurrency());
    mallopt(M_ARENA_MAX, std::clamp(processors, partsMin, partsMax));
#endif
}

} // namespace keelson
