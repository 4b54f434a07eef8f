// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bench/tls_client.h"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace keelson::bench {

/// Of sorted values: 0.5 is the median, 1 the largest. 0 when there are none.
double percentile(const std::vector<double>& sorted, double part);

struct Report {
    std::uint64_t requests = 0;
    std::uint64_t failures = 0; ///< Replies that are not 2xx.
    double seconds = 0;
    std::vector<double> milliseconds; ///< One latency a request, sorted.
    std::string firstFailure;

    double perSecond() const { return seconds > 0 ? static_cast<double>(requests) / seconds : 0; }
    /// 0.5: the median, 1: the largest. 0 when there was no request.
    double percentile(double part) const { return bench::percentile(milliseconds, part); }
};

/// The bytes of the n-th request; empty: there is no further one.
using MakeRequest = std::function<std::string(std::uint64_t n)>;

struct LoadOptions {
    int connections = 1;
    double seconds = 5;
    double perSecond = 0; ///< As many requests at most; 0: each connection asks again as soon as it is answered.
    /// Called with the number of a request when its reply is there; may be empty.
    std::function<void(std::uint64_t n)> answered = {};
};

/// Keeps TLS connections busy, each with one request under way, for some time or until there are no further requests
/// and all are answered, from one thread (epoll). Connections are made before the clock starts. A reply must carry
/// Content-Length or be chunked.
Report httpsLoad(const Target& target, const LoadOptions& options, const MakeRequest& makeRequest);
Report httpsLoad(const Target& target, int connections, double seconds, const MakeRequest& makeRequest);

/// One request over a connection of its own; the whole reply, head and body.
std::string httpsRequest(const Target& target, const std::string& request);

/// One request whose reply does not end (a watch): hands on the bytes of its body as they come, until `more` answers
/// false or the server ends it. Asks `more` with nothing at least every 100 ms.
void httpsStream(const Target& target, const std::string& request,
                 const std::function<bool(std::string_view bytes)>& more);

} // namespace keelson::bench
