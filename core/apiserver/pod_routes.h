// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apiserver/call.h"

namespace keelson::apiserver {

/// Answers binding, eviction, log, exec, attach and portforward of a pod: the caller has authorized it.
/// False when the subresource is none of them.
bool servePod(const std::shared_ptr<Call>& call, const api::Kind& pods);

/// What /log sends.
void serveLog(const std::shared_ptr<Call>& call, const PodTarget& target);
/// exec and attach, over a WebSocket.
void serveExec(const std::shared_ptr<Call>& call, const PodTarget& target, bool attach);

} // namespace keelson::apiserver
