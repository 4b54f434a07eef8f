// SPDX-License-Identifier: Apache-2.0
#include "docker/host_processes.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/syscall.h>

#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>

namespace keelson::docker {
namespace {

std::string contentOf(const std::string& path)
{
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

bool isOf(int process, const std::string& containerId)
{
    return !containerId.empty() &&
           contentOf(fmt::format("/proc/{}/cgroup", process)).find(containerId) != std::string::npos;
}

/// The number of the session's first process; 0 when the process is gone.
int sessionOf(int process)
{
    const auto text = contentOf(fmt::format("/proc/{}/stat", process));
    const auto nameEnd = text.rfind(')'); // The name may hold anything.
    if (nameEnd == std::string::npos)
        return 0;
    std::istringstream rest(text.substr(nameEnd + 1));
    std::string state;
    int parent = 0;
    int group = 0;
    int session = 0;
    rest >> state >> parent >> group >> session;
    return session;
}

std::optional<int> numberOf(const std::string& name)
{
    int number = 0;
    const auto [end, code] = std::from_chars(name.data(), name.data() + name.size(), number);
    return code == std::errc() && end == name.data() + name.size() ? std::optional(number) : std::nullopt;
}

} // namespace

std::size_t killSession(int process, const std::string& containerId)
{
    std::size_t killed = 0;
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator("/proc", ignored)) {
        const auto each = numberOf(entry.path().filename());
        if (!each || sessionOf(*each) != process)
            continue;
        // Held by a file, the number cannot become another process's between the look and the signal.
        const containers::OpenFile held(static_cast<int>(::syscall(SYS_pidfd_open, *each, 0)));
        if (held.get() >= 0 && isOf(*each, containerId) && sessionOf(*each) == process &&
            ::syscall(SYS_pidfd_send_signal, held.get(), SIGKILL, nullptr, 0) == 0)
            ++killed;
    }
    return killed;
}

Result<containers::OpenFile> networkOf(int process, const std::string& containerId)
{
    containers::OpenFile network(::open(fmt::format("/proc/{}/ns/net", process).c_str(), O_RDONLY | O_CLOEXEC));
    if (network.get() < 0)
        return fail(Reason::ServiceUnavailable,
                    fmt::format("the network of process {}: {}", process, std::strerror(errno)));
    if (!isOf(process, containerId))
        return fail(Reason::ServiceUnavailable, fmt::format("process {} is not the container's", process));
    return network;
}

} // namespace keelson::docker
