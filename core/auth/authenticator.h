// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "auth/user.h"
#include "base/clock.h"
#include "base/result.h"

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace keelson::auth {

/// Who a client certificate speaks for: common name -> user, organizations -> groups, and system:authenticated.
///
/// Threads: any. Errors: `Unauthorized` says whose certificate is refused and why: expired, not yet valid, of another
/// authority, not for clients.
class CertificateAuthenticator {
public:
    /// `authorities`: PEM, one certificate or several after another.
    static Result<CertificateAuthenticator> create(std::string_view authorities, const Clock& clock);
    CertificateAuthenticator(CertificateAuthenticator&&) noexcept;
    CertificateAuthenticator& operator=(CertificateAuthenticator&&) noexcept;
    ~CertificateAuthenticator();

    /// A certificate in DER form, and those that the client sent with it.
    Result<User> authenticate(std::string_view certificate, const std::vector<std::string>& intermediates = {}) const;
    Result<User> authenticatePem(std::string_view certificate) const;

private:
    struct Data;
    explicit CertificateAuthenticator(std::unique_ptr<Data> data);
    std::unique_ptr<Data> m_data;
};

/// Static bearer tokens, such as the agents' join token. Compares in constant time. Immutable: any thread.
class TokenAuthenticator {
public:
    void add(std::string token, User user);
    /// `Unauthorized` for a token that nobody has.
    Result<User> authenticate(std::string_view token) const;

private:
    std::vector<std::pair<std::string, User>> m_tokens;
};

/// Whether both are equal; takes the same time wherever they differ.
bool equalSecrets(std::string_view left, std::string_view right);

} // namespace keelson::auth
