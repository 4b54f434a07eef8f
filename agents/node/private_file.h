// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.h"

#include <filesystem>
#include <string>
#include <string_view>

namespace keelson::node {

/// Writes a file that only its owner may read (0600), whole or not at all: a file beside it, flushed, then renamed.
/// `InternalError` names the file and the cause.
Result<Done> writePrivateFile(const std::filesystem::path& path, std::string_view text);
/// `NotFound` when it is not there.
Result<std::string> readFile(const std::filesystem::path& path);

} // namespace keelson::node
