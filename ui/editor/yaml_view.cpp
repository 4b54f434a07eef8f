// SPDX-License-Identifier: GPL-3.0-or-later
#include "editor/yaml_view.h"

#include "widgets/theme.h"

#include <Qsci/qscilexeryaml.h>
#include <Qsci/qscistyle.h>

#include <QEvent>

#include <algorithm>

namespace keelson::ui {

namespace {

constexpr int problemIndicator = 8;
constexpr int problemMarker = 1;
constexpr int addedMarker = 2;
constexpr int removedMarker = 3;

} // namespace

YamlView::YamlView(QWidget* parent) : QsciScintilla(parent), m_lexer(new QsciLexerYAML(this))
{
    setUtf8(true);
    setLexer(m_lexer);
    setFrameShape(QFrame::NoFrame);
    setIndentationsUseTabs(false);
    setTabWidth(2);
    setAutoIndent(true);
    setFolding(QsciScintilla::NoFoldStyle);
    setMarginType(0, QsciScintilla::NumberMargin);
    setMarginWidth(0, QStringLiteral("00000"));
    setMarginWidth(1, 12);
    setMarginType(1, QsciScintilla::SymbolMargin);
    setBraceMatching(QsciScintilla::SloppyBraceMatch);
    setAnnotationDisplay(QsciScintilla::AnnotationBoxed);
    setScrollWidth(100);
    setScrollWidthTracking(true);
    setAccessibleName(tr("YAML"));
    indicatorDefine(QsciScintilla::SquiggleIndicator, problemIndicator);
    markerDefine(QsciScintilla::Circle, problemMarker);
    markerDefine(QsciScintilla::Background, addedMarker);
    markerDefine(QsciScintilla::Background, removedMarker);
    recolour();
}

void YamlView::recolour()
{
    const auto& tokens = Theme::tokens();
    const auto font = Theme::monospace();
    m_lexer->setDefaultFont(font);
    m_lexer->setFont(font);
    m_lexer->setDefaultPaper(tokens.surface);
    m_lexer->setPaper(tokens.surface);
    m_lexer->setColor(tokens.text);
    const auto tinted = [&tokens](int hue) { return readable(QColor::fromHsl(hue, 140, 120), tokens.surface); };
    m_lexer->setColor(tokens.muted, QsciLexerYAML::Comment);
    m_lexer->setColor(tokens.accent, QsciLexerYAML::Identifier);
    m_lexer->setColor(tinted(280), QsciLexerYAML::Keyword);
    m_lexer->setColor(tinted(30), QsciLexerYAML::Number);
    m_lexer->setColor(tinted(190), QsciLexerYAML::Reference);
    m_lexer->setColor(tokens.muted, QsciLexerYAML::DocumentDelimiter);
    m_lexer->setColor(tinted(140), QsciLexerYAML::TextBlockMarker);
    m_lexer->setColor(Theme::statusText(StatusRole::Error, tokens.surface), QsciLexerYAML::SyntaxErrorMarker);
    m_lexer->setPaper(tokens.surface, QsciLexerYAML::SyntaxErrorMarker);
    setCaretForegroundColor(tokens.text);
    setCaretLineVisible(true);
    setCaretLineBackgroundColor(mixed(tokens.surface, tokens.raised, 0.7));
    setSelectionBackgroundColor(tokens.selection);
    resetSelectionForegroundColor();
    setMarginsBackgroundColor(tokens.surface);
    setMarginsForegroundColor(mixed(tokens.muted, tokens.surface, 0.3));
    setMarginsFont(font);
    setIndicatorForegroundColor(Theme::status(StatusRole::Error), problemIndicator);
    setMarkerBackgroundColor(Theme::status(StatusRole::Error), problemMarker);
    setMarkerForegroundColor(Theme::status(StatusRole::Error), problemMarker);
    setMarkerBackgroundColor(mixed(tokens.surface, Theme::status(StatusRole::Ok), 0.22), addedMarker);
    setMarkerBackgroundColor(mixed(tokens.surface, Theme::status(StatusRole::Error), 0.22), removedMarker);
}

void YamlView::setProblems(const QVector<ManifestProblem>& problems)
{
    clearAnnotations();
    markerDeleteAll(problemMarker);
    if (lines() > 0)
        clearIndicatorRange(0, 0, lines() - 1, lineLength(lines() - 1), problemIndicator);
    const auto& tokens = Theme::tokens();
    const QsciStyle style(-1, QStringLiteral("problem"), Theme::statusText(StatusRole::Error, tokens.raised),
                          tokens.raised, Theme::monospace());
    for (const auto& problem : problems) {
        const int line = std::clamp(problem.line, 0, std::max(0, lines() - 1));
        markerAdd(line, problemMarker);
        const auto words = text(line);
        int from = 0;
        while (from < words.size() && words[from].isSpace())
            ++from;
        fillIndicatorRange(line, from, line, static_cast<int>(words.trimmed().size()) + from, problemIndicator);
        const auto earlier = annotation(line);
        annotate(line, earlier.isEmpty() ? problem.message : earlier + QLatin1Char('\n') + problem.message, style);
    }
}

void YamlView::showDiff(const std::vector<DiffLine>& lines)
{
    QStringList shown;
    for (const auto& line : lines) {
        const auto* sign = line.kind == DiffLine::Kind::Added     ? "+ "
                           : line.kind == DiffLine::Kind::Removed ? "- "
                                                                  : "  ";
        shown << QLatin1String(sign) + line.text; // the sign says it too, not the colour alone
    }
    setReadOnly(false);
    setText(shown.join(QLatin1Char('\n')));
    setReadOnly(true);
    for (std::size_t i = 0; i < lines.size(); ++i)
        if (lines[i].kind != DiffLine::Kind::Same)
            markerAdd(static_cast<int>(i), lines[i].kind == DiffLine::Kind::Added ? addedMarker : removedMarker);
}

void YamlView::changeEvent(QEvent* event)
{
    if (event->type() == QEvent::ApplicationPaletteChange)
        recolour();
    QsciScintilla::changeEvent(event);
}

} // namespace keelson::ui
