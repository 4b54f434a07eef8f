// SPDX-License-Identifier: Apache-2.0
// list_bench api-list|api-list-none: lists of many objects, over one connection.
#include "bench/bench_server.h"

#include <fmt/format.h>

#include <algorithm>

namespace keelson::bench {
namespace {

constexpr double listSeconds = 4;

/// A pod that no scheduler takes, so that nothing but the lists happens.
std::string pod(std::uint64_t n)
{
    return fmt::format(
        R"({{"apiVersion":"v1","kind":"Pod","metadata":{{"name":"bench-{}","labels":{{"app":"web"}}}},"spec":{{)"
        R"("schedulerName":"none","containers":[{{"name":"web","image":"web:1","ports":[{{"containerPort":8080}}],)"
        R"("env":[{{"name":"MODE","value":"production"}}],)"
        R"("resources":{{"requests":{{"cpu":"100m","memory":"128Mi"}}}}}}]}}}})",
        n);
}

std::string smallConfigMap(std::uint64_t n)
{
    return fmt::format(
        R"({{"apiVersion":"v1","kind":"ConfigMap","metadata":{{"name":"bench-{}","labels":{{"app":"web"}}}},)"
        R"("data":{{"n":"{}"}}}})",
        n, n);
}

Figure listFigure(const std::string& name, BenchServer& server, const std::string& path, const std::string& target)
{
    const auto report = httpsLoad(server.target(), 1, listSeconds, [&](auto) { return request("GET", path); });
    auto figure = figureOf(name, report, target);
    figure.unit = "lists/s";
    return figure;
}

std::vector<Figure> benchList()
{
    constexpr std::uint64_t objects = 10'000;
    constexpr auto pods = "/api/v1/namespaces/default/pods";
    BenchServer server;
    sendAll(server.target(), objects, postConfigMap);
    sendAll(server.target(), objects, [&](auto n) { return request("POST", pods, pod(n)); });
    const auto before = residentMiB(server.pid());
    forgetPeak(server.pid());
    std::vector<Figure> figures{
        listFigure("10,000 pods", server, pods, "p50 15 ms"),
        listFigure("10,000 ConfigMaps of 1 KiB", server, configMaps, "p50 10 ms"),
        listFigure("page of 500 ConfigMaps", server, fmt::format("{}?limit=500", configMaps), "p50 1 ms")};
    figures.push_back({"memory that the lists took", peakResidentMiB(server.pid()) - before, "MiB", 0, 0, 0,
                       "independent of the size"});
    return figures;
}

std::vector<Figure> benchListNone()
{
    constexpr std::uint64_t objects = 300'000;
    BenchServer server;
    sendAll(server.target(), objects, [](auto n) { return request("POST", configMaps, smallConfigMap(n)); });
    const auto list = [&](const std::string& what, const std::string& query) {
        return listFigure(fmt::format("of 300,000, {}", what), server, fmt::format("{}?{}", configMaps, query),
                          "p99 30 ms");
    };
    return {list("a label that none has", "labelSelector=app%3Dnone"),
            list("a label's key that none has", "labelSelector=none"),
            list("a name that none has", "fieldSelector=metadata.name%3Dnone"),
            {"resident memory", residentMiB(server.pid()), "MiB"}};
}

} // namespace
} // namespace keelson::bench

int main(int argc, char** argv)
{
    using namespace keelson::bench;
    const std::string name = argc == 2 ? argv[1] : "";
    if (name == "api-list")
        return runBench(name, benchList);
    if (name == "api-list-none")
        return runBench(name, benchListNone);
    fmt::print(stderr, "usage: list_bench api-list|api-list-none\n");
    return 2;
}
