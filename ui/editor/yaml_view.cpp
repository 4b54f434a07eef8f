// SPDX-License-Identifier: GPL-3.0-or-later
#include "editor/yaml_view.h"

#include "models/read.h"
#include "widgets/theme.h"

#include <Qsci/qscilexeryaml.h>

#include <QEvent>

#include <algorithm>

namespace keelson::ui {

namespace {

constexpr int defaultIndicator = 13;
constexpr int addedMarker = 2;
constexpr int removedMarker = 3;
constexpr int linesBeforeChange = 3;

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
    setScrollWidth(100);
    setScrollWidthTracking(true);
    setAccessibleName(tr("YAML"));
    indicatorDefine(QsciScintilla::TextColorIndicator, defaultIndicator);
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
    setIndicatorForegroundColor(mixed(tokens.muted, tokens.surface, 0.2), defaultIndicator);
    setMarkerBackgroundColor(mixed(tokens.surface, Theme::status(StatusRole::Ok), 0.22), addedMarker);
    setMarkerBackgroundColor(mixed(tokens.surface, Theme::status(StatusRole::Error), 0.22), removedMarker);
}

void YamlView::showDiff(const std::vector<manifests::DiffLine>& lines)
{
    using Kind = manifests::DiffLine::Kind;
    QStringList shown;
    for (const auto& line : lines) {
        const auto* sign = line.kind == Kind::Added ? "+ " : line.kind == Kind::Removed ? "- " : "  ";
        shown << QLatin1String(sign) + toText(line.text); // the sign says it too, not the colour alone
    }
    setReadOnly(false);
    setText(shown.join(QLatin1Char('\n')));
    setReadOnly(true);
    const auto first = std::ranges::find_if(lines, [](const auto& line) { return line.kind != Kind::Same; });
    if (first != lines.end())
        setFirstVisibleLine(std::max(0, static_cast<int>(first - lines.begin()) - linesBeforeChange));
    for (int i = 0; i < static_cast<int>(lines.size()); ++i) {
        const auto& line = lines[static_cast<std::size_t>(i)];
        if (line.kind != Kind::Same)
            markerAdd(i, line.kind == Kind::Added ? addedMarker : removedMarker);
        if (line.isDefault)
            fillIndicatorRange(i, 0, i, lineLength(i), defaultIndicator);
    }
}

void YamlView::changeEvent(QEvent* event)
{
    if (event->type() == QEvent::ApplicationPaletteChange)
        recolour();
    QsciScintilla::changeEvent(event);
}

} // namespace keelson::ui
