// SPDX-License-Identifier: Apache-2.0
#include "base/replace_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>

namespace keelson {
namespace {

/// Of the file beside it. Those that are taken are other writers', or were left by programs that were killed.
constexpr int namesMax = 1000;

std::error_code lastError()
{
    return {errno, std::generic_category()};
}

std::error_code writeAll(int file, std::string_view bytes)
{
    while (!bytes.empty()) {
        const auto written = ::write(file, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return lastError();
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
}

} // namespace

std::error_code replaceFile(const std::filesystem::path& path, std::string_view bytes,
                            std::optional<std::filesystem::perms> permissions)
{
    std::string beside;
    int file = -1;
    for (int i = 0; file < 0; ++i) {
        beside = fmt::format("{}.{}-{}.new", path.string(), ::getpid(), i);
        file = ::open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, permissions ? 0600 : 0666);
        if (file < 0 && (errno != EEXIST || i == namesMax))
            return lastError();
    }
    auto error = writeAll(file, bytes);
    if (permissions) // Some file systems know none.
        (void)::fchmod(file, static_cast<mode_t>(*permissions & std::filesystem::perms::mask));
    if (!error && ::fsync(file) != 0) // A full disk may say so only now.
        error = lastError();
    if (::close(file) != 0 && !error)
        error = lastError();
    if (!error && ::rename(beside.c_str(), path.c_str()) != 0)
        error = lastError();
    if (error)
        ::unlink(beside.c_str());
    return error;
}

} // namespace keelson
