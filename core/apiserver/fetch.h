// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/value.h"
#include "upstream/connect.h"

#include <string>

namespace keelson::apiserver {

inline constexpr std::size_t fetchedBytesMax = std::size_t{16} * 1024 * 1024;

/// An answer of another server.
struct Fetched {
    int status = 0;
    std::string etag; ///< Empty: it gave none.
    std::string body;
};

/// What answers a request. Blocks, no longer than `limit`. `ServiceUnavailable`: there is no whole answer, in words.
Result<Fetched> fetch(const upstream::Connect& connect, std::string request, Duration limit);

/// The JSON document that answers a request with status 200. Blocks, no longer than `limit`. `ServiceUnavailable`:
/// there is no such answer, in words.
Result<api::Value> fetchJson(const upstream::Connect& connect, std::string request, Duration limit);

} // namespace keelson::apiserver
