// SPDX-License-Identifier: Apache-2.0
#include "base/file_lock.h"

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace keelson {
namespace {

std::string holderOf(int descriptor)
{
    std::array<char, 16> text{};
    const auto length = ::pread(descriptor, text.data(), text.size() - 1, 0);
    return length > 0 ? fmt::format(" (process {})", std::string_view(text.data(), static_cast<std::size_t>(length)))
                      : std::string{};
}

} // namespace

Result<FileLock> FileLock::acquire(const std::string& path)
{
    const auto descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (descriptor < 0) {
        const auto cause = errno;
        const auto refused = cause == EACCES || cause == EPERM || cause == EROFS;
        return fail(refused ? Reason::Forbidden : Reason::ServiceUnavailable,
                    fmt::format("cannot write to {}: {}", path, std::strerror(cause)));
    }
    FileLock lock(descriptor);
    if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK)
            return fail(Reason::ServiceUnavailable, fmt::format("cannot lock {}: {}", path, std::strerror(errno)));
        return fail(Reason::Conflict, fmt::format("{} is held by another process{}", path, holderOf(descriptor)));
    }
    // Who holds it is for people; the lock itself does not need it, so a full disk does no harm.
    const auto holder = fmt::format("{}", ::getpid());
    if (::ftruncate(descriptor, 0) == 0)
        (void)!::pwrite(descriptor, holder.data(), holder.size(), 0);
    return lock;
}

FileLock::FileLock(FileLock&& other) noexcept : m_descriptor(std::exchange(other.m_descriptor, -1)) {}

FileLock& FileLock::operator=(FileLock&& other) noexcept
{
    std::swap(m_descriptor, other.m_descriptor);
    return *this;
}

FileLock::~FileLock()
{
    if (m_descriptor >= 0)
        ::close(m_descriptor);
}

} // namespace keelson
