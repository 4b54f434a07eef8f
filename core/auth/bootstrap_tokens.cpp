// SPDX-License-Identifier: Apache-2.0
#include "auth/bootstrap_tokens.h"

#include "api/base64.h"

#include <fmt/format.h>

#include <algorithm>

namespace keelson::auth {
namespace {

constexpr std::string_view secretType = "bootstrap.kubernetes.io/token";
constexpr std::string_view groupPrefix = "system:bootstrappers:";
constexpr std::size_t idLength = 6;
constexpr std::size_t secretLength = 16;
constexpr std::size_t groupLengthMax = 256; ///< Behind the prefix.

bool isLowerOrDigit(char letter)
{
    return (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9');
}

std::string dataAt(const api::Value& secret, std::string_view key)
{
    return api::decodeBase64(api::stringAt(secret, {"data", key})).value_or("");
}

bool isGroup(std::string_view group)
{
    if (!group.starts_with(groupPrefix))
        return false;
    const auto rest = group.substr(groupPrefix.size());
    return !rest.empty() && rest.size() <= groupLengthMax && isLowerOrDigit(rest.back()) &&
           std::ranges::all_of(rest, [](char each) { return isLowerOrDigit(each) || each == ':' || each == '-'; });
}

/// The groups of the Secret's list; nothing when one of them is none that a token may give.
std::optional<std::vector<std::string>> groupsOf(std::string_view list)
{
    std::vector<std::string> groups;
    while (!list.empty()) {
        const auto comma = list.find(',');
        groups.emplace_back(list.substr(0, comma));
        if (!isGroup(groups.back()))
            return std::nullopt;
        list = comma == std::string_view::npos ? std::string_view() : list.substr(comma + 1);
    }
    return groups;
}

} // namespace

std::optional<BootstrapToken> BootstrapToken::parse(std::string_view text)
{
    if (text.size() != idLength + 1 + secretLength || text[idLength] != '.')
        return std::nullopt;
    BootstrapToken token{std::string(text.substr(0, idLength)), std::string(text.substr(idLength + 1))};
    if (!std::ranges::all_of(token.id, isLowerOrDigit) || !std::ranges::all_of(token.secret, isLowerOrDigit))
        return std::nullopt;
    return token;
}

std::optional<WallTime> bootstrapTokenEnd(const api::Value& secret)
{
    const auto text = dataAt(secret, "expiration");
    if (text.empty())
        return std::nullopt;
    return parseTime(text).value_or(WallTime{});
}

Result<TokenIdentity> BootstrapTokens::authenticate(std::string_view token,
                                                    std::span<const std::string> /*audiences*/) const
{
    const auto refused = fail(Reason::Unauthorized, "the bootstrap token is not known to this cluster");
    const auto shown = BootstrapToken::parse(token);
    if (!shown)
        return refused;
    const auto secret = m_objects.find("Secret", {"kube-system", "bootstrap-token-" + shown->id});
    if (!secret || api::stringAt(*secret, {"type"}) != secretType ||
        api::find(*secret, {"metadata", "deletionTimestamp"}))
        return refused;
    const bool same = equalSecrets(dataAt(*secret, "token-secret"), shown->secret);
    if (!same || dataAt(*secret, "token-id") != shown->id)
        return refused;
    // From here on who asks holds the secret, and may be told what is wrong.
    if (const auto end = bootstrapTokenEnd(*secret); end && *end <= m_clock.wall())
        return fail(Reason::Unauthorized, fmt::format("the bootstrap token expired at {}", formatTime(*end)));
    if (dataAt(*secret, "usage-bootstrap-authentication") != "true")
        return fail(Reason::Unauthorized, "the bootstrap token is not meant for authentication");
    auto groups = groupsOf(dataAt(*secret, "auth-extra-groups"));
    if (!groups)
        return fail(Reason::Unauthorized, "the bootstrap token names a group that it may not give");
    groups->insert(groups->begin(), "system:bootstrappers");
    groups->emplace_back("system:authenticated");
    return TokenIdentity{{fmt::format("system:bootstrap:{}", shown->id), {}, *std::move(groups), {}}, {}};
}

} // namespace keelson::auth
