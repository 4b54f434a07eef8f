// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apiserver/http_message.h"

#include <functional>
#include <memory>
#include <string>

namespace keelson::apiserver {

/// A reply whose body grows: watches and logs (chunked). Any thread may call; no call blocks.
class ResponseStream {
public:
    virtual ~ResponseStream() = default;
    /// Queues the pieces of one message. False when the client is gone, or when more than `queueBytesMax` waits: then
    /// nothing was queued and the stream should end.
    virtual bool write(std::vector<Chunk> pieces) = 0;
    /// What is queued goes out, then the reply is complete. Idempotent.
    virtual void end() = 0;
    /// What is queued goes out, then the connection breaks off: the client sees that the reply is not whole.
    virtual void breakOff() = 0;
};

/// What a stream or tunnel tells its owner; calls come one at a time, on the connection's thread, and must not block.
class StreamEvents {
public:
    virtual ~StreamEvents() = default;
    /// So many bytes more have left the queue.
    virtual void sent(std::size_t bytes) = 0;
    /// The client is gone, or the server stops. The last call, once; also after `end` or `close` have been carried out.
    virtual void closed() = 0;
};

/// What the owner of a request hears of it until it is answered; calls come one at a time, on the connection's thread,
/// and must not block.
class RequestEvents {
public:
    virtual ~RequestEvents() = default;
    /// More of a body that comes in pieces; `last`: that was all. Each was asked for by `RequestBody::bodyNext`.
    virtual void bodyReceived(std::string bytes, bool last) = 0;
    /// The client is gone, or what it sends is too slow or no HTTP: the error is for the client, should it still be
    /// there. The last call; it may come while the answer is already on its way.
    virtual void requestFailed(const Error& error) = 0;
};

/// The body of a request that comes in pieces. Any thread may call; no call blocks.
class RequestBody {
public:
    virtual ~RequestBody() = default;
    /// Asks for one more `bodyReceived`; nothing is read without. The first also lets a client go on that waits for
    /// 100 Continue.
    virtual void bodyNext() = 0;
};

/// A connection after its upgrade: WebSocket messages or, after a raw upgrade, bytes. Any thread may call; no
/// call blocks.
class Tunnel {
public:
    virtual ~Tunnel() = default;
    virtual void send(std::string message) = 0;
    /// Asks for one more `received`; nothing is read without.
    virtual void receiveNext() = 0;
    /// What is queued goes out, then the connection closes. Idempotent.
    virtual void close() = 0;
};

class TunnelEvents : public StreamEvents {
public:
    /// The first call, with `receiveNext` to be asked for.
    virtual void opened(std::shared_ptr<Tunnel> tunnel) = 0;
    /// Whether what goes out of a WebSocket is text, not bytes. Before `opened`.
    virtual bool sendsText() const { return false; }
    virtual void received(std::string message) = 0;
};

/// One request that waits for its answer. Exactly one of the four ways of answering is taken, from any thread; an
/// exchange that is dropped unanswered answers 500.
class Exchange {
public:
    virtual ~Exchange() = default;
    virtual Request& request() = 0;
    /// Tells of the body, where it comes in pieces, and of the client's end. At most once, before the answer.
    virtual std::shared_ptr<RequestBody> watch(std::shared_ptr<RequestEvents> events) = 0;
    virtual void respond(Response response) = 0;
    /// Sends the head at once; `response.body` is ignored.
    virtual std::shared_ptr<ResponseStream> stream(Response response, std::shared_ptr<StreamEvents> events,
                                                   std::size_t queueBytesMax) = 0;
    /// The request asks for a WebSocket upgrade; `protocol` is what the server chose of those offered.
    virtual void upgradeToWebSocket(std::string protocol, std::shared_ptr<TunnelEvents> events) = 0;
    /// Answers 101 with the headers given; bytes of any protocol follow.
    virtual void upgradeToBytes(Headers headers, std::shared_ptr<TunnelEvents> events) = 0;
};

/// Runs on the connection's thread: must not block.
using Handler = std::function<void(std::shared_ptr<Exchange>)>;

} // namespace keelson::apiserver
