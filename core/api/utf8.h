// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

namespace keelson::api {

/// The length of the UTF-8 prefix of `text` (RFC 3629): all of it when it is UTF-8.
std::size_t utf8Prefix(std::string_view text);

} // namespace keelson::api
