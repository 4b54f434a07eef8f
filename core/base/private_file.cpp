// SPDX-License-Identifier: Apache-2.0
#include "base/private_file.h"

#include "base/replace_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace keelson {
namespace {

std::unexpected<Error> failed(std::string_view verb, const std::filesystem::path& path, const std::error_code& cause)
{
    return fail(Reason::InternalError, fmt::format("cannot {} {}: {}", verb, path.string(), cause.message()));
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
    using std::filesystem::perms;
    if (const auto error = replaceFile(path, text, perms::owner_read | perms::owner_write))
        return failed("write", path, error);
    return Done{};
}

Result<std::string> readFile(const std::filesystem::path& path)
{
    const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (file.number() < 0) {
        const std::error_code cause(errno, std::generic_category());
        if (cause == std::errc::no_such_file_or_directory)
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
            return failed("read", path, {errno, std::generic_category()});
        if (got == 0)
            return text;
        text.append(part.data(), static_cast<std::size_t>(got));
    }
}

} // namespace keelson
