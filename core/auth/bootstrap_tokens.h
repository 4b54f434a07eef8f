// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "auth/service_account_tokens.h"
#include "base/clock.h"

#include <optional>
#include <string>
#include <string_view>

namespace keelson::auth {

/// "abcdef.0123456789abcdef": a public id and a secret.
struct BootstrapToken {
    std::string id;
    std::string secret;
    /// Nothing when the text is of another form.
    static std::optional<BootstrapToken> parse(std::string_view text);
};

/// When the Secret of a bootstrap token ends; nothing: never. One that cannot be read has ended.
std::optional<WallTime> bootstrapTokenEnd(const api::Value& secret);

/// Bearer tokens for new nodes and for whoever sets up a cluster: Secrets of kube-system of the type
/// bootstrap.kubernetes.io/token. Who shows one is system:bootstrap:ID in the group system:bootstrappers and in those
/// that the Secret adds.
///
/// Threads: any. `objects` and `clock` outlive it.
/// Source: Kubernetes, "Authenticating with Bootstrap Tokens".
class BootstrapTokens : public BearerAuthenticator {
public:
    BootstrapTokens(const ObjectSource& objects, const Clock& clock) : m_objects(objects), m_clock(clock) {}

    bool recognizes(std::string_view token) const override { return BootstrapToken::parse(token).has_value(); }
    Result<TokenIdentity> authenticate(std::string_view token, std::span<const std::string> audiences) const override;

private:
    const ObjectSource& m_objects;
    const Clock& m_clock;
};

} // namespace keelson::auth
