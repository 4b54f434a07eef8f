// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.h"
#include "base/result.h"

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace keelson::audit {

/// A log of lines in a file that is put aside when it has become large, written by a thread of its own.
///
/// Files put aside are called "audit-2026-01-31T12-00-00.123.log" beside "audit.log".
/// Threads: `write` on any thread; it never waits for the disk.
class LogFile {
public:
    struct Options {
        std::filesystem::path path; ///< "-": standard output, which is not rotated.
        std::size_t sizeBytesMax = std::size_t{100} * 1024 * 1024;
        int ageDaysMax = 0;           ///< Of files put aside; 0: any.
        int filesMax = 0;             ///< Put aside; 0: any number.
        const Clock* clock = nullptr; ///< Outlives the log.
    };
    /// Lines that may wait for the disk; what comes then is lost, and counted.
    static constexpr std::size_t waitingBytesMax = std::size_t{64} * 1024 * 1024;

    /// Opens or begins the file (0600). `InternalError` names it and the cause.
    static Result<std::unique_ptr<LogFile>> open(Options options);
    ~LogFile(); ///< Writes what waits.
    LogFile(const LogFile&) = delete;
    LogFile& operator=(const LogFile&) = delete;

    /// One line, without its end.
    void write(std::string line);
    /// Returns when all that was written before is with the operating system.
    void flush();
    /// Lines that were lost: too many at once, or the disk failed.
    std::uint64_t lost() const { return m_lost; }

private:
    explicit LogFile(Options options) : m_options(std::move(options)) {}
    void run();
    void writeAll(const std::vector<std::string>& lines);
    bool rotate();
    Result<Done> reopen();
    void removeOld() const;

    const Options m_options;
    std::FILE* m_file = nullptr; ///< The thread's.
    std::size_t m_fileBytes = 0; ///< The thread's.
    std::atomic<std::uint64_t> m_lost = 0;

    std::mutex m_mutex; ///< Guards the rest.
    std::condition_variable m_wake;
    std::condition_variable m_written;
    std::vector<std::string> m_waiting;
    std::size_t m_waitingBytes = 0;
    bool m_writing = false;
    bool m_stopping = false;
    std::thread m_thread;
};

} // namespace keelson::audit
