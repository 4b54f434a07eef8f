// SPDX-License-Identifier: Apache-2.0
#include "bench/bench_server.h"

#include <fmt/format.h>

#include <cstdlib>
#include <ctime>
#include <fstream>
#include <stdexcept>

namespace keelson::bench {
namespace {

constexpr int fillConnections = 64;
constexpr double fillSecondsMax = 120;

double statusMiB(pid_t pid, const std::string& field)
{
    std::ifstream status(fmt::format("/proc/{}/status", pid));
    for (std::string line; std::getline(status, line);) {
        if (line.starts_with(field + ":"))
            return std::strtod(line.c_str() + field.size() + 1, nullptr) / 1024; // KiB
    }
    return 0;
}

} // namespace

BenchServer::BenchServer(const std::vector<std::string>& arguments)
    : m_process(KEELSON_BIN "/keelsond", m_folder.path() / "data", arguments)
{
    if (!m_process.waitReady())
        throw std::runtime_error("keelsond did not become ready:\n" + m_process.log());
    m_target = targetOf(m_process);
}

Target targetOf(const support::ControlPlaneProcess& server)
{
    const auto facts = support::readKubeconfig(server.kubeconfig());
    const auto address = server.apiAddress();
    const auto colon = address.rfind(':');
    return {address.substr(0, colon), address.substr(colon + 1), facts.authority, facts.certificate, facts.key};
}

double residentMiB(pid_t pid)
{
    return statusMiB(pid, "VmRSS");
}

double peakResidentMiB(pid_t pid)
{
    return statusMiB(pid, "VmHWM");
}

void forgetPeak(pid_t pid)
{
    constexpr auto peakOnly = "5"; // proc(5), clear_refs
    support::writeFile(fmt::format("/proc/{}/clear_refs", pid), peakOnly);
}

double cpuSeconds(pid_t pid)
{
    clockid_t clock = 0;
    timespec time{};
    if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &time) != 0)
        return 0;
    constexpr double nanosecond = 1e-9;
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * nanosecond;
}

std::string request(std::string_view verb, std::string_view path, std::string_view body, std::string_view type)
{
    return fmt::format("{} {} HTTP/1.1\r\nHost: bench\r\nContent-Type: {}\r\nContent-Length: {}\r\n\r\n{}", verb, path,
                       type, body.size(), body);
}

std::string numberedConfigMap(std::uint64_t index, std::uint64_t number)
{
    constexpr std::size_t payload = 800;
    return fmt::format(
        R"({{"apiVersion":"v1","kind":"ConfigMap","metadata":{{"name":"bench-{}","namespace":"default"}},)"
        R"("data":{{"n":"{}","payload":"{}"}}}})",
        index, number, std::string(payload, 'x'));
}

std::string postConfigMap(std::uint64_t index)
{
    return request("POST", configMaps, configMap(index));
}

void sendAll(const Target& target, std::uint64_t count, const MakeRequest& makeRequest)
{
    const auto report = httpsLoad(target, fillConnections, fillSecondsMax,
                                  [&](std::uint64_t n) { return n < count ? makeRequest(n) : std::string(); });
    if (report.failures > 0 || report.requests != count)
        throw std::runtime_error(fmt::format("{} of {} requests succeeded; the first failure: {}",
                                             report.requests - report.failures, count, report.firstFailure));
}

Figure figureOf(std::string name, const Report& report, std::string target)
{
    if (report.failures > 0)
        throw std::runtime_error(fmt::format("{} of {} requests failed, the first: {}", report.failures,
                                             report.requests, report.firstFailure));
    return {std::move(name),         report.perSecond(),   "requests/s",     report.percentile(0.5),
            report.percentile(0.99), report.percentile(1), std::move(target)};
}

int runBench(const std::string& name, const std::function<std::vector<Figure>()>& bench)
{
    try {
        print(name, bench());
        return 0;
    } catch (const std::exception& error) {
        fmt::print(stderr, "bench {}: {}\n", name, error.what());
        return 1;
    }
}

} // namespace keelson::bench
