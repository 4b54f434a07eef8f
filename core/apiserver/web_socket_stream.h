// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apiserver/call.h"

namespace keelson::apiserver {

bool asksForWebSocket(const Request& request);

/// A reply that grows, as a WebSocket in place of chunks: each `write` is a message of text, without the line's end.
/// Pages in browsers watch so. What the client says is dropped; of the protocols that it offers, the first is spoken.
/// Ends the call. `events` and `queueBytesMax` as for `Call::stream`. Source: Kubernetes, watches over WebSockets.
std::shared_ptr<ResponseStream> webSocketStream(Call& call, std::shared_ptr<StreamEvents> events,
                                                std::size_t queueBytesMax);

} // namespace keelson::apiserver
