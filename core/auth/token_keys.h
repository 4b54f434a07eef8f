// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "auth/json_web_token.h"
#include "base/result.h"

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace keelson::auth {

/// Public keys that signatures of JSON web tokens are checked against. Algorithms: RS256, RS384, RS512, ES256, ES384;
/// which of them a key may be used with follows from the key, never from the token alone.
///
/// Immutable: any thread. Copies share the keys.
class VerificationKeys {
public:
    /// A JWK set (RFC 7517). Keys for other uses or of other kinds, and keys that are too weak (RSA under 2048 bits),
    /// are left out; at most 64 are read. `Invalid` when the text is no set.
    static Result<VerificationKeys> fromJwks(std::string_view text);
    /// One public key or several in PEM form. `Invalid` when there is none.
    static Result<VerificationKeys> fromPem(std::string_view text);

    bool empty() const;
    bool holds(std::string_view keyId) const;
    /// The set as a document for others (RFC 7517).
    std::string jwks() const;

    /// `Unauthorized` unless one of the keys (the one that the token names, when it names one) has signed it.
    Result<Done> verify(const WebToken& token) const;

private:
    friend class SigningKey;
    struct Key;
    std::vector<std::shared_ptr<const Key>> m_keys;
};

/// A private key that signs JSON web tokens: RS256, or ES256 with a key on P-256.
///
/// Threads: any may sign. Errors: `InternalError` with file and cause; `Invalid` for a file that holds no such key.
class SigningKey {
public:
    /// Reads the file (PEM), or makes an RSA key of 2048 bits and writes it there (0600): RS256 is what every reader of
    /// such tokens knows.
    static Result<SigningKey> openOrCreate(const std::filesystem::path& path);
    static Result<SigningKey> fromPem(std::string_view pem);
    SigningKey(SigningKey&&) noexcept;
    SigningKey& operator=(SigningKey&&) noexcept;
    ~SigningKey();

    /// "RS256"
    std::string_view algorithm() const;
    /// The token in its compact form.
    Result<std::string> sign(const api::Object& claims) const;
    /// Its public half.
    VerificationKeys verificationKeys() const;

private:
    explicit SigningKey(std::shared_ptr<const VerificationKeys::Key> key) : m_key(std::move(key)) {}
    std::shared_ptr<const VerificationKeys::Key> m_key;
};

} // namespace keelson::auth
