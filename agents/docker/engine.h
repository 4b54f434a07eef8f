// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "docker/connection.h"
#include "docker/http.h"

#include <boost/json/value.hpp>

#include <functional>
#include <memory>
#include <string>

namespace keelson::docker {

inline constexpr std::string_view apiVersion = "v1.41";
inline constexpr std::size_t replyBytesMax = 64UL * 1024 * 1024;

/// A call whose reply is read piece by piece.
struct OpenCall {
    std::unique_ptr<Connection> connection;
    std::unique_ptr<HttpReply> reply;
    HttpHead head;
};

/// Calls of the Docker Engine API, a connection each (a unix socket makes that cheap, and nothing can go stale).
///
/// Threads: any; calls block. Errors: `ServiceUnavailable` when no engine answers, `Timeout` when one is silent; else
/// the engine's message with the reason of its status: `NotFound`, `Conflict`, `BadRequest`, `InternalError`.
class Engine {
public:
    explicit Engine(EngineAddress address) : m_address(std::move(address)) {}

    /// The reply as JSON; null when it is empty. `target` stands behind the version: "/containers/json".
    Result<boost::json::value> call(HttpRequest request, Milliseconds silenceMax = defaultSilence) const;
    Result<boost::json::value> get(std::string target) const;
    Result<boost::json::value> post(std::string target, const boost::json::value& body = nullptr,
                                    Milliseconds silenceMax = defaultSilence) const;
    Result<Done> remove(std::string target) const;

    /// Starts a call and reads the head of a good reply. No read timeout is set after that.
    Result<OpenCall> open(HttpRequest request) const;
    /// Sends a request that reports its progress in JSON lines, and gives each line to `line`. It fails with the text
    /// of the first line that tells of an error: the engine answers 200 whatever happens (images/create).
    Result<Done> progress(HttpRequest request, Milliseconds silenceMax,
                          const std::function<void(const boost::json::value&)>& line = {}) const;

    const EngineAddress& address() const { return m_address; }

    static constexpr Milliseconds defaultSilence{120'000};

private:
    Result<OpenCall> start(HttpRequest request, Milliseconds silenceMax) const;

    EngineAddress m_address;
};

/// The error text in a progress line, empty when there is none.
std::string progressError(const boost::json::value& line);

} // namespace keelson::docker
