// SPDX-License-Identifier: Apache-2.0
#include "apiserver/metrics.h"

#include <fmt/format.h>
#include <unistd.h>

#include <fstream>

namespace keelson::apiserver {
namespace {

double residentBytes()
{
    std::ifstream file("/proc/self/statm");
    long total = 0;
    long resident = 0;
    file >> total >> resident;
    return static_cast<double>(resident) * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

double cpuSeconds()
{
    timespec time{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    constexpr double nano = 1e-9;
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * nano;
}

} // namespace

void Metrics::count(std::string_view verb, std::string_view resource, int code, Duration took)
{
    const double seconds = std::chrono::duration<double>(took).count();
    const std::scoped_lock lock(m_mutex);
    auto found = m_series.find(std::tuple(verb, resource, code));
    if (found == m_series.end())
        found = m_series.emplace(Key(verb, resource, code), Series{}).first;
    auto& series = found->second;
    ++series.count;
    series.seconds += seconds;
    for (std::size_t i = 0; i < bounds.size(); ++i)
        series.buckets[i] += seconds <= bounds[i] ? 1 : 0;
}

std::string Metrics::text(std::size_t connections, std::size_t watchers) const
{
    std::string out = "# HELP apiserver_request_total Requests answered, by verb, resource and HTTP code.\n"
                      "# TYPE apiserver_request_total counter\n";
    std::string histogram =
        "# HELP apiserver_request_duration_seconds Time from the request's last byte to the answer.\n"
        "# TYPE apiserver_request_duration_seconds histogram\n";
    {
        const std::scoped_lock lock(m_mutex);
        for (const auto& [key, series] : m_series) {
            const auto labels = fmt::format("verb=\"{}\",resource=\"{}\",code=\"{}\"", std::get<0>(key),
                                            std::get<1>(key), std::get<2>(key));
            out += fmt::format("apiserver_request_total{{{}}} {}\n", labels, series.count);
            for (std::size_t i = 0; i < bounds.size(); ++i) {
                histogram += fmt::format("apiserver_request_duration_seconds_bucket{{{},le=\"{}\"}} {}\n", labels,
                                         bounds[i], series.buckets[i]);
            }
            histogram +=
                fmt::format("apiserver_request_duration_seconds_bucket{{{},le=\"+Inf\"}} {}\n", labels, series.count);
            histogram += fmt::format("apiserver_request_duration_seconds_sum{{{}}} {}\n", labels, series.seconds);
            histogram += fmt::format("apiserver_request_duration_seconds_count{{{}}} {}\n", labels, series.count);
        }
    }
    const auto gauge = [&](std::string_view name, std::string_view type, std::string_view help, double value) {
        histogram += fmt::format("# HELP {0} {1}\n# TYPE {0} {2}\n{0} {3}\n", name, help, type, value);
    };
    gauge("apiserver_connections", "gauge", "Open connections.", static_cast<double>(connections));
    gauge("apiserver_longrunning_requests", "gauge", "Open watches.", static_cast<double>(watchers));
    gauge("process_resident_memory_bytes", "gauge", "Resident memory.", residentBytes());
    gauge("process_cpu_seconds_total", "counter", "User and system time.", cpuSeconds());
    return out + histogram;
}

} // namespace keelson::apiserver
