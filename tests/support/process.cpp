// SPDX-License-Identifier: Apache-2.0
#include "support/process.h"

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace keelson::support {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

int exitCodeOf(int status)
{
    constexpr int signalBase = 128;
    return WIFEXITED(status) ? WEXITSTATUS(status) : signalBase + WTERMSIG(status);
}

/// In the child: becomes the program, in a process group of its own, that ends when the thread that started it does: a
/// test that is killed leaves no daemon behind.
[[noreturn]] void become(const std::vector<std::string>& command, const std::map<std::string, std::string>& environment,
                         int input, int output, int error)
{
    constexpr int notFound = 127;
    ::setpgid(0, 0);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::dup2(input, STDIN_FILENO);
    ::dup2(output, STDOUT_FILENO);
    ::dup2(error, STDERR_FILENO);
    for (const auto& [name, value] : environment)
        ::setenv(name.c_str(), value.c_str(), 1);
    std::vector<char*> arguments;
    for (const auto& word : command)
        arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    ::execvp(arguments[0], arguments.data());
    ::perror(arguments[0]);
    ::_exit(notFound);
}

void pauseFor(milliseconds time)
{
    ::poll(nullptr, 0, static_cast<int>(time.count()));
}

/// Feeds and drains a child until it has closed its ends. False when the time is over.
bool pump(pollfd (&ends)[3], const std::string& input, Outcome& outcome, Clock::time_point end)
{
    std::size_t written = 0;
    std::string* const sinks[] = {nullptr, &outcome.output, &outcome.error};
    while (ends[1].fd >= 0 || ends[2].fd >= 0) {
        const auto left = std::chrono::duration_cast<milliseconds>(end - Clock::now());
        if (left.count() <= 0)
            return false;
        if (::poll(ends, 3, static_cast<int>(left.count())) <= 0)
            continue;
        if (ends[0].fd >= 0 && (ends[0].revents & (POLLOUT | POLLERR)) != 0) {
            const auto count = ::write(ends[0].fd, input.data() + written, input.size() - written);
            written += count > 0 ? static_cast<std::size_t>(count) : 0;
            if (count < 0 || written == input.size()) {
                ::close(ends[0].fd);
                ends[0].fd = -1;
            }
        }
        for (int i = 1; i < 3; ++i) {
            if (ends[i].fd < 0 || (ends[i].revents & (POLLIN | POLLHUP)) == 0)
                continue;
            char buffer[65536];
            const auto count = ::read(ends[i].fd, buffer, sizeof buffer);
            if (count > 0) {
                sinks[i]->append(buffer, static_cast<std::size_t>(count));
            } else {
                ::close(ends[i].fd);
                ends[i].fd = -1;
            }
        }
    }
    return true;
}

} // namespace

Outcome run(const std::vector<std::string>& command, const RunOptions& options)
{
    int in[2];
    int out[2];
    int err[2];
    if (::pipe2(in, O_CLOEXEC) != 0 || ::pipe2(out, O_CLOEXEC) != 0 || ::pipe2(err, O_CLOEXEC) != 0)
        return {};
    std::signal(SIGPIPE, SIG_IGN);
    const auto child = ::fork();
    if (child == 0)
        become(command, options.environment, in[0], out[1], err[1]);
    for (const int end : {in[0], out[1], err[1]})
        ::close(end);
    Outcome outcome;
    pollfd ends[3] = {{in[1], POLLOUT, 0}, {out[0], POLLIN, 0}, {err[0], POLLIN, 0}};
    if (options.input.empty()) {
        ::close(in[1]);
        ends[0].fd = -1;
    }
    if (!pump(ends, options.input, outcome, Clock::now() + options.limit)) {
        ::kill(-child, SIGKILL);
        outcome.error += "\n(killed after " + std::to_string(options.limit.count()) + " s)";
    }
    for (const auto& end : ends) {
        if (end.fd >= 0)
            ::close(end.fd);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    outcome.exitCode = exitCodeOf(status);
    return outcome;
}

Process::Process(const std::vector<std::string>& command, const std::filesystem::path& log,
                 const std::map<std::string, std::string>& environment)
    : m_log(log)
{
    const int output = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    const int input = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    m_pid = ::fork();
    if (m_pid == 0)
        become(command, environment, input, output, output);
    ::close(input);
    ::close(output);
}

Process::~Process()
{
    if (running()) {
        signal(SIGKILL);
        wait(std::chrono::seconds{10});
    }
}

bool Process::running()
{
    int status = 0;
    if (!m_ended && ::waitpid(m_pid, &status, WNOHANG) == m_pid) {
        m_ended = true;
        m_exitCode = exitCodeOf(status);
    }
    return !m_ended;
}

void Process::signal(int number) const
{
    if (!m_ended)
        ::kill(m_pid, number);
}

int Process::wait(std::chrono::seconds limit)
{
    eventually(limit, [this] { return !running(); });
    return m_exitCode;
}

int Process::stop()
{
    constexpr std::chrono::seconds grace{10};
    signal(SIGTERM);
    if (wait(grace) < 0) {
        signal(SIGKILL);
        wait(grace);
    }
    return m_exitCode;
}

std::string Process::log() const
{
    return readFile(m_log);
}

bool eventually(std::chrono::seconds limit, const std::function<bool()>& condition)
{
    constexpr milliseconds pauseMax{200};
    const auto end = Clock::now() + limit;
    for (milliseconds pause{20};; pause = std::min(pause * 2, pauseMax)) {
        if (condition())
            return true;
        if (Clock::now() >= end)
            return false;
        pauseFor(pause);
    }
}

TemporaryFolder::TemporaryFolder()
{
    std::string name = (std::filesystem::temp_directory_path() / "keelson-XXXXXX").string();
    m_path = ::mkdtemp(name.data());
}

TemporaryFolder::~TemporaryFolder()
{
    std::error_code ignored;
    std::filesystem::remove_all(m_path, ignored);
}

std::string readFile(const std::filesystem::path& path)
{
    std::ifstream stream(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
}

void writeFile(const std::filesystem::path& path, std::string_view text)
{
    std::ofstream(path, std::ios::binary) << text;
}

} // namespace keelson::support
