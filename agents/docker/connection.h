// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.h"
#include "base/result.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace keelson::docker {

/// Where an engine listens: `unix:///var/run/docker.sock` or `tcp://HOST:PORT`.
struct EngineAddress {
    std::string text;       ///< As given; for messages.
    std::string socketPath; ///< Of a unix socket; else empty.
    std::string host;
    std::uint16_t port = 0;

    /// `BadRequest` that says which forms there are.
    static Result<EngineAddress> parse(std::string_view text);
};

/// A connected, blocking byte stream.
///
/// Threads: one reads, one writes, any may call `abort`.
/// Errors: `ServiceUnavailable` naming the address when nobody answers there; `Timeout` when a read takes too long.
class Connection {
public:
    static Result<std::unique_ptr<Connection>> open(const EngineAddress& address);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    /// The bytes that have come, at least one; 0 at the end of the stream.
    Result<std::size_t> read(char* into, std::size_t size);
    Result<Done> write(std::string_view bytes);
    /// How long one `read` may wait; 0 (as at first): for ever.
    void setReadTimeout(Milliseconds timeout);
    /// No more is written; the other side sees the end.
    void finishWriting();
    /// Ends all that is under way on it.
    void abort();

private:
    Connection(int descriptor, std::string address) : m_descriptor(descriptor), m_address(std::move(address)) {}

    int m_descriptor;
    std::string m_address;
};

} // namespace keelson::docker
