// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/certificates_v1.h"
#include "base/loop.h"
#include "base/random.h"
#include "client/api_availability.h"
#include "client/client.h"
#include "controlloop/leader_gate.h"
#include "trace/recorder.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace keelson::api {
struct APIService;
}

namespace keelson::controllers {

/// The client that acts for a user. Called while `makeControllers` runs, once for each of:
/// "system:kube-controller-manager" (the shared informers: list and watch of all kinds), "system:apiserver" (what the
/// server does itself: custom kinds; may do everything) and
/// "system:serviceaccount:kube-system:NAME" with NAME as in Kubernetes' roles "system:controller:NAME"
/// (deployment-controller, replicaset-controller, ...). The client lives as long as the controllers.
using ClientFor = std::function<client::Client&(std::string_view user)>;

struct Options {
    /// Goes into the ConfigMap kube-root-ca.crt of each namespace. Empty: no such ConfigMap is made.
    std::string rootCaPem;
    /// Each node gets a /`nodeMaskSize` out of it as spec.podCIDR (IPv4). Empty: no CIDRs are given out.
    std::string clusterCidr = "10.244.0.0/16";
    int nodeMaskSize = 24;
    /// How long a node's Lease may go without renewal before the node is Unknown.
    Duration nodeGrace = std::chrono::seconds{40};
    /// How often leases are looked at.
    Duration nodeMonitorPeriod = std::chrono::seconds{5};
    /// The longest that a pod stays on a node with a NoExecute taint that it tolerates for a limited time
    /// (tolerationSeconds, 300 by admission's default). Empty: as long as the pod says.
    std::optional<Duration> tolerationMax;
    /// Signs what a CertificateSigningRequest asks for: the certificate (PEM). `NotFound`: another's signer; else why
    /// it is not signed. Null: nothing is signed.
    std::function<Result<std::string>(const api::CertificateSigningRequestSpec&)> signCertificate;
    /// Why a CertificateSigningRequest is approved without anybody's decision. `NotFound`: that is for others to
    /// decide; `Forbidden`: who asks has not the right, yet. Null: nothing is approved.
    std::function<Result<std::string>(const api::CertificateSigningRequestSpec&)> approvalOf;
    /// When a certificate (PEM) ends; nothing when it cannot be read.
    std::function<std::optional<WallTime>(const std::string& certificate)> certificateEnd;
    /// A token for an account of that uid, which lies in the Secret of that name beside it. Null: such Secrets stay
    /// empty.
    std::function<Result<std::string>(const api::ObjectKey& account, std::string_view uid, std::string_view secret)>
        accountToken;
    /// Asks the server that an APIService names; blocks for some seconds. Null: there are no APIServices.
    std::function<client::ApiAvailability(const api::APIService&)> probeApi;
    /// How many keys of one controller are worked on at once.
    std::size_t workersMax = 4;
    controlloop::LeaderGate* gate = nullptr; ///< Null: always leads. Outlives the controllers.
    trace::Recorder* trace = nullptr;        ///< Is told what they do and why; null: nobody. Outlives them.
};

/// All controllers of the control plane on one loop, with one shared informer for each kind.
///
/// Threads: construct, start, stop and destroy on any one thread. The cache and the queues live on the loop;
/// reconciling runs on the executor, since writes block until they are durable. Life: `stop`, then end the loop and the
/// executor (or let them run dry), then destroy.
class Controllers {
public:
    virtual ~Controllers() = default;
    virtual void start() = 0;
    /// Ends the watches; begins nothing new. Idempotent.
    virtual void stop() = 0;
    /// All informers have seen the cluster once. Any thread.
    virtual bool synced() const = 0;
};

/// Loop, executor and random outlive the controllers.
std::unique_ptr<Controllers> makeControllers(const ClientFor& clientFor, Loop& loop, Executor& executor, Random& random,
                                             Options options);

} // namespace keelson::controllers
