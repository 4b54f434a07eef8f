// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/certificates_v1.h"
#include "controllers/controller.h"

#include <optional>

namespace keelson::controllers {

/// When a request is old enough to be removed: an hour after it was denied, has failed, or was approved and signed; a
/// day after it was made, while nobody has said anything of it; and at the end of its certificate. Nothing: it stays,
/// as long as it is like this (approved, and its signer takes its time). `certificateEnd`: of the certificate, when
/// there is one. Pure. Source: Kubernetes, "Certificates and Certificate Signing Requests", request signing process.
std::optional<WallTime> certificateRequestEnd(const api::CertificateSigningRequest& request,
                                              std::optional<WallTime> certificateEnd);

/// Approves requests of nodes for their client certificates, when who asks may (`Options::approvalOf`).
std::unique_ptr<Controller> makeCertificateApprover(const Context& context);
/// Signs approved requests to the signers of kubernetes.io (`Options::signCertificate`), or says why not in the
/// condition Failed.
std::unique_ptr<Controller> makeCertificateSigner(const Context& context);
/// Removes old requests.
std::unique_ptr<Controller> makeCertificateCleaner(const Context& context);

} // namespace keelson::controllers
