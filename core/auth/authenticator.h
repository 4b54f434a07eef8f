// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "auth/user.h"
#include "base/clock.h"
#include "base/result.h"

#include <map>
#include <memory>
#include <span>
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

/// Whose a token is, and who may accept it.
struct TokenIdentity {
    User user;
    std::vector<std::string> audiences; ///< Of those that were asked for; empty: it is for no audience in particular.
};

/// Bearer tokens of one kind. Threads: any; does not wait for the network.
class BearerAuthenticator {
public:
    virtual ~BearerAuthenticator() = default;
    /// Whether the token is one of this kind, good or not: nobody else is asked then.
    virtual bool recognizes(std::string_view token) const = 0;
    /// `audiences`: who wants to accept the token; empty: the API server. `Unauthorized` says why it is not accepted,
    /// never what would be.
    virtual Result<TokenIdentity> authenticate(std::string_view token,
                                               std::span<const std::string> audiences) const = 0;
};

/// Several kinds of bearer tokens, asked in their order. They outlive it.
class BearerAuthenticators : public BearerAuthenticator {
public:
    void add(const BearerAuthenticator& one) { m_all.push_back(&one); }
    bool recognizes(std::string_view token) const override;
    Result<TokenIdentity> authenticate(std::string_view token, std::span<const std::string> audiences) const override;

private:
    std::vector<const BearerAuthenticator*> m_all;
};

/// Static bearer tokens, such as the agents' join token. Compares in constant time. Immutable: any thread.
class TokenAuthenticator : public BearerAuthenticator {
public:
    void add(std::string token, User user);
    bool recognizes(std::string_view token) const override;
    Result<TokenIdentity> authenticate(std::string_view token, std::span<const std::string> audiences) const override;

private:
    std::vector<std::pair<std::string, User>> m_tokens;
};

/// Whether both are equal and not empty: no secret admits nobody. Takes the same time wherever they differ.
bool equalSecrets(std::string_view left, std::string_view right);

} // namespace keelson::auth
