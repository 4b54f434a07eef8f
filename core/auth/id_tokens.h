// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "auth/authenticator.h"
#include "auth/token_keys.h"
#include "base/clock.h"
#include "base/loop.h"

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace keelson::auth {

/// Whose ID tokens are believed, and who they make of it; the members are kube-apiserver's options --oidc-*.
struct IdTokenOptions {
    std::string issuer;   ///< "https://accounts.example.com": as tokens have it, and where its keys are found.
    std::string clientId; ///< Must be among the audiences of a token.
    std::string usernameClaim = "sub";
    std::string usernamePrefix; ///< Empty: ISSUER# but for the claim "email"; "-": none.
    std::string groupsClaim;    ///< Empty: tokens give no groups.
    std::string groupsPrefix;
    std::map<std::string, std::string> requiredClaims;
    std::vector<std::string> algorithms{"RS256"};
};

/// `Invalid` names the option that is missing or wrong, as on the command line.
Result<Done> checkIdTokenOptions(const IdTokenOptions& options);

/// OpenID Connect ID tokens of one issuer as bearer tokens. The issuer's keys are fetched at `start`, every ten
/// minutes, and when a token names one that is not known.
///
/// Threads: any for `recognizes` and `authenticate`, which never wait for the network: until the keys are there tokens
/// are refused with a message that says so. `fetch` (the body at a URL; blocks) runs on the executor. Life: destroyed
/// after `executor` and `loop` have stopped, or while they run nothing.
/// Source: OpenID Connect Core 1.0, section 3.1.3.7; Kubernetes, "Authenticating", OpenID Connect Tokens.
class IdTokens : public BearerAuthenticator {
public:
    using Fetch = std::function<Result<std::string>(const std::string& url)>;
    static constexpr std::chrono::minutes refreshPeriod{10};
    static constexpr std::chrono::seconds refreshPause{10}; ///< After a failure, and between two unknown keys.

    IdTokens(IdTokenOptions options, Fetch fetch, const Clock& clock, Loop& loop, Executor& executor);
    ~IdTokens() override;

    void start();

    bool recognizes(std::string_view token) const override;
    Result<TokenIdentity> authenticate(std::string_view token, std::span<const std::string> audiences) const override;

private:
    struct Keys;

    Result<Done> checkClaims(const WebToken& token) const;
    Result<User> userOf(const api::Value& claims) const;

    const IdTokenOptions m_options;
    const Clock& m_clock;
    std::shared_ptr<Keys> m_keys;
};

} // namespace keelson::auth
