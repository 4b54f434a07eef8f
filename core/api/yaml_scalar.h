// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/value.h"

#include <cstddef>
#include <optional>
#include <string_view>

namespace keelson::api {

/// What a plain scalar means in YAML 1.1, as Kubernetes' tools read it: null, a boolean ("yes" and "off" are), a number
/// (octal with a leading 0, underscores ignored, 1e3 the integer 1000) or else the text itself.
Value resolveYamlScalar(std::string_view text);

/// Where the quote stands that opens the scalar at `at` (before it may stand its anchor and tag) and is never closed,
/// in bytes; nothing when all is well. yaml-cpp takes a text that ends between quotes as if they were closed.
std::optional<std::size_t> unclosedQuote(std::string_view text, std::size_t at);

} // namespace keelson::api
