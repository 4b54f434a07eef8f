// SPDX-License-Identifier: Apache-2.0
#include "base/private_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace keelson {
namespace {

std::unexpected<Error> failed(std::string_view verb, const std::filesystem::path& path, int cause)
{
    return fail(Reason::InternalError, fmt::format("cannot {} {}: {}", verb, path.string(), std::strerror(cause)));
}

class FileDescriptor {
public:
    explicit FileDescriptor(int number) : m_number(number) {}
    ~FileDescriptor()
    {
        if (m_number >= 0)
            ::close(m_number);
    }
    FileDescriptor(const FileDescriptor&) = delete;
    FileDescriptor& operator=(const FileDescriptor&) = delete;
    int number() const { return m_number; }

private:
    int m_number;
};

} // namespace

Result<Done> writePrivateFile(const std::filesystem::path& path, std::string_view text)
{
    auto temporary = path;
    temporary += ".new";
    ::unlink(temporary.c_str());
    const FileDescriptor file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (file.number() < 0)
        return failed("write", temporary, errno);
    while (!text.empty()) {
        const auto written = ::write(file.number(), text.data(), text.size());
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0) {
            const int cause = errno;
            ::unlink(temporary.c_str());
            return failed("write", temporary, cause);
        }
        text.remove_prefix(static_cast<std::size_t>(written));
    }
    if (::fsync(file.number()) != 0 || ::rename(temporary.c_str(), path.c_str()) != 0) {
        const int cause = errno;
        ::unlink(temporary.c_str());
        return failed("write", path, cause);
    }
    return Done{};
}

Result<std::string> readFile(const std::filesystem::path& path)
{
    const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (file.number() < 0) {
        const int cause = errno;
        if (cause == ENOENT)
            return fail(Reason::NotFound, fmt::format("{} does not exist", path.string()));
        return failed("read", path, cause);
    }
    std::string text;
    std::array<char, 4096> part{};
    for (;;) {
        const auto got = ::read(file.number(), part.data(), part.size());
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return failed("read", path, errno);
        if (got == 0)
            return text;
        text.append(part.data(), static_cast<std::size_t>(got));
    }
}

} // namespace keelson
