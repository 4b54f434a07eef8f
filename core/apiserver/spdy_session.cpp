// SPDX-License-Identifier: Apache-2.0
#include "apiserver/spdy_session.h"

#include <utility>

namespace keelson::apiserver {

void SpdySession::opened(std::shared_ptr<Tunnel> tunnel)
{
    {
        const std::scoped_lock lock(m_mutex);
        m_tunnel = std::move(tunnel);
    }
    receiveMore();
}

void SpdySession::received(std::string message)
{
    using Type = SpdyFrame::Type;
    {
        const std::scoped_lock lock(m_mutex);
        m_receiving = false;
    }
    auto frames = m_reader.feed(message);
    if (!frames)
        return closeConnection();
    for (auto& frame : *frames) {
        if (frame.type == Type::SynStream) {
            const bool accepted = streamOpened(frame.stream, frame.headers);
            send(accepted ? m_writer.synReply(frame.stream) : SpdyWriter::reset(frame.stream, spdyRefusedStream));
            if (accepted)
                streamReplied(); // Now, not at the end: frames of the stream may follow in the same message.
        } else if (frame.type == Type::Data && !frame.data.empty()) {
            streamData(frame.stream, std::move(frame.data));
        } else if (frame.type == Type::Ping) {
            send(SpdyWriter::ping(frame.number));
        } else if (frame.type == Type::GoAway) {
            return closeConnection();
        }
        if (frame.type == Type::RstStream)
            streamReset(frame.stream);
        else if (frame.last)
            streamEnded(frame.stream);
    }
    receiveMore();
}

void SpdySession::closed()
{
    {
        const std::scoped_lock lock(m_mutex);
        m_tunnel.reset();
    }
    connectionClosed();
}

void SpdySession::sendData(std::uint32_t stream, std::string_view bytes, bool last)
{
    send(SpdyWriter::data(stream, bytes, last));
}

void SpdySession::receiveMore()
{
    if (!wantsMore())
        return;
    const std::scoped_lock lock(m_mutex);
    if (m_tunnel && !std::exchange(m_receiving, true))
        m_tunnel->receiveNext();
}

void SpdySession::closeConnection()
{
    const std::scoped_lock lock(m_mutex);
    if (m_tunnel)
        m_tunnel->close();
}

void SpdySession::send(std::string bytes)
{
    const std::scoped_lock lock(m_mutex);
    if (m_tunnel)
        m_tunnel->send(std::move(bytes));
}

} // namespace keelson::apiserver
