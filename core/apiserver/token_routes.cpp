// SPDX-License-Identifier: Apache-2.0
#include "apiserver/token_routes.h"

#include "apiserver/resource_routes.h"
#include "apiserver/standalone_document.h"
#include "auth/node_authorizer.h"

#include <fmt/format.h>

namespace keelson::apiserver {
namespace {

/// A TokenRequest that names another account than its path is a mistake that would give a token to the wrong one.
Result<Done> checkNames(const RequestInfo& info, const api::Value& request)
{
    const auto check = [&](std::string_view member, const std::string& wanted) -> Result<Done> {
        const auto given = api::stringAt(request, {"metadata", member});
        if (given.empty() || given == wanted)
            return Done{};
        return fail(Reason::BadRequest,
                    fmt::format("metadata.{} of the TokenRequest is \"{}\", but the service account "
                                "is {}",
                                member, given, info.key().text()));
    };
    TRY_OK(check("name", info.name));
    return check("namespace", info.nameSpace);
}

Result<api::Value> answer(Call& call)
{
    const auto* const tokens = call.options().serviceAccounts;
    if (!tokens)
        return fail(Reason::NotFound, "this server issues no tokens for service accounts");
    TRY_ASSIGN(auto context, writeContext(call));
    TRY_ASSIGN(auto request, readStandalone(call, context, "authentication/v1/TokenRequest"));
    TRY_OK(checkNames(call.info(), request));
    if (const auto node = auth::nodeOf(call.user))
        TRY_OK(auth::checkTokenOfNode(*node, call.info().key(), request, tokens->objects()));
    TRY_ASSIGN(auto answered, tokens->answerRequest(call.info().key(), std::move(request)));
    if (context.dryRun)
        api::objectAt(answered, {"status"})["token"] = "";
    return answered;
}

} // namespace

void serveTokenRequest(const std::shared_ptr<Call>& call)
{
    call->runBlocking([](Call& self) { // a signature takes about a millisecond
        const auto answered = answer(self);
        if (answered)
            self.respondDocument(201, *answered);
        else
            self.respondError(answered.error());
    });
}

void serveOpenId(Call& call)
{
    const auto* const tokens = call.options().serviceAccounts;
    if (!tokens)
        return call.respondError(makeError(Reason::NotFound, "this server issues no tokens for service accounts"));
    const bool keys = call.info().path == openIdKeysPath;
    auto text = keys ? tokens->keysDocument() : tokens->discoveryDocument("https://" + call.services().advertised());
    if (!text)
        return call.respondError(text.error());
    auto response = Response::text(200, keys ? "application/jwk-set+json" : "application/json", std::move(*text));
    response.headers.add("Cache-Control", "public, max-age=3600");
    call.respond(std::move(response));
}

} // namespace keelson::apiserver
