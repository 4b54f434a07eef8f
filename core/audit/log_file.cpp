// SPDX-License-Identifier: Apache-2.0
#include "audit/log_file.h"

#include "base/log.h"
#include "base/loop.h"

#include <fcntl.h>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace keelson::audit {
namespace {

constexpr std::string_view standardOutput = "-";

/// "2026-01-31T12-00-00.123": a time that may stand in a file's name; names sort as times do.
std::string stamp(WallTime time)
{
    const auto milliseconds = std::chrono::floor<std::chrono::milliseconds>(time);
    const auto seconds = std::chrono::floor<std::chrono::seconds>(milliseconds);
    return fmt::format("{:%Y-%m-%dT%H-%M-%S}.{:03}", fmt::gmtime(std::chrono::system_clock::to_time_t(seconds)),
                       (milliseconds - seconds).count());
}

} // namespace

Result<std::unique_ptr<LogFile>> LogFile::open(Options options)
{
    std::unique_ptr<LogFile> log(new LogFile(std::move(options)));
    if (log->m_options.path == standardOutput)
        log->m_file = stdout;
    else
        TRY_OK(log->reopen());
    log->m_thread = std::thread([raw = log.get()] {
        nameThread("audit");
        raw->run();
    });
    return log;
}

LogFile::~LogFile()
{
    {
        const std::scoped_lock lock(m_mutex);
        m_stopping = true;
    }
    m_wake.notify_all();
    if (m_thread.joinable())
        m_thread.join();
    if (m_file && m_file != stdout)
        std::fclose(m_file);
}

Result<Done> LogFile::reopen()
{
    constexpr mode_t ownerOnly = 0600;
    const int file = ::open(m_options.path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, ownerOnly);
    m_file = file < 0 ? nullptr : ::fdopen(file, "a");
    if (!m_file)
        return fail(Reason::InternalError,
                    fmt::format("cannot write the audit log {}: {}", m_options.path.string(), std::strerror(errno)));
    std::error_code ignored;
    m_fileBytes = std::filesystem::file_size(m_options.path, ignored);
    return Done{};
}

void LogFile::write(std::string line)
{
    {
        const std::scoped_lock lock(m_mutex);
        if (m_waitingBytes + line.size() > waitingBytesMax) {
            ++m_lost;
            return;
        }
        m_waitingBytes += line.size();
        m_waiting.push_back(std::move(line));
    }
    m_wake.notify_one();
}

void LogFile::flush()
{
    std::unique_lock lock(m_mutex);
    m_written.wait(lock, [this] { return m_waiting.empty() && !m_writing; });
}

void LogFile::run()
{
    std::unique_lock lock(m_mutex);
    while (true) {
        m_wake.wait(lock, [this] { return !m_waiting.empty() || m_stopping; });
        if (m_waiting.empty())
            return;
        auto lines = std::exchange(m_waiting, {});
        m_waitingBytes = 0;
        m_writing = true;
        lock.unlock();
        writeAll(lines);
        lock.lock();
        m_writing = false;
        m_written.notify_all();
    }
}

void LogFile::writeAll(const std::vector<std::string>& lines)
{
    for (const auto& line : lines) {
        const bool full = m_fileBytes > 0 && m_fileBytes + line.size() + 1 > m_options.sizeBytesMax;
        if (full && m_file != stdout && !rotate())
            log::error("audit", "cannot put the audit log {} aside: {}", m_options.path.string(), std::strerror(errno));
        if (!m_file || std::fwrite(line.data(), 1, line.size(), m_file) != line.size() ||
            std::fputc('\n', m_file) == EOF) {
            if (m_lost++ == 0)
                log::error("audit", "the audit log {} loses lines: {}", m_options.path.string(), std::strerror(errno));
            continue;
        }
        m_fileBytes += line.size() + 1;
    }
    if (m_file)
        std::fflush(m_file);
}

bool LogFile::rotate()
{
    std::fclose(m_file);
    m_file = nullptr;
    const auto& path = m_options.path;
    auto time = m_options.clock->wall();
    std::filesystem::path aside;
    do { // Two in a millisecond must not be one file.
        aside =
            path.parent_path() / fmt::format("{}-{}{}", path.stem().string(), stamp(time), path.extension().string());
        time += std::chrono::milliseconds{1};
    } while (std::filesystem::exists(aside));
    std::error_code failure;
    std::filesystem::rename(path, aside, failure);
    const bool opened = reopen().has_value();
    removeOld();
    return opened && !failure;
}

void LogFile::removeOld() const
{
    const auto& path = m_options.path;
    const auto prefix = path.stem().string() + "-";
    const auto extension = path.extension().string();
    std::vector<std::string> aside;
    std::error_code failure;
    for (const auto& entry : std::filesystem::directory_iterator(
             path.has_parent_path() ? path.parent_path() : std::filesystem::path("."), failure)) {
        const auto name = entry.path().filename().string();
        if (name.starts_with(prefix) && name.ends_with(extension))
            aside.push_back(name);
    }
    std::ranges::sort(aside);
    const auto oldest = prefix + stamp(m_options.clock->wall() - std::chrono::days{m_options.ageDaysMax});
    for (std::size_t i = 0; i < aside.size(); ++i) {
        const bool tooMany = m_options.filesMax > 0 && aside.size() - i > static_cast<std::size_t>(m_options.filesMax);
        if (tooMany || (m_options.ageDaysMax > 0 && aside[i] < oldest))
            std::filesystem::remove(path.parent_path() / aside[i], failure);
    }
}

} // namespace keelson::audit
