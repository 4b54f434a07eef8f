// SPDX-License-Identifier: Apache-2.0
#include "auth/secret_tokens.h"

#include "api/base64.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace keelson::auth {
namespace {

/// Kubernetes' issuer of such tokens, whatever the cluster's own is called.
constexpr std::string_view secretIssuer = "kubernetes/serviceaccount";
/// Set by who cleans up tokens that nobody uses: the token counts no more, but could be brought back.
constexpr std::string_view invalidLabel = "kubernetes.io/legacy-token-invalid-since";

constexpr std::string_view namespaceClaim = "kubernetes.io/serviceaccount/namespace";
constexpr std::string_view secretClaim = "kubernetes.io/serviceaccount/secret.name";
constexpr std::string_view accountClaim = "kubernetes.io/serviceaccount/service-account.name";
constexpr std::string_view uidClaim = "kubernetes.io/serviceaccount/service-account.uid";

std::unexpected<Error> refused(std::string why)
{
    return fail(Reason::Unauthorized, std::move(why));
}

std::string subjectOf(const api::ObjectKey& account)
{
    return fmt::format("{}{}:{}", serviceAccountPrefix, account.nameSpace, account.name);
}

/// The Secret must be there and hold the token.
Result<Done> checkSecret(const std::optional<api::Value>& secret, std::string_view name, std::string_view token)
{
    if (!secret || api::find(*secret, {"metadata", "deletionTimestamp"}))
        return refused(fmt::format("the secret \"{}\" that the bearer token lay in is gone", name));
    const auto held = api::decodeBase64(api::stringAt(*secret, {"data", "token"})).value_or("");
    if (api::stringAt(*secret, {"type"}) != accountTokenType || !equalSecrets(held, token))
        return refused(fmt::format("the secret \"{}\" holds another token than the bearer token", name));
    if (!api::stringAt(*secret, {"metadata", "labels", invalidLabel}).empty())
        return refused(fmt::format("the bearer token was marked invalid, by the label {} of its secret \"{}\"",
                                   invalidLabel, name));
    return Done{};
}

} // namespace

SecretTokens::SecretTokens(ServiceAccountTokens::FutureKey key, std::vector<std::string> audiences,
                           const ObjectSource& objects, const Clock& clock, UseObserver used)
    : m_key(std::move(key)),
      m_audiences(std::move(audiences)),
      m_objects(objects),
      m_clock(clock),
      m_used(std::move(used))
{
}

Result<std::string> SecretTokens::make(const api::ObjectKey& account, std::string_view accountUid,
                                       std::string_view secret) const
{
    const auto& key = m_key.get();
    if (!key)
        return fail(key.error());
    return key->sign({{"iss", secretIssuer},
                      {namespaceClaim, account.nameSpace},
                      {secretClaim, secret},
                      {accountClaim, account.name},
                      {uidClaim, accountUid},
                      {"sub", subjectOf(account)}});
}

bool SecretTokens::recognizes(std::string_view token) const
{
    if (!looksLikeWebToken(token))
        return false;
    const auto parsed = parseWebToken(token);
    return parsed && api::stringAt(parsed->claims, {"iss"}) == secretIssuer;
}

Result<TokenIdentity> SecretTokens::authenticate(std::string_view token, std::span<const std::string> audiences) const
{
    TRY_ASSIGN(const auto parsed, parseWebToken(token));
    const auto claim = [&](std::string_view name) { return std::string(api::stringAt(parsed.claims, {name})); };
    if (claim("iss") != secretIssuer)
        return refused("the bearer token is none of a service account's secret");
    const auto& signing = m_key.get();
    if (!signing)
        return fail(signing.error());
    TRY_OK(signing->verificationKeys().verify(parsed));

    const api::ObjectKey account{claim(namespaceClaim), claim(accountClaim)};
    if (claim("sub") != subjectOf(account))
        return refused("the bearer token names two different service accounts");
    TokenIdentity identity;
    const std::span<const std::string> wanted = audiences.empty() ? m_audiences : audiences;
    std::ranges::copy_if(wanted, std::back_inserter(identity.audiences), [&](const std::string& audience) {
        return std::ranges::find(m_audiences, audience) != m_audiences.end();
    });
    if (identity.audiences.empty())
        return refused(fmt::format("the bearer token is meant for [{}], not for [{}]", fmt::join(m_audiences, ", "),
                                   fmt::join(wanted, ", ")));
    const api::ObjectKey key{account.nameSpace, claim(secretClaim)};
    const auto secret = m_objects.find("Secret", key);
    TRY_OK(checkSecret(secret, key.name, token));
    const auto facts = m_objects.facts("ServiceAccount", account);
    if (!facts)
        return refused(fmt::format("the service account \"{}\" of the bearer token is gone", account.name));
    if (facts->uid != claim(uidClaim))
        return refused(fmt::format("the service account \"{}\" of the bearer token was deleted; there is another of "
                                   "the same name",
                                   account.name));
    identity.user = serviceAccountUser(account.nameSpace, account.name, facts->uid);
    tellUse(key, *secret);
    return identity;
}

void SecretTokens::tellUse(const api::ObjectKey& key, const api::Value& secret) const
{
    auto day = formatTime(m_clock.wall());
    day.resize(day.find('T'));
    if (api::stringAt(secret, {"metadata", "labels", lastUsedLabel}) != day)
        m_used({key, std::string(api::stringAt(secret, {"metadata", "uid"})), std::move(day)});
}

} // namespace keelson::auth
