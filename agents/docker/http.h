// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace keelson::docker {

inline constexpr std::size_t headBytesMax = 64UL * 1024;

/// Gives the next bytes, none at the end of the stream.
using ByteSource = std::function<Result<std::size_t>(char* into, std::size_t size)>;

struct HttpHead {
    int status = 0;
    std::string contentType;
    std::int64_t contentLength = -1; ///< -1: not said.
    bool chunked = false;
};

/// Reads one HTTP/1.1 reply (RFC 9112) from a source of bytes: head, then body.
///
/// Threads: one at a time. Errors: those of the source; `ServiceUnavailable` when the reply breaks off or is no HTTP.
class HttpReply {
public:
    explicit HttpReply(ByteSource source) : m_source(std::move(source)) {}

    Result<HttpHead> readHead();
    /// Up to `size` bytes of the body; 0 at its end.
    Result<std::size_t> readBody(char* into, std::size_t size);
    /// The rest of the body. `RequestEntityTooLarge` when it is over `sizeMax`.
    Result<std::string> readAll(std::size_t sizeMax);
    /// What follows the head, without regard to lengths: for connections that stopped being HTTP (hijacked).
    Result<std::size_t> readRaw(char* into, std::size_t size);

private:
    Result<std::string> readLine();
    Result<Done> nextChunk();

    ByteSource m_source;
    std::string m_buffer;
    std::size_t m_offset = 0;
    HttpHead m_head;
    std::int64_t m_left = -1; ///< Of the body or the chunk; -1: until the end of the stream.
    bool m_firstChunk = true;
    bool m_ended = false;
};

/// The text of a request with its head; `body` may be empty.
struct HttpRequest {
    std::string method;
    std::string target;
    std::string contentType;
    std::string body;
    bool upgrade = false;     ///< Asks to stop being HTTP after the head.
    std::string registryAuth; ///< X-Registry-Auth; empty: none.
};
std::string httpText(const HttpRequest& request);

/// Percent-encodes what may not stand in a part of a query (RFC 3986).
std::string percentEncoded(std::string_view text);

} // namespace keelson::docker
