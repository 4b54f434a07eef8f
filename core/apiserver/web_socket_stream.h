// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apiserver/call.h"

#include <memory>
#include <string>

namespace keelson::apiserver {

bool asksForWebSocket(const Request& request);

/// What a `write` becomes in a WebSocket.
enum class WebSocketMessages {
    Lines,  ///< Text, without the line's end.
    Bytes,  ///< As it is. An empty message goes before all others, as in Kubernetes: the way is open.
    Base64, ///< Text in base64; an empty message goes first, too.
};

/// A reply that grows, as a WebSocket in place of chunks. Pages in browsers watch and read logs so. What the client
/// says is dropped. Ends the call. `protocol`: one of those offered; empty: none. `events` and `queueBytesMax` as for
/// `Call::stream`. Source: Kubernetes, watches and logs over WebSockets.
std::shared_ptr<ResponseStream> webSocketStream(Call& call, std::string protocol, WebSocketMessages messages,
                                                std::shared_ptr<StreamEvents> events, std::size_t queueBytesMax);

} // namespace keelson::apiserver
