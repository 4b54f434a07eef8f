// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "auth/rbac_authorizer.h"
#include "registry/admission.h"

namespace keelson::registry {

/// Nobody writes a role or binding that gives more than they hold, unless they may `escalate` or `bind`; see
/// `RbacAuthorizer::checkRole`. Whatever the verb, it is the object as it would be stored that counts.
std::unique_ptr<AdmissionStep> grantLimit(const auth::RbacAuthorizer& roles);

/// What a node's own identity may write beyond what its authorizer can see: its own Node without taints, owners and
/// labels of others' domains; the statuses of its own pods; mirror pods of its own.
/// Source: Kubernetes, admission plugin NodeRestriction.
std::unique_ptr<AdmissionStep> nodeRestriction(const WatchCache& cache, const api::Catalog& catalog);

} // namespace keelson::registry
