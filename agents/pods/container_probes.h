// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/core_v1.h"
#include "base/clock.h"
#include "pods/prober.h"

#include <array>
#include <optional>
#include <string>
#include <vector>

namespace keelson::pods {

enum class ProbeKind { Startup, Liveness, Readiness };
std::string_view probeName(ProbeKind kind); ///< "Startup", as events say it.

/// What the probes of one running container have found, and when they are due. No I/O.
///
/// Source: Kubernetes, "Configure Liveness, Readiness and Startup Probes": liveness and readiness wait for the startup
/// probe; thresholds count in a row; a container is unready until its readiness probe has passed.
class ContainerProbes {
public:
    /// What was known of a container that this agent did not start itself.
    struct Known {
        bool started = false;
        bool ready = false;
    };

    ContainerProbes(std::string containerId, const api::Container& container, SteadyTime startedAt, Known known);

    const std::string& containerId() const { return m_containerId; }
    bool started() const { return m_started; }
    bool ready() const { return m_started && m_ready; }
    bool unhealthy() const { return m_unhealthy; }

    /// The probes to carry out now; each is under way until it is recorded.
    std::vector<ProbeKind> takeDue(SteadyTime now);
    /// The moment of the next one, when none is due yet.
    std::optional<SteadyTime> nextAt() const;
    const api::Probe& probe(ProbeKind kind) const { return *slot(kind).probe; }
    void record(ProbeKind kind, const ProbeResult& result, SteadyTime now);

private:
    struct Slot {
        api::Boxed<api::Probe> probe;
        SteadyTime nextAt;
        int successes = 0;
        int failures = 0;
        bool underWay = false;
    };

    Slot& slot(ProbeKind kind) { return m_slots[static_cast<std::size_t>(kind)]; }
    const Slot& slot(ProbeKind kind) const { return m_slots[static_cast<std::size_t>(kind)]; }
    bool isActive(ProbeKind kind) const;

    std::string m_containerId;
    std::array<Slot, 3> m_slots;
    bool m_started;
    bool m_ready;
    bool m_unhealthy = false;
};

} // namespace keelson::pods
