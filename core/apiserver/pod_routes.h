// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apiserver/call.h"
#include "apiserver/exec_status.h"

#include <span>
#include <string_view>

namespace keelson::apiserver {

/// Answers binding, eviction, log, exec, attach and portforward of a pod: the caller has authorized it.
/// False when the subresource is none of them.
bool servePod(const std::shared_ptr<Call>& call, const api::Kind& pods);

/// Binds the pod that the posted Binding names: the caller has authorized it.
void serveBinding(const std::shared_ptr<Call>& call);

/// What /log sends.
void serveLog(const std::shared_ptr<Call>& call, const client::PodTarget& target);
/// exec and attach, over a WebSocket or SPDY.
void serveExec(const std::shared_ptr<Call>& call, const client::PodTarget& target, bool attach);
void serveSpdyExec(const std::shared_ptr<Call>& call, const client::PodTarget& target,
                   const client::ExecOptions& options);
/// Over SPDY, SPDY inside a WebSocket, or the channels of a WebSocket.
void servePortForward(const std::shared_ptr<Call>& call, const client::PodTarget& target);

/// `protocol`: what was chosen of the WebSocket's protocols; may be empty.
void serveWebSocketPortForward(const std::shared_ptr<Call>& call, const client::PodTarget& target,
                               std::string_view protocol);

/// The first of `known` that the client offers for its WebSocket; empty: none.
std::string_view chosenProtocol(const Request& request, std::span<const std::string_view> known);

} // namespace keelson::apiserver
