// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "auth/service_account_tokens.h"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace keelson::auth {

inline constexpr std::string_view accountTokenType = "kubernetes.io/service-account-token";
/// Of a Secret with such a token: the day of its last use, "2026-11-29" (UTC).
inline constexpr std::string_view lastUsedLabel = "kubernetes.io/legacy-token-last-used";

/// Tokens of service accounts that lie in Secrets of the type kubernetes.io/service-account-token, as users make them
/// for programs outside of the cluster. They do not expire: such a token counts while the Secret holds it and the
/// account exists.
///
/// Threads: any. `objects` and `clock` outlive it. The key may still be in the making, as for `ServiceAccountTokens`.
/// Source: Kubernetes, "Managing Service Accounts", long-lived API tokens.
class SecretTokens : public BearerAuthenticator {
public:
    /// Of the token in a Secret, on a day that its label `lastUsedLabel` does not say yet.
    struct Use {
        api::ObjectKey secret;
        std::string uid; ///< The Secret's.
        std::string day; ///< For the label.
    };
    using UseObserver = std::function<void(const Use&)>;

    /// `audiences`: of the API server, which these tokens are for. `used`: called by the threads that authenticate,
    /// also at the same time, with each use until the label says the day; must not block.
    SecretTokens(ServiceAccountTokens::FutureKey key, std::vector<std::string> audiences, const ObjectSource& objects,
                 const Clock& clock, UseObserver used);

    /// The token for the Secret of that name in the account's namespace.
    Result<std::string> make(const api::ObjectKey& account, std::string_view accountUid, std::string_view secret) const;

    bool recognizes(std::string_view token) const override;
    /// Besides forged and for other audiences: what became of the Secret or the account.
    Result<TokenIdentity> authenticate(std::string_view token, std::span<const std::string> audiences) const override;

private:
    void tellUse(const api::ObjectKey& key, const api::Value& secret) const;

    const ServiceAccountTokens::FutureKey m_key;
    const std::vector<std::string> m_audiences;
    const ObjectSource& m_objects;
    const Clock& m_clock;
    const UseObserver m_used;
};

} // namespace keelson::auth
