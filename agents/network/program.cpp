// SPDX-License-Identifier: Apache-2.0
#include "network/program.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <poll.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace keelson::network {
namespace {

constexpr std::size_t complaintBytesMax = 2'000;

/// A file without a name: a program can neither block on it nor fill it.
class MemoryFile {
public:
    explicit MemoryFile(const char* name) : m_descriptor(::memfd_create(name, MFD_CLOEXEC)) {}
    ~MemoryFile()
    {
        if (m_descriptor >= 0)
            ::close(m_descriptor);
    }
    MemoryFile(const MemoryFile&) = delete;
    MemoryFile& operator=(const MemoryFile&) = delete;

    int descriptor() const { return m_descriptor; }

    bool fill(std::string_view bytes)
    {
        while (!bytes.empty()) {
            const auto written = ::write(m_descriptor, bytes.data(), bytes.size());
            if (written <= 0)
                return false;
            bytes.remove_prefix(static_cast<std::size_t>(written));
        }
        return ::lseek(m_descriptor, 0, SEEK_SET) == 0;
    }

    std::string content() const
    {
        std::string bytes(static_cast<std::size_t>(std::max<off_t>(::lseek(m_descriptor, 0, SEEK_END), 0)), '\0');
        const auto got = ::pread(m_descriptor, bytes.data(), bytes.size(), 0);
        bytes.resize(static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
        return bytes;
    }

private:
    int m_descriptor;
};

/// The exit status, or `Timeout`. The process is gone afterwards in either case.
Result<int> waitFor(pid_t process, const std::string& name, Milliseconds limit)
{
    const int handle = static_cast<int>(::syscall(SYS_pidfd_open, process, 0));
    pollfd wanted{handle, POLLIN, 0};
    const bool ended = handle < 0 || ::poll(&wanted, 1, static_cast<int>(limit.count())) > 0;
    if (handle >= 0)
        ::close(handle);
    if (!ended)
        ::kill(process, SIGKILL);
    int status = 0;
    while (::waitpid(process, &status, 0) < 0 && errno == EINTR) {
    }
    if (!ended)
        return fail(Reason::Timeout, fmt::format("{} did not end within {} ms", name, limit.count()));
    return status;
}

Result<pid_t> spawn(const std::vector<std::string>& command, int input, int output, int complaints)
{
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, complaints, STDERR_FILENO);
    std::vector<char*> arguments;
    for (const auto& argument : command)
        arguments.push_back(const_cast<char*>(argument.c_str())); // NOLINT: the call does not write to them
    arguments.push_back(nullptr);
    pid_t process = -1;
    const int error = ::posix_spawnp(&process, arguments[0], &actions, nullptr, arguments.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    if (error == ENOENT)
        return fail(Reason::NotFound, fmt::format("the program {} is not installed", command[0]));
    if (error != 0)
        return fail(Reason::InternalError, fmt::format("cannot run {}: {}", command[0], std::strerror(error)));
    return process;
}

} // namespace

Result<std::string> runProgram(const std::vector<std::string>& command, std::string_view input, Milliseconds limit)
{
    MemoryFile given("input");
    const MemoryFile output("output");
    const MemoryFile complaints("complaints");
    if (given.descriptor() < 0 || output.descriptor() < 0 || complaints.descriptor() < 0 || !given.fill(input))
        return fail(Reason::InternalError, fmt::format("cannot run {}: {}", command[0], std::strerror(errno)));
    TRY_ASSIGN(const auto process, spawn(command, given.descriptor(), output.descriptor(), complaints.descriptor()));
    TRY_ASSIGN(const auto status, waitFor(process, command[0], limit));
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return output.content();
    auto why = complaints.content();
    const bool rights = why.contains("Operation not permitted") || why.contains("Permission denied");
    if (why.size() > complaintBytesMax)
        why.resize(complaintBytesMax);
    while (why.ends_with('\n'))
        why.pop_back();
    return fail(rights ? Reason::Forbidden : Reason::InternalError,
                fmt::format("{} failed: {}", fmt::join(command, " "), why.empty() ? "it gave no reason" : why));
}

Result<Done> NftProgram::apply(const std::string& rules)
{
    TRY_OK(runProgram({m_program, "-f", "-"}, rules));
    return Done{};
}

} // namespace keelson::network
