// SPDX-License-Identifier: GPL-3.0-or-later
#include "editor/conflict_list.h"

#include "models/read.h"
#include "widgets/theme.h"

#include <QButtonGroup>
#include <QGridLayout>
#include <QLabel>
#include <QRadioButton>

#include <algorithm>

namespace keelson::ui {

namespace {

constexpr int valueLengthMax = 40; // a longer one is in the tooltip
constexpr int rowsShownMax = 4;

QString valueText(const std::optional<api::Value>& value)
{
    return value ? toText(api::writeJson(*value)) : ConflictList::tr("taken out");
}

QString shortened(const QString& text)
{
    return text.size() <= valueLengthMax ? text : text.left(valueLengthMax - 1) + QChar(0x2026);
}

} // namespace

ConflictList::ConflictList(QWidget* parent) : QScrollArea(parent)
{
    setFrameShape(QFrame::NoFrame);
    setWidgetResizable(true);
    setAccessibleName(tr("Fields that others have changed too"));
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    hide();
}

void ConflictList::show(const std::vector<manifests::MergeConflict>& conflicts, const DecisionOf& decisionOf)
{
    setVisible(!conflicts.empty());
    auto* rows = new QWidget;
    m_grid = new QGridLayout(rows);
    m_grid->setContentsMargins(12, 4, 12, 8);
    m_grid->setHorizontalSpacing(24);
    m_grid->setVerticalSpacing(4);
    m_grid->setColumnStretch(0, 1);
    int row = 0;
    for (const auto& conflict : conflicts)
        addRow(row++, conflict, decisionOf(conflict));
    const int height = rows->sizeHint().height();
    setWidget(rows); // the rows before go
    setFixedHeight(row <= rowsShownMax ? height : height * rowsShownMax / row);
}

void ConflictList::addRow(int row, const manifests::MergeConflict& conflict, std::optional<manifests::Side> decision)
{
    using manifests::Side;
    const auto field = toText(conflict.field);
    auto* label = new QLabel(breakable(field));
    label->setTextFormat(Qt::PlainText);
    label->setFont(Theme::monospace());
    label->setWordWrap(true);
    m_grid->addWidget(label, row, 0);
    auto* group = new QButtonGroup(label);
    const auto offer = [&](int column, Side side, const QString& words, const std::optional<api::Value>& value) {
        const auto text = valueText(value);
        auto* choice = new QRadioButton(words.arg(shortened(text)).replace(QLatin1Char('&'), QLatin1String("&&")));
        choice->setToolTip(text.toHtmlEscaped());
        choice->setAccessibleName(QStringLiteral("%1: %2").arg(field, words.arg(text)));
        choice->setChecked(decision == side);
        group->addButton(choice);
        m_grid->addWidget(choice, row, column);
        // Later: deciding makes these rows anew.
        connect(
            choice, &QRadioButton::clicked, this, [this, conflict, side] { emit decided(conflict, side); },
            Qt::QueuedConnection);
    };
    offer(1, Side::Mine, tr("Keep mine: %1"), conflict.mine);
    offer(2, Side::Theirs, tr("Take theirs: %1"), conflict.theirs);
}

} // namespace keelson::ui
