// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "auth/rbac_authorizer.h"
#include "registry/registry.h"

#include <memory>
#include <vector>

namespace keelson::controlplane {

/// Keeps the authorizer at what the registry holds: roles and bindings count from the moment in which they are stored.
///
/// Threads: construct and destroy on one thread. Registry and authorizer outlive it.
class RbacFeed {
public:
    RbacFeed(registry::Registry& registry, auth::RbacAuthorizer& authorizer);
    ~RbacFeed();

    /// Reads all roles and bindings, then follows them.
    Result<Done> start();

private:
    class Sink;

    registry::Registry& m_registry;
    auth::RbacAuthorizer& m_authorizer;
    std::vector<std::unique_ptr<client::Watch>> m_watches;
};

} // namespace keelson::controlplane
