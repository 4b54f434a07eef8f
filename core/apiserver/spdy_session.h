// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apiserver/exchange.h"
#include "apiserver/spdy_codec.h"

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace keelson::apiserver {

/// The server's end of a SPDY/3.1 connection: answers what every connection needs, and leaves the streams to a
/// subclass. The hooks run on the connection's thread without a lock held; what sends may be called on any thread.
class SpdySession : public TunnelEvents, public std::enable_shared_from_this<SpdySession> {
public:
    void opened(std::shared_ptr<Tunnel> tunnel) override;
    void received(std::string message) override;
    void closed() override;

protected:
    /// The client opened a stream; true accepts it.
    virtual bool streamOpened(std::uint32_t stream, const Headers& headers) = 0;
    virtual void streamData(std::uint32_t stream, std::string bytes) = 0;
    /// Nothing more comes from the client on it.
    virtual void streamEnded(std::uint32_t stream) = 0;
    /// The client wants no more of it, in either direction.
    virtual void streamReset(std::uint32_t stream) { streamEnded(stream); }
    virtual void connectionClosed() = 0;
    /// A stream that was accepted is answered: the time to begin what it was opened for.
    virtual void streamReplied() = 0;
    /// False: nothing more is read until `receiveMore`. Any thread.
    virtual bool wantsMore() = 0;

    void sendData(std::uint32_t stream, std::string_view bytes, bool last);
    void receiveMore();
    void closeConnection();

private:
    void send(std::string bytes);

    SpdyReader m_reader;
    SpdyWriter m_writer; ///< Only the connection's thread compresses headers.
    std::mutex m_mutex;
    std::shared_ptr<Tunnel> m_tunnel;
    bool m_receiving = false;
};

} // namespace keelson::apiserver
