// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>

namespace keelson::document {

/// What a syntax error is in the words of people who write manifests, and its cure.
struct SyntaxWords {
    std::string message;
    std::string advice;
};

/// `error`: as yaml-cpp says it (2.6 of YAML.h's ErrorMsg), found at the byte `offset` of `text`. Errors that are not
/// known keep their words.
SyntaxWords syntaxWords(std::string_view error, std::string_view text, std::size_t offset);

} // namespace keelson::document
