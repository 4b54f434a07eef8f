// SPDX-License-Identifier: GPL-3.0-or-later
#include "editor/find_bar.h"

#include "widgets/icons.h"

#include <QCheckBox>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QRegularExpression>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>

namespace keelson::ui {

namespace {

QRegularExpression expression(const QString& words, const FindOptions& options)
{
    auto pattern = options.isPattern ? words : QRegularExpression::escape(words);
    if (options.isWholeWord)
        pattern = QStringLiteral("\\b(?:%1)\\b").arg(pattern);
    auto flags = QRegularExpression::MultilineOption | QRegularExpression::UseUnicodePropertiesOption;
    if (!options.isCaseSensitive)
        flags |= QRegularExpression::CaseInsensitiveOption;
    return QRegularExpression(pattern, flags);
}

QToolButton* toolButton(const QString& name, const QString& text, QWidget* parent)
{
    auto* button = new QToolButton(parent);
    button->setIcon(icon(name));
    button->setToolTip(text);
    button->setAccessibleName(text);
    button->setAutoRaise(true);
    return button;
}

} // namespace

std::vector<document::Span> findAll(const std::string& text, const QString& words, const FindOptions& options)
{
    std::vector<document::Span> matches;
    const auto wanted = expression(words, options);
    if (words.isEmpty() || !wanted.isValid())
        return matches;
    // Line by line: then a place in UTF-16 is a place in bytes after a short count.
    for (std::size_t begin = 0; begin < text.size() && matches.size() < matchesMax;) {
        const auto end = std::min(text.find('\n', begin), text.size());
        const auto line = QString::fromUtf8(text.data() + begin, static_cast<qsizetype>(end - begin));
        for (auto found = wanted.globalMatch(line); found.hasNext() && matches.size() < matchesMax;) {
            const auto match = found.next();
            if (match.capturedLength() == 0)
                continue;
            const auto from = begin + static_cast<std::size_t>(line.left(match.capturedStart()).toUtf8().size());
            matches.push_back({from, from + static_cast<std::size_t>(match.captured().toUtf8().size())});
        }
        begin = end + 1;
    }
    return matches;
}

FindBar::FindBar(QWidget* parent)
    : QWidget(parent),
      m_words(new QLineEdit(this)),
      m_replacement(new QLineEdit(this)),
      m_replaceRow(nullptr),
      m_case(new QCheckBox(tr("Match case"), this)),
      m_whole(new QCheckBox(tr("Whole words"), this)),
      m_pattern(new QCheckBox(tr("Pattern"), this)),
      m_count(new QLabel(this))
{
    m_words->setPlaceholderText(tr("Find"));
    m_words->setAccessibleName(tr("Find"));
    m_words->setClearButtonEnabled(true);
    m_pattern->setToolTip(tr("A regular expression, line by line"));
    m_count->setForegroundRole(QPalette::PlaceholderText);
    m_count->setMinimumWidth(90);
    auto* previous = toolButton(QStringLiteral("chevron-up"), tr("Previous (Shift+Enter)"), this);
    auto* next = toolButton(QStringLiteral("chevron-down"), tr("Next (Enter)"), this);
    auto* close = toolButton(QStringLiteral("close"), tr("Close (Escape)"), this);
    auto* row = new QHBoxLayout;
    row->setSpacing(8);
    row->addWidget(m_words, 1);
    row->addWidget(m_count);
    row->addWidget(previous);
    row->addWidget(next);
    row->addWidget(m_case);
    row->addWidget(m_whole);
    row->addWidget(m_pattern);
    row->addWidget(close);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(10, 6, 10, 6);
    column->setSpacing(6);
    column->addLayout(row);
    m_replaceRow = buildReplaceRow();
    column->addWidget(m_replaceRow);
    connect(m_words, &QLineEdit::textChanged, this, &FindBar::search);
    for (auto* box : {m_case, m_whole, m_pattern})
        connect(box, &QCheckBox::toggled, this, &FindBar::search);
    connect(previous, &QToolButton::clicked, this, [this] { find(false); });
    connect(next, &QToolButton::clicked, this, [this] { find(true); });
    connect(close, &QToolButton::clicked, this, &FindBar::closed);
    hide();
}

QWidget* FindBar::buildReplaceRow()
{
    auto* box = new QWidget(this);
    m_replacement->setPlaceholderText(tr("Replace with"));
    m_replacement->setAccessibleName(tr("Replace with"));
    auto* one = new QPushButton(tr("Replace"), box);
    auto* all = new QPushButton(tr("Replace all"), box);
    auto* row = new QHBoxLayout(box);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(8);
    row->addWidget(m_replacement, 1);
    row->addWidget(one);
    row->addWidget(all);
    connect(one, &QPushButton::clicked, this, &FindBar::replaceCurrent);
    connect(all, &QPushButton::clicked, this, &FindBar::replaceAll);
    return box;
}

FindOptions FindBar::options() const
{
    return {m_case->isChecked(), m_whole->isChecked(), m_pattern->isChecked()};
}

void FindBar::setEditor(ManifestEditor* editor)
{
    if (m_editor && m_editor != editor)
        m_editor->markMatches({});
    m_editor = editor;
    if (isVisible())
        search();
}

void FindBar::open(bool withReplace)
{
    m_replaceRow->setVisible(withReplace);
    show();
    if (m_editor && m_editor->hasSelectedText() && !m_editor->selectedText().contains(QLatin1Char('\n')))
        m_words->setText(m_editor->selectedText());
    m_words->selectAll();
    m_words->setFocus();
    search();
}

void FindBar::search()
{
    m_matches.clear();
    if (m_editor && m_editor->manifestText())
        m_matches = findAll(m_editor->manifestText()->text(), m_words->text(), options());
    if (m_editor)
        m_editor->markMatches(m_matches);
    const bool isBroken = m_pattern->isChecked() && !QRegularExpression(m_words->text()).isValid();
    m_count->setText(isBroken                    ? tr("Not a pattern")
                     : m_words->text().isEmpty() ? QString()
                                                 : tr("%n matches", nullptr, static_cast<int>(m_matches.size())));
}

void FindBar::find(bool forward)
{
    search();
    if (m_matches.empty())
        return;
    const auto selected = m_editor->selection();
    if (forward) {
        const auto next = std::ranges::find_if(
            m_matches, [&](const auto& match) { return match.begin >= selected.end && !(match == selected); });
        m_editor->select(next == m_matches.end() ? m_matches.front() : *next);
    } else {
        auto last = m_matches.back();
        for (const auto& match : m_matches)
            if (match.end <= selected.begin)
                last = match;
        m_editor->select(last);
    }
}

void FindBar::replaceCurrent()
{
    search();
    const auto selected = m_editor ? m_editor->selection() : document::Span{};
    if (std::ranges::find(m_matches, selected) == m_matches.end()) {
        find(true);
        return;
    }
    auto* text = m_editor->manifestText();
    auto words = QString::fromStdString(text->text().substr(selected.begin, selected.size()));
    words.replace(expression(m_words->text(), options()), m_replacement->text());
    text->beginStep("Replace");
    text->replace(selected.begin, selected.size(), words.toStdString());
    text->endStep();
    m_editor->select({selected.begin + static_cast<std::size_t>(words.toUtf8().size()),
                      selected.begin + static_cast<std::size_t>(words.toUtf8().size())});
    find(true);
}

void FindBar::replaceAll()
{
    search();
    if (m_matches.empty())
        return;
    auto* text = m_editor->manifestText();
    const auto wanted = expression(m_words->text(), options());
    text->beginStep("Replace all");
    for (auto match = m_matches.rbegin(); match != m_matches.rend(); ++match) {
        auto words = QString::fromStdString(text->text().substr(match->begin, match->size()));
        words.replace(wanted, m_replacement->text());
        text->replace(match->begin, match->size(), words.toStdString());
    }
    text->endStep();
    search();
}

void FindBar::keyPressEvent(QKeyEvent* event)
{
    if (event->key() == Qt::Key_Escape) {
        emit closed();
    } else if (event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter) {
        if (m_replacement->hasFocus())
            replaceCurrent();
        else
            find(!event->modifiers().testFlag(Qt::ShiftModifier));
    } else {
        QWidget::keyPressEvent(event);
    }
}

} // namespace keelson::ui
