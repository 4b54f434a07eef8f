// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "document/tree.h"

#include <string>
#include <string_view>

namespace keelson::document {

/// The habits of a document, found in its own text, that new text follows.
struct Habits {
    std::size_t step = 2;          ///< Columns of a deeper map.
    std::size_t sequenceStep = 2;  ///< Columns of a list below its key; 0: at the key's own column.
    std::string lineEnding = "\n"; ///< Or "\r\n".
    bool isJson = false;           ///< A JSON text: everything is written in braces, with quotes.
    bool isSingleQuoted = false;   ///< What must be quoted gets 'these'.

    static Habits of(const Tree& tree, std::string_view text);
};

/// A scalar (or an empty collection) on one line, quoted only where it must be, or as `style` wants it. In flow more
/// needs quotes than in a block.
std::string renderInline(const api::Value& value, const Habits& habits, bool isFlow,
                         NodeStyle style = NodeStyle::Plain);
/// Any value between braces on one line.
std::string renderFlow(const api::Value& value, const Habits& habits);
/// A collection that is not empty in block style: its first line stands where the text is put, those that follow begin
/// with `column` blanks. No line ending at the end.
std::string renderBlock(const api::Value& value, const Habits& habits, std::size_t column);
/// A text of several lines as a literal, "|" and all: its lines begin with `column` blanks. Empty where a literal
/// cannot hold it (control characters, blanks before the first line's text).
std::string renderLiteral(std::string_view text, const Habits& habits, std::size_t column);
/// "key: value", the value in block style where it has several lines.
std::string renderEntry(std::string_view key, const api::Value& value, const Habits& habits, std::size_t column);
/// "- value", likewise.
std::string renderItem(const api::Value& value, const Habits& habits, std::size_t column);
/// Any value between braces, a line an entry, as JSON is mostly written: lines after the first begin with `column`
/// blanks and deeper ones with more.
std::string renderFlowLines(const api::Value& value, const Habits& habits, std::size_t column);
/// A key, quoted where it must be.
std::string renderKey(std::string_view key, const Habits& habits, bool isFlow);

/// Whether the value is written in several lines in block style.
bool isBlockValue(const api::Value& value);

} // namespace keelson::document
