// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.h"
#include "base/result.h"

#include <chrono>
#include <cstddef>
#include <string>

namespace keelson::auth {

inline constexpr std::size_t documentBytesMax = std::size_t{1} << 20;

struct HttpsGetOptions {
    std::string authorities;          ///< PEM; empty: those of this machine.
    std::chrono::seconds timeout{10}; ///< For each step: connecting, and each read and write.
};

/// The body at an https URL (GET, over TLS 1.2 or later, the server's name checked). Blocks. Follows no redirect.
/// `Invalid`: no https URL; `ServiceUnavailable` says where it failed: the name, the connection, the certificate, the
/// answer (a status other than 200, more than `documentBytesMax`).
Result<std::string> httpsGet(const std::string& url, const HttpsGetOptions& options);

struct HttpsPost {
    std::string url;
    std::string dial;        ///< "HOST:PORT" to connect to in place of the URL's, whose name the server has to prove.
    std::string body;        ///< JSON.
    std::string authorities; ///< PEM; empty: those of this machine.
    std::chrono::seconds timeout{10}; ///< For all of it.
};

/// The body that answers; otherwise as `httpsGet`. The error's message says why alone, not where.
Result<std::string> httpsPost(const HttpsPost& post, const Clock& clock);

} // namespace keelson::auth
