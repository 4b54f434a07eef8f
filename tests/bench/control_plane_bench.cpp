// SPDX-License-Identifier: Apache-2.0
// control_plane_bench start|idle|api-get|api-create: a real keelsond, from outside.
#include "bench/figures.h"
#include "bench/https_load.h"
#include "support/control_plane_process.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <map>
#include <stdexcept>

#include <unistd.h>

namespace keelson::bench {
namespace {

using Clock = std::chrono::steady_clock;
using support::ControlPlaneProcess;
using support::TemporaryFolder;

constexpr double loadSeconds = 5;

std::string serverProgram()
{
    return KEELSON_BIN "/keelsond";
}

Target targetOf(const ControlPlaneProcess& server)
{
    const auto facts = support::readKubeconfig(server.kubeconfig());
    const auto address = server.apiAddress();
    const auto colon = address.rfind(':');
    return {address.substr(0, colon), address.substr(colon + 1), facts.authority, facts.certificate, facts.key};
}

void requireReady(ControlPlaneProcess& server)
{
    if (!server.waitReady())
        throw std::runtime_error("keelsond did not become ready:\n" + server.log());
}

/// Exec of an empty control plane to the first 200 of /readyz, asked every millisecond.
std::vector<Figure> benchStart()
{
    constexpr int runs = 9;
    std::vector<double> milliseconds;
    for (int i = 0; i < runs; ++i) {
        const TemporaryFolder folder;
        const auto data = folder.path() / "data";
        const auto start = Clock::now();
        const ControlPlaneProcess server(serverProgram(), data);
        for (;;) {
            if (Clock::now() - start > std::chrono::seconds{20})
                throw std::runtime_error("keelsond did not become ready:\n" + server.log());
            ::usleep(1000);
            if (server.apiAddress().empty() || !std::filesystem::exists(server.kubeconfig()))
                continue;
            try {
                const auto report = httpsLoad(targetOf(server), 1, 0.001,
                                              [](auto) { return "GET /readyz HTTP/1.1\r\nHost: bench\r\n\r\n"; });
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

std::string statusField(pid_t pid, const std::string& name)
{
    std::ifstream status(fmt::format("/proc/{}/status", pid));
    for (std::string line; std::getline(status, line);) {
        if (line.starts_with(name + ":"))
            return line.substr(name.size() + 1);
    }
    return "0";
}

double cpuSeconds(pid_t pid)
{
    std::ifstream stat(fmt::format("/proc/{}/stat", pid));
    std::string text;
    std::getline(stat, text);
    constexpr int userField = 11; // behind "(name) state"
    std::istringstream fields(text.substr(text.rfind(')') + 4));
    double user = 0;
    double system = 0;
    std::string skipped;
    for (int i = 1; i < userField; ++i)
        fields >> skipped;
    fields >> user >> system;
    return (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

std::vector<Figure> benchIdle()
{
    constexpr int settleSeconds = 60;
    constexpr int measureSeconds = 30;
    const TemporaryFolder folder;
    ControlPlaneProcess server(serverProgram(), folder.path() / "data");
    requireReady(server);
    ::sleep(settleSeconds);
    const auto before = cpuSeconds(server.process().pid());
    ::sleep(measureSeconds);
    const auto used = cpuSeconds(server.process().pid()) - before;
    const auto kib = std::strtod(statusField(server.process().pid(), "VmRSS").c_str(), nullptr);
    return {{"resident memory after 60 s", kib / 1024, "MiB", 0, 0, 0, "40 MiB"},
            {"CPU of one core", used / measureSeconds * 100, "%", 0, 0, 0, "0.3 %"}};
}

std::string configMap(std::uint64_t n)
{
    constexpr std::size_t payload = 800; // about 1 KiB with the metadata
    return fmt::format(
        R"({{"apiVersion":"v1","kind":"ConfigMap","metadata":{{"name":"bench-{}","namespace":"default"}},)"
        R"("data":{{"payload":"{}"}}}})",
        n, std::string(payload, 'x'));
}

std::string post(std::uint64_t n)
{
    const auto body = configMap(n);
    return fmt::format("POST /api/v1/namespaces/default/configmaps HTTP/1.1\r\nHost: bench\r\nContent-Type: "
                       "application/json\r\nContent-Length: {}\r\n\r\n{}",
                       body.size(), body);
}

Figure figureOf(std::string name, const Report& report, std::string target)
{
    if (report.failures > 0)
        throw std::runtime_error(fmt::format("{} of {} requests failed, the first: {}", report.failures,
                                             report.requests, report.firstFailure));
    return {std::move(name),         report.perSecond(),   "requests/s",     report.percentile(0.5),
            report.percentile(0.99), report.percentile(1), std::move(target)};
}

std::vector<Figure> benchApi(const std::string& verb, const std::map<int, std::string>& targets)
{
    const TemporaryFolder folder;
    ControlPlaneProcess server(serverProgram(), folder.path() / "data");
    requireReady(server);
    const auto target = targetOf(server);
    std::uint64_t created = 0;
    httpsLoad(target, 1, 0.1, [&](auto) { return post(created++); });
    std::vector<Figure> figures;
    for (const auto& [connections, wanted] : targets) {
        const auto report = httpsLoad(target, connections, loadSeconds, [&](auto) -> std::string {
            if (verb == "create")
                return post(created++);
            return "GET /api/v1/namespaces/default/configmaps/bench-0 HTTP/1.1\r\nHost: bench\r\n\r\n";
        });
        figures.push_back(figureOf(fmt::format("api {}, {} connections", verb, connections), report, wanted));
    }
    const auto kib = std::strtod(statusField(server.process().pid(), "VmRSS").c_str(), nullptr);
    figures.push_back({fmt::format("resident memory with {} objects", created), kib / 1024, "MiB", 0, 0, 0, ""});
    return figures;
}

int runBench(const std::string& name)
{
    const std::map<std::string, std::function<std::vector<Figure>()>> benches{
        {"start", benchStart},
        {"idle", benchIdle},
        {"api-get", [] { return benchApi("get", {{1, "10,000"}, {16, "40,000"}, {64, "50,000"}}); }},
        {"api-create", [] { return benchApi("create", {{1, "2,500"}, {16, "10,000"}, {64, "15,000"}}); }},
    };
    const auto bench = benches.find(name);
    if (bench == benches.end()) {
        fmt::print(stderr, "usage: control_plane_bench start|idle|api-get|api-create\n");
        return 2;
    }
    try {
        print(name, bench->second());
        return 0;
    } catch (const std::exception& error) {
        fmt::print(stderr, "bench {}: {}\n", name, error.what());
        return 1;
    }
}

} // namespace
} // namespace keelson::bench

int main(int argc, char** argv)
{
    return keelson::bench::runBench(argc == 2 ? argv[1] : "");
}
