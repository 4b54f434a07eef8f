// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/value.h"
#include "base/loop.h"
#include "registry/registry.h"

#include <atomic>
#include <vector>

namespace keelson::controlplane {

/// Makes again what a cluster always holds when someone deletes it: looks every ten seconds, as Kubernetes does for
/// its Service `kubernetes`.
///
/// Threads: constructed and stopped by one; the timer is the loop's, the work the executor's. Loop and executor end
/// before the keeper does.
class DefaultObjectsKeeper {
public:
    static constexpr Duration period = std::chrono::seconds{10};

    /// `objects` in the order of making.
    DefaultObjectsKeeper(registry::Registry& registry, registry::WriteContext context, std::vector<api::Value> objects,
                         Loop& loop, Executor& executor);

    /// Begins; the first look is one period away.
    void start();
    /// No look begins after this.
    void stop() { m_stopped = true; }

private:
    void look();

    registry::Registry& m_registry;
    const registry::WriteContext m_context;
    const std::vector<api::Value> m_objects;
    Loop& m_loop;
    Executor& m_executor;
    std::atomic_bool m_stopped = false;
};

} // namespace keelson::controlplane
