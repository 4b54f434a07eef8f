// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "auth/rbac_authorizer.h"
#include "base/clock.h"
#include "registry/admission.h"

namespace keelson::registry {

/// Nobody writes a role or binding that gives more than they hold, unless they may `escalate` or `bind`; see
/// `RbacAuthorizer::checkRole`. Whatever the verb, it is the object as it would be stored that counts.
std::unique_ptr<AdmissionStep> grantLimit(const auth::RbacAuthorizer& roles);

/// CertificateSigningRequests: who asks is written down; requests that cannot be read are refused; decisions and
/// certificates stay as they were given. Who approves needs the right `approve`, who signs the right `sign` on the
/// signer
/// (`signers` of certificates.k8s.io, by its name or as DOMAIN/*). `roles` null: anybody may.
/// Source: Kubernetes, "Certificates and Certificate Signing Requests"; admission plugins CertificateApproval,
/// CertificateSigning and CertificateSubjectRestriction.
std::unique_ptr<AdmissionStep> certificateRequests(const auth::RbacAuthorizer* roles, const Clock& clock);

/// What a node's own identity may write beyond what its authorizer can see: its own Node without taints, owners and
/// labels of others' domains; the statuses of its own pods; mirror pods of its own.
/// Of certificates it asks for those of nodes in its own name.
/// Source: Kubernetes, admission plugin NodeRestriction.
std::unique_ptr<AdmissionStep> nodeRestriction(const WatchCache& cache, const api::Catalog& catalog);

} // namespace keelson::registry
