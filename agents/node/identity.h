// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.h"
#include "base/result.h"

#include <filesystem>
#include <string>
#include <string_view>

namespace keelson::node {

/// What a token file says: which authority to trust, and the secret that lets a node join.
struct JoinToken {
    std::string authority; ///< PEM.
    std::string secret;

    /// Reads `<base64url of the authority's certificate, DER>.<secret>`. `Invalid` when it is not that.
    static Result<JoinToken> parse(std::string_view text);
};

/// Who a node is toward the control plane; all PEM.
struct Identity {
    std::string authority;
    std::string certificate;
    std::string key;
};

/// A new key (EC P-256) and a PKCS#10 request for it, which names the node.
struct CertificateRequest {
    std::string key;
    std::string request;
};
Result<CertificateRequest> makeCertificateRequest(const std::string& node);

/// The identity kept in `folder` (identity.key, identity.crt, authority.crt), or `NotFound` when there is none that is
/// of use: missing, for another node or authority (when `authority` is not empty), or near its end.
Result<Identity> loadIdentity(const std::filesystem::path& folder, const std::string& node,
                              const std::string& authority, WallTime now);
Result<Done> saveIdentity(const std::filesystem::path& folder, const Identity& identity);

/// The first eight hexadecimal digits of the authority's SHA-256: tells clusters apart.
std::string authorityFingerprint(const std::string& authorityPem);

} // namespace keelson::node
