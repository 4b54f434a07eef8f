// SPDX-License-Identifier: Apache-2.0
// watch_bench watch-latency|watch-fan-out: how soon those who watch learn of a write.
#include "bench/bench_server.h"
#include "bench/watch_load.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <stdexcept>

#include <sys/resource.h>
#include <unistd.h>

namespace keelson::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr double writeSeconds = 5;
constexpr double limitSeconds = 60; ///< For writes to be answered.
constexpr std::chrono::seconds arrivalLimit{30};
constexpr int writers = 16;

double secondsSince(Clock::time_point start)
{
    return std::chrono::duration<double>(Clock::now() - start).count();
}

std::string versionOf(const Target& target)
{
    const auto list = httpsRequest(target, request("GET", fmt::format("{}?limit=1", configMaps)));
    constexpr std::string_view member = "\"resourceVersion\":\"";
    const auto at = list.find(member);
    if (at == std::string::npos)
        throw std::runtime_error("no resourceVersion in " + list.substr(0, 500));
    const auto begin = at + member.size();
    return list.substr(begin, list.find('"', begin) - begin);
}

std::string watchRequest(const std::string& version, const std::string& selector = {})
{
    return request("GET", fmt::format("{}?watch=1&resourceVersion={}{}", configMaps, version, selector));
}

/// When something happened to writes, by their number.
class Times {
public:
    void note(std::uint64_t number)
    {
        if (m_times.size() <= number)
            m_times.resize(number + 1);
        m_times[number] = Clock::now();
    }
    /// From then to the arrival, in ms, sorted. What came before counts as 0.
    std::vector<double> delays(const std::vector<WatchLoad::Arrival>& arrivals) const
    {
        std::vector<double> milliseconds;
        milliseconds.reserve(arrivals.size());
        for (const auto& [number, at] : arrivals)
            milliseconds.push_back(
                std::max(0.0, std::chrono::duration<double, std::milli>(at - m_times.at(number)).count()));
        std::ranges::sort(milliseconds);
        return milliseconds;
    }

private:
    std::vector<Clock::time_point> m_times;
};

/// Requests for so many seconds; then all that are under way are answered.
MakeRequest during(double seconds, MakeRequest makeRequest)
{
    const auto end = Clock::now() + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
    return [end, makeRequest = std::move(makeRequest)](std::uint64_t n) {
        return Clock::now() < end ? makeRequest(n) : std::string();
    };
}

/// Waits for the events that must come, and no others.
std::vector<WatchLoad::Arrival> arrivals(WatchLoad& watches, std::uint64_t wanted)
{
    watches.await(wanted, arrivalLimit);
    auto came = watches.finish();
    if (came.size() != wanted)
        throw std::runtime_error(fmt::format("{} events came, wanted {}", came.size(), wanted));
    return came;
}

Figure delayFigure(std::string name, double perSecond, const std::vector<double>& delays, std::string target)
{
    return {std::move(name),       perSecond,        "events/s", percentile(delays, 0.5), percentile(delays, 0.99),
            percentile(delays, 1), std::move(target)};
}

/// One write at a time, and one that watches.
std::vector<Figure> benchLatency()
{
    constexpr double perSecond = 200;
    BenchServer server;
    const auto version = versionOf(server.target());
    WatchLoad watch(server.target(), 1, [&](auto) { return watchRequest(version); });
    Times answered;
    const auto report =
        httpsLoad(server.target(),
                  {.seconds = limitSeconds, .perSecond = perSecond, .answered = [&](auto n) { answered.note(n); }},
                  during(writeSeconds, postConfigMap));
    figureOf("create", report, "");
    const auto delays = answered.delays(arrivals(watch, report.requests));
    return {delayFigure("create answered to event received", report.perSecond(), delays, "p50 0.3, p99 1 ms")};
}

/// Every watch hears of every write. Writers wait while watches are further behind than this, as the server ends
/// watches that are too far.
Figure fanOut()
{
    constexpr std::uint64_t behindMax = 1000;
    constexpr std::size_t watchers = 100;
    BenchServer server;
    const auto version = versionOf(server.target());
    WatchLoad watches(server.target(), watchers, [&](auto) { return watchRequest(version); });
    Times sent;
    const auto start = Clock::now();
    const auto report = httpsLoad(
        server.target(), {.connections = writers, .seconds = limitSeconds}, during(writeSeconds, [&](std::uint64_t n) {
            while (n * watchers > watches.events() + behindMax * watchers && secondsSince(start) < limitSeconds)
                ::usleep(100);
            sent.note(n);
            return postConfigMap(n);
        }));
    figureOf("create", report, "");
    const auto came = arrivals(watches, report.requests * watchers);
    const auto took = std::chrono::duration<double>(came.back().at - start).count();
    return delayFigure("100 watchers of all, 16 writers; sent to received", static_cast<double>(came.size()) / took,
                       sent.delays(came), "600,000/s; p99 100 ms");
}

/// As many as this process and the server may have connections, each in its own.
std::size_t watchersMax()
{
    constexpr std::size_t wanted = 10'000;
    constexpr std::size_t others = 200; ///< Other files.
    rlimit files{};
    ::getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max; // the server inherits it
    ::setrlimit(RLIMIT_NOFILE, &files);
    return std::min<std::size_t>(wanted, files.rlim_cur - std::min<rlim_t>(files.rlim_cur, others));
}

/// Each watches one object, as kubelets do.
std::vector<Figure> manyWatchers()
{
    constexpr double perSecond = 1000;
    const auto watchers = watchersMax();
    BenchServer server;
    sendAll(server.target(), watchers, postConfigMap);
    const auto version = versionOf(server.target());
    const auto before = residentMiB(server.pid());
    WatchLoad watches(server.target(), watchers, [&](std::size_t i) {
        return watchRequest(version, fmt::format("&fieldSelector=metadata.name%3Dbench-{}", i));
    });
    const auto each = (residentMiB(server.pid()) - before) * 1024 / static_cast<double>(watchers);
    Times sent;
    const auto cpuBefore = cpuSeconds(server.pid());
    const auto report =
        httpsLoad(server.target(), {.connections = writers, .seconds = limitSeconds, .perSecond = perSecond},
                  during(writeSeconds, [&](std::uint64_t n) {
                      const auto number = watchers + n; // another one than the object has: else nothing would change
                      sent.note(number);
                      return request("PATCH", fmt::format("{}/bench-{}", configMaps, n % watchers),
                                     fmt::format(R"({{"data":{{"n":"{}"}}}})", number), "application/merge-patch+json");
                  }));
    figureOf("patch", report, "");
    const auto cpu = (cpuSeconds(server.pid()) - cpuBefore) / report.seconds;
    const auto delays = sent.delays(arrivals(watches, report.requests));
    return {delayFigure(fmt::format("{} watchers of one object each; sent to received", watchers), report.perSecond(),
                        delays, "1,000/s; p99 100 ms"),
            {"CPU of one core meanwhile", cpu * 100, "%"},
            {"resident memory for each watcher", each, "KiB"}};
}

std::vector<Figure> benchFanOut()
{
    auto figures = manyWatchers();
    figures.insert(figures.begin(), fanOut());
    return figures;
}

} // namespace
} // namespace keelson::bench

int main(int argc, char** argv)
{
    using namespace keelson::bench;
    const std::string name = argc == 2 ? argv[1] : "";
    if (name == "watch-latency")
        return runBench(name, benchLatency);
    if (name == "watch-fan-out")
        return runBench(name, benchFanOut);
    fmt::print(stderr, "usage: watch_bench watch-latency|watch-fan-out\n");
    return 2;
}
