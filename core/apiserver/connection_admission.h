// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apiserver/call.h"

#include <functional>

namespace keelson::apiserver {

/// Asks webhooks and policies about a connection to an object (exec, attach, portforward, proxy) and goes on with
/// `then` when they allow it; otherwise answers the call. `options`: what is asked for, PodExecOptions and the like.
/// `then` runs at once when nobody has to be asked, and on the executor otherwise.
void admitConnection(const std::shared_ptr<Call>& call, const api::Kind& kind, api::Value options,
                     std::function<void(const std::shared_ptr<Call>&)> then);

/// The options of exec, attach and portforward, as the parameters say them.
api::Value connectionOptions(Call& call);
/// Of a proxy to a pod, a service or a node. `target`: path and query behind /proxy, as sent.
api::Value proxyOptions(const api::Kind& kind, std::string_view target);

} // namespace keelson::apiserver
