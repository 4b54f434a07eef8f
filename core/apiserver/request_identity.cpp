// SPDX-License-Identifier: Apache-2.0
#include "apiserver/request_identity.h"

#include "api/utf8.h"
#include "auth/json_web_token.h"
#include "auth/service_account_tokens.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace keelson::apiserver {
namespace {

constexpr std::string_view protocolHeader = "Sec-WebSocket-Protocol";

Result<Done> check(const auth::User& caller, const auth::Authorizer& authorizer, const std::string& group,
                   const std::string& resource, const std::string& subresource, const std::string& nameSpace,
                   const std::string& name)
{
    const auth::Attributes attributes{"impersonate", group, "v1", resource, subresource, nameSpace, name, {}};
    const auto decision = authorizer.authorize(caller, attributes);
    if (!decision.allowed)
        return fail(auth::forbidden(caller, attributes, decision.reason));
    return Done{};
}

Result<Done> checkUser(const auth::User& caller, const auth::Authorizer& authorizer, const std::string& name)
{
    if (!name.starts_with(auth::serviceAccountPrefix))
        return check(caller, authorizer, "", "users", "", "", name);
    const auto rest = name.substr(auth::serviceAccountPrefix.size());
    const auto colon = rest.find(':');
    if (colon == std::string::npos) // not of that form after all
        return check(caller, authorizer, "", "users", "", "", name);
    return check(caller, authorizer, "", "serviceaccounts", "", rest.substr(0, colon), rest.substr(colon + 1));
}

/// The groups that nobody has to ask for: an account's own, when none were named, and that of all who are known.
auth::User withItsGroups(auth::User user)
{
    const auto colon = user.name.find(':', auth::serviceAccountPrefix.size());
    if (user.name.starts_with(auth::serviceAccountPrefix) && colon != std::string::npos && user.groups.empty()) {
        const auto first = auth::serviceAccountPrefix.size();
        user.groups =
            auth::serviceAccountUser(user.name.substr(first, colon - first), user.name.substr(colon + 1)).groups;
    }
    const bool anonymous = user.name == auth::User::anonymous().name;
    const auto holds = [&](std::string_view wanted) {
        return std::ranges::find(user.groups, wanted) != user.groups.end();
    };
    if (!holds("system:unauthenticated") && (anonymous || !holds("system:authenticated")))
        user.groups.emplace_back(anonymous ? "system:unauthenticated" : "system:authenticated");
    return user;
}

/// The token of "Bearer TOKEN". Empty for credentials of other schemes, which are nobody's here.
std::string_view bearerToken(std::string_view authorization)
{
    const auto space = authorization.find(' ');
    if (space == std::string_view::npos || !equalIgnoringCase(authorization.substr(0, space), "bearer"))
        return {};
    authorization.remove_prefix(space + 1);
    return authorization.substr(0, authorization.find(' '));
}

bool isUtf8(const auth::User& user)
{
    const auto good = [](const std::string& text) { return api::utf8Prefix(text) == text.size(); };
    return good(user.name) && good(user.uid) && std::ranges::all_of(user.groups, good) &&
           std::ranges::all_of(user.extra, [&](const auto& item) {
               return good(item.first) && std::ranges::all_of(item.second, good);
           });
}

} // namespace

Result<Done> takeProtocolToken(Request& request)
{
    constexpr std::string_view prefix = "base64url.bearer.authorization.k8s.io.";
    std::vector<std::string_view> tokens;
    std::vector<std::string_view> others;
    for (const auto protocol : request.headers.listed(protocolHeader))
        (protocol.starts_with(prefix) ? tokens : others).push_back(protocol);
    if (tokens.empty())
        return Done{};
    if (tokens.size() > 1)
        return fail(Reason::Unauthorized, "multiple base64.bearer.authorization tokens specified");
    const auto token = auth::decodeBase64Url(tokens.front().substr(prefix.size()));
    if (!token || token->empty())
        return fail(Reason::Unauthorized, "the bearer token among the WebSocket protocols is no base64url");
    if (others.empty())
        return fail(Reason::Unauthorized, "missing additional subprotocol");
    Headers headers;
    headers.add(protocolHeader, fmt::format("{}", fmt::join(others, ", ")));
    if (!request.headers.has("Authorization"))
        headers.add("Authorization", "Bearer " + *token);
    for (const auto& [name, value] : request.headers.items()) {
        if (!equalIgnoringCase(name, protocolHeader))
            headers.add(name, value);
    }
    request.headers = std::move(headers);
    return Done{};
}

Result<auth::User> identify(const Request& request, const auth::BearerAuthenticator* tokens)
{
    if (request.peer && *request.peer)
        return *request.peer;
    const auto token = bearerToken(request.headers.get("Authorization"));
    if (token.empty())
        return request.peer ? *request.peer : auth::User::anonymous();
    if (!tokens)
        return fail(Reason::Unauthorized, "the bearer token is not known to this cluster");
    TRY_ASSIGN(auto identity, tokens->authenticate(token, {}));
    return std::move(identity.user);
}

Result<auth::User> impersonate(const Request& request, auth::User caller, const auth::Authorizer& authorizer)
{
    const std::string name(request.headers.get("Impersonate-User"));
    auth::User wanted{name, std::string(request.headers.get("Impersonate-Uid")), {}, {}};
    for (const auto group : request.headers.all("Impersonate-Group"))
        wanted.groups.emplace_back(group);
    constexpr std::string_view extra = "impersonate-extra-";
    for (const auto& [key, value] : request.headers.items()) {
        if (key.size() > extra.size() && equalIgnoringCase(std::string_view(key).substr(0, extra.size()), extra))
            wanted.extra[percentDecoded(lowered(std::string_view(key).substr(extra.size())))].push_back(value);
    }
    if (!isUtf8(wanted))
        return fail(Reason::BadRequest, "the headers of an impersonation must be UTF-8");
    if (name.empty()) {
        if (!wanted.groups.empty() || !wanted.uid.empty() || !wanted.extra.empty())
            return fail(Reason::BadRequest, "impersonation needs the header Impersonate-User");
        return caller;
    }
    TRY_OK(checkUser(caller, authorizer, name));
    for (const auto& group : wanted.groups)
        TRY_OK(check(caller, authorizer, "", "groups", "", "", group));
    if (!wanted.uid.empty())
        TRY_OK(check(caller, authorizer, "authentication.k8s.io", "uids", "", "", wanted.uid));
    for (const auto& [key, values] : wanted.extra) {
        for (const auto& value : values)
            TRY_OK(check(caller, authorizer, "authentication.k8s.io", "userextras", key, "", value));
    }
    return withItsGroups(std::move(wanted));
}

} // namespace keelson::apiserver
