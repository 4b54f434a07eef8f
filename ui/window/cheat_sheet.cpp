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

constexpr int rowsMax = 25; ///< Of a column; short groups stand one below the other.

QList<KeyGroup> groupsOf(const ActionRegistry& registry)
{
    QList<KeyGroup> groups;
    for (const auto* action : registry.all()) {
        if (action->shortcuts().isEmpty())
            continue;
        const auto title = registry.group(action);
        auto group = std::ranges::find(groups, title, &KeyGroup::title);
        if (group == groups.end())
            group = groups.insert(groups.end(), {title, {}});
        group->keys.append({action->text(), action->shortcuts()});
    }
    return groups;
}

/// Below what stands in the column already.
void addGroup(QGridLayout& column, int row, const KeyGroup& group, QWidget* parent)
{
    auto* title = new QLabel(group.title, parent);
    auto font = title->font();
    font.setBold(true);
    title->setFont(font);
    column.addWidget(title, row++, 0, 1, 2);
    for (const auto& help : group.keys) {
        auto* keys = new QLabel(QKeySequence::listToString(help.keys, QKeySequence::NativeText), parent);
        keys->setFont(Theme::monospace());
        keys->setForegroundRole(QPalette::PlaceholderText);
        column.addWidget(new QLabel(help.text, parent), row, 0);
        column.addWidget(keys, row++, 1);
    }
}

} // namespace

CheatSheet::CheatSheet(const ActionRegistry& registry, const QList<KeyGroup>& more, QWidget* parent) : QDialog(parent)
{
    constexpr int gapHeight = 12; // beside the spacing of the rows
    setWindowTitle(tr("Keys"));
    auto* columns = new QHBoxLayout(this);
    columns->setContentsMargins(22, 20, 22, 20);
    columns->setSpacing(30);
    std::vector<std::pair<QGridLayout*, int>> filled; // with so many rows
    for (const auto& group : groupsOf(registry) + more) {
        const int rows = static_cast<int>(group.keys.size()) + 1;
        auto column = std::ranges::find_if(filled, [&](const auto& one) { return one.second + 1 + rows <= rowsMax; });
        if (column == filled.end()) {
            column = filled.insert(column, {new QGridLayout, 0});
            column->first->setHorizontalSpacing(18);
            column->first->setVerticalSpacing(7);
            columns->addLayout(column->first);
        } else {
            column->first->setRowMinimumHeight(column->second++, gapHeight);
        }
        addGroup(*column->first, column->second, group, this);
        column->second += rows;
    }
    for (const auto& [column, rows] : filled)
        column->setRowStretch(rows, 1);
}

} // namespace keelson::ui
