// SPDX-License-Identifier: Apache-2.0
// trace_bench: what traces cost `api create`. Two servers, one without traces, take turns; CPU time a request tells
// them apart better than the rate does, which depends on the disk.
#include "bench/bench_server.h"

#include <fmt/format.h>

#include <algorithm>

namespace keelson::bench {
namespace {

constexpr int rounds = 12;
constexpr double roundSeconds = 1;
constexpr int connections = 64;

/// One of the two servers, with what it took in each round.
class Side {
public:
    explicit Side(const std::vector<std::string>& arguments) : m_server(arguments)
    {
        load(roundSeconds); // what the first requests find cold
        m_microseconds.clear();
        m_rates.clear();
    }

    void load(double seconds)
    {
        const auto before = cpuSeconds(m_server.pid());
        const auto report =
            httpsLoad(m_server.target(), connections, seconds, [&](auto) { return postConfigMap(m_created++); });
        const auto used = cpuSeconds(m_server.pid()) - before;
        const auto figure = figureOf("create", report, "");
        m_rates.push_back(figure.value);
        m_microseconds.push_back(used * 1e6 / static_cast<double>(report.requests));
    }

    const std::vector<double>& microseconds() const { return m_microseconds; } ///< CPU time of a request, by round.
    const std::vector<double>& rates() const { return m_rates; }               ///< Requests/s, by round.

private:
    BenchServer m_server;
    std::uint64_t m_created = 0;
    std::vector<double> m_microseconds;
    std::vector<double> m_rates;
};

double median(std::vector<double> values)
{
    std::ranges::sort(values);
    return percentile(values, 0.5);
}

/// How much more `one` is than `other`, in percent: the median over the rounds, whose two halves lie close together.
double excess(const std::vector<double>& one, const std::vector<double>& other)
{
    std::vector<double> percent;
    for (std::size_t i = 0; i < one.size(); ++i)
        percent.push_back((one[i] / other[i] - 1) * 100);
    return median(std::move(percent));
}

std::vector<Figure> benchTraceOverhead()
{
    Side without({"--trace-maxsize", "0"});
    Side with({});
    for (int round = 0; round < rounds; ++round) { // in turns also as to who begins
        auto& first = round % 2 == 0 ? without : with;
        auto& second = round % 2 == 0 ? with : without;
        first.load(roundSeconds);
        second.load(roundSeconds);
    }
    return {{"api create without traces, CPU of a request", median(without.microseconds()), "µs"},
            {"with traces", median(with.microseconds()), "µs"},
            {"more CPU with traces", excess(with.microseconds(), without.microseconds()), "%", 0, 0, 0, "< 2 %"},
            {"api create without traces, 64 connections", median(without.rates()), "requests/s"},
            {"with traces", median(with.rates()), "requests/s"},
            {"lower rate with traces", excess(without.rates(), with.rates()), "%", 0, 0, 0, "< 2 %"}};
}

} // namespace
} // namespace keelson::bench

int main()
{
    return keelson::bench::runBench("trace-overhead", keelson::bench::benchTraceOverhead);
}
