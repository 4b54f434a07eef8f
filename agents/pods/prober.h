// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/core_v1.h"
#include "containers/container_runtime.h"

#include <string>

namespace keelson::pods {

/// What came of asking a container.
struct ProbeResult {
    bool ok = false;
    std::string message; ///< Why not, as an event tells it: "HTTP probe failed with statuscode: 500".
    bool asked = true;   ///< False: the container was not reached (its engine is away), so this says nothing of it.
};

/// Whom to ask.
struct ProbeTarget {
    std::string containerId;
    std::string ip; ///< The pod's.
    Milliseconds timeout{1000};
};

/// Asks containers how they are, and calls their hooks. All calls block, for the timeout at most; any thread.
class Prober {
public:
    virtual ~Prober() = default;
    virtual ProbeResult exec(const ProbeTarget& target, const std::vector<std::string>& command) = 0;
    virtual ProbeResult httpGet(const ProbeTarget& target, const api::HTTPGetAction& action, int port) = 0;
    virtual ProbeResult tcpConnect(const ProbeTarget& target, const std::string& host, int port) = 0;
    /// Lets the time pass.
    virtual void pause(Milliseconds time) = 0;
};

/// Asks with exec in the runtime, and over the network.
class NetworkProber : public Prober {
public:
    explicit NetworkProber(containers::ContainerRuntime& runtime) : m_runtime(runtime) {}
    ProbeResult exec(const ProbeTarget& target, const std::vector<std::string>& command) override;
    ProbeResult httpGet(const ProbeTarget& target, const api::HTTPGetAction& action, int port) override;
    ProbeResult tcpConnect(const ProbeTarget& target, const std::string& host, int port) override;
    void pause(Milliseconds time) override;

private:
    containers::ContainerRuntime& m_runtime;
};

/// For simulated containers: exec as the runtime plays it, everything on the network succeeds, and pauses take no time.
class SimulatedProber : public NetworkProber {
public:
    using NetworkProber::NetworkProber;
    ProbeResult httpGet(const ProbeTarget&, const api::HTTPGetAction&, int) override { return {.ok = true}; }
    ProbeResult tcpConnect(const ProbeTarget&, const std::string&, int) override { return {.ok = true}; }
    void pause(Milliseconds) override {}
};

/// Carries out a probe or a hook of `container`.
ProbeResult ask(Prober& prober, const ProbeTarget& target, const api::Container& container, const api::Probe& probe);
ProbeResult ask(Prober& prober, const ProbeTarget& target, const api::Container& container,
                const api::LifecycleHandler& hook);

} // namespace keelson::pods
