// SPDX-License-Identifier: Apache-2.0
// The registry over a real store, without HTTPS: ConfigMaps of 1 KiB created, read, patched and listed. And whether a
// user may.
#include "auth/default_roles.h"
#include "auth/rbac_authorizer.h"
#include "bench/figures.h"
#include "registry/make_registry.h"
#include "store/sqlite_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <thread>

namespace {

using namespace keelson;
using Steady = std::chrono::steady_clock;

constexpr std::chrono::seconds runTime{2};
constexpr int listObjects = 10'000;

/// Runs `work(client, i)` in a loop on so many threads.
bench::Figure measure(std::string name, int clients, std::string unit, std::string target,
                      const std::function<bool(int client, int i)>& work)
{
    const auto end = Steady::now() + runTime;
    std::vector<std::vector<double>> times(static_cast<std::size_t>(clients));
    {
        std::vector<std::jthread> threads;
        for (int client = 0; client < clients; ++client) {
            threads.emplace_back([&, client] {
                for (int i = 0;; ++i) {
                    const auto before = Steady::now();
                    if (before >= end)
                        return;
                    if (!work(client, i)) {
                        fmt::print(stderr, "registry_bench: {} failed\n", name);
                        std::exit(1);
                    }
                    times[static_cast<std::size_t>(client)].push_back(
                        std::chrono::duration<double, std::milli>(Steady::now() - before).count());
                }
            });
        }
    }
    std::vector<double> all;
    for (const auto& some : times)
        all.insert(all.end(), some.begin(), some.end());
    std::ranges::sort(all);
    const auto part = [&](double share) {
        return all[static_cast<std::size_t>(share * static_cast<double>(all.size() - 1))];
    };
    return {.name = fmt::format("{}, {} client{}", name, clients, clients == 1 ? "" : "s"),
            .value = static_cast<double>(all.size()) / std::chrono::duration<double>(runTime).count(),
            .unit = std::move(unit),
            .p50 = part(0.5),
            .p99 = part(0.99),
            .max = all.back(),
            .target = std::move(target)};
}

std::vector<bench::Figure> run(registry::Registry& registry)
{
    registry::WriteContext context;
    context.user = auth::User::system("system:bench");
    const auto& configMaps = *api::Catalog::builtIn().find({"", "v1"}, "ConfigMap");
    const auto& namespaces = *api::Catalog::builtIn().find({"", "v1"}, "Namespace");
    for (const auto* const name : {"default", "list"})
        (void)registry.create(context, namespaces, {}, {{"metadata", {{"name", name}}}});
    const std::string kibibyte(1024, 'v');
    const auto object = [&](const std::string& name) {
        return api::Value{{"metadata", {{"name", name}}}, {"data", {{"key", kibibyte}}}};
    };
    const auto create = [&](const char* prefix, int client, int i) {
        return registry.create(context, configMaps, "default", object(fmt::format("{}{}-{}", prefix, client, i)))
            .has_value();
    };
    std::vector<bench::Figure> figures;
    figures.push_back(measure("create", 1, "requests/s", "2,500", [&](int c, int i) { return create("a", c, i); }));
    figures.push_back(measure("create", 16, "requests/s", "10,000", [&](int c, int i) { return create("b", c, i); }));
    figures.push_back(measure("create", 64, "requests/s", "15,000", [&](int c, int i) { return create("c", c, i); }));
    figures.push_back(measure("merge patch", 64, "requests/s", "12,000", [&](int c, int i) {
        return registry
            .patch(context, configMaps, {"default", fmt::format("a0-{}", c)}, {}, api::PatchType::Merge,
                   {{"data", {{"count", std::to_string(i)}}}})
            .has_value();
    }));
    figures.push_back(measure("get", 64, "requests/s", "50,000", [&](int c, int) {
        return registry.get(configMaps, {"default", fmt::format("a0-{}", c)}).has_value();
    }));
    std::vector<api::Value> many;
    for (int i = 0; i < listObjects; ++i)
        many.push_back(object(fmt::format("l{}", i)));
    for (const auto& made : registry.createEach(context, configMaps, "list", std::move(many))) {
        if (!made)
            fmt::print(stderr, "registry_bench: {}\n", made.error().message);
    }
    registry::ListOptions options{.nameSpace = "list"};
    figures.push_back(measure("list of 10,000", 1, "lists/s", "100", [&](int, int) {
        const auto list = registry.list(configMaps, options);
        return list && list->objects.size() == listObjects;
    }));
    return figures;
}

/// A user with a role in one of 500 namespaces, beside the default roles.
bench::Figure authorization()
{
    constexpr int namespaces = 500;
    auto objects = auth::defaultRoles();
    for (int i = 0; i < namespaces; ++i) {
        objects.push_back({{"kind", "RoleBinding"},
                           {"metadata", {{"name", "edit"}, {"namespace", fmt::format("team-{}", i)}}},
                           {"roleRef", {{"kind", "ClusterRole"}, {"name", "edit"}}},
                           {"subjects", api::Array{{{"kind", "User"}, {"name", fmt::format("user-{}", i)}}}}});
    }
    auth::RbacAuthorizer authorizer;
    authorizer.replace(objects);
    auth::User user;
    user.name = "user-250";
    user.groups = {"system:authenticated"};
    auth::Attributes asked;
    asked.verb = "create";
    asked.version = "v1";
    asked.resource = "configmaps";
    asked.nameSpace = "team-250";
    return measure("authorize", 1, "decisions/s", "100,000",
                   [&](int, int) { return authorizer.authorize(user, asked).allowed; });
}

} // namespace

int main()
{
    auto folder = (std::filesystem::current_path() / "registry-bench-XXXXXX").string(); // not /tmp, which may be memory
    if (!::mkdtemp(folder.data())) {
        std::perror("registry_bench");
        return 1;
    }
    const auto store = store::SqliteStore::open({.path = folder + "/store.db"});
    if (!store) {
        fmt::print(stderr, "registry_bench: {}\n", store.error().message);
        return 1;
    }
    const SystemClock clock;
    SystemRandom random;
    const auto registry = registry::makeRegistry(**store, api::Catalog::builtIn(), clock, random);
    if (!registry) {
        fmt::print(stderr, "registry_bench: {}\n", registry.error().message);
        return 1;
    }
    auto figures = run(**registry);
    figures.push_back(authorization());
    bench::print("registry", figures);
    std::filesystem::remove_all(folder);
}
