// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "registry/registry.h"
#include "registry/write_observer.h"

#include "auth/rbac_authorizer.h"
#include "base/clock.h"
#include "base/loop.h"
#include "base/random.h"
#include "podsecurity/configuration.h"
#include "registry/webhook_client.h"

namespace keelson::registry {

struct RegistryOptions {
    std::string serviceCidr = "10.96.0.0/16"; ///< Cluster IPs of Services come from here.
    /// Who may grant what: roles and bindings that give more than their writer holds are refused. Null: anybody may.
    const auth::RbacAuthorizer* roles = nullptr;
    /// Whom expressions of admission ask what a user may; null: nothing is allowed.
    const auth::Authorizer* authorizer = nullptr;
    WriteObserver* observer = nullptr; ///< Null: nobody watches the writes.
    podsecurity::Configuration podSecurity = {};
    /// How webhooks are reached (`auth::httpsPost`). Empty: they are not, and fail.
    HttpsPoster post = {};
    /// Runs what may wait for webhooks where nobody else waits: the conversion of watches' events, and the planning
    /// anew of writes that were submitted. Null: these wait.
    Executor* executor = nullptr;
};

/// The registry over a store. Reads all stored objects before it returns, so it is ready at once. Store, catalog,
/// clock, random and what the options name must outlive it. `Invalid` for a bad option; `InternalError` when a stored
/// object cannot be read; what the store says when it cannot be read.
Result<std::unique_ptr<Registry>> makeRegistry(store::Store& store, const api::Catalog& catalog, const Clock& clock,
                                               Random& random, const RegistryOptions& options = {});

} // namespace keelson::registry
