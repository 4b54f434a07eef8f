// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace keelson::api {

/// The length of the UTF-8 prefix of `text` (RFC 3629): all of it when it is UTF-8.
std::size_t utf8Prefix(std::string_view text);
/// The text, with U+FFFD in place of each byte that is no UTF-8.
std::string toUtf8(std::string_view text);

} // namespace keelson::api
