// SPDX-License-Identifier: GPL-3.0-or-later
#include "document/manifest_text.h"

#include "document/scan.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>

namespace keelson::document {

namespace {

bool isFilled(const api::Value& value)
{
    return (value.is_object() && !value.get_object().empty()) || (value.is_array() && !value.get_array().empty());
}

/// A set of one collection over another is carried out as what differs.
std::vector<Edit> smaller(const Edit& edit, const Tree& tree)
{
    const auto* set = std::get_if<SetValue>(&edit);
    if (!set || !isFilled(set->value))
        return {edit};
    const auto id = tree.find(set->path);
    return id == noNode || tree.node(id).kind == NodeKind::Scalar ? std::vector<Edit>{edit}
                                                                  : difference(set->path, tree.outline(id), set->value);
}

} // namespace

std::size_t documentEnd(std::string_view text, std::size_t from)
{
    bool hasBegun = false;
    for (auto line = from; line < text.size(); line = nextLine(text, line)) {
        if (isMarker(text, line, "---")) {
            if (hasBegun)
                return line;
            hasBegun = true;
        } else if (isMarker(text, line, "...")) {
            return nextLine(text, line);
        } else if (!hasBegun) {
            const auto first = skipSpaces(text, line);
            hasBegun = first < text.size() && !std::string_view("\r\n#").contains(text[first]) && text[line] != '%';
        }
    }
    return text.size();
}

ManifestText::ManifestText(std::string text) : m_text(std::move(text)), m_cleanText(m_text)
{
    m_documents.push_back({});
    resplit(0, 0, m_text.size());
}

std::size_t ManifestText::offsetOf(std::size_t document) const
{
    std::size_t offset = 0;
    for (std::size_t i = 0; i < document; ++i)
        offset += m_documents[i].length;
    return offset;
}

std::size_t ManifestText::lineOf(std::size_t document) const
{
    std::size_t line = 0;
    for (std::size_t i = 0; i < document; ++i)
        line += m_documents[i].lines;
    return line;
}

std::string_view ManifestText::textOf(std::size_t document) const
{
    return std::string_view(m_text).substr(offsetOf(document), m_documents[document].length);
}

std::size_t ManifestText::documentAt(std::size_t offset) const
{
    std::size_t end = 0;
    for (std::size_t i = 0; i < m_documents.size(); ++i) {
        end += m_documents[i].length;
        if (offset < end)
            return i;
    }
    return m_documents.size() - 1;
}

std::shared_ptr<const Tree> ManifestText::tree(std::size_t document) const
{
    auto& tree = m_documents[document].tree;
    if (!tree)
        tree = std::make_shared<const Tree>(Tree::read(textOf(document)));
    return tree;
}

Result<api::Value> ManifestText::value(std::size_t document) const
{
    return api::parseYaml(textOf(document));
}

ManifestText::Document ManifestText::measured(std::size_t begin, std::size_t end)
{
    const auto part = std::string_view(m_text).substr(begin, end - begin);
    return {.length = end - begin,
            .lines = static_cast<std::size_t>(std::ranges::count(part, '\n')),
            .revision = ++m_revision,
            .tree = nullptr};
}

void ManifestText::resplit(std::size_t offset, std::size_t removed, std::size_t inserted)
{
    // What is typed inside or right behind a "---" makes it a marker or ends it: the document before grows or shrinks.
    constexpr std::size_t markerReach = 5;
    const auto first = offset < markerReach ? 0 : documentAt(offset - markerReach);
    const auto begin = offsetOf(first);
    std::vector<Document> made;
    auto kept = first;
    auto oldEnd = begin; // where document `kept` begins, in the text before
    const auto editEnd = offset + inserted;
    for (auto at = begin;;) {
        const auto end = documentEnd(m_text, at);
        made.push_back(measured(at, end));
        at = end;
        if (at >= m_text.size()) {
            kept = m_documents.size();
            break;
        }
        while (kept < m_documents.size() && (oldEnd < offset + removed || oldEnd - removed + inserted < at))
            oldEnd += m_documents[kept++].length;
        if (at >= editEnd && oldEnd >= offset + removed && oldEnd - removed + inserted == at)
            break;
    }
    m_documents.erase(m_documents.begin() + static_cast<std::ptrdiff_t>(first),
                      m_documents.begin() + static_cast<std::ptrdiff_t>(kept));
    m_documents.insert(m_documents.begin() + static_cast<std::ptrdiff_t>(first), std::make_move_iterator(made.begin()),
                       std::make_move_iterator(made.end()));
    ++m_revision;
}

void ManifestText::apply(const TextChange& change)
{
    assert(std::string_view(m_text).substr(change.offset, change.removed.size()) == change.removed);
    m_text.replace(change.offset, change.removed.size(), change.inserted);
    resplit(change.offset, change.removed.size(), change.inserted.size());
    for (const auto& listener : m_listeners)
        listener(change);
}

bool ManifestText::joinTyping(const TextChange& change)
{
    if (m_undo.empty() || !m_undo.back().isTyping || m_typingEnded || m_undo.back().changes.size() != 1)
        return false;
    auto& last = m_undo.back().changes.front();
    const bool isInsertion = change.removed.empty() && last.removed.empty() &&
                             change.offset == last.offset + last.inserted.size() && change.inserted.size() == 1;
    if (isInsertion && !std::string_view(" \n\t").contains(change.inserted.front())) {
        last.inserted += change.inserted;
        return true;
    }
    const bool isErasure =
        change.inserted.empty() && last.inserted.empty() && change.removed.size() == 1 && !last.removed.empty();
    if (isErasure && change.offset + 1 == last.offset) {
        last.removed.insert(0, change.removed);
        last.offset = change.offset;
        return true;
    }
    if (isErasure && change.offset == last.offset) {
        last.removed += change.removed;
        return true;
    }
    return false;
}

void ManifestText::record(TextChange change, const std::string& label, bool isTyping)
{
    m_redo.clear();
    if (isTyping && m_openSteps == 0 && joinTyping(change))
        return;
    m_typingEnded = false;
    if (m_openSteps > 0 && m_stepStarted) {
        m_undo.back().changes.push_back(std::move(change));
        return;
    }
    m_stepStarted = m_openSteps > 0;
    m_undo.push_back({{std::move(change)}, m_openSteps > 0 ? m_stepLabel : label, isTyping && m_openSteps == 0});
    trimUndo();
}

void ManifestText::trimUndo()
{
    std::size_t bytes = 0;
    std::size_t kept = 0;
    for (auto step = m_undo.rbegin(); step != m_undo.rend() && kept < undoStepsMax; ++step, ++kept) {
        for (const auto& change : step->changes)
            bytes += change.removed.size() + change.inserted.size();
        if (bytes > undoBytesMax && kept > 0)
            break;
    }
    m_undo.erase(m_undo.begin(), m_undo.end() - static_cast<std::ptrdiff_t>(kept));
}

void ManifestText::replace(std::size_t offset, std::size_t length, std::string_view text)
{
    offset = std::min(offset, m_text.size());
    TextChange change{offset, m_text.substr(offset, length), std::string(text)};
    if (change.removed == change.inserted)
        return;
    apply(change);
    record(std::move(change), "Typing", true);
}

void ManifestText::setText(std::string_view text, const std::string& label)
{
    const auto head = static_cast<std::size_t>(std::ranges::mismatch(m_text, text).in1 - m_text.begin());
    std::size_t tail = 0;
    while (tail < m_text.size() - head && tail < text.size() - head &&
           m_text[m_text.size() - 1 - tail] == text[text.size() - 1 - tail])
        ++tail;
    TextChange change{head, m_text.substr(head, m_text.size() - head - tail),
                      std::string(text.substr(head, text.size() - head - tail))};
    if (change.removed == change.inserted)
        return;
    apply(change);
    record(std::move(change), label, false);
}

Result<Done> ManifestText::carryOut(std::string& text, std::shared_ptr<const Tree>& tree, const Edit& edit,
                                    std::vector<TextChange>& changes) const
{
    TRY_ASSIGN(const auto splices, planEdit(*tree, text, edit));
    if (splices.empty())
        return Done{};
    TRY_ASSIGN(const auto wanted, applied(tree->outline(), edit));
    auto after = spliced(text, splices);
    auto read = std::make_shared<const Tree>(Tree::read(after));
    if (read->error())
        return fail(Reason::Invalid,
                    fmt::format("written here, the text would not be read: {} (line {}); nothing was changed",
                                read->error()->message, read->error()->line + 1));
    if (read->outline() != wanted || documentEnd(after, 0) < after.size())
        return fail(Reason::Invalid, "this cannot be written here without touching something else; change it in the "
                                     "text (nothing was changed)");
    for (auto splice = splices.rbegin(); splice != splices.rend(); ++splice)
        changes.push_back({splice->offset, text.substr(splice->offset, splice->length), splice->text});
    text = std::move(after);
    tree = std::move(read);
    return Done{};
}

Result<Done> ManifestText::edit(std::size_t document, const std::vector<Edit>& edits, const std::string& label)
{
    std::string text(textOf(document));
    auto read = tree(document);
    const auto base = offsetOf(document);
    std::vector<TextChange> changes;
    for (const auto& whole : edits)
        for (const auto& edit : smaller(whole, *read))
            TRY_OK(carryOut(text, read, edit, changes));
    if (!changes.empty() && document + 1 < documents() &&
        documentEnd(text + std::string(textOf(document + 1)), 0) != text.size())
        return fail(Reason::Invalid, "written here, the next document would become a part of this one; change it in "
                                     "the text (nothing was changed)");
    beginStep(label);
    for (auto& change : changes) {
        change.offset += base;
        apply(change);
        record(std::move(change), label, false);
    }
    endStep();
    if (textOf(document) == text)
        m_documents[document].tree = std::move(read);
    return Done{};
}

Result<Done> ManifestText::edit(std::size_t document, Edit edit, const std::string& label)
{
    return this->edit(document, std::vector{std::move(edit)}, label);
}

Result<Done> ManifestText::insertDocument(std::size_t index, const api::Value& value, const std::string& label)
{
    if (!isFilled(value))
        return fail(Reason::Invalid, "an empty document would say nothing");
    const auto habits = Habits::of(*tree(0), m_text);
    const auto body = habits.isJson ? renderFlowLines(value, habits, 0) : renderBlock(value, habits, 0);
    const auto& ending = habits.lineEnding;
    TextChange change;
    const bool isFirst = isBare();
    if (isFirst || index >= documents()) {
        change.offset = m_text.size();
        if (!m_text.empty() && m_text.back() != '\n')
            change.inserted = ending;
        change.inserted += (isFirst ? "" : "---" + ending) + body + ending;
    } else {
        change.offset = offsetOf(index);
        const bool isMarked = skipBlanksAndComments(textOf(index), 0) < textOf(index).size() &&
                              textOf(index).substr(skipBlanksAndComments(textOf(index), 0)).starts_with("---");
        change.inserted = (index > 0 ? "---" + ending : "") + body + ending + (isMarked ? "" : "---" + ending);
    }
    apply(change);
    record(std::move(change), label, false);
    return Done{};
}

/// Nothing but comments stands in it.
bool ManifestText::isBare() const
{
    return documents() == 1 && tree(0)->root() == noNode && !tree(0)->error();
}

void ManifestText::appendDocument(std::string_view text, const std::string& label)
{
    const auto ending = Habits::of(*tree(0), m_text).lineEnding;
    TextChange change{m_text.size(), {}, {}};
    if (!m_text.empty() && m_text.back() != '\n')
        change.inserted = ending;
    if (!isBare() && !isMarker(text, 0, "---"))
        change.inserted += "---" + ending;
    change.inserted += text;
    if (!text.ends_with('\n'))
        change.inserted += ending;
    apply(change);
    record(std::move(change), label, false);
}

void ManifestText::removeDocument(std::size_t index, const std::string& label)
{
    TextChange change{offsetOf(index), std::string(textOf(index)), {}};
    if (index == 0 && documents() > 1 && !isMarker(m_text, 0, "---")) {
        // The first document has no marker of its own: the next one's goes, and the stream stays as it was written.
        const auto next = textOf(1);
        if (isMarker(next, 0, "---") && lineEnd(next, 0) == 3)
            change.removed += next.substr(0, nextLine(next, 0));
    }
    if (change.removed.empty())
        return;
    apply(change);
    record(std::move(change), label, false);
}

void ManifestText::beginStep(const std::string& label)
{
    if (m_openSteps++ > 0)
        return;
    m_stepLabel = label;
    m_stepStarted = false;
}

void ManifestText::endStep()
{
    if (--m_openSteps > 0)
        return;
    m_stepStarted = false;
    m_typingEnded = true;
}

void ManifestText::undo()
{
    if (m_undo.empty())
        return;
    auto step = std::move(m_undo.back());
    m_undo.pop_back();
    for (auto change = step.changes.rbegin(); change != step.changes.rend(); ++change)
        apply({change->offset, change->inserted, change->removed});
    m_redo.push_back(std::move(step));
    m_typingEnded = true;
}

void ManifestText::redo()
{
    if (m_redo.empty())
        return;
    auto step = std::move(m_redo.back());
    m_redo.pop_back();
    for (const auto& change : step.changes)
        apply(change);
    m_undo.push_back(std::move(step));
    m_typingEnded = true;
}

bool ManifestText::isClean() const
{
    return m_text == m_cleanText;
}

void ManifestText::markClean(std::string saved)
{
    m_cleanText = std::move(saved);
    m_typingEnded = true;
}

std::vector<ParseJob> ManifestText::pending() const
{
    std::vector<ParseJob> jobs;
    std::size_t offset = 0;
    for (std::size_t i = 0; i < m_documents.size(); ++i) {
        const auto& document = m_documents[i];
        if (!document.tree)
            jobs.push_back({i, document.revision, m_text.substr(offset, document.length)});
        offset += document.length;
    }
    return jobs;
}

ParseResult ManifestText::parse(const ParseJob& job)
{
    return {job.document, job.revision, std::make_shared<const Tree>(Tree::read(job.text))};
}

bool ManifestText::adopt(const ParseResult& result)
{
    // Documents before it may have come or gone meanwhile; the revision tells it apart.
    const auto found = std::ranges::find(m_documents, result.revision, &Document::revision);
    if (found == m_documents.end())
        return false;
    found->tree = result.tree;
    return true;
}

} // namespace keelson::document
