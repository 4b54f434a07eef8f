// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string_view>
#include <system_error>

namespace keelson {

/// Gives a file new content, whole or not at all: a file beside it takes the bytes, is flushed to the disk, then takes
/// the name. Each call has a file of its own, so several may write at once, in several programs too; the last one wins.
/// `permissions`: of the file from now on; none: those of any new file. Returns why it failed: the file is then as it
/// was, and nothing is left beside it.
std::error_code replaceFile(const std::filesystem::path& path, std::string_view bytes,
                            std::optional<std::filesystem::perms> permissions);

} // namespace keelson
