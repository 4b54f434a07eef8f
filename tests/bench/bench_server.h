// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bench/figures.h"
#include "bench/https_load.h"
#include "support/control_plane_process.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace keelson::bench {

/// A keelsond on a new folder, ready. Throws std::runtime_error with its log when it does not become so.
class BenchServer {
public:
    explicit BenchServer(const std::vector<std::string>& arguments = {});

    const Target& target() const { return m_target; }
    support::ControlPlaneProcess& process() { return m_process; }
    pid_t pid() { return m_process.process().pid(); }

private:
    support::TemporaryFolder m_folder;
    support::ControlPlaneProcess m_process;
    Target m_target;
};

Target targetOf(const support::ControlPlaneProcess& server);

/// What the kernel says of a process.
double residentMiB(pid_t pid);
/// The most since `forgetPeak`.
double peakResidentMiB(pid_t pid);
void forgetPeak(pid_t pid);
double cpuSeconds(pid_t pid);

std::string request(std::string_view verb, std::string_view path, std::string_view body = {},
                    std::string_view type = "application/json");

constexpr auto configMaps = "/api/v1/namespaces/default/configmaps";
/// bench-`index` of about 1 KiB with the metadata; its member "n" is `number`, for `WatchLoad`.
std::string numberedConfigMap(std::uint64_t index, std::uint64_t number);
inline std::string configMap(std::uint64_t index)
{
    return numberedConfigMap(index, index);
}
/// A POST of it.
std::string postConfigMap(std::uint64_t index);

/// Asks until it has sent `count` requests; throws std::runtime_error when one fails.
void sendAll(const Target& target, std::uint64_t count, const MakeRequest& makeRequest);

/// Throws std::runtime_error when a request failed.
Figure figureOf(std::string name, const Report& report, std::string target);

/// Prints what the bench finds, or why it found nothing; the program's exit code.
int runBench(const std::string& name, const std::function<std::vector<Figure>()>& bench);

} // namespace keelson::bench
