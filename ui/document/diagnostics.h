// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "document/edit.h"
#include "document/kinds.h"
#include "document/tree.h"

#include <string>
#include <string_view>
#include <vector>

namespace keelson::document {

enum class Severity { Error, Warning, Hint };

/// A way to mend it, as one would by hand.
struct Cure {
    std::string title;        ///< "Rename to replicas"
    std::vector<Edit> edits;  ///< By path; or
    std::vector<Splice> text; ///< where the text is no tree yet, splices within the document.
};

/// Something to say about a place of a document.
struct Diagnostic {
    Severity severity = Severity::Error;
    std::string code;       ///< For switching off and for tests: "unknown-field".
    Span span;              ///< Within the document.
    std::size_t line = 0;   ///< Within the document, from 0.
    std::size_t column = 0; ///< In bytes, from 0.
    std::string message;    ///< What is wrong.
    std::string advice;     ///< What to do about it.
    std::vector<Cure> cures;
};

/// At most so many a document; the last one says that there are more.
inline constexpr std::size_t diagnosticsMax = 200;

/// Everything that can be said of one document by itself: how it is written (syntax, tabs, keys that occur twice,
/// aliases inside what they name, unused anchors, size, depth, control characters), and whether it is what its kind
/// wants (fields, types, rules). Each item of a List is held to its own kind. In the order of the text. Pure; any
/// thread.
std::vector<Diagnostic> diagnose(std::string_view text, const Tree& tree, const Kinds& kinds);

/// Something to say of the value at a path (`isKey`: of its key), or of its nearest parent that is there. Pure.
Diagnostic diagnosticAt(std::string_view text, const Tree& tree, const Path& path, bool isKey, Severity severity,
                        std::string code, std::string message, std::string advice);

/// The nearest of `words` by edits of letters; empty when none is near enough to be meant.
std::string nearest(std::string_view word, const std::vector<std::string>& words);

} // namespace keelson::document
