// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.h"

#include <filesystem>
#include <string>
#include <string_view>

namespace keelson {

/// Writes a file that only its owner may read (0600), as `replaceFile`. `InternalError` names the file and the cause.
Result<Done> writePrivateFile(const std::filesystem::path& path, std::string_view text);

/// The text of a file; `NotFound` when it is not there, `InternalError` when it cannot be read.
Result<std::string> readFile(const std::filesystem::path& path);

} // namespace keelson
