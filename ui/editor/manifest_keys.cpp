// SPDX-License-Identifier: GPL-3.0-or-later
// How the editor answers to keys: typing, completion, comments.
#include "editor/manifest_editor.h"

#include "document/scan.h"

#include <QDropEvent>
#include <QInputMethodEvent>
#include <QKeyEvent>

namespace keelson::ui {

namespace {

constexpr int pageRows = 8;

bool isWordLetter(QChar c)
{
    return c.isLetterOrNumber() || c == QLatin1Char('-') || c == QLatin1Char('_') || c == QLatin1Char('/') ||
           c == QLatin1Char('.');
}

} // namespace

class ManifestEditor::UserAction {
public:
    explicit UserAction(ManifestEditor& editor) : m_editor(editor) { ++m_editor.m_actions; }
    ~UserAction()
    {
        if (--m_editor.m_actions == 0)
            m_editor.flush();
    }
    UserAction(const UserAction&) = delete;
    UserAction& operator=(const UserAction&) = delete;

private:
    ManifestEditor& m_editor;
};

void ManifestEditor::cut()
{
    const UserAction action(*this);
    YamlView::cut();
}

void ManifestEditor::paste()
{
    const UserAction action(*this);
    YamlView::paste();
}

bool ManifestEditor::event(QEvent* event)
{
    // What the editor does with a key is its own, even where the window has a command on it.
    if (event->type() == QEvent::ShortcutOverride) {
        const auto* key = static_cast<QKeyEvent*>(event);
        const bool isOwn = m_popup && m_popup->isVisible() && key->key() == Qt::Key_Escape;
        const bool isTyped = !key->text().isEmpty() && key->text().front().isPrint() &&
                             !(key->modifiers() & (Qt::ControlModifier | Qt::AltModifier | Qt::MetaModifier));
        if (isOwn || (isTyped && !isReadOnly()) || key->matches(QKeySequence::Undo) ||
            key->matches(QKeySequence::Redo)) {
            event->accept();
            return true;
        }
    }
    return YamlView::event(event);
}

bool ManifestEditor::handlePopupKey(QKeyEvent* event)
{
    switch (event->key()) {
    case Qt::Key_Down:
        m_popup->step(1);
        return true;
    case Qt::Key_Up:
        m_popup->step(-1);
        return true;
    case Qt::Key_PageDown:
        m_popup->step(pageRows);
        return true;
    case Qt::Key_PageUp:
        m_popup->step(-pageRows);
        return true;
    case Qt::Key_Return:
    case Qt::Key_Enter:
    case Qt::Key_Tab:
        m_popup->takeCurrent();
        return true;
    case Qt::Key_Escape:
        m_popup->hide();
        return true;
    case Qt::Key_Left:
    case Qt::Key_Right:
    case Qt::Key_Home:
    case Qt::Key_End:
        m_popup->hide();
        return false;
    default:
        return false;
    }
}

bool ManifestEditor::handleKey(QKeyEvent* event)
{
    if (m_popup->isVisible() && handlePopupKey(event))
        return true;
    const bool isControl = event->modifiers() == Qt::ControlModifier;
    if (event->matches(QKeySequence::Undo))
        undo();
    else if (event->matches(QKeySequence::Redo) || (isControl && event->key() == Qt::Key_Y))
        redo();
    else if (event->matches(QKeySequence::Paste))
        paste();
    else if (isControl && event->key() == Qt::Key_Space)
        propose();
    else
        return false;
    return true;
}

void ManifestEditor::keyPressEvent(QKeyEvent* event)
{
    if (handleKey(event)) {
        event->accept();
        return;
    }
    {
        const UserAction action(*this);
        YamlView::keyPressEvent(event);
    }
    afterTyping(event->text());
}

void ManifestEditor::inputMethodEvent(QInputMethodEvent* event)
{
    {
        const UserAction action(*this);
        YamlView::inputMethodEvent(event);
    }
    afterTyping(event->commitString());
}

void ManifestEditor::dropEvent(QDropEvent* event)
{
    const UserAction action(*this);
    YamlView::dropEvent(event);
}

void ManifestEditor::mousePressEvent(QMouseEvent* event)
{
    m_popup->hide();
    const UserAction action(*this);
    YamlView::mousePressEvent(event);
}

void ManifestEditor::focusOutEvent(QFocusEvent* event)
{
    if (m_popup) // it may go before the editor when the window closes
        m_popup->hide();
    YamlView::focusOutEvent(event);
}

void ManifestEditor::afterTyping(const QString& typed)
{
    if (typed.isEmpty() || isReadOnly())
        return;
    const auto last = typed.back();
    const bool isErasure = last == QLatin1Char('\b') || last == QChar(0x7f);
    if (isWordLetter(last) || (m_popup->isVisible() && isErasure))
        propose();
    else if (last.isPrint() || last.isSpace() || isErasure)
        m_popup->hide();
}

void ManifestEditor::propose()
{
    if (!m_text || !m_knowledge || isReadOnly())
        return;
    const auto here = cursor();
    const auto document = m_text->documentAt(here);
    const auto base = m_text->offsetOf(document);
    const auto knowledge = m_knowledge();
    const auto around = knowledge.around ? knowledge.around : std::make_shared<const manifests::Surroundings>();
    auto completion = manifests::complete(m_text->textOf(document), here - base, knowledge.kinds, *around,
                                          ManifestChecker::source(knowledge.manifest, document));
    m_proposed = {base + completion.span.begin, base + completion.span.end};
    const bool isTyped = completion.proposals.size() == 1 &&
                         completion.proposals.front().label ==
                             m_text->textOf(document).substr(completion.span.begin, completion.span.size());
    if (completion.proposals.empty() || isTyped) {
        m_popup->hide();
        return;
    }
    const auto line = QRect(pointOf(m_proposed.begin), QSize(1, textHeight(0)));
    m_popup->open(std::move(completion.proposals), line.translated(viewport()->pos()));
}

void ManifestEditor::take(const manifests::Proposal& proposal)
{
    if (!m_text)
        return;
    m_text->beginStep("Completion");
    m_text->replace(m_proposed.begin, m_proposed.size(), proposal.insert + proposal.after);
    m_text->endStep();
    SendScintilla(SCI_GOTOPOS, static_cast<unsigned long>(m_proposed.begin + proposal.insert.size()));
    setFocus();
    const auto& insert = proposal.insert;
    if (insert.ends_with(": ") || insert.ends_with("- ") || insert.ends_with("  ") || !proposal.after.empty())
        propose(); // what may stand there is asked at once
}

void ManifestEditor::toggleComment()
{
    if (!m_text || isReadOnly())
        return;
    const auto& text = m_text->text();
    const auto selected = selection();
    std::vector<std::size_t> lines;
    bool areComments = true;
    for (auto at = document::lineBegin(text, selected.begin); at <= selected.end && at <= text.size();
         at = document::nextLine(text, at)) {
        const auto first = document::skipSpaces(text, at);
        if (first < document::lineEnd(text, at)) {
            lines.push_back(first);
            areComments = areComments && text[first] == '#';
        }
        if (document::nextLine(text, at) >= std::max(selected.end, at + 1))
            break;
    }
    m_text->beginStep("Comment");
    for (auto line = lines.rbegin(); line != lines.rend(); ++line) {
        const bool hasBlank = *line + 1 < text.size() && text[*line + 1] == ' ';
        if (areComments)
            m_text->replace(*line, hasBlank ? 2 : 1, "");
        else
            m_text->replace(*line, 0, "# ");
    }
    m_text->endStep();
}

} // namespace keelson::ui
