// SPDX-License-Identifier: Apache-2.0
#include "node/private_file.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <sstream>
#include <unistd.h>

namespace keelson::node {

Result<Done> writePrivateFile(const std::filesystem::path& path, std::string_view text)
{
    const auto failed = [&] {
        return fail(Reason::InternalError, fmt::format("{} cannot be written: {}", path.string(), std::strerror(errno)));
    };
    const auto next = path.string() + ".next";
    const int file = ::open(next.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file < 0)
        return failed();
    while (!text.empty()) {
        const auto count = ::write(file, text.data(), text.size());
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0) {
            ::close(file);
            return failed();
        }
        text.remove_prefix(static_cast<std::size_t>(count));
    }
    const bool flushed = ::fsync(file) == 0;
    if (::close(file) != 0 || !flushed || ::rename(next.c_str(), path.c_str()) != 0)
        return failed();
    return Done{};
}

Result<std::string> readFile(const std::filesystem::path& path)
{
    std::ifstream stream(path, std::ios::binary);
    if (!stream)
        return fail(Reason::NotFound, fmt::format("{} cannot be read: {}", path.string(), std::strerror(errno)));
    std::ostringstream text;
    text << stream.rdbuf();
    return std::move(text).str();
}

} // namespace keelson::node
