// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.h"

#include <array>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <tuple>

namespace keelson::apiserver {

/// Counts requests and how long they took; any thread.
class Metrics {
public:
    void count(std::string_view verb, std::string_view resource, int code, Duration took);
    /// Prometheus' text form (exposition format 0.0.4), with the process' own figures.
    std::string text(std::size_t connections, std::size_t watchers) const;

private:
    static constexpr std::array<double, 9> bounds{0.0005, 0.001, 0.005, 0.025, 0.1, 0.5, 1, 5, 30}; ///< Seconds.
    struct Series {
        std::uint64_t count = 0;
        double seconds = 0;
        std::array<std::uint64_t, bounds.size()> buckets{};
    };
    using Key = std::tuple<std::string, std::string, int>;

    mutable std::mutex m_mutex;
    std::map<Key, Series, std::less<>> m_series;
};

} // namespace keelson::apiserver
