// SPDX-License-Identifier: GPL-3.0-or-later
#include "editor/manifest_editor.h"

#include "models/read.h"
#include "widgets/theme.h"

#include <QKeyEvent>
#include <QMenu>
#include <QToolTip>

#include <Qsci/qscicommandset.h>

#include <algorithm>

namespace keelson::ui {

namespace {

constexpr int errorIndicator = 9;
constexpr int warningIndicator = 10;
constexpr int hintIndicator = 11;
constexpr int matchIndicator = 12;
constexpr int errorMarker = 4;
constexpr int warningMarker = 5;
constexpr int foldMarginWidth = 18;

int indicatorOf(document::Severity severity)
{
    return severity == document::Severity::Error     ? errorIndicator
           : severity == document::Severity::Warning ? warningIndicator
                                                     : hintIndicator;
}

QString html(const std::string& text)
{
    return toText(text).toHtmlEscaped();
}

} // namespace

ManifestEditor::ManifestEditor(QWidget* parent) : YamlView(parent), m_popup(new CompletionPopup(this))
{
    SendScintilla(SCI_SETUNDOCOLLECTION, 0UL);
    setFolding(QsciScintilla::PlainFoldStyle, 2);
    setMarginWidth(2, foldMarginWidth);
    setIndentationGuides(true);
    setIndentationWidth(2);
    setBackspaceUnindents(true);
    if (auto* bound = standardCommands()->boundTo(static_cast<int>(Qt::CTRL) | Qt::Key_Slash))
        bound->setKey(0); // the window comments lines with it
    setAutoCompletionSource(QsciScintilla::AcsNone);
    indicatorDefine(QsciScintilla::SquiggleIndicator, errorIndicator);
    indicatorDefine(QsciScintilla::SquiggleIndicator, warningIndicator);
    indicatorDefine(QsciScintilla::DotsIndicator, hintIndicator);
    indicatorDefine(QsciScintilla::StraightBoxIndicator, matchIndicator);
    markerDefine(QsciScintilla::Circle, errorMarker);
    markerDefine(QsciScintilla::RightTriangle, warningMarker);
    setMarginMarkerMask(1, 1 << errorMarker | 1 << warningMarker);
    connect(this, &QsciScintillaBase::SCN_MODIFIED, this,
            [this](int position, int type, const char* text, int length) { note(position, type, text, length); });
    connect(this, &QsciScintilla::cursorPositionChanged, this, &ManifestEditor::cursorMoved);
    connect(m_popup, &CompletionPopup::taken, this, &ManifestEditor::take);
    recolourMarks();
}

ManifestEditor::~ManifestEditor()
{
    delete m_popup;
}

void ManifestEditor::bind(document::ManifestText* text)
{
    m_popup->hide();
    m_text = text;
    m_findings.clear();
    m_binding = std::make_shared<int>();
    m_isAdopting = true;
    setReadOnly(false);
    SendScintilla(SCI_CLEARALL);
    if (text) {
        const auto& all = text->text();
        setEolMode(all.contains("\r\n") ? QsciScintilla::EolWindows : QsciScintilla::EolUnix);
        SendScintilla(SCI_ADDTEXT, static_cast<unsigned long>(all.size()), all.data());
        SendScintilla(SCI_GOTOPOS, 0UL);
        text->listen([self = QPointer<ManifestEditor>(this),
                      bound = std::weak_ptr<int>(m_binding)](const document::TextChange& change) {
            if (self && !bound.expired())
                self->adopt(change);
        });
    }
    m_isAdopting = false;
    setReadOnly(text == nullptr);
}

void ManifestEditor::note(int position, int type, const char* text, int length)
{
    if (m_isAdopting || !m_text)
        return;
    const auto offset = static_cast<std::size_t>(position);
    const auto size = static_cast<std::size_t>(length);
    if ((type & SC_MOD_INSERTTEXT) != 0)
        m_typed.push_back({offset, 0, std::string(text, size)});
    else if ((type & SC_MOD_DELETETEXT) != 0)
        m_typed.push_back({offset, size, {}});
    if (m_actions == 0)
        flush();
}

void ManifestEditor::flush()
{
    if (m_typed.empty() || !m_text)
        return;
    m_isFlushing = true;
    const auto typed = std::exchange(m_typed, {});
    if (typed.size() > 1)
        m_text->beginStep("Typing");
    for (const auto& one : typed)
        m_text->replace(one.offset, one.length, one.text);
    if (typed.size() > 1)
        m_text->endStep();
    m_isFlushing = false;
}

void ManifestEditor::adopt(const document::TextChange& change)
{
    if (m_isFlushing)
        return;
    replaceRange(change.offset, change.removed.size(), change.inserted);
    m_lastChangeEnd = change.offset + change.inserted.size();
}

void ManifestEditor::replaceRange(std::size_t offset, std::size_t length, const std::string& text)
{
    m_isAdopting = true;
    SendScintilla(SCI_SETTARGETRANGE, static_cast<unsigned long>(offset), static_cast<long>(offset + length));
    SendScintilla(SCI_REPLACETARGET, static_cast<unsigned long>(text.size()), text.data());
    m_isAdopting = false;
}

std::size_t ManifestEditor::cursor() const
{
    return static_cast<std::size_t>(SendScintilla(SCI_GETCURRENTPOS));
}

void ManifestEditor::goTo(std::size_t offset)
{
    reveal(offset);
    setFocus();
}

void ManifestEditor::reveal(std::size_t offset)
{
    const auto line = SendScintilla(SCI_LINEFROMPOSITION, static_cast<unsigned long>(offset));
    SendScintilla(SCI_ENSUREVISIBLEENFORCEPOLICY, static_cast<unsigned long>(line));
    SendScintilla(SCI_GOTOPOS, static_cast<unsigned long>(offset));
    SendScintilla(SCI_VERTICALCENTRECARET);
}

void ManifestEditor::select(const document::Span& span)
{
    const auto line = SendScintilla(SCI_LINEFROMPOSITION, static_cast<unsigned long>(span.begin));
    SendScintilla(SCI_ENSUREVISIBLEENFORCEPOLICY, static_cast<unsigned long>(line));
    SendScintilla(SCI_SETSEL, static_cast<unsigned long>(span.begin), static_cast<long>(span.end));
    SendScintilla(SCI_SCROLLCARET);
}

document::Span ManifestEditor::selection() const
{
    return {static_cast<std::size_t>(SendScintilla(SCI_GETSELECTIONSTART)),
            static_cast<std::size_t>(SendScintilla(SCI_GETSELECTIONEND))};
}

void ManifestEditor::toggleFold()
{
    auto line = SendScintilla(SCI_LINEFROMPOSITION, static_cast<unsigned long>(cursor()));
    if ((SendScintilla(SCI_GETFOLDLEVEL, static_cast<unsigned long>(line)) & SC_FOLDLEVELHEADERFLAG) == 0)
        line = SendScintilla(SCI_GETFOLDPARENT, static_cast<unsigned long>(line));
    if (line < 0)
        return;
    SendScintilla(SCI_TOGGLEFOLD, static_cast<unsigned long>(line));
    SendScintilla(SCI_GOTOLINE, static_cast<unsigned long>(line)); // not inside what cannot be seen
}

void ManifestEditor::toggleFolds()
{
    foldAll(true);
}

void ManifestEditor::markMatches(const std::vector<document::Span>& matches)
{
    SendScintilla(SCI_SETINDICATORCURRENT, matchIndicator);
    SendScintilla(SCI_INDICATORCLEARRANGE, 0UL, SendScintilla(SCI_GETLENGTH));
    for (const auto& match : matches)
        SendScintilla(SCI_INDICATORFILLRANGE, static_cast<unsigned long>(match.begin), static_cast<long>(match.size()));
}

void ManifestEditor::undo()
{
    m_popup->hide();
    if (!m_text || !m_text->canUndo())
        return;
    m_text->undo();
    goTo(m_lastChangeEnd);
}

void ManifestEditor::redo()
{
    m_popup->hide();
    if (!m_text || !m_text->canRedo())
        return;
    m_text->redo();
    goTo(m_lastChangeEnd);
}

std::optional<document::Span> ManifestEditor::placeOf(const Finding& finding) const
{
    if (!m_text || finding.document >= m_text->documents() || m_text->revisionOf(finding.document) != finding.revision)
        return std::nullopt;
    const auto base = m_text->offsetOf(finding.document);
    return document::Span{base + finding.what.span.begin, base + finding.what.span.end};
}

void ManifestEditor::setFindings(std::vector<Finding> findings)
{
    m_findings = std::move(findings);
    redrawFindings();
}

void ManifestEditor::redrawFindings()
{
    for (const auto indicator : {errorIndicator, warningIndicator, hintIndicator}) {
        SendScintilla(SCI_SETINDICATORCURRENT, indicator);
        SendScintilla(SCI_INDICATORCLEARRANGE, 0UL, SendScintilla(SCI_GETLENGTH));
    }
    for (const auto marker : {errorMarker, warningMarker})
        markerDeleteAll(marker);
    for (const auto& finding : m_findings) {
        const auto place = placeOf(finding);
        if (!place)
            continue;
        SendScintilla(SCI_SETINDICATORCURRENT, indicatorOf(finding.what.severity));
        SendScintilla(SCI_INDICATORFILLRANGE, static_cast<unsigned long>(place->begin),
                      static_cast<long>(std::max<std::size_t>(place->size(), 1)));
        if (finding.what.severity != document::Severity::Hint) // hints are quiet: a dotted line is enough
            markerAdd(static_cast<int>(SendScintilla(SCI_LINEFROMPOSITION, static_cast<unsigned long>(place->begin))),
                      finding.isError() ? errorMarker : warningMarker);
    }
}

void ManifestEditor::recolourMarks()
{
    const auto& tokens = Theme::tokens();
    const auto colour = [](StatusRole role) { return Theme::status(role); };
    setIndicatorForegroundColor(colour(StatusRole::Error), errorIndicator);
    setIndicatorForegroundColor(colour(StatusRole::Waiting), warningIndicator);
    setIndicatorForegroundColor(colour(StatusRole::Progress), hintIndicator);
    setIndicatorForegroundColor(tokens.accent, matchIndicator);
    for (const auto& [marker, role] :
         {std::pair{errorMarker, StatusRole::Error}, {warningMarker, StatusRole::Waiting}}) {
        setMarkerBackgroundColor(colour(role), marker);
        setMarkerForegroundColor(colour(role), marker);
    }
    setFoldMarginColors(tokens.surface, tokens.surface);
    // QScintilla's own calls leave the markers of its folding alone.
    for (auto marker = static_cast<unsigned>(SC_MARKNUM_FOLDEREND);
         marker <= static_cast<unsigned>(SC_MARKNUM_FOLDEROPEN); ++marker) {
        const auto shape = marker == SC_MARKNUM_FOLDER || marker == SC_MARKNUM_FOLDEREND           ? SC_MARK_ARROW
                           : marker == SC_MARKNUM_FOLDEROPEN || marker == SC_MARKNUM_FOLDEROPENMID ? SC_MARK_ARROWDOWN
                                                                                                   : SC_MARK_EMPTY;
        SendScintilla(SCI_MARKERDEFINE, marker, static_cast<long>(shape));
        SendScintilla(SCI_MARKERSETFORE, marker, mixed(tokens.muted, tokens.surface, 0.5));
        SendScintilla(SCI_MARKERSETBACK, marker, mixed(tokens.muted, tokens.surface, 0.7));
    }
    setIndentationGuidesForegroundColor(mixed(tokens.border, tokens.surface, 0.3));
    setIndentationGuidesBackgroundColor(tokens.surface);
}

QPoint ManifestEditor::pointOf(std::size_t offset) const
{
    return {static_cast<int>(SendScintilla(SCI_POINTXFROMPOSITION, 0UL, static_cast<long>(offset))),
            static_cast<int>(SendScintilla(SCI_POINTYFROMPOSITION, 0UL, static_cast<long>(offset)))};
}

QString explanationHtml(const manifests::Explanation& explanation)
{
    if (explanation.isEmpty())
        return {};
    QString text = QStringLiteral("<b>%1</b><br><span style=\"color:%3\">%2</span>")
                       .arg(html(explanation.title), html(explanation.type), Theme::tokens().muted.name());
    if (!explanation.text.empty())
        text += QStringLiteral("<p style=\"margin-top:6px;margin-bottom:0\">%1</p>").arg(html(explanation.text));
    for (const auto& fact : explanation.facts)
        text += QStringLiteral("<p style=\"margin-top:4px;margin-bottom:0;color:%2\">%1</p>")
                    .arg(html(fact), Theme::tokens().muted.name());
    return text;
}

QString ManifestEditor::cardAt(std::size_t offset) const
{
    QString card;
    for (const auto& finding : m_findings) {
        const auto place = placeOf(finding);
        if (!place || offset < place->begin || offset > place->end)
            continue;
        const auto role = finding.what.severity == document::Severity::Error     ? StatusRole::Error
                          : finding.what.severity == document::Severity::Warning ? StatusRole::Waiting
                                                                                 : StatusRole::Progress;
        card += QStringLiteral("<p style=\"margin:0 0 4px 0\"><b style=\"color:%3\">%1</b><br>%2</p>")
                    .arg(html(finding.what.message), html(finding.what.advice),
                         Theme::statusText(role, Theme::tokens().surface).name());
    }
    if (m_text && m_knowledge) {
        const auto document = m_text->documentAt(offset);
        card += explanationHtml(
            manifests::explain(m_text->textOf(document), offset - m_text->offsetOf(document), m_knowledge().kinds));
    }
    return card;
}

void ManifestEditor::explainHere()
{
    const auto card = cardAt(cursor());
    const auto words = card.isEmpty() ? tr("Nothing is known of this place.") : card;
    QToolTip::showText(viewport()->mapToGlobal(pointOf(cursor()) + QPoint(0, textHeight(0) + 4)),
                       QStringLiteral("<div style=\"width:340px\">%1</div>").arg(words), viewport());
}

bool ManifestEditor::viewportEvent(QEvent* event)
{
    if (event->type() != QEvent::ToolTip)
        return YamlView::viewportEvent(event);
    const auto* help = static_cast<QHelpEvent*>(event);
    const auto position = SendScintilla(SCI_POSITIONFROMPOINTCLOSE, static_cast<unsigned long>(help->pos().x()),
                                        static_cast<long>(help->pos().y()));
    const auto card = position < 0 ? QString() : cardAt(static_cast<std::size_t>(position));
    if (card.isEmpty())
        QToolTip::hideText();
    else
        QToolTip::showText(help->globalPos(), QStringLiteral("<div style=\"width:340px\">%1</div>").arg(card),
                           viewport());
    return true;
}

void ManifestEditor::changeEvent(QEvent* event)
{
    YamlView::changeEvent(event);
    if (event->type() == QEvent::ApplicationPaletteChange)
        recolourMarks();
}

std::vector<std::pair<Finding, document::Cure>> ManifestEditor::curesHere() const
{
    std::vector<std::pair<Finding, document::Cure>> cures;
    const auto line = SendScintilla(SCI_LINEFROMPOSITION, static_cast<unsigned long>(cursor()));
    for (const auto& finding : m_findings) {
        const auto place = placeOf(finding);
        if (place && SendScintilla(SCI_LINEFROMPOSITION, static_cast<unsigned long>(place->begin)) == line)
            for (const auto& cure : finding.what.cures)
                cures.emplace_back(finding, cure);
    }
    return cures;
}

void ManifestEditor::carryOut(const Finding& finding, const document::Cure& cure)
{
    if (!placeOf(finding)) {
        emit cureFailed(makeError(Reason::Conflict, "the text has changed since it was checked; try again"));
        return;
    }
    if (!cure.edits.empty()) {
        if (const auto done = m_text->edit(finding.document, cure.edits, cure.title); !done) {
            emit cureFailed(done.error());
            return;
        }
    } else {
        const auto base = m_text->offsetOf(finding.document);
        m_text->beginStep(cure.title);
        for (auto splice = cure.text.rbegin(); splice != cure.text.rend(); ++splice)
            m_text->replace(base + splice->offset, splice->length, splice->text);
        m_text->endStep();
    }
    goTo(m_lastChangeEnd);
}

void ManifestEditor::showCures()
{
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    for (const auto& [finding, cure] : curesHere())
        connect(menu->addAction(toText(cure.title)), &QAction::triggered, this,
                [this, finding, cure] { carryOut(finding, cure); });
    if (menu->isEmpty())
        menu->addAction(tr("Nothing to mend on this line"))->setEnabled(false);
    menu->popup(viewport()->mapToGlobal(pointOf(cursor()) + QPoint(0, textHeight(0) + 2)));
}

void ManifestEditor::contextMenuEvent(QContextMenuEvent* event)
{
    auto* menu = createStandardContextMenu();
    menu->setAttribute(Qt::WA_DeleteOnClose);
    const auto cures = curesHere();
    auto* first = menu->actions().value(0);
    for (const auto& [finding, cure] : cures) {
        auto* action = new QAction(toText(cure.title), menu);
        connect(action, &QAction::triggered, this, [this, finding, cure] { carryOut(finding, cure); });
        menu->insertAction(first, action);
    }
    if (!cures.empty())
        menu->insertSeparator(first);
    menu->popup(event->globalPos());
}

void ManifestEditor::goToFinding(bool forward)
{
    std::vector<std::size_t> places;
    for (const auto& finding : m_findings)
        if (const auto place = placeOf(finding))
            places.push_back(place->begin);
    if (places.empty())
        return;
    std::ranges::sort(places);
    const auto here = cursor();
    if (forward) {
        const auto next = std::ranges::upper_bound(places, here);
        goTo(next == places.end() ? places.front() : *next);
    } else {
        const auto next = std::ranges::lower_bound(places, here);
        goTo(next == places.begin() ? places.back() : *std::prev(next));
    }
}

} // namespace keelson::ui
