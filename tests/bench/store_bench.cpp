// SPDX-License-Identifier: Apache-2.0
// Durable puts of 1 KiB, 1 and 64 clients, each put acknowledged before the next; beside them etcd's on the same disk.
// The clients of our store are in its process, as the API server is; etcd's are over gRPC, as Kubernetes' API server
// is.
#include "bench/bench_server.h"
#include "bench/etcd_process.h"
#include "store/sqlite_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <thread>

namespace keelson::bench {
namespace {

using Steady = std::chrono::steady_clock;

constexpr std::size_t valueBytes = 1024;
constexpr std::chrono::seconds runTime{3};
constexpr std::chrono::milliseconds warmUp{500};

/// Puts a value; throws std::runtime_error.
using Put = std::function<void(int client, const std::string& key, const std::string& value)>;

/// What one client measured, in ms.
std::vector<double> putUntil(const Put& put, int client, Steady::time_point begin, Steady::time_point end)
{
    std::vector<double> times;
    const std::string value(valueBytes, 'v');
    for (int i = 0;; ++i) {
        const auto before = Steady::now();
        if (before >= end)
            return times;
        try {
            put(client, fmt::format("/registry/configmaps/default/c{}-{}", client, i), value);
        } catch (const std::exception& error) { // nobody catches what leaves a thread
            fmt::print(stderr, "bench store: {}\n", error.what());
            std::exit(1);
        }
        if (before >= begin)
            times.push_back(std::chrono::duration<double, std::milli>(Steady::now() - before).count());
    }
}

Figure measure(const std::string& what, const Put& put, int clients, std::string target)
{
    const auto begin = Steady::now() + warmUp;
    std::vector<std::vector<double>> times(static_cast<std::size_t>(clients));
    {
        std::vector<std::jthread> threads;
        for (int client = 0; client < clients; ++client)
            threads.emplace_back([&, client] {
                times[static_cast<std::size_t>(client)] = putUntil(put, client, begin, begin + runTime);
            });
    }
    std::vector<double> all;
    for (const auto& some : times)
        all.insert(all.end(), some.begin(), some.end());
    std::ranges::sort(all);
    return {.name = fmt::format("{}, {} client{}", what, clients, clients == 1 ? "" : "s"),
            .value = static_cast<double>(all.size()) / std::chrono::duration<double>(runTime).count(),
            .unit = "puts/s",
            .p50 = percentile(all, 0.5),
            .p99 = percentile(all, 0.99),
            .max = percentile(all, 1),
            .target = std::move(target)};
}

Figure measureOurs(const std::string& folder, int clients)
{
    const auto opened = store::SqliteStore::open({.path = fmt::format("{}/{}.db", folder, clients)});
    if (!opened)
        throw std::runtime_error(opened.error().message);
    const auto put = [&](int /*client*/, const std::string& key, const std::string& value) {
        const auto done = (*opened)->commit({{}, {{store::Operation::Type::Put, key, value}}});
        if (!done)
            throw std::runtime_error(done.error().message);
    };
    return measure("durable puts of 1 KiB", put, clients, "ahead of etcd");
}

std::vector<Figure> benchStore()
{
    auto folder = (std::filesystem::current_path() / "store-bench-XXXXXX").string(); // not /tmp, which may be memory
    if (!::mkdtemp(folder.data()))
        throw std::runtime_error("no folder can be made here");
    std::vector<Figure> figures;
    for (const int clients : {1, 64})
        figures.push_back(measureOurs(folder, clients));
    if (const auto program = etcdProgram(); !program.empty()) {
        EtcdProcess etcd(program, folder);
        const auto put = [&](int client, const auto& key, const auto& value) { etcd.put(client, key, value); };
        for (const int clients : {1, 64})
            figures.push_back(measure("etcd", put, clients, ""));
    } else {
        fmt::print(stderr, "bench store: etcd is not there; ./dev bench brings it\n");
    }
    std::filesystem::remove_all(folder);
    return figures;
}

} // namespace
} // namespace keelson::bench

int main()
{
    return keelson::bench::runBench("store", keelson::bench::benchStore);
}
