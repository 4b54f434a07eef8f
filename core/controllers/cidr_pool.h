// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.h"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace keelson::controllers {

/// The ranges of one size in a network, IPv4 alone ("10.244.1.0/24"): who has which, and the first that is free.
/// Threads: one at a time.
class CidrPool {
public:
    /// Ranges of /`maskSize` out of `network`.
    CidrPool(std::string_view network, int maskSize);

    /// The first range that overlaps none in use; it is in use from now on. `Invalid` when the pool was made of
    /// malformed arguments, `RequestEntityTooLarge` when none is left. Costs no more for many nodes than for few.
    Result<std::string> take();
    /// Counts each use; what is malformed or of another network is ignored. A range of another size counts for all that
    /// it overlaps.
    void use(std::string_view range) { count(range, 1); }
    /// Of one use.
    void release(std::string_view range) { count(range, -1); }

private:
    void count(std::string_view range, int uses);

    std::string m_network;
    int m_maskSize;
    std::uint64_t m_first = 0;           ///< Address of the network.
    std::uint64_t m_slots = 0;           ///< Ranges in it; 0: malformed.
    std::map<std::uint64_t, int> m_uses; ///< By slot.
    std::uint64_t m_free = 0;            ///< No slot before it is free.
};

} // namespace keelson::controllers
