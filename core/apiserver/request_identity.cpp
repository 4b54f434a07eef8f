// SPDX-License-Identifier: Apache-2.0
#include "apiserver/request_identity.h"

#include "auth/service_account_tokens.h"

#include <algorithm>

namespace keelson::apiserver {
namespace {

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

} // namespace

Result<auth::User> identify(const Request& request, const auth::BearerAuthenticator* tokens)
{
    if (request.peer)
        return *request.peer;
    const auto authorization = request.headers.get("Authorization");
    if (authorization.empty())
        return auth::User::anonymous();
    constexpr std::string_view scheme = "bearer ";
    if (authorization.size() <= scheme.size() || !equalIgnoringCase(authorization.substr(0, scheme.size()), scheme))
        return fail(Reason::Unauthorized, "the header Authorization must be \"Bearer TOKEN\"");
    if (!tokens)
        return fail(Reason::Unauthorized, "the bearer token is not known to this cluster");
    TRY_ASSIGN(auto identity, tokens->authenticate(authorization.substr(scheme.size()), {}));
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
