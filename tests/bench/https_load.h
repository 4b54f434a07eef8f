// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace keelson::bench {

/// Where the load goes and as whom: files as PEM text.
struct Target {
    std::string host;
    std::string port;
    std::string authority;
    std::string certificate;
    std::string key;
};

struct Report {
    std::uint64_t requests = 0;
    std::uint64_t failures = 0; ///< Replies that are not 2xx.
    double seconds = 0;
    std::vector<double> milliseconds; ///< One latency a request, sorted.
    std::string firstFailure;

    double perSecond() const { return seconds > 0 ? static_cast<double>(requests) / seconds : 0; }
    /// 0.5: the median, 1: the largest. 0 when there was no request.
    double percentile(double part) const;
};

/// The bytes of the n-th request; empty: there is no further one.
using MakeRequest = std::function<std::string(std::uint64_t n)>;

/// Keeps `connections` TLS connections busy, each with one request under way, for `seconds` or until there are no
/// further requests and all are answered, from one thread (epoll). Connections are made before the clock starts. A
/// reply must carry Content-Length or be chunked.
Report httpsLoad(const Target& target, int connections, double seconds, const MakeRequest& makeRequest);

/// One request over a connection of its own; the whole reply, head and body.
std::string httpsRequest(const Target& target, const std::string& request);

/// One request whose reply does not end (a watch): hands on the bytes of its body as they come, until `more` answers
/// false or the server ends it. Asks `more` with nothing at least every 100 ms.
void httpsStream(const Target& target, const std::string& request,
                 const std::function<bool(std::string_view bytes)>& more);

} // namespace keelson::bench
