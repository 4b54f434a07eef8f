// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "auth/id_tokens.h"
#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace keelson::controlplane {

struct Options {
    std::filesystem::path dataDir;
    /// Where the API is served: "host:port"; port 0 picks a free one.
    std::vector<std::string> listen{"127.0.0.1:6443"};
    std::string agentListen = "127.0.0.1:6444";
    /// What clients and pods elsewhere should dial: goes into kubeconfig, certificate and the Service `kubernetes`.
    /// Empty: the first listen address.
    std::string advertise;
    std::string serviceCidr = "10.96.0.0/16";
    std::string podCidr = "10.244.0.0/16";
    /// What goes into the audit log: a policy file (audit.k8s.io/v1 Policy) and the log; both or none. "-": standard
    /// output.
    std::filesystem::path auditPolicy;
    std::filesystem::path auditLog;
    int auditMegabytesMax = 100; ///< Of the log, before it is put aside.
    int auditDaysMax = 0;        ///< Of what was put aside; 0: for ever.
    int auditFilesMax = 0;       ///< Put aside; 0: any number.
    int traceMegabytesMax = 32;  ///< Of traces in memory, the oldest go first; 0: nothing is traced.
    /// How plugins of admission are configured: an AdmissionConfiguration (apiserver.config.k8s.io/v1). Empty: as they
    /// are.
    std::filesystem::path admissionConfiguration;
    /// An OpenID issuer whose ID tokens are good here, and the authority (PEM file) of its certificate; no issuer:
    /// none. No file: this machine's authorities.
    auth::IdTokenOptions oidc;
    std::filesystem::path oidcAuthority;
    /// How long a silent node stays Ready.
    Duration nodeGrace = std::chrono::seconds{40};
    /// How long pods stay on a node that is gone, where they tolerate it for longer; zero: as long as they say (300 s
    /// by default).
    Duration evictionMax{0};
};

/// Where a running control plane is reached, as in DIR/addresses.json.
struct Addresses {
    std::string api;
    std::string agents;
};

/// A whole control plane in one process: store, API server, controllers, scheduler, dispatcher.
///
/// In the data directory it keeps `store.db`, its certificate authority in `pki/`, and writes `admin.kubeconfig` and
/// `agent.token` (0600) at the first start, `addresses.json` at each.
///
/// Threads: `create`, `stop` and the destructor on one thread. `clock` and `random` outlive it.
/// Errors: what stands in the way of a start, naming file or address and what to do: a taken port, a data directory in
/// use, a damaged database, a certificate authority that is not whole. An OpenID issuer that is not there does not.
class ControlPlane {
public:
    static Result<std::unique_ptr<ControlPlane>> create(const Options& options, const Clock& clock, Random& random);
    /// Stops.
    ~ControlPlane();

    const Addresses& addresses() const;
    /// Caches, controllers and scheduler have seen the store: what /readyz says. Any thread.
    bool ready() const;
    /// Ends connections, watches and loops, in the order in which nothing is lost. Idempotent.
    void stop();

private:
    class Impl;
    explicit ControlPlane(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> m_impl;
};

} // namespace keelson::controlplane
