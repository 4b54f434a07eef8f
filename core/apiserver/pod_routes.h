// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apiserver/call.h"
#include "apiserver/exec_status.h"

namespace keelson::apiserver {

/// Answers binding, eviction, log, exec, attach and portforward of a pod: the caller has authorized it.
/// False when the subresource is none of them.
bool servePod(const std::shared_ptr<Call>& call, const api::Kind& pods);

/// What /log sends.
void serveLog(const std::shared_ptr<Call>& call, const client::PodTarget& target);
/// exec and attach, over a WebSocket or SPDY.
void serveExec(const std::shared_ptr<Call>& call, const client::PodTarget& target, bool attach);
void serveSpdyExec(const std::shared_ptr<Call>& call, const client::PodTarget& target,
                   const client::ExecOptions& options);
/// Over SPDY, or SPDY inside a WebSocket.
void servePortForward(const std::shared_ptr<Call>& call, const client::PodTarget& target);

} // namespace keelson::apiserver
