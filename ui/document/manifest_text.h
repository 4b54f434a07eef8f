// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "document/edit.h"
#include "document/tree.h"

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace keelson::document {

/// One replacement as it happened: at `offset` of the text at that moment.
struct TextChange {
    std::size_t offset = 0;
    std::string removed;
    std::string inserted;
    bool operator==(const TextChange&) const = default;
};

/// The text of one document, to be read on any thread.
struct ParseJob {
    std::size_t document = 0;
    std::uint64_t revision = 0; ///< Of the document's text.
    std::string text;
};
struct ParseResult {
    std::size_t document = 0;
    std::uint64_t revision = 0;
    std::shared_ptr<const Tree> tree;
};

/// How many undo steps are kept, and how many bytes they may hold together; the oldest go first.
inline constexpr std::size_t undoStepsMax = 1'000;
inline constexpr std::size_t undoBytesMax = std::size_t{64} * 1024 * 1024;

/// A YAML stream, of one or many documents, as text that stays the user's, and as values.
///
/// Every change is a change of text, whether it was typed, came from a form or from the canvas; all share one undo
/// stack. Documents are split at their `---` lines; a change reads again only the documents that it touches. Text is
/// UTF-8 with whatever line endings it came with.
///
/// Threads: one at a time. Large documents are read elsewhere: `pending()`, `parse()` on any thread, `adopt()`. What
/// asks for a tree that is not there yet has it read on the spot (3 ms per 1,000 lines).
class ManifestText {
public:
    using Listener = std::function<void(const TextChange&)>;

    explicit ManifestText(std::string text = {});

    const std::string& text() const { return m_text; }
    /// Documents, those that hold nothing but comments among them; at least one.
    std::size_t documents() const { return m_documents.size(); }
    std::string_view textOf(std::size_t document) const;
    std::size_t offsetOf(std::size_t document) const;
    std::size_t lineOf(std::size_t document) const; ///< From 0.
    std::size_t documentAt(std::size_t offset) const;
    std::uint64_t revision() const { return m_revision; }
    /// Changes with the document's text alone; the same text elsewhere in the stream keeps it.
    std::uint64_t revisionOf(std::size_t document) const { return m_documents[document].revision; }

    std::shared_ptr<const Tree> tree(std::size_t document) const;
    /// Asking for it reads nothing.
    bool hasTree(std::size_t document) const { return m_documents[document].tree != nullptr; }
    /// With aliases and merges resolved; `BadRequest` with line and cause where it is no YAML.
    Result<api::Value> value(std::size_t document) const;

    /// As typed. Typing on at the same place joins the undo step of what was typed before, up to the end of a word.
    void replace(std::size_t offset, std::size_t length, std::string_view text);
    /// The whole text, by the smallest replacement that does it.
    void setText(std::string_view text, const std::string& label);
    /// Edits by path, in order, as one undo step: all of them, or none and the reason (`planEdit`'s, and `Invalid` when
    /// the text would not mean what was asked for).
    Result<Done> edit(std::size_t document, const std::vector<Edit>& edits, const std::string& label);
    Result<Done> edit(std::size_t document, Edit edit, const std::string& label);
    /// A new document in front of `index`; `documents()`: at the end.
    Result<Done> insertDocument(std::size_t index, const api::Value& value, const std::string& label);
    /// A document as somebody wrote it, at the end; a `---` line is put before it where one is needed.
    void appendDocument(std::string_view text, const std::string& label);
    void removeDocument(std::size_t index, const std::string& label);
    /// Steps between these become one; they nest.
    void beginStep(const std::string& label);
    void endStep();

    std::size_t undoSteps() const { return m_undo.size(); }
    std::size_t redoSteps() const { return m_redo.size(); }
    bool canUndo() const { return !m_undo.empty(); }
    bool canRedo() const { return !m_redo.empty(); }
    std::string undoLabel() const { return m_undo.empty() ? std::string() : m_undo.back().label; }
    std::string redoLabel() const { return m_redo.empty() ? std::string() : m_redo.back().label; }
    void undo();
    void redo();
    /// The text is as it was at the last `markClean` (made, loaded, saved).
    bool isClean() const;
    void markClean() { markClean(m_text); }
    void markClean(std::string saved); ///< What was saved, where the text has gone on since.

    /// Told of every change, after it. Listeners do not change the text.
    void listen(Listener listener) { m_listeners.push_back(std::move(listener)); }

    /// Documents whose trees are missing.
    std::vector<ParseJob> pending() const;
    static ParseResult parse(const ParseJob& job);
    /// False: the document has changed since; the result is dropped.
    bool adopt(const ParseResult& result);

private:
    struct Document {
        std::size_t length = 0;
        std::size_t lines = 0;
        std::uint64_t revision = 0;
        mutable std::shared_ptr<const Tree> tree;
    };
    struct UndoStep {
        std::vector<TextChange> changes;
        std::string label;
        bool isTyping = false;
    };

    void apply(const TextChange& change);
    void record(TextChange change, const std::string& label, bool isTyping);
    void resplit(std::size_t offset, std::size_t removed, std::size_t inserted);
    Document measured(std::size_t begin, std::size_t end);
    Result<Done> carryOut(std::string& text, std::shared_ptr<const Tree>& tree, const Edit& edit,
                          std::vector<TextChange>& changes) const;
    bool isBare() const;
    bool joinTyping(const TextChange& change);
    void trimUndo();

    std::string m_text;
    std::vector<Document> m_documents;
    std::vector<UndoStep> m_undo, m_redo;
    std::vector<Listener> m_listeners;
    std::uint64_t m_revision = 0;
    std::string m_cleanText;
    int m_openSteps = 0;
    bool m_stepStarted = false; ///< The open step has its first change.
    bool m_typingEnded = true;
    std::string m_stepLabel;
};

/// Where the document that begins at `from` ends: before the next `---` line or after its `...`. Pure.
std::size_t documentEnd(std::string_view text, std::size_t from);

} // namespace keelson::document
