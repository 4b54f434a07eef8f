// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "audit/audit_log.h"
#include "auth/authenticator.h"
#include "auth/certificate_authority.h"
#include "auth/rbac_authorizer.h"
#include "auth/service_account_tokens.h"
#include "base/clock.h"
#include "base/loop.h"
#include "base/result.h"
#include "client/api_availability.h"
#include "client/pod_streams.h"
#include "flowcontrol/flow_configuration.h"
#include "registry/registry.h"
#include "trace/recorder.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace keelson::api {
struct APIService;
}

namespace keelson::apiserver {

/// A part of the control plane as `componentstatuses` tell of it.
struct ComponentCheck {
    std::string name; ///< "scheduler"
    /// Whether it works, or what is wrong, in the error's message. Any thread; may block.
    std::function<Result<Done>()> check;
};

/// The Kubernetes API over HTTPS: who asks (client certificate, bearer token, anonymous), whether they may (RBAC), what
/// the verb means (Registry), and in which form the answer goes out.
///
/// Reads are answered on the few connection threads, from immutable snapshots; writes block on the executor's threads,
/// so that concurrent ones share a commit.
class ApiServer {
public:
    struct Options {
        std::vector<std::string> listen{"127.0.0.1:0"}; ///< "HOST:PORT"; port 0 picks a free one.
        auth::KeyPair certificate;                      ///< The server's own.
        int threads = 2;                                ///< Of connections.

        // All outlive the server.
        registry::Registry* registry = nullptr;
        const auth::Authorizer* authorizer = nullptr; ///< Who may do what.
        const auth::RbacAuthorizer* roles = nullptr;  ///< Which rules somebody holds; who may grant them.
        const auth::CertificateAuthenticator* certificates = nullptr;
        const auth::BearerAuthenticator* tokens = nullptr; ///< Null: no bearer tokens are known.
        /// Gives tokens to service accounts; null: it does not.
        const auth::ServiceAccountTokens* serviceAccounts = nullptr;
        const trace::SpanStore* traces = nullptr; ///< Null: nothing is traced.
        client::PodStreams* pods = nullptr;       ///< Null: logs, exec and port-forward answer 503.
        /// Shown to other servers that APIServices name: they believe who shows it when it says who asks.
        auth::KeyPair frontProxy;
        std::string advertise; ///< "HOST:PORT" under which others know the server; empty: the first of `listen`.
        audit::AuditLog* audit = nullptr; ///< Null: nothing is logged.
        const Clock* clock = nullptr;
        Executor* executor = nullptr; ///< For writes; about 64 threads.
        Loop* loop = nullptr;         ///< For timers of watches.
        /// Whose requests share seats and queues.
        flowcontrol::FlowConfiguration flows = flowcontrol::FlowConfiguration::builtIn();
        /// Further conditions of /readyz, by name ("controllers"): true when ready. Any thread.
        std::vector<std::pair<std::string, std::function<bool()>>> readyChecks;
        std::vector<ComponentCheck> components; ///< By name.
    };

    /// Listens and serves from now on. `InternalError` names an address that cannot be had and why.
    static Result<std::unique_ptr<ApiServer>> create(Options options);

    virtual ~ApiServer() = default; ///< Stops.
    /// The real addresses, in the order of `listen`: "127.0.0.1:34567".
    virtual const std::vector<std::string>& addresses() const = 0;
    /// Ends watches and idle connections, lets requests under way finish for a moment, then returns. Idempotent.
    virtual void stop() = 0;
    /// Whether another server serves what an APIService with a service says; what it serves is shown in discovery from
    /// now on. Any thread; blocks for some seconds.
    virtual client::ApiAvailability probe(const api::APIService& service) = 0;
};

} // namespace keelson::apiserver
