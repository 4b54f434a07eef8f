// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace keelson::auth {

/// The signers of kubernetes.io that this cluster serves.
inline constexpr std::string_view clientSigner = "kubernetes.io/kube-apiserver-client";
inline constexpr std::string_view nodeClientSigner = "kubernetes.io/kube-apiserver-client-kubelet";
inline constexpr std::string_view nodeServingSigner = "kubernetes.io/kubelet-serving";
inline constexpr std::string_view legacySigner = "kubernetes.io/legacy-unknown";

/// The shortest time that a CertificateSigningRequest may ask for.
inline constexpr std::chrono::seconds certificateLifetimeMin{600};

/// The longest request that is read.
inline constexpr std::size_t certificateRequestBytesMax = std::size_t{64} * 1024;

/// What a PKCS#10 request asks for.
struct CertificateRequestFacts {
    std::string commonName;
    std::vector<std::string> organizations;
    std::vector<std::string> dnsNames;
    std::vector<std::string> addresses; ///< "10.0.0.1", "::1"
    std::vector<std::string> emails;
    std::vector<std::string> uris;
};

/// Reads a request (PEM). `Invalid`: no block CERTIFICATE REQUEST, or not signed by its own key.
Result<CertificateRequestFacts> certificateRequestFacts(std::string_view pem);

/// All usages that certificates.k8s.io/v1 knows: "digital signature", "client auth", ...
const std::vector<std::string>& knownUsages();

/// Whether the signer signs such a request: its rules on subject, names and usages. `Forbidden` in Kubernetes' words;
/// for a signer that is none of ours too.
/// Source: Kubernetes, "Certificates and Certificate Signing Requests", Kubernetes signers.
Result<Done> checkForSigner(std::string_view signer, const CertificateRequestFacts& facts,
                            const std::vector<std::string>& usages);

/// How long a certificate lives of which so many seconds were asked for (nothing: as long as `longest`).
std::chrono::seconds certificateLifetimeFor(std::optional<std::int64_t> askedSeconds, std::chrono::seconds longest);

/// The extensions of a certificate for these usages, in OpenSSL's words: key usage and extended key usage; an empty
/// text where none of that kind is asked for.
struct UsageTexts {
    std::string keyUsage;
    std::string extendedKeyUsage;
};
UsageTexts usageTexts(const std::vector<std::string>& usages);

} // namespace keelson::auth
