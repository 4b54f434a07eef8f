// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "auth/certificate_authority.h"
#include "auth/service_account_tokens.h"
#include "base/result.h"

#include <filesystem>
#include <string>

namespace keelson::controlplane {

struct Addresses;

/// `DIR/agent.token`: one line, `<base64url of the authority's certificate, DER>.<secret>`. Reads it, or makes it with
/// a new secret (0600); when the authority is another than the file's, the line is written anew with the same secret.
/// Returns the secret. `Invalid` when the file is damaged: nobody is let in by what is left of a secret.
Result<std::string> loadOrCreateJoinToken(const std::filesystem::path& path, const std::string& authorityPem);

/// The key that signs service accounts' tokens. Fails for a file that holds none; where there is no file, the key is
/// made on a thread of its own (a fifth of a second or so), and what fails then is logged and told to whoever needs the
/// key.
Result<auth::ServiceAccountTokens::FutureKey> openTokenKey(const std::filesystem::path& path);

/// `DIR/admin.kubeconfig` (0600) for user `keelson-admin` of system:masters. Kept while it names the same server and
/// authority and its certificate is good for a while; else written anew.
Result<Done> writeAdminKubeconfig(const std::filesystem::path& path, const auth::CertificateAuthority& authority,
                                  const std::string& server, const Clock& clock);

/// `DIR/addresses.json`: where this process is reached now, and its pid.
Result<Done> writeAddresses(const std::filesystem::path& dataDir, const Addresses& addresses);

} // namespace keelson::controlplane
