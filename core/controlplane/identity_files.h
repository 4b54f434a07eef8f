// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "auth/certificate_authority.h"
#include "base/result.h"

#include <filesystem>
#include <string>

namespace keelson::controlplane {

struct Addresses;

/// `DIR/agent.token`: one line, `<base64url of the authority's certificate, DER>.<secret>`. Reads it, or makes it with
/// a new secret (0600); when the authority is another than the file's, the line is written anew with the same secret.
/// Returns the secret.
Result<std::string> loadOrCreateJoinToken(const std::filesystem::path& path, const std::string& authorityPem);

/// `DIR/admin.kubeconfig` (0600) for user `keelson-admin` of system:masters. Kept while it names the same server and
/// authority and its certificate is good for a while; else written anew.
Result<Done> writeAdminKubeconfig(const std::filesystem::path& path, const auth::CertificateAuthority& authority,
                                  const std::string& server, const Clock& clock);

/// `DIR/addresses.json`: where this process is reached now, and its pid.
Result<Done> writeAddresses(const std::filesystem::path& dataDir, const Addresses& addresses);

} // namespace keelson::controlplane
