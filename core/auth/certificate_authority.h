// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.h"
#include "base/result.h"

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace keelson::auth {

inline constexpr Duration authorityLifetime = std::chrono::hours{24 * 3650};
inline constexpr Duration certificateLifetime = std::chrono::hours{24 * 365};
/// The server's certificate is made anew at a start that finds less than this left of it.
inline constexpr Duration renewBefore = std::chrono::hours{24 * 60};
/// Clocks of other machines may lag: certificates are valid from a little before they were made.
inline constexpr Duration clockSkewAllowance = std::chrono::minutes{5};

/// A certificate and its private key, both PEM.
struct KeyPair {
    std::string certificate;
    std::string key;
};

/// What a certificate says, for logs and checks.
struct CertificateFacts {
    std::string commonName;
    std::vector<std::string> organizations;
    std::vector<std::string> dnsNames;
    std::vector<std::string> addresses; ///< "10.96.0.1", "::1"
    WallTime notBefore;
    WallTime notAfter;
};

/// `Invalid` when the text holds no certificate.
Result<CertificateFacts> certificateFacts(std::string_view pem);

/// A new key (EC P-256) and a PKCS#10 request for it, PEM both (in `certificate`: the request): what a node asks with.
Result<KeyPair> makeCertificateRequest(const std::string& commonName);

/// The cluster's certificate authority: an EC P-256 key and a self-signed certificate in a folder.
///
/// Threads: any thread may call the const members. Errors: `InternalError` with file and cause, or OpenSSL's words;
/// `Invalid` for requests that are no good.
class CertificateAuthority {
public:
    /// Reads `folder`/ca.crt and ca.key (0600); makes both when neither is there. Fails when one is missing, when they
    /// do not belong together, or when the certificate has expired.
    static Result<CertificateAuthority> openOrCreate(std::filesystem::path folder, const Clock& clock);

    CertificateAuthority(CertificateAuthority&&) noexcept;
    CertificateAuthority& operator=(CertificateAuthority&&) noexcept;
    ~CertificateAuthority();

    /// Its own certificate, PEM.
    const std::string& certificate() const;

    /// For TLS servers: `names` are DNS names or addresses (subject alternative names), at least one.
    Result<KeyPair> issueServer(const std::vector<std::string>& names, Duration lifetime = certificateLifetime) const;
    /// For clients: `user` becomes the common name, `groups` the organizations.
    Result<KeyPair> issueClient(const std::string& user, const std::vector<std::string>& groups,
                                Duration lifetime = certificateLifetime) const;
    /// Signs a node's PKCS#10 request (PEM): CN system:node:NAME, O system:nodes, client authentication. What subject
    /// the request names does not count; its key must be EC P-256/P-384 or RSA of 2048 bits and more, its signature
    /// right.
    Result<std::string> signNode(std::string_view request, const std::string& node,
                                 Duration lifetime = certificateLifetime) const;

    /// Signs a PKCS#10 request (PEM) with the subject and the names that it asks for, for the usages of
    /// certificates.k8s.io
    /// ("client auth"), no longer than the authority itself lives. Whether such a request may be signed is the caller's
    /// to judge (certificate_requests.h). `Invalid` for one that cannot be read, and for a weak key.
    Result<std::string> signRequest(std::string_view request, const std::vector<std::string>& usages,
                                    Duration lifetime) const;

    /// `folder`/server.crt and server.key: read, or issued anew when they are missing, near their end, of another
    /// authority, or lack one of `names`.
    Result<KeyPair> serverCertificate(const std::vector<std::string>& names) const;

private:
    struct Data;
    explicit CertificateAuthority(std::unique_ptr<Data> data);
    std::unique_ptr<Data> m_data;
};

} // namespace keelson::auth
