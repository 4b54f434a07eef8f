// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.h"

#include <filesystem>
#include <string>

namespace keelson::auth {

/// Hexadecimal digits of a token that `loadOrCreateToken` makes.
constexpr std::size_t tokenLength = 64;

/// The first line of the file, as it stands there: the caller checks it. When there is no such file, a new random token
/// of `tokenLength` hexadecimal digits, which is written there (0600).
Result<std::string> loadOrCreateToken(const std::filesystem::path& path);

} // namespace keelson::auth
