// SPDX-License-Identifier: Apache-2.0
#include "controlplane/certificate_signing.h"

#include "auth/certificate_requests.h"

#include <fmt/format.h>

namespace keelson::controlplane {

Result<std::string> signCertificate(const auth::CertificateAuthority& authority,
                                    const api::CertificateSigningRequestSpec& spec)
{
    const auto& signer = spec.signerName;
    if (signer != auth::clientSigner && signer != auth::nodeClientSigner && signer != auth::nodeServingSigner)
        return fail(Reason::NotFound, "the signer is another's");
    TRY_ASSIGN(const auto facts, auth::certificateRequestFacts(spec.request));
    TRY_OK(auth::checkForSigner(signer, facts, spec.usages));
    const auto longest = std::chrono::duration_cast<std::chrono::seconds>(auth::certificateLifetime);
    return authority.signRequest(spec.request, spec.usages,
                                 auth::certificateLifetimeFor(spec.expirationSeconds, longest));
}

Result<std::string> approvalOf(const auth::Authorizer& authorizer, const api::CertificateSigningRequestSpec& spec)
{
    const auto facts = auth::certificateRequestFacts(spec.request);
    if (spec.signerName != auth::nodeClientSigner || !facts ||
        !auth::checkForSigner(spec.signerName, *facts, spec.usages))
        return fail(Reason::NotFound, "this is no request for a node's client certificate");
    const auth::User user{spec.username, spec.uid, spec.groups, {spec.extra.begin(), spec.extra.end()}};
    const auto may = [&](const std::string& subresource) {
        return authorizer
            .authorize(user,
                       {"create", "certificates.k8s.io", "v1", "certificatesigningrequests", subresource, {}, {}, {}})
            .allowed;
    };
    if (spec.username == facts->commonName && may("selfnodeclient"))
        return "Auto approving self kubelet client certificate after SubjectAccessReview.";
    if (may("nodeclient"))
        return "Auto approving kubelet client certificate after SubjectAccessReview.";
    return fail(Reason::Forbidden, fmt::format("user \"{}\" may not make certificates of nodes", spec.username));
}

std::optional<WallTime> certificateEnd(const std::string& certificate)
{
    const auto facts = auth::certificateFacts(certificate);
    return facts ? std::optional(facts->notAfter) : std::nullopt;
}

} // namespace keelson::controlplane
