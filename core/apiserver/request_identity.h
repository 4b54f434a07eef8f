// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apiserver/http_message.h"
#include "auth/authenticator.h"

namespace keelson::apiserver {

/// A page in a browser can set no headers of a WebSocket: it brings its bearer token as the protocol
/// "base64url.bearer.authorization.k8s.io.TOKEN" beside the one that it wants to speak. The token becomes the header
/// Authorization, and nobody behind sees that protocol. `Unauthorized` when it is not of that form.
Result<Done> takeProtocolToken(Request& request);

/// Who asks: by client certificate, else by bearer token, else nobody (anonymous; so is who shows credentials of other
/// schemes). `Unauthorized` when what is shown is not accepted: a wrong certificate is never taken for no certificate,
/// but who shows a good token besides is let in by that.
Result<auth::User> identify(const Request& request, const auth::BearerAuthenticator* tokens);

/// Whom the caller wants to be taken for (headers Impersonate-User, -Group, -Uid, -Extra-*); the caller itself without
/// them. `Forbidden` unless the caller may `impersonate` each of them.
Result<auth::User> impersonate(const Request& request, auth::User caller, const auth::Authorizer& authorizer);

} // namespace keelson::apiserver
