// SPDX-License-Identifier: Apache-2.0
#pragma once

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

} // namespace keelson::auth
