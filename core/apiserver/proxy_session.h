// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apiserver/call.h"
#include "apiserver/proxy_links.h"
#include "upstream/connect.h"

#include <optional>
#include <string>

namespace keelson::apiserver {

/// A request as it goes on to another server.
struct OnwardRequest {
    std::string text;                ///< Head and, when it has come whole, body.
    bool headOnly = false;           ///< It is a HEAD.
    bool upgrade = false;            ///< It asks for another protocol on the connection.
    Duration replyTime{0};           ///< For the server to begin its answer, once it has the request.
    std::optional<ProxyLinks> links; ///< For redirects and pages; none: they stay as they are.
};

/// Answers the call with what the server answers, as it comes; both ways after an upgrade. A body that comes in pieces
/// is taken from the client as the server takes it. When the client goes, so does the connection to the server.
/// `ServiceUnavailable` in Kubernetes' words when the server cannot be reached or answers no HTTP, `Timeout` when it
/// does not answer, `TooManyRequests` over `proxiedMax`.
void carryOn(const std::shared_ptr<Call>& call, OnwardRequest request, const upstream::Connect& connect);

} // namespace keelson::apiserver
