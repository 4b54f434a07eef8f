// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include <sys/types.h>

namespace keelson::support {

struct Outcome {
    int exitCode = -1; ///< 128 + signal when a signal ended it; -1 when it could not start.
    std::string output;
    std::string error;
    bool ok() const { return exitCode == 0; }
};

struct RunOptions {
    std::string input;
    std::map<std::string, std::string> environment; ///< Besides the test's own.
    std::chrono::seconds limit{60};                 ///< Killed after this.
};

/// Runs a program to its end and gives what it wrote.
Outcome run(const std::vector<std::string>& command, const RunOptions& options = {});

/// A program in the background, its output in a file. The destructor kills it and waits.
class Process {
public:
    Process(const std::vector<std::string>& command, const std::filesystem::path& log,
            const std::map<std::string, std::string>& environment = {});
    ~Process();
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;

    pid_t pid() const { return m_pid; }
    bool running();
    void signal(int number) const;
    /// Waits for its end, at most `limit`; the exit code as in `Outcome`, -1 when it still runs.
    int wait(std::chrono::seconds limit);
    /// SIGTERM, then SIGKILL when it does not end within ten seconds. The exit code.
    int stop();
    /// What it wrote so far.
    std::string log() const;

private:
    pid_t m_pid = -1;
    int m_exitCode = -1;
    bool m_ended = false;
    std::filesystem::path m_log;
};

/// Asks again and again (every 20 ms at first, then every 200 ms) until `condition` holds or `limit` is over; says
/// whether it holds.
bool eventually(std::chrono::seconds limit, const std::function<bool()>& condition);

/// A folder that is removed with everything in it at the end. Short enough for unix sockets.
class TemporaryFolder {
public:
    TemporaryFolder();
    ~TemporaryFolder();
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    const std::filesystem::path& path() const { return m_path; }

private:
    std::filesystem::path m_path;
};

std::string readFile(const std::filesystem::path& path);
void writeFile(const std::filesystem::path& path, std::string_view text);

} // namespace keelson::support
