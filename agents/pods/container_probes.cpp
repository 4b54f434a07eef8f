// SPDX-License-Identifier: Apache-2.0
#include "pods/container_probes.h"

#include <algorithm>

namespace keelson::pods {
namespace {

constexpr std::array kinds{ProbeKind::Startup, ProbeKind::Liveness, ProbeKind::Readiness};
constexpr int periodSecondsDefault = 10;
constexpr int failuresDefault = 3;

int orDefault(int value, int otherwise)
{
    return value > 0 ? value : otherwise;
}

} // namespace

std::string_view probeName(ProbeKind kind)
{
    switch (kind) {
    case ProbeKind::Startup:
        return "Startup";
    case ProbeKind::Liveness:
        return "Liveness";
    case ProbeKind::Readiness:
        return "Readiness";
    }
    return {};
}

ContainerProbes::ContainerProbes(std::string containerId, const api::Container& container, SteadyTime startedAt,
                                 Known known)
    : m_containerId(std::move(containerId)),
      m_started(known.started || !container.startupProbe),
      m_ready(known.ready || !container.readinessProbe)
{
    slot(ProbeKind::Startup).probe = container.startupProbe;
    slot(ProbeKind::Liveness).probe = container.livenessProbe;
    slot(ProbeKind::Readiness).probe = container.readinessProbe;
    for (auto& each : m_slots) {
        if (each.probe)
            each.nextAt = startedAt + std::chrono::seconds{each.probe->initialDelaySeconds};
    }
}

bool ContainerProbes::isActive(ProbeKind kind) const
{
    const auto& each = slot(kind);
    return each.probe && !m_unhealthy && (kind == ProbeKind::Startup) != m_started;
}

std::vector<ProbeKind> ContainerProbes::takeDue(SteadyTime now)
{
    std::vector<ProbeKind> due;
    for (const auto kind : kinds) {
        auto& each = slot(kind);
        if (!isActive(kind) || each.underWay || each.nextAt > now)
            continue;
        each.underWay = true;
        each.nextAt = now + std::chrono::seconds{orDefault(each.probe->periodSeconds, periodSecondsDefault)};
        due.push_back(kind);
    }
    return due;
}

std::optional<SteadyTime> ContainerProbes::nextAt() const
{
    std::optional<SteadyTime> next;
    for (const auto kind : kinds) {
        const auto& each = slot(kind);
        if (isActive(kind) && !each.underWay && (!next || each.nextAt < *next))
            next = each.nextAt;
    }
    return next;
}

void ContainerProbes::record(ProbeKind kind, const ProbeResult& result, SteadyTime now)
{
    auto& each = slot(kind);
    each.underWay = false;
    each.nextAt = std::max(each.nextAt, now);
    if (!result.asked)
        return;
    const bool ok = result.ok;
    each.successes = ok ? each.successes + 1 : 0;
    each.failures = ok ? 0 : each.failures + 1;
    const bool passes = ok && each.successes >= orDefault(each.probe->successThreshold, 1);
    const bool fails = !ok && each.failures >= orDefault(each.probe->failureThreshold, failuresDefault);
    if (kind == ProbeKind::Readiness) {
        m_ready = passes || (m_ready && !fails);
    } else if (fails) {
        m_unhealthy = true;
    } else if (kind == ProbeKind::Startup && passes) {
        m_started = true;
    }
}

} // namespace keelson::pods
