// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apiserver/http_message.h"
#include "base/result.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace keelson::apiserver {

/// One frame of SPDY/3.1, as far as remote commands and port-forward use them.
/// Source: SPDY Protocol, Draft 3.1.
struct SpdyFrame {
    enum class Type : std::uint16_t {
        Data = 0,
        SynStream = 1,
        SynReply = 2,
        RstStream = 3,
        Settings = 4,
        Ping = 6,
        GoAway = 7,
        Headers = 8,
        WindowUpdate = 9,
    };
    Type type = Type::Data;
    std::uint32_t stream = 0; ///< 0 for frames of the connection.
    bool last = false;        ///< FLAG_FIN: nothing more comes on the stream from this side.
    Headers headers;          ///< Of SynStream, SynReply, Headers.
    std::string data;         ///< Of Data.
    std::uint32_t number = 0; ///< Ping: its id. RstStream: the status.
};

/// Takes bytes in pieces of any size, gives whole frames. Keeps the state of the header compression: one for each
/// direction of a connection. One thread.
class SpdyReader {
public:
    SpdyReader();
    ~SpdyReader();
    /// The frames that are whole now. `BadRequest` for what is no SPDY/3.1, and for frames or headers over the limits;
    /// then the connection is of no more use.
    Result<std::vector<SpdyFrame>> feed(std::string_view bytes);

private:
    Result<SpdyFrame> decode(std::string_view head, std::string_view body);
    Result<Headers> inflateHeaders(std::string_view block);

    struct Inflater;
    std::unique_ptr<Inflater> m_inflater;
    std::string m_buffer;
};

/// Writes frames. Keeps the state of the header compression. One thread.
class SpdyWriter {
public:
    SpdyWriter();
    ~SpdyWriter();
    std::string synStream(std::uint32_t stream, const Headers& headers);
    std::string synReply(std::uint32_t stream);
    /// Text of any length: several frames where one cannot hold it.
    static std::string data(std::uint32_t stream, std::string_view bytes, bool last);
    static std::string reset(std::uint32_t stream, std::uint32_t status);
    static std::string ping(std::uint32_t id);

private:
    std::string deflateHeaders(const Headers& headers);

    struct Deflater;
    std::unique_ptr<Deflater> m_deflater;
};

inline constexpr std::uint32_t spdyProtocolError = 1;
inline constexpr std::uint32_t spdyRefusedStream = 3;

} // namespace keelson::apiserver
