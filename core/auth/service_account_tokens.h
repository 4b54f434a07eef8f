// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/kind.h"
#include "auth/authenticator.h"
#include "auth/token_keys.h"
#include "base/clock.h"
#include "base/random.h"

#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace keelson::auth {

inline constexpr std::string_view defaultIssuer = "https://kubernetes.default.svc.cluster.local";
inline constexpr std::string_view serviceAccountPrefix = "system:serviceaccount:";

/// Bounds and default of `spec.expirationSeconds` of a TokenRequest, as Kubernetes has them.
inline constexpr std::chrono::seconds tokenLifetimeMin{600};
inline constexpr std::chrono::seconds tokenLifetimeMax{std::int64_t{1} << 32};
inline constexpr std::chrono::seconds tokenLifetimeDefault{3600};

/// How authentication and authorization see objects of core/v1. Threads: any; must not block.
class ObjectSource {
public:
    virtual ~ObjectSource() = default;
    struct Facts {
        std::string uid;
        std::optional<WallTime> deletedAt; ///< metadata.deletionTimestamp
    };
    /// `kind`: "ServiceAccount", "Pod", "Secret", "Node". Nothing when there is no such object.
    virtual std::optional<Facts> facts(std::string_view kind, const api::ObjectKey& key) const = 0;
    virtual std::optional<api::Value> find(std::string_view kind, const api::ObjectKey& key) const = 0;
};

/// `system:serviceaccount:NAMESPACE:NAME` with its groups.
User serviceAccountUser(std::string_view nameSpace, std::string_view name, std::string uid = {});

/// Bound tokens of service accounts: JSON web tokens that this cluster signs and reads. A token counts while its
/// service account and the pod, secret or node that it is bound to exist with the same uids.
///
/// The key may still be in the making, since finding an RSA key takes a good part of a cluster's first start: what
/// needs it waits for it, and fails as its making did.
///
/// Threads: any. `objects`, `clock` and `random` outlive it.
/// Source: Kubernetes, "Managing Service Accounts", schema of the private claims.
class ServiceAccountTokens : public BearerAuthenticator {
public:
    struct Options {
        std::string issuer{defaultIssuer};
        std::vector<std::string> audiences{std::string(defaultIssuer)}; ///< Of the API server.
    };
    using FutureKey = std::shared_future<Result<SigningKey>>;
    ServiceAccountTokens(FutureKey key, Options options, const ObjectSource& objects, const Clock& clock,
                         Random& random);
    ServiceAccountTokens(SigningKey key, Options options, const ObjectSource& objects, const Clock& clock,
                         Random& random);
    ~ServiceAccountTokens() override;

    bool recognizes(std::string_view token) const override;
    /// Besides expired, not yet valid, forged and for other audiences: "the service account default/web is gone".
    Result<TokenIdentity> authenticate(std::string_view token, std::span<const std::string> audiences) const override;

    /// Answers an authentication.k8s.io/v1 TokenRequest for the account: the document with its status.
    /// `NotFound`: no such account. `Invalid` (a duration under ten minutes or over 2^32 seconds), `BadRequest` (an
    /// object that tokens cannot be bound to, or a pod of another account), `Conflict` (the object has another uid).
    Result<api::Value> answerRequest(const api::ObjectKey& account, api::Value request) const;

    /// What tokens are bound to.
    const ObjectSource& objects() const { return m_objects; }

    /// What other systems need to check tokens: the documents /.well-known/openid-configuration and /openid/v1/jwks.
    /// `server`: "https://HOST:PORT", where the second is found.
    Result<std::string> discoveryDocument(std::string_view server) const;
    Result<std::string> keysDocument() const;

private:
    struct Claims;
    struct Cache;
    using ClaimsPointer = std::shared_ptr<const Claims>;

    Result<const SigningKey*> key() const;
    Result<ClaimsPointer> verified(std::string_view token) const;
    Result<Done> checkObjects(const Claims& claims) const;

    const FutureKey m_key;
    const Options m_options;
    const ObjectSource& m_objects;
    const Clock& m_clock;
    Random& m_random;
    std::unique_ptr<Cache> m_cache;
};

} // namespace keelson::auth
