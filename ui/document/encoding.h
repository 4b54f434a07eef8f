// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"

#include <string>
#include <string_view>

namespace keelson::document {

/// How the bytes of a file say its text; kept, so that saving writes it as it was.
struct Encoding {
    enum class Form { Utf8, Utf16Little, Utf16Big } form = Form::Utf8;
    bool hasMark = false; ///< A byte order mark stands in front.
    bool operator==(const Encoding&) const = default;
};

struct DecodedText {
    std::string text; ///< UTF-8, without a mark.
    Encoding encoding;
};

/// Reads UTF-8 and UTF-16, by the mark, or by the zero bytes of a first ASCII character (YAML 1.2, 5.2). `BadRequest`
/// says at which byte and line the text breaks off, and what it may be instead.
Result<DecodedText> decode(std::string_view bytes);
/// `decode(encode(text, encoding))` is the same again.
std::string encode(std::string_view text, const Encoding& encoding);
/// "UTF-8", "UTF-16 LE with BOM": for the status bar.
std::string encodingName(const Encoding& encoding);

} // namespace keelson::document
