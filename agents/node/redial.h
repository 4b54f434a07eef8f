// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.h"

#include <optional>

namespace keelson::node {

/// How long an agent waits before it dials its control plane again: 200 ms at first, twice as long each time. Only a
/// session that has lasted begins anew: two agents of one name, which end each other's sessions as soon as they are
/// welcomed, slow down too. Pure but for its memory; one thread.
class Redial {
public:
    static constexpr Milliseconds delayFirst{200};

    /// The server has welcomed the agent.
    void connected(SteadyTime now) { m_connectedAt = now; }

    /// A dial has failed or a session has ended. True when that had lasted for `settledAfter`: what went wrong before
    /// is history.
    bool ended(SteadyTime now, Duration settledAfter);

    /// The wait before the next dial, at most `delayMax`.
    Milliseconds next(Milliseconds delayMax);

private:
    std::optional<SteadyTime> m_connectedAt;
    Milliseconds m_delay{0};
};

} // namespace keelson::node
