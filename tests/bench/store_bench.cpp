// SPDX-License-Identifier: Apache-2.0
// Durable puts of 1 KiB, 1 and 64 clients, each put acknowledged before the next.
#include "bench/figures.h"
#include "store/sqlite_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <thread>

namespace {

using namespace keelson;
using Steady = std::chrono::steady_clock;

constexpr std::size_t valueBytes = 1024;
constexpr std::chrono::seconds runTime{3};
constexpr std::chrono::milliseconds warmUp{500};

/// What one client measured, in ms.
std::vector<double> putUntil(store::Store& store, int client, Steady::time_point begin, Steady::time_point end)
{
    std::vector<double> times;
    const std::string value(valueBytes, 'v');
    for (int i = 0;; ++i) {
        const auto before = Steady::now();
        if (before >= end)
            return times;
        store::Transaction put{
            {}, {{store::Operation::Type::Put, fmt::format("/registry/configmaps/default/c{}-{}", client, i), value}}};
        if (const auto done = store.commit(std::move(put)); !done) {
            fmt::print(stderr, "store_bench: {}\n", done.error().message);
            std::exit(1);
        }
        if (before >= begin)
            times.push_back(std::chrono::duration<double, std::milli>(Steady::now() - before).count());
    }
}

bench::Figure measure(store::Store& store, int clients, std::string target)
{
    const auto begin = Steady::now() + warmUp;
    std::vector<std::vector<double>> times(static_cast<std::size_t>(clients));
    {
        std::vector<std::jthread> threads;
        for (int client = 0; client < clients; ++client)
            threads.emplace_back([&, client] {
                times[static_cast<std::size_t>(client)] = putUntil(store, client, begin, begin + runTime);
            });
    }
    std::vector<double> all;
    for (const auto& some : times)
        all.insert(all.end(), some.begin(), some.end());
    std::ranges::sort(all);
    const auto part = [&](double share) {
        return all[static_cast<std::size_t>(share * static_cast<double>(all.size() - 1))];
    };
    return {.name = fmt::format("durable puts of 1 KiB, {} client{}", clients, clients == 1 ? "" : "s"),
            .value = static_cast<double>(all.size()) / std::chrono::duration<double>(runTime).count(),
            .unit = "puts/s",
            .p50 = part(0.5),
            .p99 = part(0.99),
            .max = all.back(),
            .target = std::move(target)};
}

} // namespace

int main()
{
    auto folder = (std::filesystem::current_path() / "store-bench-XXXXXX").string(); // not /tmp, which may be memory
    if (!::mkdtemp(folder.data())) {
        std::perror("store_bench");
        return 1;
    }
    std::vector<bench::Figure> figures;
    for (const auto& [clients, target] : {std::pair{1, "6,000"}, std::pair{64, "50,000"}}) {
        const auto opened = store::SqliteStore::open({.path = fmt::format("{}/{}.db", folder, clients)});
        if (!opened) {
            fmt::print(stderr, "store_bench: {}\n", opened.error().message);
            return 1;
        }
        figures.push_back(measure(**opened, clients, target));
    }
    std::filesystem::remove_all(folder);
    bench::print("store", figures);
}
