// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/certificates_v1.h"
#include "auth/certificate_authority.h"
#include "auth/user.h"

#include <optional>
#include <string>

namespace keelson::controlplane {

/// Signs for the signers of kubernetes.io that this cluster serves, by the cluster's own authority. `NotFound`:
/// another's signer; `Forbidden`, `Invalid`: why the request is not signed.
Result<std::string> signCertificate(const auth::CertificateAuthority& authority,
                                    const api::CertificateSigningRequestSpec& spec);

/// Why a request is approved without anybody's decision: it is for a node's client certificate, and who asks may
/// `create` certificatesigningrequests/nodeclient, or /selfnodeclient for a certificate of their own. `NotFound`: it is
/// for another; `Forbidden`: the right is missing.
/// Source: Kubernetes, "TLS bootstrapping", approval.
Result<std::string> approvalOf(const auth::Authorizer& authorizer, const api::CertificateSigningRequestSpec& spec);

/// When the certificate (PEM) ends; nothing when it cannot be read.
std::optional<WallTime> certificateEnd(const std::string& certificate);

} // namespace keelson::controlplane
