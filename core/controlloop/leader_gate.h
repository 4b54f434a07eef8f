// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

namespace keelson::controlloop {

/// Whether this process may act for the cluster: of several servers only the leader runs controllers and the scheduler.
///
/// Threads: any thread may call any method.
class LeaderGate {
public:
    virtual ~LeaderGate() = default;
    virtual bool leads() const = 0;
    /// Calls `changed` after each change, on a thread of the gate's; it must not block: post to your loop.
    virtual void onChange(std::function<void()> changed) = 0;
};

/// The gate of a server without peers.
class OpenGate : public LeaderGate {
public:
    bool leads() const override { return true; }
    void onChange(std::function<void()>) override {}
};

} // namespace keelson::controlloop
