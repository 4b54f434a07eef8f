// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "document/tree.h"

#include <string_view>

namespace keelson::document {

/// Reading on in YAML text from a known place. Pure; offsets are bytes, and never leave the text.

/// Where the line of `at` begins.
std::size_t lineBegin(std::string_view text, std::size_t at);
/// Where it ends, before its line ending (`\n` or `\r\n`).
std::size_t lineEnd(std::string_view text, std::size_t at);
/// After the line ending of `at`'s line; the end of the text for the last line.
std::size_t nextLine(std::string_view text, std::size_t at);
/// Bytes from the start of the line.
std::size_t columnOf(std::string_view text, std::size_t at);
/// True when only blanks stand before `at` on its line.
bool isFirstOnLine(std::string_view text, std::size_t at);
/// The next byte that is no blank, no line ending and no comment.
std::size_t skipBlanksAndComments(std::string_view text, std::size_t at);
/// The next byte that is no space or tab.
std::size_t skipSpaces(std::string_view text, std::size_t at);
/// Whether a comment stands in [from, to), which holds no scalars.
bool hasComment(std::string_view text, std::size_t from, std::size_t to);

/// Whether the line that begins at `line` is that marker of a document, "---" or "...", alone or with more behind it.
bool isMarker(std::string_view text, std::size_t line, std::string_view marker);

/// The end of a quoted scalar that begins at `at` with its quote.
std::size_t quotedEnd(std::string_view text, std::size_t at);
/// The end of a plain scalar. In a block, lines that follow belong to it while they are indented by more than
/// `parentColumn` (-1 at the root).
std::size_t plainEnd(std::string_view text, std::size_t at, std::ptrdiff_t parentColumn, bool isFlow);
/// The end of a literal or folded scalar, before the line ending of its last line; trailing empty lines count where
/// they are kept ("|+").
std::size_t blockScalarEnd(std::string_view text, std::size_t at, std::ptrdiff_t parentColumn);

} // namespace keelson::document
