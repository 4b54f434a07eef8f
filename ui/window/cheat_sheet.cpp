// SPDX-License-Identifier: GPL-3.0-or-later
#include "window/cheat_sheet.h"

#include "widgets/action_registry.h"
#include "widgets/theme.h"

#include <QGridLayout>
#include <QLabel>

#include <algorithm>
#include <utility>
#include <vector>

namespace keelson::ui {

namespace {

constexpr int rowsMax = 16; ///< Of a column; short groups stand one below the other.

}

CheatSheet::CheatSheet(const ActionRegistry& registry, QWidget* parent) : QDialog(parent)
{
    setWindowTitle(tr("Keys"));
    auto* columns = new QHBoxLayout(this);
    columns->setContentsMargins(26, 22, 26, 22);
    columns->setSpacing(40);
    QStringList groups;
    for (const auto* action : registry.all())
        if (!groups.contains(registry.group(action)))
            groups << registry.group(action);
    std::vector<std::pair<QVBoxLayout*, int>> filled; // with so many rows
    for (const auto& group : groups) {
        auto* grid = new QGridLayout;
        grid->setHorizontalSpacing(22);
        grid->setVerticalSpacing(7);
        auto* title = new QLabel(group, this);
        auto font = title->font();
        font.setBold(true);
        title->setFont(font);
        grid->addWidget(title, 0, 0, 1, 2);
        int row = 1;
        for (const auto* action : registry.all()) {
            if (registry.group(action) != group || action->shortcuts().isEmpty())
                continue;
            auto* keys = new QLabel(QKeySequence::listToString(action->shortcuts(), QKeySequence::NativeText), this);
            keys->setFont(Theme::monospace());
            keys->setForegroundRole(QPalette::PlaceholderText);
            grid->addWidget(new QLabel(action->text(), this), row, 0);
            grid->addWidget(keys, row, 1);
            ++row;
        }
        auto column = std::ranges::find_if(filled, [&](const auto& one) { return one.second + 1 + row <= rowsMax; });
        if (column == filled.end()) {
            column = filled.insert(column, {new QVBoxLayout, 0});
            column->first->setSpacing(18);
            columns->addLayout(column->first);
        }
        column->first->addLayout(grid);
        column->second += row + (column->second > 0 ? 1 : 0);
    }
    for (const auto& [column, rows] : filled)
        column->addStretch(1);
}

} // namespace keelson::ui
