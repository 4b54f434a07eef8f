// SPDX-License-Identifier: Apache-2.0
// control_plane_bench start|idle|api-get|api-create|api-update|api-patch|memory: a real keelsond, from outside.
#include "bench/bench_server.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <stdexcept>

#include <unistd.h>

namespace keelson::bench {
namespace {

using Clock = std::chrono::steady_clock;
using support::ControlPlaneProcess;
using support::TemporaryFolder;

constexpr double loadSeconds = 5;
/// Objects that updates and patches go to, so that they seldom meet.
constexpr std::uint64_t changedObjects = 1000;

/// Exec of an empty control plane to the first 200 of /readyz, asked every millisecond.
std::vector<Figure> benchStart()
{
    constexpr int runs = 9;
    std::vector<double> milliseconds;
    for (int i = 0; i < runs; ++i) {
        const TemporaryFolder folder;
        const auto data = folder.path() / "data";
        const auto start = Clock::now();
        const ControlPlaneProcess server(KEELSON_BIN "/keelsond", data);
        for (;;) {
            if (Clock::now() - start > std::chrono::seconds{20})
                throw std::runtime_error("keelsond did not become ready:\n" + server.log());
            ::usleep(1000);
            if (server.apiAddress().empty() || !std::filesystem::exists(server.kubeconfig()))
                continue;
            try {
                const auto report =
                    httpsLoad(targetOf(server), 1, 0.001, [](auto) { return request("GET", "/readyz"); });
                if (report.requests > 0 && report.failures == 0)
                    break;
            } catch (const std::runtime_error&) {
                continue; // it does not listen yet
            }
        }
        milliseconds.push_back(std::chrono::duration<double, std::milli>(Clock::now() - start).count());
    }
    std::ranges::sort(milliseconds);
    const auto median = milliseconds[runs / 2];
    return {{"exec to /readyz, empty control plane", median / 1000, "s", median, milliseconds.back(),
             milliseconds.back(), "0.15 s"}};
}

std::vector<Figure> benchIdle()
{
    constexpr int settleSeconds = 60;
    constexpr int measureSeconds = 30;
    BenchServer server;
    ::sleep(settleSeconds);
    const auto before = cpuSeconds(server.pid());
    ::sleep(measureSeconds);
    const auto used = cpuSeconds(server.pid()) - before;
    return {{"resident memory after 60 s", residentMiB(server.pid()), "MiB", 0, 0, 0, "40 MiB"},
            {"CPU of one core", used / measureSeconds * 100, "%", 0, 0, 0, "0.3 %"}};
}

std::string objectPath(std::uint64_t n)
{
    return fmt::format("{}/bench-{}", configMaps, n % changedObjects);
}

/// The n-th request of a verb.
std::string requestOf(const std::string& verb, std::uint64_t n)
{
    if (verb == "create")
        return postConfigMap(n);
    if (verb == "update")
        return request("PUT", objectPath(n), numberedConfigMap(n % changedObjects, n));
    if (verb == "patch")
        return request("PATCH", objectPath(n), fmt::format(R"({{"data":{{"n":"{}"}}}})", n),
                       "application/merge-patch+json");
    return request("GET", objectPath(0));
}

using Targets = std::map<int, std::string>; ///< By the number of connections.

std::vector<Figure> benchApi(const std::string& verb, const Targets& targets)
{
    BenchServer server;
    std::uint64_t sent = changedObjects;
    sendAll(server.target(), sent, postConfigMap);
    std::vector<Figure> figures;
    for (const auto& [connections, wanted] : targets) {
        const auto before = cpuSeconds(server.pid());
        const auto report =
            httpsLoad(server.target(), connections, loadSeconds, [&](auto) { return requestOf(verb, sent++); });
        const auto used = cpuSeconds(server.pid()) - before;
        figures.push_back(figureOf(fmt::format("api {}, {} connections", verb, connections), report, wanted));
        constexpr double microseconds = 1e6;
        figures.push_back({"CPU of a request",
                           used / static_cast<double>(std::max<std::uint64_t>(report.requests, 1)) * microseconds,
                           "us"});
    }
    figures.push_back({fmt::format("resident memory with {} objects", verb == "create" ? sent : changedObjects),
                       residentMiB(server.pid()), "MiB"});
    return figures;
}

/// What 20,000 objects and the work with them leave behind.
std::vector<Figure> benchMemory()
{
    constexpr std::uint64_t objects = 20'000;
    constexpr double seconds = 3;
    constexpr int connections = 64;
    constexpr int settleSeconds = 5;
    BenchServer server;
    std::vector<Figure> figures;
    const auto note = [&](std::string when) {
        figures.push_back({"resident memory " + std::move(when), residentMiB(server.pid()), "MiB"});
    };
    note("at the start");
    sendAll(server.target(), objects, postConfigMap);
    note("after 20,000 creates");
    std::uint64_t sent = 0;
    for (const auto* const verb : {"get", "update", "patch"})
        figureOf(verb, httpsLoad(server.target(), connections, seconds, [&](auto) { return requestOf(verb, sent++); }),
                 "");
    for (const auto* const query : {"", "?limit=500"})
        figureOf(
            "list",
            httpsLoad(server.target(), 4, 1, [&](auto) { return request("GET", std::string(configMaps) + query); }),
            "");
    note("after the api runs");
    ::sleep(settleSeconds);
    note("5 s later");
    figures.back().target = "150 MiB";
    return figures;
}

int benchNamed(const std::string& name)
{
    const std::map<std::string, std::function<std::vector<Figure>()>> benches{
        {"start", benchStart},
        {"idle", benchIdle},
        {"api-get", [] { return benchApi("get", {{1, "10,000"}, {16, "40,000"}, {64, "50,000"}}); }},
        {"api-create", [] { return benchApi("create", {{1, "2,500"}, {16, "10,000"}, {64, "15,000"}}); }},
        {"api-update", [] { return benchApi("update", {{1, "2,500"}, {16, "9,000"}, {64, "12,000"}}); }},
        {"api-patch", [] { return benchApi("patch", {{1, "2,500"}, {16, "9,000"}, {64, "12,000"}}); }},
        {"memory", benchMemory},
    };
    const auto bench = benches.find(name);
    if (bench != benches.end())
        return runBench(name, bench->second);
    fmt::print(stderr, "usage: control_plane_bench start|idle|api-get|api-create|api-update|api-patch|memory\n");
    return 2;
}

} // namespace
} // namespace keelson::bench

int main(int argc, char** argv)
{
    return keelson::bench::benchNamed(argc == 2 ? argv[1] : "");
}
