// SPDX-License-Identifier: Apache-2.0
#include "auth/json_web_token.h"

#include "api/base64.h"

#include <fmt/format.h>

#include <algorithm>

namespace keelson::auth {
namespace {

std::unexpected<Error> malformed(std::string_view why)
{
    return fail(Reason::Unauthorized, fmt::format("the bearer token is no JSON web token: {}", why));
}

bool isUrlLetter(char letter)
{
    return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') || (letter >= '0' && letter <= '9') ||
           letter == '-' || letter == '_';
}

/// The JSON object that a part of the token holds.
std::optional<api::Value> objectOf(std::string_view part)
{
    const auto text = decodeBase64Url(part);
    if (!text)
        return std::nullopt;
    std::vector<std::string> duplicates;
    auto value = api::parseJson(*text, &duplicates);
    // Readers that differ on which of two members counts could be played against each other.
    if (!value || !value->is_object() || !duplicates.empty())
        return std::nullopt;
    return *std::move(value);
}

} // namespace

std::string encodeBase64Url(std::string_view bytes)
{
    auto text = api::encodeBase64(bytes);
    while (text.ends_with('='))
        text.pop_back();
    std::ranges::replace(text, '+', '-');
    std::ranges::replace(text, '/', '_');
    return text;
}

std::optional<std::string> decodeBase64Url(std::string_view text)
{
    constexpr std::size_t group = 4;
    if (!std::ranges::all_of(text, isUrlLetter))
        return std::nullopt;
    std::string standard(text);
    std::ranges::replace(standard, '-', '+');
    std::ranges::replace(standard, '_', '/');
    while (standard.size() % group != 0)
        standard += '=';
    auto bytes = api::decodeBase64(standard);
    // One text for one value: whoever compares tokens as text must not be led astray by bits that nobody reads.
    if (!bytes || encodeBase64Url(*bytes) != text)
        return std::nullopt;
    return bytes;
}

bool looksLikeWebToken(std::string_view text)
{
    return text.size() <= webTokenBytesMax && std::ranges::count(text, '.') == 2 &&
           std::ranges::all_of(text, [](char letter) { return letter == '.' || isUrlLetter(letter); });
}

Result<WebToken> parseWebToken(std::string_view text)
{
    if (text.size() > webTokenBytesMax)
        return malformed(fmt::format("it has {} bytes; at most {} are read", text.size(), webTokenBytesMax));
    const auto first = text.find('.');
    const auto second = first == std::string_view::npos ? first : text.find('.', first + 1);
    if (second == std::string_view::npos || text.find('.', second + 1) != std::string_view::npos)
        return malformed("it has not three parts");
    const auto header = objectOf(text.substr(0, first));
    if (!header)
        return malformed("its header is no JSON object in base64url");
    auto claims = objectOf(text.substr(first + 1, second - first - 1));
    if (!claims)
        return malformed("its claims are no JSON object in base64url");
    auto signature = decodeBase64Url(text.substr(second + 1));
    if (!signature)
        return malformed("its signature is not base64url");
    if (api::find(*header, {"crit"}))
        return malformed("its header asks for extensions (crit) that are not understood");
    WebToken token{.algorithm = std::string(api::stringAt(*header, {"alg"})),
                   .keyId = std::string(api::stringAt(*header, {"kid"})),
                   .claims = *std::move(claims),
                   .signedText = std::string(text.substr(0, second)),
                   .signature = *std::move(signature)};
    if (token.algorithm.empty())
        return malformed("its header names no algorithm");
    return token;
}

} // namespace keelson::auth
