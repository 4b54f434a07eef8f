// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.h"

#include <filesystem>
#include <string>

namespace keelson::auth {

/// The first line of the file, or, when there is no such file, a new random token of 64 hexadecimal digits that is
/// written there (0600). `Invalid` when the file is empty.
Result<std::string> loadOrCreateToken(const std::filesystem::path& path);

} // namespace keelson::auth
